"""What a command printed, without where this machine keeps Python and the sandbox.

A traceback names the files it goes through, and not all of them are the project's. Without their
places the same run prints the same text on every machine, and a prompt that holds it is the same.
"""

from __future__ import annotations

import functools
import os
import re
import site
import sysconfig
import tempfile
from pathlib import Path

from .tiers import INSIDE, ON_HOST
from .visible import interpreter

__all__ = ["portable"]

_SEPARATOR = r"[\\/]+"  # on Windows two of them where a path is quoted


def portable(text: str) -> str:
    """Return what a command printed with names in the place of paths of this machine.

    Python's modules and packages lie in ``<python>``, the interpreter is ``python``, and the
    folder of the sandbox is called as in the tiers that have a file system of their own.
    """
    for pattern, name in _names(tempfile.gettempdir()):
        text = pattern.sub(name, text)
    return text


@functools.cache
def _names(temporary: str) -> list[tuple[re.Pattern[str], str]]:
    library = {*map(sysconfig.get_path, ("stdlib", "platstdlib")), *site.getsitepackages()}
    programs = {str(Path(path).parent) for path in _spellings({interpreter()})}
    return [
        (_below(library, r"(?=[\\/])"), "<python>"),
        (_below(programs, rf"{_SEPARATOR}python[\d.]*(?:\.exe)?(?![\w.-])"), "python"),
        (_below({temporary}, rf"{_SEPARATOR}{ON_HOST}\w+"), INSIDE),
    ]


def _below(folders: set[str], end: str) -> re.Pattern[str]:
    """Return a pattern for the folders with `end` behind them: absolute, or from another folder."""
    ways = []
    for folder in sorted(_spellings(folders), key=len, reverse=True):  # one may lie in another
        names = [re.escape(name) for name in re.split(_SEPARATOR, folder)]
        above = ""
        for name in names[1:-1]:
            above = f"(?:{above}{name}{_SEPARATOR})?"
        ways += [_SEPARATOR.join(names), rf"(?:\.\.{_SEPARATOR})+{above}{names[-1]}"]
    return re.compile(rf"(?:(?<![\w.~\\/-])|(?<=\\[nrt]))(?:{'|'.join(ways)}){end}")


def _spellings(paths: set[str]) -> set[str]:
    return {way for path in paths for way in (str(Path(path).absolute()), os.path.realpath(path))}
