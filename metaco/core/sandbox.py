"""The interface to sandboxes: what one takes and gives back, whichever tier does the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from metaco.core.errors import ConfigurationError

__all__ = ["Sandbox", "SandboxLimits", "SandboxResult"]


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The most that one run may use.

    Args:
        seconds: of wall time, for the whole run.
        cpu_seconds: of processor time, for each process; rounded up to whole seconds.
        memory_mb: of address space for each process, and of memory for all of them together.
        processes: processes and threads at once.
        output_bytes: of stdout and stderr together; also of each file that is fetched.
        disk_mb: of all files that exist at once, and of any single one.
        open_files: for each process.

    Raises:
        ConfigurationError: a limit is not above zero.
    """

    seconds: float = 120.0
    cpu_seconds: float = 120.0
    memory_mb: int = 2048
    processes: int = 64
    output_bytes: int = 1_000_000
    disk_mb: int = 256
    open_files: int = 256

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ConfigurationError(
                    f"The sandbox limit {field.name} is {value}.", "Use a number greater than zero."
                )


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """How a run ended.

    Args:
        code: the exit code, negative for a signal, 127 for a command that was not found; None
            when a limit ended the run.
        stdout, stderr: what was written, up to the limit; bytes that are no UTF-8 are replaced.
        files: path to text, for the files that were asked for and exist, up to the limit.
        stopped: the limit that ended the run (time, cpu, memory, processes, output or disk), or
            nothing.
            A program may also fail by itself at a limit, with an ordinary error.
        tier: which kind of sandbox it was.
        seconds: wall time.
    """

    code: int | None
    stdout: str
    stderr: str
    files: Mapping[str, str]
    stopped: str
    tier: str
    seconds: float


class Sandbox(Protocol):
    """Runs a command on a fresh copy of some files, and lets little else happen."""

    @property
    def tier(self) -> str:
        """The kind of confinement: namespaces, bubblewrap, landlock or plain (none)."""
        ...

    async def run(
        self,
        files: Mapping[str, str],
        command: Sequence[str],
        *,
        fetch: Sequence[str] = (),
        limits: SandboxLimits = SandboxLimits(),
        stdin: str = "",
    ) -> SandboxResult:
        """Run `command` in a directory that holds `files`, and clean up whatever happens.

        Args:
            files: relative path to text.
            command: program and arguments; ``python`` is the interpreter that runs metaco.
            fetch: relative paths of files to bring back.
            limits: the most that the run may use.
            stdin: what the command reads from its standard input.

        Raises:
            ConfigurationError: there is no command.
            WorkspaceError: a path leaves the directory.
            SandboxUnavailable: the sandbox could not be set up; the command has not run.
        """
        ...
