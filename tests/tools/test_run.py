"""Code of a model runs in the sandbox, and what it changes comes back into the tree, checked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.core.sandbox import Sandbox, SandboxLimits
from metaco.sandbox import open_sandbox
from metaco.tools import Files, ToolResult, tools_by_name
from metaco.tools.inside import REPORT
from metaco.tools.run import Run


async def opened() -> Sandbox:
    try:
        return await open_sandbox("require")
    except SandboxUnavailable as error:
        pytest.skip(str(error))


QUICK = SandboxLimits(seconds=30)


async def run(files: Files, name: str, code: str, limits: SandboxLimits = QUICK) -> ToolResult:
    return await tools_by_name(Run(files, opened, limits).tools)[name].call(
        {"code" if name == "python" else "command": code}
    )


async def test_a_program_uses_the_files_and_changes_them() -> None:
    files = Files({"a.txt": "one", "pkg/__init__.py": "x = 7", "raw": b"\xff\x00", "old": ""})
    code = """
import os, pathlib, sys, pkg
print(pkg.x, pathlib.Path("raw").read_bytes())
print("careful", file=sys.stderr)
pathlib.Path("a.txt").write_text("two")
pathlib.Path("new").mkdir()
pathlib.Path("new/b.bin").write_bytes(b"\\xfe")
os.remove("old")
sys.exit(3)
"""
    result = await run(files, "python", code)
    assert result == ToolResult(
        "exit code 3\nstdout:\n7 b'\\xff\\x00'\nstderr:\ncareful\n"
        "changed: a.txt, new/b.bin\ndeleted: old",
        {"a.txt": "two", "new/b.bin": {"base64": "/g=="}, "old": None},
    )
    assert files.tree == {
        "a.txt": "two", "new/b.bin": b"\xfe", "pkg/__init__.py": "x = 7", "raw": b"\xff\x00"
    }  # fmt: skip


async def test_a_command_runs_in_a_shell() -> None:
    files = Files({"a": "1\n2\n"})
    assert (await run(files, "shell", "wc -l < a && echo x >> a")).text == (
        "exit code 0\nstdout:\n2\nchanged: a"
    )
    assert files.tree == {"a": "1\n2\nx\n"}
    assert (await run(files, "shell", "no-such-program")).text.startswith("exit code 127")
    assert (await run(files, "shell", "kill -9 $$")).text == "exit code 137"
    assert (await run(files, "shell", "cat")).text == "exit code 0"  # nobody types


async def test_the_same_result_makes_the_same_tree_again() -> None:
    files, again = Files({"a": "1"}), Files({"a": "1"})
    result = await run(files, "shell", "date +%N > a; rm -f b; echo > c")
    made = tools_by_name(Run(again, opened).tools)["shell"]
    assert made.apply
    made.apply(json.loads(json.dumps(result.changes)))
    assert again.tree == files.tree


async def test_long_output_keeps_its_ends() -> None:
    code = "print('begin' + 'x' * 2_000_000 + 'end')"
    text = (await run(Files({}), "python", code)).text
    assert text.startswith("exit code 0\nstdout:\nbegin") and text.endswith("end")
    assert "bytes are left out" in text and len(text) < 6_100


async def test_a_flood_of_output_and_an_endless_program_are_stopped() -> None:
    files = Files({"a": "1"})
    text = (await run(files, "shell", "echo 2 > a; yes")).text
    assert text.startswith("Stopped at the limit of output; changes of files are not kept.")
    limits = SandboxLimits(seconds=2)
    text = (await run(files, "shell", "echo 2 > a; echo begun; sleep 600", limits)).text
    assert text == "Stopped at the limit of time; changes of files are not kept.\nstdout:\nbegun"
    assert files.tree == {"a": "1"}


async def test_what_is_left_running_does_not_hold_the_result_up() -> None:
    result = await run(Files({}), "shell", "(while :; do echo x > late; done) & echo done")
    assert result.text.startswith("exit code 0\nstdout:\ndone")


async def test_links_hidden_files_and_huge_ones_do_not_come_back() -> None:
    files = Files({"a": "1", "dir/x": "x"})
    code = """
rm a; ln -s /etc/passwd a; ln -s /etc passwd; mkfifo pipe
mkdir -p .git/hooks __pycache__; echo evil > .git/hooks/post-commit; echo > __pycache__/x.pyc
echo 1 > .env; echo 1 > 'metaco.toml'; echo 1 > 'a:b'; echo 1 > A; echo 1 > 'DIR'
head -c 3000000 /dev/zero > huge
"""
    result = await run(files, "shell", code)
    assert files.tree == {"A": "1\n", "dir/x": "x"}
    assert result.text == (
        "exit code 0\nchanged: A\ndeleted: a\nnot kept: huge, DIR, a:b, metaco.toml"
    )


async def test_the_sum_of_what_comes_back_is_limited() -> None:
    code = "for n in range(10): open(f'f{n}', 'w').write('x' * 900_000)"
    files = Files({})
    result = await run(files, "python", code)
    assert len(files.tree) == 4 and "not kept: f4, f5" in result.text


@pytest.mark.parametrize(
    "code",
    [f"rm -f {REPORT}; mkdir {REPORT}", "chmod 500 .", f"mkfifo {REPORT}", f"ln -s a {REPORT}"],
)
async def test_a_report_that_cannot_be_written_is_noticed(code: str) -> None:
    files = Files({"a": "1"})
    result = await run(files, "shell", f"echo 2 > a; {code}; exit 5")
    if files.tree == {"a": "1"}:
        assert result.text == (
            "exit code 5\nnot kept: anything, as the program destroyed the report of its changes"
        )
    else:  # what stood in its place was no obstacle
        assert "mkdir" not in code and result.text == "exit code 5\nchanged: a"
        assert files.tree == {"a": "2\n"}


FORGED: list[Any] = [
    "no json",
    '{"changed": {"a": 1}}',
    '{"changed": {"a": null}}',
    '{"changed": {"a": ["x"]}}',
    "[1]",
    '{"changed": 1}',
    '{"changed": {"a": {"base64": "!"}}}',
    '{"changed": {"a": {"text": "x"}}}',
    '{"deleted": 1}',
    '{"left_out": [[[[',
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("report", FORGED)
async def test_a_forged_report_changes_nothing(report: str) -> None:
    files = Files({"a": "1"})
    result = await forged(files, report)
    assert files.tree == {"a": "1"} and "destroyed the report" in result.text


async def test_a_forged_report_leads_nowhere_else() -> None:
    files = Files({"a": "1"})
    paths = ["../x", "/etc/passwd", "a/b", "b\ud800", ".env", "x/../y", " c", ".", "", "A"]
    changed: Mapping[str, Any] = dict.fromkeys(paths, "evil") | {
        "huge": "x" * 1_000_001, "good": "half \ud800",
    }  # fmt: skip
    report = json.dumps(
        {"changed": changed, "deleted": ["b", "../x", 3], "left_out": [1, "\ud800"]}
    )
    result = await forged(files, report)
    assert files.tree == {"a": "1", "good": "half ?"}
    assert result.changes == {"good": "half ?"}
    result.text.encode()


async def forged(files: Files, report: str) -> ToolResult:
    """Run a program that stays alive behind the back of its guard and writes the report itself."""

    class Forger:
        tier = "forger"

        async def run(self, *args: Any, **options: Any) -> Any:
            real = await opened()
            script = f"import sys; open({REPORT!r}, 'w').write(sys.stdin.read())"
            return await real.run(
                {}, ["python", "-c", script], fetch=[REPORT], stdin=report, limits=options["limits"]
            )

    async def forger() -> Sandbox:
        return Forger()

    return await tools_by_name(Run(files, forger).tools)["python"].call({"code": ""})


async def test_runs_of_one_tree_take_turns() -> None:
    files = Files({"n": "0"})
    code = "n = int(open('n').read()); open('n', 'w').write(str(n + 1))"
    await asyncio.gather(*(run(files, "python", code) for _ in range(3)))
    assert files.tree == {"n": "3"}


@pytest.mark.parametrize("code", ["a\0b", "x" * 100_001])
async def test_what_no_system_starts_is_refused(code: str) -> None:
    result = await run(Files({}), "shell", code)
    assert result.failed and "Write it into a file first" in result.text


async def test_a_sandbox_that_is_missing_ends_the_turn() -> None:
    async def missing() -> Sandbox:
        raise SandboxUnavailable("There is none.", "Install one.")

    with pytest.raises(SandboxUnavailable):
        await tools_by_name(Run(Files({}), missing).tools)["shell"].call({"command": "ls"})
