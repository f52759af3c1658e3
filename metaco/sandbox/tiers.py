"""The supervised tiers: which request each of them makes to the shim.

========== ============ ==== ======== ======= ===============================================
tier       file system  own  Landlock seccomp how
========== ============ ==== ======== ======= ===============================================
namespaces its own      all  if there yes     the shim enters namespaces and builds a root
bubblewrap its own      all  if there yes     bwrap does, and starts the shim inside
landlock   the host's   none yes      yes     what may be touched is listed; no sockets
plain      the host's   none no       no      limits and a clean environment, no confinement
========== ============ ==== ======== ======= ===============================================
"""

from __future__ import annotations

import math
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from metaco.core.sandbox import SandboxLimits

from .shim import copy
from .visible import environment, interpreter, reachable_by_all, visible_paths

if TYPE_CHECKING:
    from .shim.request import NewRoot, Request, Rights

__all__ = ["CONFINING", "INSIDE", "MAX_FILES", "MEBIBYTE", "ON_HOST", "Job", "Tier", "tier_named"]

# Best first.
CONFINING = ("namespaces", "bubblewrap", "landlock")

_SHIM = str(Path(__file__).parent)  # the folder that holds the package `shim`
_SHIM_INSIDE = "/run/metaco"  # where bubblewrap shows it
_START = "import sys; sys.path.append(sys.argv[1]); from shim import supervise; supervise.main(%d)"

MEBIBYTE = 1 << 20
MAX_FILES = 20_000  # that may exist at once
_SOCKET = 2 * 212_992  # bytes: the usual size of its buffer, twice
INSIDE = "/sandbox"  # the writable place, where the tier has a file system of its own
ON_HOST = "metaco-sandbox-"  # how its name begins, where the tier has not
_SHARED_MEMORY = "/dev/shm"
_BELOW_ROOT = {"/etc/passwd": "etc/passwd", "/etc/group": "etc/group", "/etc/hosts": "etc/hosts"}

# Users that no distribution hands out permanently (systemd's dynamic ones). One at random for each
# run keeps runs from counting each other's processes.
_USERS = range(61184, 65520)
_CAP_CHOWN, _CAP_KILL, _CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN = 0, 5, 6, 7, 21


@dataclass(frozen=True, slots=True)
class Job:
    """A command that is ready to run: its paths are checked, its texts are bytes."""

    files: Mapping[str, bytes]
    command: Sequence[str]
    fetch: Sequence[str]
    limits: SandboxLimits
    stdin: bytes


@dataclass(frozen=True, slots=True)
class Tier:
    """One way of confining a command.

    Args:
        name: as users see it.
        isolation: what the shim is told about namespaces.
        confined: whether Landlock and seccomp are used.
        linux: whether the shim may use what only Linux has.
    """

    name: str
    isolation: Literal["namespaces", "entered", "none"]
    confined: bool = True
    linux: bool = sys.platform == "linux"

    @property
    def on_host(self) -> bool:
        """Whether the copy lies in the host's file system."""
        return self.isolation == "none"

    def argv(self, control: int, limits: SandboxLimits) -> list[str]:
        """Return the command that starts the shim, which listens on the socket `control`."""
        shim = [interpreter(), "-I", "-S", "-c", _START % control]
        if self.isolation == "entered":
            return [*_bubblewrap(limits), *shim, _SHIM_INSIDE]
        return [*shim, _SHIM]

    def request(self, base: str, job: Job) -> Request:
        """Return what to ask the shim for.

        Args:
            base: the directory for the copy, where the tier has none of its own.
        """
        home = base if self.on_host else INSIDE
        limits = job.limits
        uid = _user() if self.confined else 0
        closed = self.on_host and (visible_paths().closed or not reachable_by_all(base))
        return {
            "isolation": self.isolation,
            "linux": self.linux,
            "user_namespace": self.linux and not _may_administer(),
            "uid": uid,
            "keep_search": closed and uid > 0,
            "root": _root() if self.isolation == "namespaces" else None,
            "rights": self._rights(home) if self.confined else None,
            "own_network": not self.on_host,
            "seccomp": self.confined,
            "home": home,
            "files": dict(job.files),
            "command": list(job.command),
            "environment": environment(f"{home}/home", f"{home}/tmp"),
            "stdin": job.stdin,
            "fetch": list(job.fetch),
            "fetch_bytes": limits.output_bytes,
            "rlimits": self._rlimits(limits),
            "cpu_seconds": math.ceil(limits.cpu_seconds),
            "processes": limits.processes,
            "memory_bytes": limits.memory_mb * MEBIBYTE,
            "socket_bytes": _socket_bytes(),
            "disk_bytes": limits.disk_mb * MEBIBYTE,
            "disk_files": MAX_FILES,
            "in_memory": [] if self.on_host else [home, *self._more_in_memory()],
        }

    def _more_in_memory(self) -> tuple[str, ...]:
        return ("/tmp", _SHARED_MEMORY) if self.isolation == "entered" else ()

    def _rights(self, home: str) -> Rights:
        if not self.on_host:  # the root holds nothing else; this is a second barrier
            return {"read": ["/"], "write": [home, "/tmp", "/dev"], "required": False}
        read = [source for source, _ in visible_paths().binds]
        read += ["/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]
        return {"read": read, "write": [home, "/dev/null"], "required": True}

    def _rlimits(self, limits: SandboxLimits) -> dict[str, int]:
        rlimits = {
            "AS": limits.memory_mb * MEBIBYTE,
            "FSIZE": limits.disk_mb * MEBIBYTE,
            "NOFILE": limits.open_files,
            "CORE": 0,
        }
        if self.linux:  # elsewhere it would count, and refuse, all that the user runs
            rlimits["NPROC"] = limits.processes
        return rlimits


_TIERS = (
    Tier("namespaces", "namespaces"),
    Tier("bubblewrap", "entered"),
    Tier("landlock", "none"),
    Tier("plain", "none", confined=False),
)


def tier_named(name: str) -> Tier:
    """Return the tier of that name."""
    return next(tier for tier in _TIERS if tier.name == name)


def _user() -> int:
    """Return another user for the command, if we are root and may become one; else 0."""
    if os.geteuid() != 0 or not _holds(_CAP_CHOWN, _CAP_KILL, _CAP_SETGID, _CAP_SETUID):
        return 0
    if _read("setgroups") == "deny":
        return 0
    uid = random.choice(_USERS)
    return uid if all(_maps(uid, _read(name)) for name in ("uid_map", "gid_map")) else 0


def _may_administer() -> bool:
    """Return whether namespaces can be made without a user namespace around them."""
    return _holds(_CAP_SYS_ADMIN)


def _holds(*capabilities: int) -> bool:
    lines = dict(line.split(":", 1) for line in _read("status").splitlines())
    effective = int(lines["CapEff"], 16)
    return all(effective >> capability & 1 for capability in capabilities)


def _maps(uid: int, table: str) -> bool:
    """Return whether a user exists in our user namespace."""
    rows = (line.split() for line in table.splitlines())
    return any(int(first) <= uid < int(first) + int(count) for first, _, count in rows)


def _socket_bytes() -> int:
    """Return the most that waits in one socket: it may be just short of full and take another."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_default").read_text())
    except (OSError, ValueError):
        return _SOCKET


def _read(name: str) -> str:
    return Path("/proc/self", name).read_text().strip()


def _links() -> list[tuple[str, str]]:
    etc = [(f"{INSIDE}/{path}", link) for link, path in _BELOW_ROOT.items()]
    return [*visible_paths().links, *etc]


def _root() -> NewRoot:
    return {
        "anchor": tempfile.gettempdir(),
        "binds": list(visible_paths().binds),
        "links": _links(),
    }


def _bubblewrap(limits: SandboxLimits) -> list[str]:
    size = str(limits.disk_mb * MEBIBYTE)
    # All three together are looked at; should that come late, they still hold no more than the
    # limits of disk and memory together.
    rest = str(min(limits.disk_mb, limits.memory_mb // 2) * MEBIBYTE)
    words = [shutil.which("bwrap") or "bwrap", "--as-pid-1"]
    words += ["--unshare-ipc", "--unshare-pid", "--unshare-net"]
    words += ["--unshare-uts", "--hostname", copy.HOSTNAME]
    if _may_administer():
        for capability in ("SETUID", "SETGID", "CHOWN", "KILL"):
            words += ["--cap-add", f"CAP_{capability}"]
    else:
        words += ["--unshare-user"]
    # First, as an interpreter may lie below it.
    words += ["--size", rest, "--perms", "1777", "--tmpfs", "/tmp"]
    binds = [*visible_paths().binds, (_SHIM, _SHIM_INSIDE)]
    # Without these it makes the folders above a mount for its own user only.
    for folder in sorted({str(up) for _, target in binds for up in Path(target).parents}):
        words += ["--dir", folder]
    for source, target in binds:
        words += ["--ro-bind", source, target]
    for target, link in _links():
        words += ["--symlink", target, link]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--dev-bind", "/dev/full", "/dev/zero"]  # see the shim's root.py
    words += ["--size", rest, "--perms", "1777", "--tmpfs", _SHARED_MEMORY]
    words += ["--size", size, "--tmpfs", INSIDE]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--"]
