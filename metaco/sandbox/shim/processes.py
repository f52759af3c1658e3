"""The processes that a command leaves behind or multiplies into."""

from __future__ import annotations

import os
import stat

_SIGKILL, _SIGSTOP = 9, 19
_KIB = 1024
_BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system


def descendants(pid: int) -> list[int]:
    """Return the children of `pid`, their children, and so on."""
    pids: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop())
        pids += children
        waiting += children
    return pids


def kill_namespace() -> None:
    """As process 1 of a process namespace: end all others, and wait for them."""
    try:
        os.kill(-1, _SIGKILL)
    except ProcessLookupError:
        pass
    _reap_all()


def kill_descendants(leader: int) -> None:
    """End all processes below this one, and wait for them; orphans must come to us.

    Args:
        leader: whose process group ends first, in one stroke: a bomb must not outrun us.
    """
    _kill_group(leader)
    me = os.getpid()
    frozen: set[int] = set()
    # Frozen processes do not fork, so this ends even against a fork bomb.
    while fresh := set(descendants(me)) - frozen:
        for pid in fresh:
            _signal(pid, _SIGSTOP)
        frozen |= fresh
    for pid in frozen:
        _signal(pid, _SIGKILL)
    _reap_all()


def kill_group(leader: int) -> None:
    """End the process group of `leader`, where the system offers nothing better."""
    _kill_group(leader)
    try:
        os.waitpid(leader, 0)
    except ChildProcessError:
        pass


def memory_above(pids: list[int], most: int, shared: bool) -> bool:
    """Return whether these processes together hold more than `most` bytes, with page tables.

    The cheap sum counts a page once for each process that shares it; only when that is too much is
    the exact one asked for.

    Args:
        shared: count shared pages too; not where they can only be those of files that are counted.
    """
    tables = sum(_field_sum(f"/proc/{pid}/status", (b"VmPTE:",)) for pid in pids)
    if tables + sum(_private(pid, shared) for pid in pids) <= most:
        return False
    return tables + sum(_proportional(pid, shared) for pid in pids) > most


def sockets_here() -> tuple[int, int]:
    """Return how many sockets this network namespace has, and what waits in those of TCP.

    One that is closed counts as long as something of it waits to be read.
    """
    words = _words("/proc/net/sockstat")
    queued = 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            queues = [word for word in _words(table) if len(word) == 17 and word[8:9] == b":"]
        except OSError:
            continue  # the kernel has no such protocol
        queued += sum(int(word[:8], 16) + int(word[9:], 16) for word in queues)
    return int(words[words.index(b"used") + 1]), queued


def opened(pids: list[int]) -> tuple[int, int]:
    """Return the bytes of files that have no name any more but are open or mapped, and how many
    sockets are open."""
    deleted: dict[tuple[int, int], int] = {}
    sockets: set[int] = set()
    for pid in pids:
        for folder in (f"/proc/{pid}/fd", f"/proc/{pid}/map_files"):
            try:
                names = os.listdir(folder)
            except OSError:
                continue  # it has ended, or may not be looked at
            for name in names:
                try:
                    status = os.stat(f"{folder}/{name}")
                except OSError:
                    continue
                if stat.S_ISSOCK(status.st_mode):
                    sockets.add(status.st_ino)
                elif status.st_nlink == 0 and stat.S_ISREG(status.st_mode):
                    deleted[status.st_dev, status.st_ino] = status.st_blocks * _BLOCK_BYTES
    return sum(deleted.values()), len(sockets)


def tasks_of(uid: int) -> int:
    """Return how many threads this user has on the host."""
    count = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue  # it has ended
    return count


def _children(pid: int) -> list[int]:
    pids: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            pids += map(int, _words(f"/proc/{pid}/task/{thread}/children"))
    except OSError:
        pass  # it has ended
    return pids


def _words(path: str) -> list[bytes]:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = b""
        while chunk := os.read(fd, 1 << 16):
            text += chunk
    finally:
        os.close(fd)
    return text.split()


def _private(pid: int, shared: bool) -> int:
    names = (b"RssAnon:", b"RssShmem:") if shared else (b"RssAnon:",)
    return _field_sum(f"/proc/{pid}/status", names)


def _proportional(pid: int, shared: bool) -> int:
    names = (b"Pss_Anon:", b"Pss_Shmem:") if shared else (b"Pss_Anon:",)
    return _field_sum(f"/proc/{pid}/smaps_rollup", names) or _private(pid, shared)


def _field_sum(path: str, names: tuple[bytes, ...]) -> int:
    try:
        words = _words(path)
    except OSError:
        return 0  # it has ended, or may not be looked at
    return sum(int(words[words.index(name) + 1]) * _KIB for name in names if name in words)


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, _SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _signal(pid: int, signal: int) -> None:
    try:
        os.kill(pid, signal)
    except (ProcessLookupError, PermissionError):
        pass


def _reap_all() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
