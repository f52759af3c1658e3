"""The sandbox: runs generated code so that it cannot harm the user or the machine.

::

    sandbox = await open_sandbox("auto")
    result = await sandbox.run({"test_it.py": "def test(): pass"}, ["python", "-m", "pytest"])

A run gets a fresh copy of the files it is given, in a directory of its own that also holds its HOME
and TMPDIR, an environment with nothing of ours in it, and limits. Exit code, output and the files
that were asked for come back; all else is deleted, and all that still runs is killed, also when
the caller is cancelled or dies.

**What it covers** (tiers namespaces and bubblewrap; `probe` says which tiers work here, and each
is tried before it is trusted):

- Files: only the interpreter, its installed packages and the system's programs can be read, and
  nothing but the copy can be written. Homes, keys, projects and git directories are not there.
- Network: none but a loopback of its own. Unix sockets of the host cannot be reached.
- Processes: none of the host's can be seen, signalled or traced; daemons end with the run.
- Secrets in our environment or in that of our parents.
- Exhaustion: wall and processor time, memory, processes, open files, output, disk and the number
  of files. At most one sandbox per processor runs at once in one process.
- Memory in particular: what all processes hold, with page tables, all files, which lie in
  memory here, and all sockets, each counted as if it were full, are one sum with one limit. What
  none of them would be charged for is refused: memfd, System V memory, semaphores and messages,
  POSIX queues, shared mappings without a file (``mmap.mmap(-1, n)`` without MAP_PRIVATE,
  /dev/zero), huge pages, vmsplice.
- System calls that tests do not need: seccomp, no setuid programs, no capabilities.
- Files that come back: links are not followed, sizes are limited.

The tier landlock does without namespaces: no sockets at all, not even loopback; its other gaps
are in its report. Its files lie in the host's temporary directory and count for the disk, not for
the memory. The tier **plain confines nothing**: it sets limits and a clean environment. It is used
with "off" only; where no tier confines, "auto" and "require" refuse.

**What it does not cover**:

- Bugs of the kernel itself, and of the processor (timing and cache attacks).
- What the program reports: output, exit code and files that come back are its own, and a program
  can lie about its tests.
- Load: within its limits a run may keep processors and memory busy. The limit on memory is looked
  at up to twenty times a second, so it can be exceeded for a moment; each process has a hard limit
  too, and so have the files: the limit of the disk (namespaces), or those of disk and memory
  together (bubblewrap, for its three places). The same holds for the number of files in the tiers
  bubblewrap, landlock and plain, for their size in the last two, and for the number of processes
  in plain as root.
- Memory that the kernel itself uses for a run, other than page tables and sockets: what waits in
  pipes, locks on files, mappings, watches. Only the limits on processes and open files bound it;
  control groups are not used. In landlock, unless metaco is root, also sockets of a program that
  hides itself, and files that are deleted while it has them open, or that are mapped and closed.
  Plain refuses nothing.
- Code that is installed beside metaco (pytest plug-ins, for example) is trusted and can be read,
  and so can anything else that somebody has put into the interpreter's own folders.
- Packages in a user's own site-packages (``pip install --user``) are not there.
- System calls are known for x86_64 and aarch64; on other processors, and on systems other than
  Linux, only plain works. Plain on Windows does not limit memory, processor time or processes.
"""

from metaco.core.errors import SandboxUnavailable
from metaco.core.sandbox import Sandbox, SandboxLimits, SandboxResult

from .probe import TierReport, open_sandbox, probe
from .tiers import CONFINING

__all__ = [
    "CONFINING",
    "Sandbox",
    "SandboxLimits",
    "SandboxResult",
    "SandboxUnavailable",
    "TierReport",
    "open_sandbox",
    "probe",
]
