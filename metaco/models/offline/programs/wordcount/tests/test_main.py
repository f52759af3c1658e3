"""Tests of the program as it is started."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "wordcount"]


def test_r7_text_is_piped_in() -> None:
    done = subprocess.run(COMMAND, input="one two\n", capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1].split() == ["1", "2", "8", "-"]


def test_r9_a_closed_pipe_ends_quietly() -> None:
    pipe, error = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=error) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
