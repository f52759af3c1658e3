"""Rules match what really happens, not how it is spelled."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metaco.tools.subjects import Subject, as_address, as_command, as_path, as_text


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        ("git status", ["git status"]),
        ("  git\t log  -1 ", ["git log -1"]),
        ("git add . && git commit -m 'a; b | c'", ["git add .", "git commit -m 'a; b | c'"]),
        ("a;b|c||d&e", ["a", "b", "c", "d", "e"]),
        ('"git" "status"', ["git status"]),
        ("git 'status", None),
        ("git status > x", None),
        ("git $(rm x)", None),
        ("git `rm x`", None),
        ('git "$(rm x)"', None),
        ("git $IFS", None),
        ("git status\nrm x", None),
        ("git status\rrm x", None),
        ("git \\; rm x", None),
        ("git log $'\\'' ; rm x #'", None),
        ("(rm x)", None),
        ("a <(rm x)", None),
        ("a |& b", None),
        ("a ;; b", None),
        ("PATH=. git status", None),
        ("git\0status", None),
    ],
)
def test_commands(command: str, parts: list[str] | None) -> None:
    subject = as_command(command)
    assert subject.plain == (parts is not None)
    assert parts is None or list(subject.parts) == parts


@pytest.mark.parametrize(
    "command", ["a $(rm x)", "a\nrm x", "a `rm x`", "(rm  x)", 'a \'b\nr""m x']
)
def test_what_may_be_a_command_is_a_part(command: str) -> None:
    assert "rm x" in as_command(command).parts


SHELLS = [path for shell in ("sh", "bash") if (path := shutil.which(shell))]


@pytest.mark.skipif(not SHELLS, reason="no shell is there")
@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# What runs at the same time, behind & and |, would mix what it says.
@given(
    st.lists(st.sampled_from([*" \t;<>()'\"\\$`#{}=!~*\n\ra-", "&&", "||"]), max_size=9),
    st.sampled_from(SHELLS),
)
def test_no_shell_starts_what_is_not_a_part(tmp_path: Path, tail: list[str], shell: str) -> None:
    """No program is found, so the shell complains about each that it would start."""
    command = f"alpha {''.join(tail)} omega {''.join(tail)}"
    subject = as_command(command)
    if not subject.plain:
        return
    done = subprocess.run(
        [shell, "-c", command],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
        env={"PATH": "/none"}, cwd=tmp_path,
    )  # fmt: skip
    parts = {shlex.split(part)[0] for part in subject.parts}
    complaints = re.findall(r"(?m)^\S+: (?:line )?\d+: (.*): (?:command )?not found$", done.stderr)
    assert "alpha" in complaints or "yntax" in done.stderr or "nexpected" in done.stderr
    quoted = [each for each in complaints if each.startswith("$'")]  # as bash shows some
    shown = [each[2:-1].encode().decode("unicode_escape") for each in quoted]
    assert {*complaints, *shown} - {*quoted} <= parts


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("src/a.py", "src/a.py"),
        ("./src//a.py ", "src/a.py"),
        ("src/../secret", "secret"),
        ("src\\..\\secret", None),
        ("e\u0301", "\u00e9"),
        ("../x", None),
        ("a/../../x", None),
        ("/etc/passwd", None),
        ("~/x", None),
        ("C:/x", None),
        ("a\0b", None),
    ],
)
def test_paths(path: str, plain: str | None) -> None:
    subject = as_path(path)
    assert subject.plain == (plain is not None)
    assert plain is None or subject.parts == (plain,)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("HTTPS://Example.ORG:443/a/../b/%2e%2E/c?q=1#f", "https://example.org/c?q=1"),
        ("http://example.org", "http://example.org/"),
        ("http://example.org./x", "http://example.org/x"),
        ("http://example.org/../../x/.", "http://example.org/x/"),
        ("http://example.org/%73ecret%2fx", "http://example.org/secret%2Fx"),
        ("http://example.org/web/http://a//b", "http://example.org/web/http://a//b"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://münchen.de/ä?ö", "http://xn--mnchen-3ya.de/%C3%A4?%C3%B6"),
        ("http://user@example.org/", None),
        ("http://evil\\@example.org/", None),
        ("http://exa mple.org/", None),
        ("http://example.org:99999/", None),
        ("http://[::1/", None),
        ("ftp://example.org/", None),
        ("//example.org/", None),
        ("http:///x", None),
        ("http://" + "a" * 70 + ".org/", None),
    ],
)
def test_addresses(address: str, plain: str | None) -> None:
    subject = as_address(address)
    assert subject.plain == (plain is not None)
    assert plain is None or subject.parts == (plain,)


@given(st.text())
def test_every_text_has_a_subject_and_its_plain_form_is_stable(text: str) -> None:
    assert as_text(text) == Subject((text,))
    as_command(text)
    for read in (as_path, as_address):
        subject = read(text)
        if subject.plain:
            assert read(subject.parts[0]) == subject
