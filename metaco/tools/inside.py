"""Stands between a sandbox and a command, and reports which files the command changed.

`metaco.tools.run` runs it as a program: it reads its job from stdin, and uses the standard library
only. It is as confined as the command, which can forge its report: whoever reads that must check.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

REPORT = ".metaco-changes"
_SKIPPED = {"__pycache__", "node_modules"}


def main(job: dict[str, Any]) -> int:
    """Write the binary files, run the command and write the report; return the exit code."""
    for path, content in job["binary"].items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(content))
    before = {path: _digest(_read(path, job["largest"])) for path in _files()}
    command = [sys.executable if job["program"] == "python" else job["program"], "-c", job["code"]]
    code = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    changed: dict[str, Any] = {}
    left_out = []
    room = job["most"]
    after = _files()
    for path in after:
        content = _read(path, job["largest"])
        if content is not None and _digest(content) == before.get(path, ""):
            continue
        if content is None or len(content) > room:
            left_out.append(path)
            continue
        room -= len(content)
        try:
            changed[path] = content.decode()
        except UnicodeDecodeError:
            changed[path] = {"base64": base64.b64encode(content).decode()}
    deleted = sorted(before.keys() - set(after))
    report = json.dumps({"changed": changed, "deleted": deleted, "left_out": left_out})
    with suppress(OSError):  # the command can prevent it; a report that is missing is noticed
        Path(REPORT).unlink(missing_ok=True)
        with Path(REPORT).open("x", encoding="ascii") as file:
            file.write(report)
    return code if code >= 0 else 128 - code


def _files() -> list[str]:
    """Return the regular files here, but for hidden ones and what Python leaves behind."""
    found = []
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(n for n in folders if n[0] != "." and n not in _SKIPPED)
        paths = [Path(folder, name) for name in sorted(names) if name[0] != "."]
        found += [path.as_posix() for path in paths if path.is_file() and not path.is_symlink()]
    return found


def _read(path: str, largest: int) -> bytes | None:
    try:
        with Path(path).open("rb") as file:
            content = file.read(largest + 1)
    except OSError:
        return None
    return content if len(content) <= largest else None


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main(json.load(sys.stdin)))
