"""Takes the code of files out of the fences that models put around it.

Models label their fences in many ways: in the info string, in a heading, in bold or backticks on
the line before, in the first comment within. And code has fences of its own: docstrings with
examples, Markdown files. Both are read here by plain rules, line by line.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from metaco.core.errors import ReplyError
from metaco.core.paths import safe_path
from metaco.reply.objects import without_thoughts

__all__ = ["fenced", "files", "unnamed"]

_REMEDY = "Ask again, or choose another model with --model."


@dataclass(frozen=True, slots=True)
class _Block:
    """The inside of a fence, with its language and the path of its file, if they are given.

    Where there is no path, `labels` are the words that stand where one should.
    """

    language: str
    path: str
    code: str
    labels: tuple[str, ...] = ()


def fenced(text: str, path: str | None = None) -> str:
    """Return the code in `text`, without its fence and with one newline at its end.

    Args:
        text: the reply as it came, known not to be cut off.
        path: the file it is for. Its name tells the code from commands and examples beside it.

    Raises:
        ReplyError: there is no code, or only that of other files.
    """
    answer = without_thoughts(_lines(text))
    blocks = [block for block in _blocks(answer) if block.code.strip()]
    named = [block for block in blocks if path and block.path and _same(block.path, path)]
    if named:
        return named[-1].code  # of two versions the later is the corrected one
    languages = _languages(path)
    others = sorted({block.path for block in blocks if block.path})
    free = [block for block in blocks if not block.path] if path else blocks
    some = (
        [block for block in free if block.language in languages]
        or [block for block in free if block.language not in _NO_FILE]
        or ([] if path else free)
    )
    if some:
        return _unpacked(max(some, key=lambda block: len(block.code)).code, path)
    if others and path:
        raise ReplyError(
            f"The reply contains {', '.join(others[:5])}, but {path} was requested.",
            _REMEDY,
            text=text,
        )
    if not blocks and _is_code(answer, path):
        return _unpacked(answer.strip("\n") + "\n", path)
    raise ReplyError(
        f"The reply contains no code{f' of {path}' if path else ''}; put it into one fenced block.",
        _REMEDY,
        text=text,
    )


def files(text: str) -> dict[str, str]:
    """Return all files in `text` whose paths are given: path to code, in order.

    Raises:
        ReplyError: there is none.
    """
    answer = without_thoughts(_lines(text))
    by_path = {b.path: b.code for b in _blocks(answer) if b.path and b.code.strip()}
    if not by_path:
        raise ReplyError(
            "The reply contains no file; put each into a fenced block below a line with its path.",
            _REMEDY,
            text=text,
        )
    return by_path


def unnamed(text: str) -> list[str]:
    """Return what labels blocks as the path of a file does, and is none that could be used."""
    answer = without_thoughts(_lines(text))
    return [
        label
        for block in _blocks(answer)
        if not block.path and block.code.strip()
        for label in block.labels
        if _like_a_path(label)
    ]


_FENCE = re.compile(r"^(?P<lead>.*?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_BARE = re.compile(r"^[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*$")
_NO_FILE = {"bash", "sh", "shell", "console", "terminal", "zsh", "cmd", "powershell", "diff", "log"}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _blocks(text: str) -> Iterator[_Block]:
    lines = text.split("\n")
    at = 0
    label = ""  # the last line with text outside of fences
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        if not opened or (opened["fence"][0] == "~" and opened["lead"].strip()):
            label = lines[at].strip() or label
            at += 1
            continue
        lead = opened["lead"].strip(" \t>")
        language, path = _info(opened["info"])
        label = lead if re.search(r"\w", lead) else label
        path = path or _labelled(label, language)
        end = _end(lines, at + 1, opened["fence"], language, path)
        inside = _outdented(lines[at + 1 : end], len(opened["lead"]))
        if not path:
            path, inside = _commented(inside, language)
        elif inside and _first_path(inside[0]) and _same(_first_path(inside[0]), path):
            inside = inside[1:]
        first = next((line for line in inside if line.strip()), "")
        comment = (
            "" if language in _NO_FILE else _comment(first)
        )  # a comment on commands is no label
        labels = () if path else (label, *_words(opened["info"]), comment)
        yield _Block(language, path, "\n".join(inside).strip("\n") + "\n", labels)
        label = ""
        at = end + 1


def _outdented(lines: list[str], width: int) -> list[str]:
    """Take the indentation of the fence (in a list, say) off the lines, where all have it."""
    if width and all(not line[:width].strip() for line in lines):
        return [line[width:] for line in lines]
    return lines


def _end(lines: list[str], start: int, fence: str, language: str, path: str) -> int:
    """Return the line that closes the fence; the end of the text if none does."""
    python = language in _languages("x.py") or (not language and path.endswith(".py"))
    depth = 0
    likely = len(lines)
    for at in range(start, len(lines)):
        match = _FENCE.match(lines[at])
        if not match or match["lead"].strip() or not match["fence"].startswith(fence):
            continue
        if not _BARE.match(lines[at]):
            depth += 1
        elif python:
            if not _in_docstring(lines[start:at]):
                return at
            likely = min(likely, at)
        elif depth:
            depth -= 1
        else:
            return at
    # A docstring that never ends is an odd quote, and the first fence was the end.
    return likely if python and _in_docstring(lines[start:]) else len(lines)


_QUOTES = re.compile(
    r'"""|\'\'\'|#[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|\\.', re.DOTALL
)


def _in_docstring(lines: list[str]) -> bool:
    """Return whether Python code that ends here would be in a string of three quotes."""
    code = "\n".join(lines)
    at = 0
    while match := _QUOTES.search(code, at):
        at = match.end()
        if match[0] in ('"""', "'''"):
            closed = re.compile(rf"(?:[^\\]|\\.)*?{match[0]}", re.DOTALL).match(code, at)
            if not closed:
                return True
            at = closed.end()
    return False


def _info(info: str) -> tuple[str, str]:
    """Read the words after a fence: a language, a path or both."""
    words = [word for word in re.split(r"""[\s:{}=,"'()]+""", info) if word]
    path = next((_path(word) for word in words if _path(word)), "")
    language = words[0].lower().lstrip(".") if words and not _path(words[0]) else ""
    return language, path


def _words(info: str) -> list[str]:
    """Return the words after a fence that may name a file: no attributes, as ``{.python}``."""
    first, *rest = re.sub(r"\{[^}]*\}?", "", info).split() or [""]
    known = {language for names in _BY_SUFFIX.values() for language in names.split()}
    return rest if first.lower().lstrip(".") in known else [first, *rest]


_NAMES = ("Makefile", "Dockerfile", "LICENSE", ".gitignore", ".env")
_PATH = re.compile(
    r"(?<![\w./\\-])(?:\.{1,2}[/\\])?(?:[\w.-]+[/\\])*"
    rf"(?:[\w-][\w.-]*\.[A-Za-z]\w{{0,9}}|{'|'.join(map(re.escape, _NAMES))})(?![\w/\\-])"
)


def _path(word: str) -> str:
    """Return `word` as a path with slashes if it is one."""
    word = word.strip("`*\"'<>[]():, \t")
    return _posix(word) if _PATH.fullmatch(word) else ""


def _posix(path: str) -> str:
    return re.sub(r"^(\./)+", "", path.replace("\\", "/"))


def _labelled(line: str, language: str) -> str:
    """Return the path that a line before a fence gives it."""
    paths = [_posix(path) for path in _PATH.findall(line)]
    if len(paths) != 1:
        return ""
    rest = _PATH.sub("", line)
    rest = re.sub(r"(?i)\b(file(name)?|path|name|new|updated|module|source|\d+)\b", "", rest)
    rest = re.sub(r"\([^()]*\)", "", rest)
    if not re.search(r"\w", rest):
        return paths[0]
    if not line.endswith(":") and not line.startswith("#"):
        return ""  # the path is only mentioned
    fits = language in _languages(paths[0])
    return paths[0] if fits or language in ("", "text", "plaintext") else ""


_WORDS = re.compile(r"(?i)^(?:[#\s*]|-\s|\d+[.)]\s|file(?:name)?:|path:|title=)+(?=\S)|[:*\s]+$")


def _like_a_path(label: str) -> bool:
    """Return whether a label is one word, or words in backticks, as only a path has them."""
    plain = _WORDS.sub("", label).strip("\"'")
    quoted = len(plain) > 2 and plain[0] == plain[-1] == "`" and "`" not in plain[1:-1]
    plain = plain.strip("`<>[] ")
    if not quoted and len(plain.split()) != 1:
        return False
    return (
        bool(re.search(r"\w", plain))
        and "://" not in plain
        and bool(
            re.match(r"\.{0,2}[/\\~]|[A-Za-z]:|\.[A-Za-z]", plain)
            or re.search(r"\w[/\\]\S|[^.\s]\.[A-Za-z]\w{0,9}$", plain)
            or (re.fullmatch(r"[\w.~-]*[\w/]", plain) and _refused(plain))
        )
    )


def _refused(name: str) -> bool:
    try:
        safe_path(name)
    except ValueError:
        return True
    return False


_COMMENT = re.compile(
    r"(?i)^\s*(?:#+|//|--|;|<!--|/\*)\s*(?:file(?:name|path)?|path)?\s*:?\s*(\S+)\s*"
)


def _first_path(line: str) -> str:
    """Return the path in a comment that holds nothing else."""
    return _path(_comment(line))


def _comment(line: str) -> str:
    """Return the one word of a comment that is no more than that."""
    comment = _COMMENT.match(line)
    if not comment or line[comment.end() :].strip() not in ("", "-->", "*/"):
        return ""
    return "" if comment[1].startswith("!") else comment[1]


def _commented(lines: list[str], language: str) -> tuple[str, list[str]]:
    for at, line in enumerate(lines):
        if line.strip():
            path = "" if language in _NO_FILE else _first_path(line)
            return path, lines[at + 1 :] if path else lines
    return "", lines


def _same(given: str, wanted: str) -> bool:
    """Return whether a label means the file that is wanted: its path, or an end of either."""
    one, other = PurePosixPath(_posix(given)).parts, PurePosixPath(_posix(wanted)).parts
    short = min(len(one), len(other))
    return one[-short:] == other[-short:]


_BY_SUFFIX = {
    ".py": "python py python3 py3",
    ".pyi": "python py",
    ".md": "markdown md",
    ".json": "json jsonc json5",
    ".toml": "toml",
    ".yaml": "yaml yml",
    ".yml": "yaml yml",
    ".html": "html",
    ".css": "css",
    ".js": "javascript js",
    ".ts": "typescript ts",
    ".sql": "sql",
    ".sh": "bash sh shell zsh",
    ".txt": "text txt plaintext",
    ".csv": "csv text",
}


def _languages(path: str | None) -> list[str]:
    suffix = PurePosixPath(path).suffix.lower() if path else ".py"
    return _BY_SUFFIX.get(suffix, suffix.lstrip(".")).split()


def _is_code(text: str, path: str | None) -> bool:
    """Return whether a text without a fence is the file itself: it reads as one, prose does not."""
    suffix = PurePosixPath(path).suffix if path else ".py"
    try:
        if suffix == ".py":
            return any(not isinstance(n, ast.Expr) for n in ast.parse(text).body)
        if suffix == ".json":
            json.loads(text)
        elif suffix == ".toml":
            tomllib.loads(text)
        else:
            return False
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return bool(text.strip())


def _unpacked(code: str, path: str | None) -> str:
    """Take a file out of a JSON object, where it came in one though it should not."""
    if (path or ".py").endswith(".json") or not code.lstrip().startswith("{"):
        return code
    try:
        value = json.loads(code, strict=False)
    except ValueError:
        return code
    inner = [value.get(name) for name in ("content", "code", "source")]
    return next((one.strip("\n") + "\n" for one in inner if isinstance(one, str)), code)
