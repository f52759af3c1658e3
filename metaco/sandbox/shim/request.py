"""What metaco and the shim say to each other over one socket.

metaco sends a `Request` (eight bytes of length, then `marshal`: both ends are one interpreter, and
the sender is trusted). Closing its half of the socket means "stop now", which is also what the
shim sees when metaco dies. The shim answers with the `repr` of a `Report` and closes.
"""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypedDict

    class Rights(TypedDict):
        """What Landlock lets the command touch."""

        read: list[str]
        write: list[str]
        required: bool  # fail when the kernel has no Landlock

    class NewRoot(TypedDict):
        """The file system the command sees instead of the host's."""

        anchor: str  # a directory that exists on the host, to mount the new root on
        binds: list[tuple[str, str]]  # (on the host, in the sandbox), read-only
        links: list[tuple[str, str]]  # (target, symbolic link in the sandbox)

    class Request(TypedDict):
        """One run of a command."""

        isolation: Literal["namespaces", "entered", "none"]  # entered: bubblewrap made them
        linux: bool
        user_namespace: bool
        uid: int  # the user to become; 0 means to stay who we are
        keep_search: bool  # keep the capability to pass through directories closed to `uid`
        root: NewRoot | None
        rights: Rights | None
        own_network: bool  # sockets are harmless here, because the network is the sandbox's own
        seccomp: bool
        home: str  # holds the copy: project/, home/, tmp/
        files: dict[str, bytes]
        command: list[str]
        environment: dict[str, str]
        stdin: bytes
        fetch: list[str]
        fetch_bytes: int
        rlimits: dict[str, int]  # RLIMIT_ names without the prefix; not CPU
        cpu_seconds: int  # of each process
        processes: int  # at once; for users whom no rlimit holds
        memory_bytes: int  # of all processes and sockets, and of the files that lie in memory
        socket_bytes: int  # that may wait in one socket
        disk_bytes: int
        disk_files: int
        in_memory: list[str]  # where all files lie that can be written; none: on the host's disk

    class Report(TypedDict):
        """How the run ended."""

        error: str  # why the sandbox itself failed; then nothing else counts
        code: int | None
        stopped: str
        files: dict[str, bytes]


_LENGTH_BYTES = 8


def encode(request: Request) -> bytes:
    """Return the bytes that metaco sends."""
    body = marshal.dumps(dict(request))
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def receive(control: int) -> Request:
    """Read one request from the socket."""
    length = int.from_bytes(_exactly(control, _LENGTH_BYTES), "big")
    request: Request = marshal.loads(_exactly(control, length))
    return request


def send(control: int, report: Report) -> None:
    """Write the report to the socket, unless nobody listens any more."""
    data = memoryview(repr(report).encode())
    try:
        while data:
            data = data[os.write(control, data) :]
    except (BrokenPipeError, ConnectionResetError):
        pass  # metaco went away; there is nobody left to tell


def _exactly(control: int, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = os.read(control, min(length - len(data), 1 << 20))
        if not chunk:
            raise EOFError("metaco closed the socket before the request was complete")
        data += chunk
    return bytes(data)
