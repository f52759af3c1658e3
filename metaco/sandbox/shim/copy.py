"""The copy of the project that the command works on."""

from __future__ import annotations

import errno
import os
import stat

PROJECT, HOME, TEMPORARY, SYSTEM = "project", "home", "tmp", "etc"
HOSTNAME = "sandbox"
_BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system


def create(base: str, files: dict[str, bytes], owner: int) -> None:
    """Write `files` below a fresh directory; paths were checked by who asks.

    Args:
        owner: the user who gets everything; 0 leaves it with us.
    """
    for name in (PROJECT, HOME, TEMPORARY):
        os.makedirs(f"{base}/{name}", exist_ok=True)
    made = {f"{base}/{PROJECT}"}
    for path, content in files.items():
        target = f"{base}/{PROJECT}/{path}"
        folder = os.path.dirname(target)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        with open(target, "xb") as file:
            file.write(content)
    if owner:
        for folder, _, names in os.walk(base):
            os.chown(folder, owner, owner)
            for name in names:
                os.chown(f"{folder}/{name}", owner, owner, follow_symlinks=False)


def describe_system(base: str, uid: int, gid: int) -> None:
    """Write the files of /etc that programs look into; the new root links to them."""
    os.makedirs(f"{base}/{SYSTEM}")
    texts = {
        "passwd": f"sandbox:x:{uid}:{gid}::{base}/{HOME}:/bin/sh\n",
        "group": f"sandbox:x:{gid}:\n",
        "hosts": f"127.0.0.1 localhost {HOSTNAME}\n::1 localhost\n",
    }
    for name, text in texts.items():
        with open(f"{base}/{SYSTEM}/{name}", "w", encoding="ascii") as file:
            file.write(text)


def anonymous_file(base: str, content: bytes) -> int:
    """Return an open file that holds `content` and has no name."""
    path = f"{base}/.stdin"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    _write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def fetch(base: str, paths: list[str], most: int) -> dict[str, bytes]:
    """Return the regular files among `paths`, each cut after `most` bytes.

    No link is followed, in no part of a path: the command may have planted it.
    """
    contents = {}
    for path in paths:
        try:
            contents[path] = _read(f"{base}/{PROJECT}", path.split("/"), most)
        except OSError:
            continue  # not there, not ours to read, or a link
    return contents


def usage(base: str) -> tuple[float, float]:
    """Return how many bytes and how many files the copy takes.

    Folders so deep that they have no path any more count as too much of both.
    """
    size = count = 0
    folders = [base]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return float("inf"), float("inf")
            # else it went away while we looked, or was closed to us
    return size, count


def usage_in_memory(mounts: list[str]) -> tuple[int, int]:
    """Return how many bytes and how many files these file systems hold, with deleted open ones."""
    stats = [os.statvfs(mount) for mount in mounts]
    size = sum((each.f_blocks - each.f_bfree) * each.f_frsize for each in stats)
    return size, sum(each.f_files - each.f_ffree for each in stats)


def delete(base: str) -> None:
    """Delete the copy and all that was put there, however deep, and closed folders too.

    All processes that could interfere must have ended. What is gone already is no error.
    """
    if not os.path.isdir(base):
        return
    lifted = f"{base}/.{os.urandom(8).hex()}-"  # a name that nobody can have taken
    folders = [base]
    for folder in folders:  # which grows while we go
        os.chmod(folder, 0o700)
        with os.scandir(folder) as scan:
            entries = list(scan)
        for entry in entries:
            path = entry.path
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(path)
                continue
            if folder != base:
                # Right below the base it has a short path, whatever its depth was.
                os.chmod(path, 0o700)
                path = f"{lifted}{len(folders)}"
                os.rename(entry.path, path)
            folders.append(path)
    for folder in reversed(folders):
        os.rmdir(folder)


def _write(fd: int, content: bytes) -> None:
    data = memoryview(content)
    while data:
        data = data[os.write(fd, data) :]


def _read(folder: str, parts: list[str], most: int) -> bytes:
    # Without O_NONBLOCK a pipe that was planted would make us wait.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    fd = os.open(folder, flags | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, flags | os.O_DIRECTORY, dir_fd=fd)
            os.close(fd)
            fd = inner
        file = os.open(parts[-1], flags, dir_fd=fd)
    finally:
        os.close(fd)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError("not a regular file")
        content = bytearray()
        while len(content) < most and (chunk := os.read(file, most - len(content))):
            content += chunk
        return bytes(content)
    finally:
        os.close(file)
