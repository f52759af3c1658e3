"""`metaco new`: a role, a procedure or a tool of one's own, with a test, to be changed."""

from __future__ import annotations

import keyword
import re
import shlex
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from string import Template

from metaco.cli.options import Add, verbose
from metaco.cli.parser import UsageError
from metaco.cli.screen import out
from metaco.core.errors import ConfigurationError

__all__ = ["new", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("what", choices=tuple(_FILES), metavar="role|sop|tool")
    add("name", metavar="NAME", help="its name, as security_auditor")
    add("--into", metavar="DIR", default=".", help="where to put it (here)")
    verbose(add)


_TEMPLATES = Path(__file__).parent / "templates"

_FILES = {
    "role": {
        "__init__.py": "{}/__init__.py",
        "offline.py": "{}/offline.py",
        "prompts/take_notes.md.j2": "{}/prompts/take_notes.md.j2",
        "sop.yaml": "{}.yaml",
        "test.py": "test_{}.py",
    },
    "sop": {"sop.yaml": "{}.yaml", "test.py": "test_{}.py"},
    "tool": {"tool.py": "{}.py", "test.py": "test_{}.py"},
}
_WISH = {"role": "A shop that rents bicycles", "sop": "books: title, author, year"}  # needs no key


def new(args: Namespace) -> int:
    """Make a role, a procedure or a tool, and say how to try it."""
    name = _name(args.name)
    if args.what != "sop" and find_spec(name):
        raise UsageError(
            f"Python has a module {name!r} already, which would be imported in place of yours.",
            "Choose another name.",
        )
    into = Path(args.into)
    words = {
        "name": name,
        "title": name.replace("_", " "),
        "Class": "".join(part.capitalize() for part in name.split("_")),
    }
    files = {
        into / target.format(name): Template(_template(args.what, source)).substitute(words)
        for source, target in _FILES[args.what].items()
    }
    _write(files)
    sop, test = into / f"{name}.yaml", into / f"test_{name}.py"
    out(f"Made the {args.what} {name}:")
    for path in files:
        out(f"  {path}")
    out("")
    if wish := _WISH.get(args.what):
        out(f"  Try it    metaco run --sop {shlex.quote(str(sop))} '{wish}'")
    out(f"  Test it   python -m pytest {shlex.quote(str(test))}")
    return 0


def _name(given: str) -> str:
    """Return `given` as the name of a module: SecurityAuditor becomes security_auditor.

    Raises:
        UsageError: it cannot be one.
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s-]+", "_", given.strip()).lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise UsageError(f"{given!r} cannot be a name.", "Give one as security_auditor.")
    return name


def _template(what: str, source: str) -> str:
    return (_TEMPLATES / what / f"{source}.txt").read_text(encoding="utf-8")


def _write(files: dict[Path, str]) -> None:
    """Write all files, or none where one is there already."""
    for path in files:
        if path.exists():
            raise UsageError(f"{path} exists already.", "Choose another name, or --into a folder.")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}.",
            "Name another folder with --into.",
        ) from error
