"""What hostile programs try, in every tier that confines.

They aim at a victim that the test made. What belongs to the machine they only try to open, so that
a sandbox that fails a test does no harm to the machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import metaco
from metaco.sandbox import Sandbox, SandboxLimits

from .conftest import Outside, processes_with

HERE, HOME = Path.cwd(), Path.home()
QUICK = SandboxLimits(seconds=20)


async def run(sandbox: Sandbox, program: str, *args: object) -> list[str]:
    """Run a program that must reach its end, and return the lines it prints."""
    command = ["python", "attack.py", *map(str, args)]
    result = await sandbox.run({"attack.py": program}, command, limits=QUICK)
    assert (result.code, result.stderr, result.stopped) == (0, "", "")
    return result.stdout.splitlines()


TRY_TO_READ = """
import os, sys
for path in sys.argv[1:]:
    try:
        print("GOT", path, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(99))
    except OSError as error:
        print("refused", type(error).__name__)
"""


async def test_reads_no_secret_file(sandbox: Sandbox, outside: Outside) -> None:
    targets = [outside.secret, outside.folder, "/etc/shadow", "/var/log", "/proc/1/environ"]
    lines = await run(sandbox, TRY_TO_READ, *targets)
    assert [line.split()[0] for line in lines] == ["refused"] * len(targets)


async def test_reads_neither_home_nor_project_nor_git(sandbox: Sandbox) -> None:
    repository = Path(metaco.__file__).parent.parent
    targets = [Path(__file__), repository / "pyproject.toml", repository / ".git" / "HEAD"]
    targets += [HOME / ".profile", HOME / ".ssh"]
    *lines, listed = await run(sandbox, TRY_TO_READ, *targets, HERE)
    assert [line.split()[0] for line in lines] == ["refused"] * len(targets)
    # Where Python itself lies below this folder, the way to it is there, and nothing beside it.
    way = Path(sys.prefix).relative_to(HERE).parts[:1] if HERE in Path(sys.prefix).parents else ()
    assert listed.startswith("refused") or listed == f"GOT {HERE} {list(way)}"


async def test_writes_nothing_outside(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import os, sys
folder, secret = sys.argv[1:]
os.symlink(folder, "folder")
os.symlink(secret, "file")
climbing = "/".join([".."] * 20) + folder
for path in (secret, folder + "/new", climbing + "/new", "folder/new", "file"):
    try:
        open(path, "a").write("written")
        print("WROTE", path)
    except OSError:
        pass
for act in (os.remove, os.truncate, os.rename, os.link):
    try:
        act(*{os.remove: (secret,), os.truncate: (secret, 0),
              os.rename: (secret, "mine"), os.link: (secret, "mine")}[act])
        print("DID", act)
    except OSError:
        pass
for path in (os.__file__, sys.executable, "/usr/bin/env", "/etc/hosts.allow", "/proc/sysrq-trigger",
             "/proc/sys/kernel/core_pattern", "/dev/mem", "/dev/sda", "/dev/vda"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("COULD WRITE", path)
    except OSError:
        pass
for path in ("/usr", "/etc", "/usr/bin", sys.prefix + "/lib"):
    try:
        os.close(os.open(path, os.O_TMPFILE | os.O_WRONLY))
        print("COULD MAKE FILES IN", path)
    except OSError:
        pass
"""
    assert await run(sandbox, program, outside.folder, outside.secret) == []
    names = sorted(path.name for path in outside.folder.iterdir())
    assert names == ["datagram", "secret", "stream"]
    assert outside.secret.read_text() == "top secret"


async def test_changes_no_permissions_outside(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import os, sys
for act in (lambda p: os.chmod(p, 0), lambda p: os.utime(p, (0, 0)), lambda p: os.chown(p, 0, 0)):
    try:
        act(sys.argv[1])
    except OSError:
        pass
"""
    before = outside.secret.stat()
    await run(sandbox, program, outside.secret)
    after = outside.secret.stat()
    assert (after.st_mode, after.st_mtime) == (before.st_mode, before.st_mtime)


async def test_reaches_no_port_of_the_host(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import socket, sys
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for host in ("127.0.0.1", "10.255.255.1", "1.1.1.1"):
        try:
            with socket.socket(socket.AF_INET, kind) as s:
                s.settimeout(0.3)
                s.connect((host, int(sys.argv[1])))
                s.send(b"x")
                if kind == socket.SOCK_STREAM or host != "127.0.0.1":
                    print("SENT", kind, host)
        except OSError:
            pass
"""
    assert await run(sandbox, program, outside.port) == []
    assert outside.reached() == []


async def test_reaches_no_unix_socket_of_the_host(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import socket, sys
kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
folder, abstract = sys.argv[1:]
for path in (folder + "/stream", folder + "/datagram", "\\0" + abstract):
    for kind in kinds:
        try:
            socket.socket(socket.AF_UNIX, kind).connect(path)
            print("CONNECTED")
        except OSError:
            pass
        try:
            socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b"x", path)
        except OSError:
            pass
"""
    assert await run(sandbox, program, outside.folder, outside.abstract) == []
    assert outside.reached() == []


async def test_opens_no_socket_that_namespaces_do_not_hold(sandbox: Sandbox) -> None:
    program = """
import socket
for name in ("AF_VSOCK", "AF_PACKET", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC", "AF_QIPCRTR"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(getattr(socket, name, 45), kind)
            print("OPENED", name)
        except OSError:
            pass
"""
    assert await run(sandbox, program) == []


async def test_sees_no_environment_of_ours(
    sandbox: Sandbox, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-in-the-environment")
    program = """
import glob, os
texts = [repr(os.environ).encode()]
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
    try:
        texts.append(open(path, "rb").read())
    except OSError:
        pass
print(any(b"sk-in-the" + b"-environment" in text for text in texts), sorted(os.environ))
"""
    (line,) = await run(sandbox, program)
    assert line.startswith("False")
    assert "KEY" not in line and "SECRET" not in line


async def test_signals_and_traces_nobody(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import ctypes, os, sys
PTRACE_SEIZE, NOTHING, KILL = 0x4206, 0, 9
libc = ctypes.CDLL(None, use_errno=True)
victim, tests = map(int, sys.argv[1:])
for pid, signal in ((victim, KILL), (tests, NOTHING)):
    try:
        os.kill(pid, signal)
        print("SIGNALLED", pid)
    except OSError:
        pass
for pid in (victim, tests, os.getppid()):
    if libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0:
        print("TRACED", pid)
try:
    os.kill(os.getppid(), KILL)  # the supervisor: then there would be no answer
except OSError:
    pass
print("alive")
"""
    assert await run(sandbox, program, outside.victim.pid, os.getpid()) == ["alive"]
    assert outside.victim.poll() is None


async def test_gets_no_way_out_from_the_kernel(sandbox: Sandbox) -> None:
    program = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNS = 0x10000000, 0x20000
def refused(what, result):
    if result >= 0:
        print("ALLOWED", what)
refused("unshare", libc.unshare(NEWUSER))
refused("unshare", libc.unshare(NEWNS))
if libc.mount(b"none", b".", b"no-such-system", 0, None) == 0 or ctypes.get_errno() != 1:
    print("ALLOWED mount")
refused("chroot", libc.chroot(b"."))
refused("setns", libc.setns(os.open(".", os.O_RDONLY), 0))
if os.getuid() != 0:
    refused("setuid", libc.setuid(0))
    refused("setgid", libc.setgid(0))
refused("io_uring", libc.syscall(425, 8, ctypes.create_string_buffer(256)))
if os.uname().machine == "x86_64":
    SIGCHLD, CLONE, BPF, KEYCTL, HANDLE = 17, 56, 321, 250, 304
    child = libc.syscall(CLONE, NEWUSER | SIGCHLD, None, None, None, None)
    if child == 0:
        os._exit(0)
    refused("clone", child)
    refused("bpf", libc.syscall(BPF, 0, ctypes.create_string_buffer(128), 128))
    refused("keyctl", libc.syscall(KEYCTL, 0, -3, 0))
    refused("open_by_handle", libc.syscall(HANDLE, 3, ctypes.create_string_buffer(128), 0))
"""
    assert await run(sandbox, program) == []


async def test_has_no_capability_that_it_needs_not(sandbox: Sandbox) -> None:
    program = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
data = (ctypes.c_uint32 * 6)()
assert libc.capget(header, data) == 0
print(data[0] | data[3] << 32, libc.prctl(39, 0, 0, 0, 0))
"""
    (line,) = await run(sandbox, program)
    capabilities, no_new_privileges = map(int, line.split())
    # Passing through folders that are closed to its user, where Landlock says which may be read.
    allowed = 1 << 2 if sandbox.tier == "landlock" and os.geteuid() == 0 else 0
    assert capabilities & ~allowed == 0
    assert no_new_privileges == 1


async def test_finds_no_descriptor_of_ours(sandbox: Sandbox) -> None:
    program = """
import os
for fd in range(3, 256):
    try:
        print(fd, os.fstat(fd))
    except OSError:
        pass
"""
    assert await run(sandbox, program) == []


async def test_leaves_no_daemon_behind(sandbox: Sandbox, marker: str) -> None:
    program = """
import os, signal, subprocess, sys
ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sleep = "import os, sys, time; os.write(int(sys.argv[1]), b'x'); time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", sleep, str(tell), sys.argv[1]], pass_fds=[tell])
    os._exit(0)
os.wait()
os.read(ready, 1)
print("daemon runs")
"""
    assert await run(sandbox, program, marker) == ["daemon runs"]
    assert processes_with(marker) == []


async def test_plants_no_link_for_us_to_follow(sandbox: Sandbox, outside: Outside) -> None:
    program = """
import os, sys
folder, secret = sys.argv[1:]
os.symlink(secret, "report.xml")
os.symlink(folder, "reports")
os.makedirs("deep/er")
os.symlink(folder, "deep/er/still")
os.mkfifo("pipe")
os.mkdir("folder")
try:
    os.link(secret, "hard")
except OSError:
    pass
open("good", "w").write("fine")
"""
    result = await sandbox.run(
        {"attack.py": program},
        ["python", "attack.py", str(outside.folder), str(outside.secret)],
        fetch=[
            *("report.xml", "reports/secret", "deep/er/still/secret", "pipe", "folder", "hard"),
            *("absent", "good"),
        ],
        limits=QUICK,
    )
    assert result.code == 0
    assert result.files == {"good": "fine"}
