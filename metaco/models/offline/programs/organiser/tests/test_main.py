"""Tests of the program as it is started."""

import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "organiser"]


def test_r2_the_plan_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    done = subprocess.run([*COMMAND, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("1 file to move; --yes moves them\n")
    assert (tmp_path / "a.jpg").exists()


def test_r7_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, str(tmp_path)], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
