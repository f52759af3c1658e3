"""How a design writes signatures, attributes and packages: short, and so that Python parses it.

Models write them in many ways. What is plain is brought into the one form; what is not is an error
that says how to write it.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable

__all__ = ["attribute", "brief", "distributions", "method", "signature"]


def signature(text: str) -> str:
    """Return a signature as ``add(self, title: str) -> Task``.

    ``def``, a colon at the end and decorators are left out; what an ``async def`` returns becomes
    ``Awaitable[...]``, as its caller sees it.

    Raises:
        ValueError: it does not parse, or is a property, which belongs to the attributes.
    """
    short = _bare(text)
    if re.match(r"@(\w+\.)*(cached_)?property\b", short):
        raise ValueError(
            f"{_shown(text)} is a property; list it under attributes, as `total: int`."
        )
    short = re.sub(r"^(@[\w.]+(\([^()]*\))?\s+)+", "", short)
    is_async = bool(re.match(r"async\s", short))
    short = re.sub(r"^(async\s+)?(def\s+)?(\w+\.)*(?=\w+\s*\()", "", short)
    short = re.sub(r"\s*:\s*(\.\.\.|pass)?\s*$", "", short)
    node = _statement(f"def {short}: ...")
    if not isinstance(node, ast.FunctionDef) or not _is_ellipsis(node.body):
        raise ValueError(
            f"{_shown(text)} is not a signature; write it with all parameters, as "
            "`add(self, title: str) -> Task`."
        )
    returns = ast.unparse(node.returns) if node.returns else ""
    if is_async and not re.match(r"(\w+\.)*Async(Iterator|Generator|Iterable)\b", returns):
        returns = f"Awaitable[{returns or 'None'}]"
    return f"{node.name}({_parameters(node.args)})" + (f" -> {returns}" if returns else "")


def method(text: str) -> str:
    """Return the signature of a method with what its caller must know behind it.

    As ``add(self, title: str) -> Task  # ValueError if the title is empty``.

    Raises:
        ValueError: as `signature` does.
    """
    for mark in re.finditer("#", text):
        try:
            short = signature(text[: mark.start()])
        except ValueError:
            continue  # this one stands in a default
        remark = " ".join(text[mark.end() :].split())
        return f"{short}  # {remark}" if remark else short
    return signature(text)


def brief(text: str) -> str:
    """Return a signature as a diagram shows it: no self, no defaults, no remark."""
    node = _statement(f"def {text.partition('  # ')[0]}: ...")
    assert isinstance(node, ast.FunctionDef)
    args = node.args
    args.defaults, args.kw_defaults = [], [None] * len(args.kwonlyargs)
    first = args.posonlyargs or args.args
    if first and first[0].arg in ("self", "cls"):
        del first[0]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({_parameters(args)}){returns}"


def _parameters(args: ast.arguments) -> str:
    """Write parameters as people do; `ast.unparse` leaves out the spaces at a default."""

    def one(arg: ast.arg, default: ast.expr | None = None) -> str:
        text = f"{arg.arg}: {ast.unparse(arg.annotation)}" if arg.annotation else arg.arg
        equals = " = " if arg.annotation else "="
        return f"{text}{equals}{ast.unparse(default)}" if default else text

    plain = [*args.posonlyargs, *args.args]
    without = [None] * (len(plain) - len(args.defaults))
    texts = [one(*pair) for pair in zip(plain, [*without, *args.defaults], strict=True)]
    if args.posonlyargs:
        texts.insert(len(args.posonlyargs), "/")
    if args.vararg or args.kwonlyargs:
        texts.append(f"*{one(args.vararg)}" if args.vararg else "*")
    texts += [one(*pair) for pair in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    if args.kwarg:
        texts.append(f"**{one(args.kwarg)}")
    return ", ".join(texts)


def attribute(text: str) -> str:
    """Return an attribute as ``title: str`` or ``done: bool = False``.

    The member of an enumeration, ``OPEN = 'open'``, has no type and is taken as it is.

    Raises:
        ValueError: it does not parse, or has neither type nor value.
    """
    node = _statement(re.sub(r"^self\.", "", _bare(text)))
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        value = f" = {ast.unparse(node.value)}" if node.value else ""
        return f"{node.target.id}: {ast.unparse(node.annotation)}{value}"
    if isinstance(node, ast.Assign) and all(isinstance(one, ast.Name) for one in node.targets):
        return ast.unparse(node)
    raise ValueError(
        f"{_shown(text)} is not an attribute; write it as `title: str` or `done: bool = False`."
    )


_NOTHING = {"", "none", "n/a", "-", "nothing", "standard library", "python standard library"}
_MADE_ELSEWHERE = {"python", "pip", "pytest"}
_DISTRIBUTION = re.compile(
    r"(?P<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(\[[\w.,-]+\])?"
    r"((===?|~=|!=|<=?|>=?)[\w.*+!-]+(,(===?|~=|!=|<=?|>=?)[\w.*+!-]+)*)?"
)


def distributions(texts: Iterable[str]) -> list[str]:
    """Return third-party packages as ``pip`` installs them, without those of the library.

    Raises:
        ValueError: one cannot be installed under that name.
    """
    by_name: dict[str, str] = {}
    for text in texts:
        plain = "".join(_bare(text).split())
        if _bare(text).rstrip(".").casefold() in _NOTHING:
            continue
        match = _DISTRIBUTION.fullmatch(plain)
        # `requests 2.31` would become `requests2.31`.
        if not match or re.search(r"[\w\]]\s+\w", _bare(text)):
            raise ValueError(
                f"{_shown(text)} is not a package name for pip; write the name alone or with "
                "a version, as `requests>=2.31`."
            )
        name = match["name"].lower()
        if name.replace("-", "_") not in sys.stdlib_module_names and name not in _MADE_ELSEWHERE:
            by_name.setdefault(name, plain)
    return list(by_name.values())


_AROUND = " \t\r\n`,;"


def _bare(text: str) -> str:
    """Leave out quotes, the marks of lists and of UML, and a comment at the end."""
    text = re.sub(r"^[-+*~•]\s*(?=[\w@`])", "", text.strip(_AROUND)).strip(_AROUND)
    return re.sub(r"\s+#[^'\"]*$", "", text)


def _statement(text: str) -> ast.stmt | None:
    """Parse the one statement that `text` is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in it does no harm here
            body = ast.parse(text[:2_000]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if len(body) == 1 else None


def _is_ellipsis(body: list[ast.stmt]) -> bool:
    only = body[0]
    return (
        len(body) == 1
        and isinstance(only, ast.Expr)
        and isinstance(only.value, ast.Constant)
        and only.value.value is ...
    )


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 100 else text[:97] + '...'}`"
