"""Tests of the program as it is started."""

import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "records"]


def test_r11_r12_records_outlive_the_program(tmp_path: Path) -> None:
    file, db = str(tmp_path / "in.csv"), str(tmp_path / "a.db")
    for words in (["template", file], ["--db", db, "import", file], ["--db", db, "report"]):
        done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["all", "3"]


def test_r13_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    words = ["--db", str(tmp_path / "a.db"), "export"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
