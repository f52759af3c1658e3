"""Everything metaco raises, as one tree.

::

    MetacoError
    ├── ConfigurationError      settings, keys, paths, a workspace that cannot be used
    │   ├── RunBusy             somebody else works on the run
    │   └── SandboxUnavailable  the sandbox tier that was required does not work here
    ├── SOPError                an SOP that cannot run; names file, line and remedy
    ├── LogError                the log cannot be read or written
    ├── ModelError              a model did not answer as asked
    │   ├── ProviderError       the endpoint refused, failed or could not be reached
    │   ├── ReplyError          the reply arrived and does not hold what was asked for
    │   ├── RecordingMiss       a replay was asked what its recording does not hold
    │   └── RealCallBlocked     a real call was tried where only doubles are allowed
    ├── RunFailed               a run below this one did not get to its end
    ├── EffectUnsure            nobody knows whether something outside was done
    ├── ToolError               a tool refused or failed; the model that called it reads why
    ├── LimitReached            money, tokens, calls or minutes ran out
    └── WorkspaceError          a path that leaves the workspace, a file that cannot be written

Every message is a sentence that says what is wrong, followed by what to do about it.
"""

from __future__ import annotations

__all__ = [
    "ConfigurationError",
    "EffectUnsure",
    "LimitReached",
    "LogError",
    "MetacoError",
    "ModelError",
    "ProviderError",
    "RealCallBlocked",
    "RecordingMiss",
    "ReplyError",
    "RunBusy",
    "RunFailed",
    "SOPError",
    "SandboxUnavailable",
    "ToolError",
    "WorkspaceError",
    "first_error",
]


class MetacoError(Exception):
    """Base class of all errors that metaco raises on purpose.

    Args:
        problem: one sentence saying what is wrong.
        remedy: one sentence saying what to do about it.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class ConfigurationError(MetacoError):
    """Settings, keys or paths that cannot be used."""


class RunBusy(ConfigurationError):
    """Somebody else works on the run, which only one may do at a time."""


class SandboxUnavailable(ConfigurationError):
    """The sandbox tier that was required does not work on this machine."""


class SOPError(MetacoError):
    """An SOP that cannot run.

    Args:
        location: file and line, as ``sops/quick.yaml:7``.
    """

    def __init__(self, problem: str, remedy: str = "", location: str = "") -> None:
        super().__init__(f"{location}: {problem}" if location else problem, remedy)
        self.location = location


class LogError(MetacoError):
    """The log cannot be read or written."""


class ModelError(MetacoError):
    """A model did not answer as asked."""


class ProviderError(ModelError):
    """The endpoint refused, failed or could not be reached.

    Args:
        status: the HTTP status, or None when there was no answer.
        retry_after: seconds the endpoint asked to wait, if it did.
        maybe_billed: it may have answered and sent a bill, but the reply did not arrive.
    """

    def __init__(
        self,
        problem: str,
        remedy: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
        maybe_billed: bool = False,
    ) -> None:
        super().__init__(problem, remedy)
        self.status = status
        self.retry_after = retry_after
        self.maybe_billed = maybe_billed


class ReplyError(ModelError):
    """The reply arrived and does not hold what was asked for.

    Args:
        problem: what is wrong, precise enough to be sent back to the model.
        text: the reply as it came; it is paid for and stays in the log.
    """

    def __init__(self, problem: str, remedy: str = "", *, text: str = "") -> None:
        super().__init__(problem, remedy)
        self.text = text


class RealCallBlocked(ModelError):
    """A real model call was tried where only doubles are allowed."""


class RecordingMiss(ModelError):
    """A replay was asked what its recording does not hold; the message says what has changed."""


class RunFailed(MetacoError):
    """A run that a turn started did not get to its end."""


class EffectUnsure(MetacoError):
    """Something outside was begun, and nobody knows whether it was done; it is not repeated."""


class ToolError(MetacoError):
    """A tool refused or failed; the model that called it reads why and can do better.

    Any other error of metaco ends the turn: it is not the model's to mend.
    """


class LimitReached(MetacoError):
    """Money, tokens, calls or minutes ran out; the run can be resumed with more.

    Args:
        limit: what ran out, as the settings name it: ``cost``, ``minutes``, ``daily_cost``,
            ``roles.writer.calls``.
    """

    def __init__(self, problem: str, remedy: str = "", *, limit: str = "") -> None:
        super().__init__(problem, remedy)
        self.limit = limit


class WorkspaceError(MetacoError):
    """A path outside the workspace or a sandbox, or a file that cannot be written."""


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first single error in a group of errors."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
