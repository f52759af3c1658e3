"""What of the host a command may see: the interpreter, its packages, the system's programs."""

from __future__ import annotations

import functools
import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metaco.core.errors import ConfigurationError

__all__ = [
    "VisiblePaths",
    "environment",
    "interpreter",
    "reachable_by_all",
    "resolve_command",
    "visible_paths",
]

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/home/linuxbrew/.linuxbrew",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)
# Only these parts of an installation: a project may lie beside them in the same folder.
_OF_A_PREFIX = ("bin", "lib", "lib32", "lib64", "libexec", "include", "share", "pyvenv.cfg")

_PASSED_ON = ("LD_LIBRARY_PATH",)  # without it some interpreters do not start


@dataclass(frozen=True, slots=True)
class VisiblePaths:
    """What is visible, read-only.

    Args:
        binds: real path on the host and the path under which it is wanted, outer ones first.
        links: target and path of symbolic links that lead to the interpreter.
        closed: whether a user other than ours cannot reach all of it.
    """

    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    closed: bool


def interpreter() -> str:
    """Return the path of the interpreter that runs metaco; empty when there is none."""
    return sys.executable or ""


def resolve_command(command: Sequence[str]) -> list[str]:
    """Return the command with ``python`` replaced by the interpreter that runs metaco.

    Raises:
        ConfigurationError: there is nothing that could be run.
    """
    if not command or not command[0] or any("\0" in word for word in command):
        raise ConfigurationError(
            f"{list(command)} is not a command.", "Give a program and its arguments."
        )
    return [interpreter() if command[0] == "python" else command[0], *command[1:]]


def reachable_by_all(path: str) -> bool:
    """Return whether any user can get to a path, as far as the folders above it are concerned."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in Path(path).parents)


@functools.cache
def visible_paths() -> VisiblePaths:
    """Find out what the interpreter and the usual programs need."""
    binds: list[tuple[str, str]] = []
    links: list[tuple[str, str]] = []
    for path in (*_SYSTEM, *_installations()):
        link = Path(path).is_symlink() and Path(path).parent == Path("/")
        if link:
            links.append((str(Path(path).readlink()), path))
        elif Path(path).exists() and not _within(path, binds):
            binds.append((os.path.realpath(path), path))
    links += _links_to_interpreter(binds)
    binds.sort(key=lambda bind: bind[1])
    closed = not all(reachable_by_all(source) for source, _ in binds)
    return VisiblePaths(tuple(binds), tuple(links), closed)


def environment(home: str, temporary: str) -> dict[str, str]:
    """Return all that a command's environment holds; nothing of ours is in it.

    Args:
        home, temporary: directories of the copy.
    """
    python = str(Path(interpreter()).parent)
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join((python, "/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": home,
        "TMPDIR": temporary,
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",  # what was printed before a limit struck is worth having
        # What else is installed here must not change how a project's tests run.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "pytest_asyncio.plugin",
        "MALLOC_ARENA_MAX": "2",  # else threads use up the address space without using memory
    }


def _installations() -> list[str]:
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    prefixes.add(str(Path(os.path.realpath(interpreter())).parent.parent))
    return [f"{prefix}/{part}" for prefix in sorted(prefixes) for part in _OF_A_PREFIX]


def _links_to_interpreter(binds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    links = []
    path = interpreter()
    while Path(path).is_symlink():
        target = str(Path(path).readlink())
        if not _within(path, binds):
            links.append((target, path))
        path = os.path.normpath(Path(path).parent / target)
    return links


def _within(path: str, binds: list[tuple[str, str]]) -> bool:
    return any(Path(path).is_relative_to(target) for _, target in binds)
