"""Finds the JSON objects in what a model wrote around them, and repairs those that are nearly JSON.

An object that does not end is never repaired: a repaired half looks like a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Scan", "find", "repair", "without_thoughts"]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a text holds.

    Attributes:
        objects: its outermost objects in order, without those that stand in a list with others.
        listed: how many stand in the longest list of objects.
        unfinished: it ends inside an object.
    """

    objects: list[dict[str, Any]]
    listed: int
    unfinished: bool


_TAGS = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad"
_OPENED = rf"<(?P<tag>(?i:{_TAGS}))\b[^<>]*>"
_CLOSED = rf"</(?i:{_TAGS})\s*>"
# Only a brace before something like a key opens an object; prose and code have braces, too.
_START = r"""\{(?=\s*(?:["'“}]|//|/\*|\#|[A-Za-z_][\w ]*["'”]?\s*[:=]))"""
_NEXT = re.compile(rf"{_OPENED}|(?P<closed>{_CLOSED})|{_START}")
_ANEW = re.compile(rf"(?P<closed>{_CLOSED})|(?:```|~~~)[\w-]*\s*(?={_START})")


def without_thoughts(text: str) -> str:
    """Return `text` without what a model thought aloud before it answered.

    Thoughts that are not closed stay, as the answer may be among them. Some models' templates open
    them in the prompt, so that only their end is seen; it stands at the end of a line.
    """
    opened = re.match(rf"\s*{_OPENED}", text)
    if opened:
        closed = re.search(rf"(?i)</{opened['tag']}\s*>", text)
    else:
        closed = re.search(rf"(?m)^[^\"'`<\n]*{_CLOSED}\s*$", text)
    return text[closed.end() :] if closed else text


def find(text: str) -> Scan:
    """Find the objects in `text`, other than those in thoughts."""
    text = _unescaped(text)
    spans: list[tuple[int, int, dict[str, Any]]] = []
    unfinished = False
    at = restarts = 0
    while match := _NEXT.search(text, at):
        start, at = match.span()
        if match["closed"]:  # all before it was thought
            spans.clear()
            unfinished = False
        elif tag := match["tag"]:
            closed = re.search(rf"(?i)</{tag}\s*>", text[at:])
            at += closed.end() if closed else 0
        else:
            value, end = None, None
            try:
                value, end = _DECODER.raw_decode(text, start)
            except ValueError as error:  # also a number beyond reading
                if not _is_cut_off(error):
                    text = text[:start] + _plain_strings(text[start:])
                    value, end = _read_nearly_json(text, start)
            unfinished = end is None
            if end is None:
                again = _ANEW.search(text, start)  # it gave up and began anew
                restarts += 1
                if again is None or restarts > 9:
                    break
                at = again.start("closed") if again["closed"] else again.end()
            else:
                at = end
                spans += [(start, end, value)] if value is not None else []
    groups: list[list[dict[str, Any]]] = []
    before = -1
    for start, end, value in spans:
        if groups and text[before:start].strip() == ",":
            groups[-1].append(value)
        else:
            groups.append([value])
        before = end
    objects = [group[0] for group in groups if len(group) == 1]
    return Scan(objects, max(map(len, groups), default=0), unfinished)


_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


def _is_cut_off(error: ValueError) -> bool:
    """Return whether the text is JSON up to its end, and only the rest is missing.

    The braces in its strings must not be taken for the one that would end it.
    """
    if not isinstance(error, json.JSONDecodeError):
        return False
    rest = error.doc[error.pos :]
    return error.msg.startswith("Unterminated") or bool(re.fullmatch(r"\\?[\w.+-]*\s*", rest))


def _read_nearly_json(text: str, start: int) -> tuple[dict[str, Any] | None, int | None]:
    """Read the object at `start`: what it holds (None: beyond repair) and where it ends."""
    sure, likely = _end(text, start), _end_by_braces(text, start)
    for end in (sure, likely):
        value = repair(text[start:end], comments=end == sure) if end else None
        if isinstance(value, dict):
            return value, end
    return None, sure or likely


_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\Z)'  # a string, maybe without an end
    r"|(?<=[{\[,:\s])'(?:[^'\\\n]++|\\.)*+'(?=\s*[,:}\]])"  # one in single quotes
    r"|(?<=[\s,{}\[\]])(?://|\#)[^\n]*+|/\*.*?\*/"  # comments
    r"|[{}\[\]]",
    re.DOTALL,
)


def _end(text: str, start: int) -> int | None:
    """Return where the object at `start` ends, going by braces outside strings and comments."""
    open_: list[str] = []
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        if mark in "{[":
            open_.append(mark)
        elif mark in "}]":
            wanted = "{" if mark == "}" else "["
            if wanted in open_:
                while open_.pop() != wanted:
                    pass  # a bracket that was forgotten
            if not open_:
                return token.end()
    return None


_LAST = re.compile(r"""(?:["'”\]}\d]|true|false|null|True|False|None)\s*,?\s*\}\Z""")


def _end_by_braces(text: str, start: int) -> int | None:
    """Return where it ends when strings are broken by quotes: by braces, if it ends like JSON."""
    depth = 0
    for brace in re.finditer(r"[{}\[\]]", text[start:]):
        depth += 1 if brace[0] in "{[" else -1
        if depth == 0:
            end = start + brace.end()
            return end if _LAST.search(text[max(start, end - 40) : end]) else None
    return None


def repair(text: str, *, comments: bool = False) -> dict[str, Any] | list[Any] | None:
    """Read a list or an object that is nearly JSON; None if it is none or a part would be lost.

    Args:
        comments: whether it may have some; without them, what looks like one is text.
    """
    import json_repair

    if comments:
        text = _TOKEN.sub(lambda t: "" if t[0].startswith(("//", "/*", "#")) else t[0], text)
    try:
        value: Any = json.loads(_INNER_QUOTE.sub(r"\1\"", text), strict=False)
    except ValueError:
        try:
            value = json_repair.loads(text, skip_json_loads=True)
        except ValueError:  # nested beyond its depth
            return None
    if not isinstance(value, dict | list):
        return None
    source = re.sub(r"\\u[0-9a-fA-F]{4}", "x", text)
    result = json.dumps(value, ensure_ascii=False)
    return value if _letters(result) >= 0.9 * _letters(source) else None


# A quote that neither opens nor closes a string of JSON, going by what stands beside it.
_INNER_QUOTE = re.compile(r"""([^\s{\[,:\\"]\s*)"(?!\s*(?:[",:}\]]|\Z))""")


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _plain_strings(text: str) -> str:
    """Turn the values that stand in three quotes or in backticks into strings of JSON."""
    for quotes in ('"""', "'''", "`"):
        if quotes in text:
            text = re.sub(
                rf"""(?s)(["']\s*:\s*){quotes}((?:(?!{quotes}).)*){quotes}(?=\s*[,}}\]])""",
                lambda match: match[1] + json.dumps(match[2], ensure_ascii=False),
                text,
            )
    return text


def _unescaped(text: str) -> str:
    """Undo a second encoding: the object as a JSON string, or with all its quotes escaped."""
    if not re.match(r'\s*"?\s*\{\s*(?:\\n|\s)*\\"', text):
        return text
    inner = text.strip().strip('"')
    try:
        value = json.loads(f'"{inner}"', strict=False)
    except ValueError:
        return text
    return str(value)
