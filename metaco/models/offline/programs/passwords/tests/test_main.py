"""Tests of the program as it is started."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "passwords"]


def test_r1_r3_passwords_are_printed() -> None:
    words = ["--length", "30", "--count", "2"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=True)
    assert [len(line) for line in done.stdout.splitlines()] == [30, 30]


def test_r7_a_closed_pipe_ends_quietly() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, "--count", "9"], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
