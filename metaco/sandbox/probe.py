"""Which tiers work here: each is tried for real, once per process, and must hold what it promises.

A trial runs a program that tries to read a file of the host and to connect to a port of the host.
A tier that starts but lets one of them through does not work.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metaco.core.errors import ConfigurationError, SandboxUnavailable
from metaco.core.sandbox import Sandbox, SandboxLimits
from metaco.core.slots import Slots

from .direct import Direct
from .supervised import Supervised
from .tiers import CONFINING, tier_named
from .visible import interpreter

__all__ = ["TierReport", "open_sandbox", "probe"]

_TIERS = (*CONFINING, "plain")
_TRIAL_LIMITS = SandboxLimits(seconds=20.0, cpu_seconds=10.0)
_TRIAL = """
import socket, sys
try:
    open(sys.argv[1]).close()
    print("a file outside could be read")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1).close()
    print("a port of the host could be reached")
except OSError:
    pass
open("written", "w").close()
"""

_FILES = "files: only the interpreter, its packages and system programs, read-only"
_SYSTEM_CALLS = "system calls: mounts, tracing, new namespaces and the like"
_LIMITS = "time, processor, memory, output and disk"
_OWN_NAMESPACES = (
    _FILES,
    "network: its own, with nothing but its own loopback",
    "processes: its own, all ended with the run",
    _SYSTEM_CALLS,
    _LIMITS,
)
_CONFINES = {
    "namespaces": _OWN_NAMESPACES,
    "bubblewrap": _OWN_NAMESPACES,
    "landlock": (
        _FILES,
        "network: none, not even loopback",
        "processes: all ended with the run",
        _SYSTEM_CALLS,
        _LIMITS,
    ),
    "plain": ("environment: nothing of yours in it", _LIMITS),
}

_LANDLOCK_GAPS = (
    "programs that open a socket fail, also on loopback",
    "multiprocessing locks and queues fail, because /dev/shm is closed",
    "whether a path exists, and its size, can be seen",
)
_PLAIN_GAPS = ("files, network and processes of the host are open to the program",)


@dataclass(frozen=True, slots=True)
class TierReport:
    """What a tier does on this machine.

    Args:
        name: of the tier.
        works: whether it was tried here and did what it promises.
        why_not: what went wrong otherwise.
        confines: what it holds back.
        gaps: what it does not hold back, or what programs miss in it.
        remedy: what to do so that it works, or works better.
    """

    name: str
    works: bool
    why_not: str
    confines: tuple[str, ...]
    gaps: tuple[str, ...]
    remedy: str


_reports: dict[str, TierReport] = {}
_one_at_a_time = Slots(1)


async def open_sandbox(
    mode: Literal["require", "auto", "off"] = "auto", *, tiers: Sequence[str] = _TIERS
) -> Sandbox:
    """Return the best sandbox that works here.

    Args:
        mode: ``auto`` and ``require`` take the best tier that confines; ``require`` is for who
            asks before anything is paid. ``off`` takes plain, which confines nothing.
        tiers: for tests, the tiers to choose from.

    Raises:
        ConfigurationError: there is no such mode.
        SandboxUnavailable: no tier that confines works here, and mode is not ``off``.
    """
    if mode == "off":
        return _sandbox("plain")
    if mode not in ("auto", "require"):
        raise ConfigurationError(f"There is no sandbox {mode!r}.", "Use auto, require or off.")
    failed = []
    for name in CONFINING:
        if name in tiers:
            report = await _report(name)
            if report.works:
                await _compile_pytest()
                return _sandbox(name)
            failed.append(report)
    reasons = "; ".join(f"{report.name}: {report.why_not}" for report in failed)
    remedies = [*dict.fromkeys(r.remedy for r in failed if r.remedy)] or ["Use Linux 6.2 or newer."]
    raise SandboxUnavailable(
        f"No sandbox that confines programs works here ({reasons or 'there is none'}).",
        " ".join((*remedies, "Or run them unconfined, at your own risk, with --sandbox off.")),
    )


async def probe() -> list[TierReport]:
    """Try every tier and return what each does on this machine, best first."""
    return [await _report(name) for name in _TIERS]


def _sandbox(name: str) -> Sandbox:
    kind = Direct if sys.platform == "win32" and name == "plain" else Supervised
    return kind(tier_named(name))


async def _report(name: str) -> TierReport:
    async with _one_at_a_time:
        if name not in _reports:
            _reports[name] = await _examine(name)
        return _reports[name]


async def _examine(name: str) -> TierReport:
    why_not = _impossible(name) or await _trial(name)
    return TierReport(
        name=name,
        works=not why_not,
        why_not=why_not,
        confines=() if why_not else _CONFINES[name],
        gaps=() if why_not else _gaps(name),
        remedy=_remedy(name) if why_not or name == "plain" else "",
    )


async def _compile_pytest() -> None:
    """Let pytest be compiled, unless it is: confined programs cannot do it and would be slow.

    Some installers (uv) leave that to the first process that imports a package.
    """
    async with _one_at_a_time:
        if _compilable("_pytest"):
            command = ["python", "-m", "pytest", "--junit-xml=report.xml"]
            await _sandbox("plain").run(
                {"test_it.py": "def test_it(): pass"}, command, limits=_TRIAL_LIMITS
            )


def _compilable(package: str) -> bool:
    """Return whether a package is not compiled yet and we could write the result."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return False
    compiled = Path(importlib.util.cache_from_source(spec.origin))
    return not compiled.exists() and os.access(Path(spec.origin).parent, os.W_OK)


def _impossible(name: str) -> str:
    """Return why there is no point in trying, if so."""
    if not interpreter():
        return "the interpreter does not know its own path"
    if name == "plain":
        return ""
    if sys.platform != "linux":
        return "it needs Linux"
    from .shim import landlock, seccomp  # they cannot be imported elsewhere

    if not seccomp.supported():
        return "the system calls of this processor are not known"
    if name == "bubblewrap" and shutil.which("bwrap") is None:
        return "bwrap is not installed"
    if name == "landlock" and landlock.version() < landlock.CONFINES_TRUNCATION:
        return "it needs Landlock 3 (Linux 6.2), switched on"
    return ""


async def _trial(name: str) -> str:
    """Run the trial program and return what went wrong, if anything."""
    with _outside() as (path, port):
        command = ["python", "-I", "-c", _TRIAL, path, str(port)]
        try:
            result = await _sandbox(name).run({}, command, fetch=["written"], limits=_TRIAL_LIMITS)
        except SandboxUnavailable as error:
            return str(error.__cause__ or error.problem)
    if result.code != 0 or "written" not in result.files:
        lines = result.stderr.strip().splitlines()
        return lines[-1] if lines else f"the trial ended with {result.stopped or result.code}"
    leaks = result.stdout.strip().splitlines()
    return "" if name == "plain" else ", ".join(leaks)


@contextlib.contextmanager
def _outside() -> Iterator[tuple[str, int]]:
    """Make a file that anyone may read and a port that anyone may connect to."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        Path(folder).chmod(0o755)
        file = Path(folder) / "outside"
        file.write_text("outside")
        file.chmod(0o644)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(file), listener.getsockname()[1]


def _gaps(name: str) -> tuple[str, ...]:
    if name == "plain":
        return _PLAIN_GAPS
    if name != "landlock":
        return ()
    from .shim import landlock

    if landlock.version() < landlock.CONFINES_SIGNALS:
        signals = "your other processes can be signalled (Linux 6.12 closes this)"
        return (*_LANDLOCK_GAPS, signals)
    return _LANDLOCK_GAPS


def _remedy(name: str) -> str:
    if name == "plain":
        return "It is used with --sandbox off only."
    if sys.platform != "linux":
        return "Run metaco in a Linux virtual machine or container."
    if name == "landlock":
        return "Use Linux 6.2 or newer with landlock among its security modules (lsm=)."
    if name == "bubblewrap":
        return "Install bubblewrap 0.8 or newer (apt install bubblewrap)."
    if _setting("user/max_user_namespaces") == "0":
        return "Allow user namespaces: sysctl user.max_user_namespaces=15000."
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "Install bubblewrap, or allow user namespaces: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0."
        )
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "Allow user namespaces: sysctl kernel.unprivileged_userns_clone=1."
    return "In a container, allow user namespaces and mounts; otherwise use Linux 5.12 or newer."


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
