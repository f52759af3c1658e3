"""What of a call the rules of permissions match: the first argument of the tool, in plain form.

A rule must match what really happens. So a path is matched as the file it leads to, an address as
the one that is asked, and a command line by each command in it. What cannot be read with certainty
is not `plain`, and no pattern allows it.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

__all__ = ["Subject", "as_address", "as_command", "as_path", "as_text"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules match.

    Attributes:
        parts: an allowing pattern has to match each of them, a denying one any.
        plain: whether the parts are all there is; if not, no pattern allows it.
    """

    parts: tuple[str, ...]
    plain: bool = True


def as_text(text: str) -> Subject:
    """Match the text as it is."""
    return Subject((text,))


def as_path(text: str) -> Subject:
    """Match the path without ``.``, ``..`` and doubled slashes; not one that leaves the tree."""
    path = unicodedata.normalize("NFC", text.strip().replace("\\", "/"))
    path = posixpath.normpath(path).rstrip()
    away = path.startswith(("/", "~", "..")) or any(char in text for char in "\0:\\")
    return Subject((path,), plain=not away)


_QUOTING = re.compile(r"[`$\\\n\r\0]")  # what shells read in different ways, or start commands with
_APART = {";", "&&", "||", "|", "&"}
_RESERVED = {
    "!", "{", "}", "[[", "if", "then", "elif", "else", "fi", "for", "select", "while", "until",
    "do", "done", "case", "esac", "in", "function", "time", "coproc",
}  # fmt: skip


def as_command(text: str) -> Subject:
    """Match each of the commands between ``;``, ``&&``, ``||``, ``|`` and ``&``.

    Redirections, subshells, substitutions, variables, backslashes and several lines are not plain.
    """
    reader = shlex.shlex(text, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    reader.commenters = ""
    try:
        words = list(reader)
    except ValueError:  # a quote without an end
        return Subject(_pieces(text), plain=False)
    quoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    if _QUOTING.search(text) or not set(re.findall(r"[;&|<>()]+", quoted)) <= _APART:
        return Subject(_pieces(text), plain=False)
    commands: list[list[str]] = [[]]
    for word in words:
        if word in _APART:
            commands.append([])
        else:
            commands[-1].append(word)
    first = {command[0] for command in commands if command}
    if first & _RESERVED or any("=" in word for word in first):  # sets a variable, as PATH
        return Subject(_pieces(text), plain=False)
    return Subject(tuple(shlex.join(command) for command in commands if command))


def _pieces(text: str) -> tuple[str, ...]:
    """Return what may be the commands of a line that cannot be read with certainty."""
    pieces = [text.strip()]
    for piece in re.split(r"[;&|<>(){}`$\n\r]+", text):
        bare = " ".join(re.sub(r"[\"'\\]", "", piece).split())
        pieces += [bare] if bare else []
    return tuple(pieces)


def as_address(text: str) -> Subject:
    """Match the address in one spelling of host, port, escapes and path."""
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").encode("idna").decode().rstrip(".")
        port = parts.port
    except (ValueError, UnicodeError):
        return Subject((text,), plain=False)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    known = bool(usual and host) and "@" not in parts.netloc and not re.search(r"[\\\s]", text)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port in (None, usual) else f"{shown}:{port}"
    path = _without_dots(re.sub(r"%[0-9a-fA-F]{2}", _plain, parts.path))
    path = quote(path, safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
    return Subject((f"{parts.scheme}://{place}{path}{query}",), plain=known)


def _plain(escape: re.Match[str]) -> str:
    char = unquote(escape[0])
    return char if re.fullmatch(r"[\w.~-]", char, re.ASCII) else escape[0].upper()


def _without_dots(path: str) -> str:
    names = path.split("/")[1:] or [""]
    kept: list[str] = []
    for name in names:
        if name == "..":
            kept[-1:] = []
        elif name != ".":
            kept.append(name)
    return "/" + "/".join(kept + [""] * (names[-1] in (".", "..")))


_QUERY = "/%:@!$&'()*+,;=~-._?"
