"""Memory as the host sees it: what a program says of itself, and its exit code, count for nothing.

Each program runs in a control group of the test's own, whose peak counts all that is held for it:
pages of processes, of files in memory, and of the kernel.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metaco.sandbox import CONFINING, SandboxLimits

from .conftest import opened

MEMORY, DISK, WANTED = 96, 16, 768  # MiB; what is wanted is far more than what may be late
# metaco, the shim, the interpreter, and what is taken between two looks. Not a limit of ours.
AROUND = 500
KINDS = {  # of control groups: where a group can be made, and the file with its peak
    "/sys/fs/cgroup/memory": "memory.max_usage_in_bytes",
    "/sys/fs/cgroup": "memory.peak",
}

HEAD = f"""
import ctypes, mmap, os, platform, resource, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
x86 = platform.machine() == "x86_64"
MIB, WANTED = 1 << 20, {WANTED}
held = []
def call(x86_64, aarch64, *args):
    result = libc.syscall(ctypes.c_long(x86_64 if x86 else aarch64), *args)
    if result < 0:
        sys.exit(f"refused: {{os.strerror(ctypes.get_errno())}}")
    return result
def slowly():
    time.sleep(0.004)  # so that one look comes in time
def fill(fd):
    try:
        for _ in range(WANTED // 4):
            os.write(fd, b"x" * (4 * MIB))
            slowly()
    except OSError as error:
        print("refused:", error)
def grow():
    for _ in range(12):
        held.append(os.urandom(1) * 4 * MIB)
        slowly()
    time.sleep(60)
def map_in_parts(flags, fd=-1, keep=mmap.PAGESIZE, size=32 * MIB):
    for _ in range(WANTED * MIB // size):
        at = libc.mmap(None, ctypes.c_size_t(size), 3, flags, fd, ctypes.c_long(0))
        if at == ctypes.c_void_p(-1).value:
            sys.exit("refused: mmap")
        ctypes.memset(at, 1, size)
        libc.munmap(ctypes.c_void_p(at + keep), ctypes.c_size_t(size - keep))
        slowly()
"""
ESCAPES = {
    "memfd": """
for _ in range(WANTED // 8):  # each below the limit on the size of a file
    os.write(call(319, 279, b"x", 0), b"x" * 8 * MIB)
    slowly()
""",
    "memfd-huge": "fill(call(319, 279, b'x', 4))",
    "memfd-secret": """
fd = call(447, 447, 0)
os.truncate(fd, WANTED * MIB)
map_in_parts(1, fd)
""",
    "system-v": """
for _ in range(WANTED // 32):
    at = call(29, 194, 0, ctypes.c_size_t(32 * MIB), 0o1600)
    libc.shmat.restype = ctypes.c_void_p
    where = libc.shmat(at, None, 0)
    ctypes.memset(where, 1, 32 * MIB)
    libc.shmdt(ctypes.c_void_p(where))
    slowly()
""",
    "semaphores": """
for _ in range(WANTED // 2):
    call(64, 190, 0, 32000, 0o1600)
""",
    "messages": """
text = ctypes.create_string_buffer(b"x" * 8200)
for _ in range(WANTED * 64):
    queue = call(68, 186, 0, 0o1600)
    for _ in range(2):
        libc.msgsnd(queue, text, ctypes.c_size_t(8000), 0o4000)
""",
    "shared-mapping": "map_in_parts(0x21)",  # of which one page stays mapped
    "dev-zero": "map_in_parts(0x1, os.open('/dev/zero', os.O_RDWR))",
    "posix-shared-memory": """
from multiprocessing.shared_memory import SharedMemory
for _ in range(WANTED // 8):
    held.append(SharedMemory(create=True, size=8 * MIB))
    held[-1].buf[:] = b"x" * (8 * MIB)
    slowly()
""",
    "files": """
for place in ("/tmp", "/dev/shm", os.environ["HOME"], "."):
    for name in range(64):
        try:
            fill(os.open(f"{place}/file{name}", os.O_WRONLY | os.O_CREAT))
        except OSError as error:
            print("refused:", error)
            break
""",
    "deleted-files": """
for name in range(WANTED // 8):
    fd = os.open(f"{name}", os.O_WRONLY | os.O_CREAT)
    os.unlink(f"{name}")
    os.write(fd, b"x" * 8 * MIB)
    slowly()
""",
    "processes": """
for _ in range(WANTED // 48):
    if os.fork() == 0:
        grow()
    time.sleep(0.1)
time.sleep(1)  # so that all have filled
""",
    "orphans": """
for _ in range(WANTED // 48):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            grow()
        os._exit(0)
    os.wait()
    time.sleep(0.1)
time.sleep(1)  # so that all have filled
""",
    "undumpable": """
libc.prctl(4, 0)
for _ in range(WANTED // 48):
    if os.fork() == 0:
        libc.prctl(4, 0)
        grow()
    time.sleep(0.1)
time.sleep(1)  # so that all have filled
""",
    "huge-pages": """
libc.prctl(41, 0, 0, 0, 0)
for _ in range(WANTED // 2):  # of each huge page one small one stays mapped
    at = libc.mmap(None, ctypes.c_size_t(4 * MIB), 3, 0x22, -1, ctypes.c_long(0))
    huge = at + 2 * MIB - 1 & ~(2 * MIB - 1)
    libc.madvise(ctypes.c_void_p(huge), ctypes.c_size_t(2 * MIB), 14)
    ctypes.memset(huge, 1, 2 * MIB)
    libc.munmap(ctypes.c_void_p(at), ctypes.c_size_t(huge - at))
    libc.munmap(ctypes.c_void_p(huge + 4096), ctypes.c_size_t(at + 4 * MIB - huge - 4096))
""",
    "pipes": """
import fcntl
try:
    for _ in range(100):
        out, into = os.pipe()
        fcntl.fcntl(into, 1031, MIB)
        os.set_blocking(into, False)
        os.write(into, b"x" * MIB)
        slowly()
except OSError as error:
    print("refused:", error)
""",
    "sockets": """
for _ in range(100):
    for end in (pair := socket.socketpair()):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * MIB)
        try:
            while True:
                end.send(b"x" * 65536)
        except BlockingIOError:
            pass
    held.append(pair)
""",
    "sockets-of-many": """
for child in range(20):
    if os.fork() == 0:
        try:
            while True:
                out, into = socket.socketpair()
                into.setblocking(False)
                try:
                    while True:
                        into.send(b"x" * 65536)
                except BlockingIOError:
                    held.append(out)  # what was sent stays, though nobody sees its sender
                slowly()
        except OSError:
            time.sleep(60)
    time.sleep(0.05)
os.wait()
""",
    "page-gifts": """
for _ in range(100):
    out, into = os.pipe()
    page = ctypes.create_string_buffer(65536)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(page), 65536)
    call(278, 75, into, vector, ctypes.c_size_t(1), 8)
""",
}

HOST = """
import asyncio, sys
from metaco.sandbox import SandboxLimits
from metaco.sandbox.supervised import Supervised
from metaco.sandbox.tiers import tier_named
async def main():
    tier, memory, disk, program = sys.argv[1:]
    limits = SandboxLimits(seconds=20, memory_mb=int(memory), disk_mb=int(disk))
    sandbox = Supervised(tier_named(tier))  # whether it works was asked outside
    result = await sandbox.run({}, ["python", "-c", program], limits=limits)
    print(result.code, result.stopped, result.stdout[-300:], result.stderr[-300:])
asyncio.run(main())
"""


def _group() -> tuple[Path, str] | None:
    """Make a control group that counts memory, where the host lets us."""
    for folder, peak in KINDS.items():
        group = Path(folder, f"metaco-test-{os.getpid()}")
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / peak).exists():
            return group, peak
        group.rmdir()
    return None


@pytest.fixture
def peak_of() -> Iterator[Callable[..., tuple[float, str]]]:
    """Run a program in a tier; return the most the host held for it (MiB), and its output."""
    made = _group()
    if made is None:
        pytest.skip("no control group that counts memory can be made here")
    group, peak = made

    def run(tier: str, program: str, more: int = 0) -> tuple[float, str]:
        def join() -> None:
            (group / "cgroup.procs").write_text(str(os.getpid()))

        done = subprocess.run(
            [
                *(sys.executable, "-c", HOST, tier, str(MEMORY + more), str(DISK + more)),
                HEAD + program,
            ],
            preexec_fn=join,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return int((group / peak).read_text()) / (1 << 20), done.stdout

    yield run
    group.rmdir()


@pytest.mark.parametrize("tier", CONFINING)
@pytest.mark.parametrize("escape", ESCAPES)
async def test_the_host_never_holds_much_more_than_the_limit(
    tier: str, escape: str, peak_of: Callable[..., tuple[float, str]]
) -> None:
    await opened(tier)
    peak, report = peak_of(tier, ESCAPES[escape])
    print(f"{tier} {escape}: {peak:.0f} MiB; {report}")
    assert peak < MEMORY + DISK + AROUND, report


def test_the_host_sees_what_a_program_holds(peak_of: Callable[..., tuple[float, str]]) -> None:
    """Else the test above could not fail."""
    peak, report = peak_of("plain", ESCAPES["shared-mapping"], 4 * WANTED)
    assert peak > WANTED, report


ORDINARY = """
import mmap, multiprocessing, os, sqlite3, subprocess, sys, tempfile, threading
from multiprocessing.shared_memory import SharedMemory
connection = sqlite3.connect("data.db")
connection.execute("pragma journal_mode = wal")
connection.execute("create table t (a)")
with tempfile.TemporaryFile() as file:
    file.truncate(1 << 16)
    mmap.mmap(file.fileno(), 1 << 16)[0] = 1
mmap.mmap(-1, 1 << 16, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)[0] = 1
assert open("/dev/zero", "rb").read(4) == bytes(4)
assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\\n"
threads = [threading.Thread(target=bytearray, args=(1 << 16,)) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
if sys.argv[1] != "landlock":
    with multiprocessing.Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
    assert multiprocessing.Array("i", 3)[:] == [0, 0, 0]
    shared = SharedMemory(create=True, size=1 << 16)
    shared.buf[0] = 1
    shared.close()
    shared.unlink()
print("well")
"""


@pytest.mark.parametrize("tier", CONFINING)
async def test_ordinary_programs_miss_nothing(tier: str) -> None:
    sandbox = await opened(tier)
    result = await sandbox.run(
        {}, ["python", "-c", ORDINARY, tier], limits=SandboxLimits(seconds=60, memory_mb=512)
    )
    assert (result.code, result.stdout) == (0, "well\n"), result.stderr
