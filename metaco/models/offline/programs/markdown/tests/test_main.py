"""Tests of the program as it is started."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "markdown"]


def test_r8_text_is_piped_through() -> None:
    words = [*COMMAND, "--fragment", "--no-contents"]
    done = subprocess.run(words, input="*a*", capture_output=True, text=True, check=True)
    assert done.stdout == "<p><em>a</em></p>\n"


def test_r12_a_closed_pipe_ends_quietly() -> None:
    pipe, error = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=error) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
