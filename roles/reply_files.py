"""The files of a program as replies hold them, in fenced blocks of code."""

from __future__ import annotations

from collections.abc import Mapping

from metaco.core.errors import ReplyError
from metaco.roles.documents import SourceFile, TestFile

__all__ = ["code_block", "program_files"]


def code_block(text: str, path: str) -> str:
    """Return the file `path` that a reply holds, ending in one line break.

    Raises:
        ReplyError: the reply holds no such file.
    """
    from metaco.reply import fenced

    content = fenced(text, path)
    if not content.strip():
        raise ReplyError(f"The answer contains no code block with {path}.", text=text)
    return _ended(content)


def program_files(contents: Mapping[str, str], tests: set[str]) -> list[SourceFile | TestFile]:
    """Return files of the program and files of tests, by path.

    Args:
        contents: the text of each file by its path.
        tests: the paths that hold tests.
    """
    return [
        (TestFile if path in tests else SourceFile)(path=path, content=_ended(content))
        for path, content in sorted(contents.items())
    ]


def _ended(content: str) -> str:
    return content.strip("\n") + "\n"
