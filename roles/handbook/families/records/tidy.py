"""Generated Python made tidy: unused imports out, blank lines even, long lines wrapped.

The templates are written for reading; this puts right what they leave, so that the result is what a
formatter would make of it.
"""

from __future__ import annotations

import ast
import re

__all__ = ["tidy"]

WIDTH = 88


def tidy(source: str) -> str:
    """Return the source in good form; it must parse."""
    source = _imports(_pruned(source))
    source = _spaced(source)
    return "\n".join(line for old in source.split("\n") for line in _wrapped(old)).rstrip() + "\n"


def _pruned(source: str) -> str:
    """Drop private functions that nothing uses."""
    tree = ast.parse(source)
    used = _used(tree)
    lines = source.split("\n")
    for node in reversed(tree.body):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("_"):
            continue
        if node.name not in used:
            lines[node.lineno - 1 : node.end_lineno] = []
    return "\n".join(lines)


def _used(tree: ast.Module) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):  # annotations in quotes
        if isinstance(node, ast.arg | ast.FunctionDef):
            note = node.annotation if isinstance(node, ast.arg) else node.returns
            if isinstance(note, ast.Constant) and isinstance(note.value, str):
                names |= set(re.findall(r"\w+", note.value))
    return names


def _imports(source: str) -> str:
    """Drop the names that are imported and not used, and fill in ``__all__ = ["@"]``."""
    tree = ast.parse(source)
    used = _used(tree)
    lines = source.split("\n")
    for node in reversed(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            kept = sorted({alias.name for alias in node.names if alias.name in used}, key=_isorted)
            text = [f"from {node.module} import {', '.join(kept)}"] if kept else []
        elif isinstance(node, ast.Import):
            kept_modules = [a for a in node.names if (a.asname or a.name) in used]
            text = [f"import {a.name}{f' as {a.asname}' if a.asname else ''}" for a in kept_modules]
        else:
            continue
        lines[node.lineno - 1 : node.end_lineno] = text
    public = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            public.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id.isupper():
                public.append(target.id)
    names = sorted((name for name in public if not name.startswith("_")), key=_isorted)
    listed = ", ".join(f'"{name}"' for name in names)
    return "\n".join(lines).replace('__all__ = ["@"]', f"__all__ = [{listed}]")


def _isorted(name: str) -> tuple[int, str]:
    """Return the order of isort: constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def _spaced(source: str) -> str:
    """Return the source with the blank lines that PEP 8 asks for."""
    lines = [line.rstrip() for line in source.split("\n")]
    quoted = _inside_strings(source)
    result: list[str] = []
    blank = 0
    for number, line in enumerate(lines, 1):
        if number in quoted:
            result += [""] * blank + [line]
            blank = 0
            continue
        if not line:
            blank += 1
            continue
        previous = result[-1] if result else ""
        top = not line[0].isspace()
        starts = bool(re.match(r"(def |class |@|async def )", line))
        if not result:
            wanted = 0
        elif top and starts:
            wanted = 0 if previous.startswith("@") else 2
            if previous.startswith("#") and not blank:
                wanted = 0
        elif top and (previous[0:1].isspace() or previous.startswith(("def ", "class "))):
            closes = line[0] in ")]}"
            wanted = 0 if closes else (2 if _after_block(result) and blank else min(blank, 1))
        elif top:
            wanted = (
                2
                if blank and line.startswith("# ") and not re.match(r"(import|from)", previous)
                else min(blank, 1)
            )
        else:
            opens = previous.endswith((":", "(", "[", "{")) and not previous.strip().startswith("#")
            wanted = 0 if opens else min(blank, 1)
            if re.match(r"\s+(def |@)", line) and not previous.strip().startswith("@"):
                wanted = 1 if not opens else 0
            if re.match(r"[)\]}]", line.strip()):
                wanted = 0
        result += [""] * wanted + [line]
        blank = 0
    return "\n".join(result)


def _after_block(result: list[str]) -> bool:
    """Return whether the last top-level statement is a function or class."""
    for line in reversed(result):
        if line and not line[0].isspace() and line[0] not in ")]}":
            return bool(re.match(r"(def |class |@)", line)) or line.endswith(":")
    return False


def _inside_strings(source: str) -> set[int]:
    """Return the numbers of the lines that continue a string of several lines."""
    return {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None
        for number in range(node.lineno + 1, node.end_lineno + 1)
    }


_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _brackets(line: str) -> list[tuple[int, int]]:
    """Return where the outermost brackets of a line open and close."""
    found: list[tuple[int, int]] = []
    stack: list[int] = []
    position = 0
    while position < len(line):
        sign = line[position]
        if sign in "\"'":
            end = position + 1
            while end < len(line) and line[end] != sign:
                end += 2 if line[end] == "\\" else 1
            position = end
        elif sign == "#" and not stack:
            break
        elif sign in "([{":
            stack.append(position)
        elif sign in ")]}" and stack:
            start = stack.pop()
            if not stack:
                found.append((start, position))
        position += 1
    return found if not stack else []


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no bracket and no string."""
    parts, depth, start, position = [], 0, 0, 0
    while position < len(text):
        sign = text[position]
        if sign in "\"'":
            end = position + 1
            while end < len(text) and text[end] != sign:
                end += 2 if text[end] == "\\" else 1
            position = end
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and not depth:
            parts.append(text[start:position].strip())
            start = position + 1
        position += 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _wrapped(line: str) -> list[str]:
    """Return the line, or several if it is too long and has brackets to break at."""
    line = _closed(line)
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    imported = re.match(r"(from [\w.]+ import )([^(]+)$", line)
    if imported:
        return [imported[1] + "(", *(f"    {name}," for name in _split(imported[2])), ")"]
    pairs = [pair for pair in _brackets(line) if pair[1] > pair[0] + 1]
    if not pairs or line.lstrip().startswith(("#", '"')):
        return [line]
    worth = [pair for pair in pairs if pair[1] - pair[0] > 12] or pairs
    start, end = worth[0] if re.match(r"\s*(async )?def ", line) else worth[-1]
    if line[start] == "[" and re.search(r"[\w)\]]$", line[:start]):
        return [line]  # an index
    head, body, tail = line[: start + 1], line[start + 1 : end], line[end:]
    parts = _split(body)
    inner = indent + "    "
    comprehension = re.search(r"\bfor\b.*\bin\b", _outside(body))
    if len(inner) + len(body.rstrip(", ")) <= WIDTH and (
        len(parts) > 1 or comprehension or line[start] != "("
    ):
        closed = head.rstrip()[-1] in "[{" and not comprehension
        middle = [f"{inner}{body.rstrip(', ')}"]
        if closed or (line[start] == "(" and re.search(r"(= |in |return )\($", head)):
            middle = [f"{inner}{part}," for part in parts]
    elif comprehension:
        middle = [
            inner + part for part in re.split(r"\s(?=for \w|if (?![^()]*\belse\b))", body) if part
        ]
    elif len(parts) == 1:
        comma = "," if line[start] == "(" and not comprehension else ""
        middle = [f"{inner}{body.rstrip(', ')}" + (comma if len(inner) + len(body) > WIDTH else "")]
    else:
        middle = [f"{inner}{part}{'' if False else ','}" for part in parts]
    return [line for old in [head, *middle, indent + tail] for line in _wrapped(old)]


def _outside(text: str) -> str:
    """Return the text without what stands in brackets and strings."""
    text = re.sub(r'"[^"]*"', '""', text)
    while True:
        shorter = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}", "", text)
        if shorter == text:
            return text
        text = shorter


def _closed(line: str) -> str:
    """Drop commas before closing brackets, but for the one that makes a tuple of one."""
    result: list[str] = []
    stack: list[tuple[str, int]] = []  # the sign before the bracket, commas so far
    position = 0
    while position < len(line):
        sign = line[position]
        if sign in "\"'":
            end = position + 1
            while end < len(line) and line[end] != sign:
                end += 2 if line[end] == "\\" else 1
            result.append(line[position : end + 1])
            position = end + 1
            continue
        if sign in "([{":
            before = "".join(result)[-1:]
            stack.append((before if sign == "(" else "x", 0))
        elif sign == "," and stack:
            before, commas = stack[-1]
            stack[-1] = (before, commas + 1)
            rest = line[position + 1 :].lstrip()
            if rest[:1] in (")", "]", "}") and rest:
                call = before.isalnum() or before in ("_", ")", "]")
                if commas or call:
                    position += 1 + len(line[position + 1 :]) - len(rest)
                    continue
                result.append(",")
                position += 1 + len(line[position + 1 :]) - len(rest)
                continue
        elif sign in ")]}" and stack:
            stack.pop()
        result.append(sign)
        position += 1
    return "".join(result)
