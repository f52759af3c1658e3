"""Ordinary programs notice nothing of the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from metaco.core.errors import ConfigurationError
from metaco.sandbox import Sandbox, SandboxLimits

QUICK = SandboxLimits(seconds=60)


async def run(sandbox: Sandbox, program: str) -> str:
    result = await sandbox.run({"main.py": program}, ["python", "main.py"], limits=QUICK)
    assert (result.code, result.stderr, result.stopped) == (0, "", "")
    return result.stdout


async def test_result_says_what_happened(any_sandbox: Sandbox) -> None:
    result = await any_sandbox.run(
        {"a/b/c.txt": "inside", "d.txt": "ünïcödé ✓"},
        ["python", "-c", "import sys; print(open('a/b/c.txt').read()); sys.exit(3)"],
        fetch=["./d.txt", "absent"],
    )
    assert (result.code, result.stdout, result.stopped) == (3, "inside\n", "")
    assert result.files == {"./d.txt": "ünïcödé ✓"}
    assert result.tier == any_sandbox.tier
    assert result.seconds > 0


async def test_signal_is_a_negative_code(any_sandbox: Sandbox) -> None:
    result = await any_sandbox.run({}, ["python", "-c", "import os; os.abort()"])
    assert (result.code, result.stopped) == (-6, "")


@pytest.mark.parametrize("command", [["no-such-program"], ["./missing"], ["folder"]])
async def test_unknown_command(any_sandbox: Sandbox, command: list[str]) -> None:
    result = await any_sandbox.run({"folder/file": ""}, command)
    assert result.code == 127
    assert result.stderr.startswith(command[0])


@pytest.mark.parametrize("command", [[], [""], ["python", "a\0b"]])
async def test_no_command(any_sandbox: Sandbox, command: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="not a command"):
        await any_sandbox.run({}, command)


async def test_runs_the_system_s_programs_too(any_sandbox: Sandbox) -> None:
    result = await any_sandbox.run({"x": "1\n2\n"}, ["sh", "-c", "wc -l < x; python -V"])
    assert result.code == 0
    assert result.stdout.split() == ["2", "Python", sys.version.split()[0]]


async def test_stdin_and_unicode(any_sandbox: Sandbox) -> None:
    program = "import sys; text = sys.stdin.read(); print(text[::-1]); print('Ω', file=sys.stderr)"
    result = await any_sandbox.run({}, ["python", "-c", program], stdin="añb漢字🎉")
    assert (result.stdout, result.stderr) == ("🎉字漢bña\n", "Ω\n")


async def test_much_stdin_that_nobody_reads(any_sandbox: Sandbox) -> None:
    result = await any_sandbox.run({}, ["python", "-c", "print('done')"], stdin="x" * 5_000_000)
    assert (result.code, result.stdout) == (0, "done\n")


async def test_output_that_is_no_text(any_sandbox: Sandbox) -> None:
    program = "import sys; sys.stdout.buffer.write(b'a\\xff\\x00b')"
    result = await any_sandbox.run({}, ["python", "-c", program])
    assert result.stdout == "a\ufffd\x00b"


async def test_many_and_large_files(any_sandbox: Sandbox) -> None:
    files = {f"package{number % 50}/module{number}.py": "x = 1\n" for number in range(1000)}
    files["large.txt"] = "x" * 10_000_000
    program = "import os; print(sum(len(names) for _, _, names in os.walk('.')))"
    result = await any_sandbox.run(files, ["python", "-c", program])
    assert result.stdout == "1001\n"


async def test_home_and_temporary_files(any_sandbox: Sandbox) -> None:
    program = """
import getpass, os, pathlib, shutil, tempfile
home = pathlib.Path.home()
(home / ".config").mkdir()
(home / ".config" / "app.toml").write_text("x = 1")
with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as file:
    file.write(b"x")
    shutil.copy2(file.name, "copy")
    os.replace("copy", "moved")
    shutil.copytree(folder, "tree")
    shutil.move("tree", home / "tree")
here = os.path.dirname(os.getcwd())
print(str(home).startswith(here), tempfile.gettempdir().startswith(here), getpass.getuser())
"""
    assert await run(any_sandbox, program) == "True True sandbox\n"


async def test_pytest(any_sandbox: Sandbox) -> None:
    tests = """
import asyncio, pathlib, sqlite3, subprocess, sys
import pytest

def test_tmp_path(tmp_path):
    (tmp_path / "file").write_text("x")

def test_sqlite(tmp_path):
    with sqlite3.connect(tmp_path / "db.sqlite") as db:
        db.execute("pragma journal_mode=wal")
        db.execute("create table t (x)")
        db.execute("insert into t values (1)")
    db.close()

def test_subprocess():
    done = subprocess.run([sys.executable, "-m", "app", "2"], capture_output=True, text=True)
    assert done.stdout == "4\\n"

def test_capsys(capsys):
    print("ünïcödé")
    assert capsys.readouterr().out == "ünïcödé\\n"

def test_asyncio():
    async def main():
        process = await asyncio.create_subprocess_exec("true")
        return await asyncio.to_thread(lambda: 5), await process.wait()
    assert asyncio.run(main()) == (5, 0)

def test_fails():
    assert {1: 2} == {1: 3}
"""
    result = await any_sandbox.run(
        {"app.py": "import sys\nprint(int(sys.argv[1]) * 2)\n", "tests/test_app.py": tests},
        ["python", "-m", "pytest", "-q", "--junit-xml=report.xml"],
        fetch=["report.xml"],
        limits=QUICK,
    )
    assert result.code == 1
    assert "1 failed, 5 passed" in result.stdout
    assert 'failures="1"' in result.files["report.xml"]
    assert "assert {1: 2} == {1: 3}" in result.stdout


SERVER = """
import http.server, threading, urllib.request
server = http.server.ThreadingHTTPServer(("localhost", 0), http.server.SimpleHTTPRequestHandler)
server.RequestHandlerClass.log_message = lambda *args: None
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://localhost:{server.server_port}/main.py").status)
server.shutdown()
"""


async def test_loopback_server(any_sandbox: Sandbox) -> None:
    if any_sandbox.tier == "landlock":
        pytest.skip("landlock has no network, not even loopback; its report says so")
    assert await run(any_sandbox, SERVER) == "200\n"


async def test_processes_threads_and_locks(any_sandbox: Sandbox) -> None:
    if any_sandbox.tier == "landlock":
        pytest.skip("landlock has no shared memory; its report says so")
    program = """
import concurrent.futures as futures, multiprocessing
def double(x):
    return x * 2
if __name__ == "__main__":
    with futures.ProcessPoolExecutor(2) as pool:
        print(list(pool.map(double, range(3))))
    with futures.ThreadPoolExecutor(30) as pool:
        print(sum(pool.map(double, range(100))))
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=queue.put, args=("hello",))
    process.start()
    print(queue.get())
    process.join()
"""
    assert await run(any_sandbox, program) == "[0, 2, 4]\n9900\nhello\n"


async def test_terminal(any_sandbox: Sandbox) -> None:
    if any_sandbox.tier == "landlock":
        pytest.skip("landlock opens no devices")
    program = """
import os, pty
pid, fd = pty.fork()
if pid == 0:
    print(os.isatty(1))
    os._exit(0)
print(os.read(fd, 100).decode().strip())
"""
    assert await run(any_sandbox, program) == "True\n"


async def test_same_place_and_clock_everywhere(sandbox: Sandbox) -> None:
    program = """
import os, socket, time
print(os.getcwd(), socket.gethostname(), time.tzname[0], sorted(os.environ.items()))
"""
    first, second = await run(sandbox, program), await run(sandbox, program)
    if sandbox.tier != "landlock":  # its copy lies on the host, under a name of its own
        assert first == second
    assert "UTC" in first


async def test_every_run_starts_afresh(any_sandbox: Sandbox) -> None:
    program = """
import os, pathlib
for place in (".", str(pathlib.Path.home()), os.environ["TMPDIR"]):
    print(os.path.exists(place + "/left"))
    open(place + "/left", "w").close()
"""
    for _ in range(2):
        assert await run(any_sandbox, program) == "False\n" * 3


async def test_temporary_directory_that_is_closed_to_others(
    any_sandbox: Sandbox, temporary: Path
) -> None:
    temporary.chmod(0o700)  # noqa: ASYNC240
    assert await run(any_sandbox, "print('runs')") == "runs\n"
