"""The child that gives up what it may not have and turns into the command."""

from __future__ import annotations

import os
import resource

from . import copy, kernel, landlock, seccomp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .request import Request

_NOT_FOUND, _SETUP_FAILED = 127, 126


def start(request: Request) -> int:
    """Fork the command and return its process id once it runs.

    Raises:
        OSError: the child could not confine itself; then the command has not run.
    """
    stdin = copy.anonymous_file(request["home"], request["stdin"])
    problem, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _enter(request, stdin)
            _execute(request["command"], request["environment"])
        except BaseException as error:  # noqa: BLE001  the child must not return from here
            os.write(tell, f"{type(error).__name__}: {error}".encode())
        os._exit(_SETUP_FAILED)
    os.close(tell)
    os.close(stdin)
    with open(problem, "rb") as pipe:
        text = pipe.read()
    if text:
        os.waitpid(pid, 0)
        raise OSError(text.decode())
    return pid


def _enter(request: Request, stdin: int) -> None:
    os.setsid()
    os.dup2(stdin, 0)
    os.chdir(f"{request['home']}/{copy.PROJECT}")
    for name, value in request["rlimits"].items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            _lower(kind, value, value)
    # The soft limit sends SIGXCPU, which tells the reason; the hard one SIGKILL, a second later.
    _lower(resource.RLIMIT_CPU, request["cpu_seconds"], request["cpu_seconds"] + 1)
    if not request["linux"]:
        return
    confined = request["isolation"] != "none" or request["rights"] is not None
    if request["uid"] and os.geteuid() == 0:
        kernel.become(request["uid"], request["keep_search"])
    elif confined:
        kernel.set_capabilities(0)
    kernel.no_new_privileges()
    if confined:
        kernel.small_pages()
    rights = request["rights"]
    if rights and (rights["required"] or landlock.version()):
        landlock.restrict(rights["read"], rights["write"], request["own_network"])
    if request["seccomp"]:
        own_user = request["root"] is not None or request["isolation"] != "none"
        seccomp.confine(request["own_network"], own_user or bool(request["uid"]))


def _lower(kind: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def _execute(command: list[str], environment: dict[str, str]) -> None:
    program = command[0]
    folders = [""] if "/" in program else environment["PATH"].split(":")
    problem: OSError = FileNotFoundError(2, "No such file or directory")
    for folder in folders:
        try:
            os.execve(os.path.join(folder, program), command, environment)
        except FileNotFoundError:
            continue
        except OSError as error:
            problem = error
    os.write(2, f"{program}: {problem.strerror}\n".encode())
    os._exit(_NOT_FOUND)
