"""The shim's main program: prepare, start the command, watch it, kill what is left, report."""

from __future__ import annotations

import os
import select
import time

from . import command, copy, kernel, processes, request, root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .request import Report, Request

_TICK = 0.05  # seconds between two looks at memory and disk
_LOOK_SHARE = 10  # of the time, at most one part in so many is spent on looking
_POLL = 0.01  # seconds between two looks where the kernel does not tell of an end
_SIGXCPU = 24


def main(control: int) -> None:
    """Serve the one request that comes over the socket `control`."""
    os.set_inheritable(control, False)
    os.umask(0o022)  # what we make is for another user to read
    wanted = request.receive(control)
    try:
        _isolate(wanted)
        report = _run(wanted, control)
    except Exception as error:  # noqa: BLE001  whatever it is, metaco is told
        report = _report(error=f"{type(error).__name__}: {error}")
    request.send(control, report)
    os._exit(0)


def _isolate(wanted: Request) -> None:
    """Enter the namespaces that are asked for; returns in the process that will watch."""
    if wanted["isolation"] == "namespaces":
        _enter_namespaces(wanted)
        kernel.loopback_up()
        for name in ("tcp_wmem", "tcp_rmem"):  # of this network only
            try:
                _write(f"/proc/sys/net/ipv4/{name}", "4096 65536 262144")
            except OSError:
                pass  # /proc/sys may be closed; then buffers grow as usual
        kernel.set_hostname(copy.HOSTNAME)
        assert wanted["root"] is not None
        root.enter(wanted["root"], wanted["home"], wanted["disk_bytes"], wanted["disk_files"])
    elif wanted["isolation"] == "none" and wanted["linux"]:
        kernel.adopt_orphans()


def _enter_namespaces(wanted: Request) -> None:
    flags = (
        kernel.CLONE_NEWNS
        | kernel.CLONE_NEWPID
        | kernel.CLONE_NEWNET
        | kernel.CLONE_NEWIPC
        | kernel.CLONE_NEWUTS
    )
    if wanted["user_namespace"]:
        if wanted["uid"] and os.geteuid() == 0:
            kernel.become(wanted["uid"])
            kernel.set_dumpable(True)  # else the files below /proc/self are not ours to write
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(flags | kernel.CLONE_NEWUSER)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
    else:
        kernel.unshare(flags)
    first = os.fork()  # only children enter the new process namespace; the first is its init
    if first:
        for fd in (0, 1, 2):
            os.close(fd)
        os.waitpid(first, 0)
        os._exit(0)


def _run(wanted: Request, control: int) -> Report:
    base, uid = wanted["home"], wanted["uid"]
    inside = wanted["isolation"] != "none"
    copy.create(base, wanted["files"], uid)
    if inside:
        copy.describe_system(base, uid or os.getuid(), uid or os.getgid())
        kernel.set_dumpable(False)  # the command may be of our user, and must not look into us
    elif wanted["linux"] and "NPROC" in wanted["rlimits"]:
        # Outside a user namespace the kernel counts all that this user runs on the host.
        wanted["rlimits"]["NPROC"] += processes.tasks_of(uid or os.getuid())
    child = command.start(wanted)
    if inside:
        _give_up_privileges(wanted)
    code, stopped = _watch(child, control, wanted)
    if inside:
        processes.kill_namespace()
    elif wanted["linux"]:
        processes.kill_descendants(child)
    else:
        processes.kill_group(child)
    fetched = copy.fetch(base, wanted["fetch"], wanted["fetch_bytes"])
    if not inside:
        try:
            copy.delete(base)
        except OSError:
            pass  # metaco tries again and tells; we do it because metaco may have died
    return _report(code=code, stopped=stopped, files=fetched)


def _give_up_privileges(wanted: Request) -> None:
    if wanted["uid"] and os.geteuid() == 0:
        kernel.become(wanted["uid"])
    else:
        kernel.set_capabilities(0)
    kernel.die_with_parent()  # last, since a change of user takes it back


def _watch(child: int, control: int, wanted: Request) -> tuple[int | None, str]:
    """Return the command's exit code, or None and the limit that it went over."""
    poller = select.poll()
    poller.register(control, select.POLLIN | select.POLLHUP)
    pause = _TICK
    if wanted["linux"]:
        poller.register(os.pidfd_open(child), select.POLLIN)
    else:
        pause = _POLL
    next_look = 0.0
    while True:
        events = poller.poll(pause * 1000)
        ended = _reap(child)
        if ended is not None:
            code, seconds = ended
            too_long = code == -_SIGXCPU or (code < 0 and seconds >= wanted["cpu_seconds"])
            return (None, "cpu") if too_long else (code, "")
        if any(fd == control for fd, _ in events):
            return None, ""  # metaco says stop, and knows why
        now = time.monotonic()
        if now >= next_look:
            over = _over(wanted)
            if over:
                return None, over
            done = time.monotonic()
            next_look = done + max(_TICK, _LOOK_SHARE * (done - now))


def _over(wanted: Request) -> str:
    in_memory = wanted["in_memory"]
    size, count = copy.usage_in_memory(in_memory) if in_memory else copy.usage(wanted["home"])
    pids = processes.descendants(os.getpid()) if wanted["linux"] else []
    if in_memory:
        sockets, queued = processes.sockets_here()
    else:
        deleted, sockets = processes.opened(pids)
        size, queued = size + deleted, 0
    if size > wanted["disk_bytes"] or count > wanted["disk_files"]:
        return "disk"
    if wanted["linux"]:
        if len(pids) > wanted["processes"]:
            return "processes"
        left = wanted["memory_bytes"] - sockets * wanted["socket_bytes"] - queued
        left -= int(size) if in_memory else 0
        if processes.memory_above(pids, left, shared=not in_memory):
            return "memory"
    return ""


def _reap(child: int) -> tuple[int, float] | None:
    """Collect all that has ended; return exit code and processor seconds if `child` is among it."""
    ended = None
    while True:
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        if pid == child:
            ended = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def _report(
    error: str = "",
    code: int | None = None,
    stopped: str = "",
    files: dict[str, bytes] | None = None,
) -> Report:
    return {"error": error, "code": code, "stopped": stopped, "files": files or {}}


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
