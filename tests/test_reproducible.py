"""The same replies give the same bytes: elsewhere, later, and under other settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
THERE = {
    "PYTHONHASHSEED": "4321",
    "TZ": "Pacific/Kiritimati",  # a day ahead of others
    "LANG": "tr_TR.UTF-8",  # where the capital of i is another letter
    "LC_ALL": "tr_TR.UTF-8",
    "COLUMNS": "31",
    "PYTHONUTF8": "1",
}


def made(folder: Path, environment: Mapping[str, str], *words: str) -> dict[str, bytes]:
    """Return all files of the project that a run writes, without git's and metaco's own."""
    folder.mkdir(parents=True)
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "metaco", *words, "--model", "offline", "--quiet"],
        cwd=folder,
        env={**keep, "HOME": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    (project,) = [path for path in (folder / "workspace").iterdir() if path.is_dir()]
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and not {".git", ".metaco"} & set(path.parts)
    }


@pytest.mark.parametrize(
    "words",
    [("a library of books: title, author, year",), ("tic tac toe", "--sop", "quick")],
    ids=["software_company", "quick"],
)
def test_the_same_bytes_anywhere(tmp_path: Path, words: tuple[str, ...]) -> None:
    first = made(tmp_path / "here", HERE, *words)
    second = made(tmp_path / "a longer path" / "söme where", THERE, *words, "--parallel", "1")
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert len(first) > 10
    for name, content in second.items():
        assert str(tmp_path).encode() not in content, name
