"""metaco: a software company of agents. One line of requirement in, a tested project out.

::

    from metaco import Company

    result = await Company("software_company").run("a todo list with title, due date and priority")

The names below are the public ones. They are loaded when they are first used, so that importing
metaco costs next to nothing and does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Company": "company",
    "Result": "run.result",
    "Document": "core.document",
    "Message": "core.document",
    "Part": "core.document",
    "Requirement": "core.document",
    "Role": "role",
    "action": "role",
    "SOP": "sop.procedure",
    "Limits": "core.limits",
    "Environment": "run.environment",
    "Ask": "run.gates",
    "Decision": "run.gates",
    "Observer": "run.observers",
    "Options": "run.options",
    "Retry": "run.options",
    "Log": "run.log",
    "Entry": "run.entries",
    "Attachment": "core.model",
    "Model": "core.model",
    "Request": "core.model",
    "Sampling": "core.sampling",
    "Reply": "core.model",
    "Usage": "core.model",
    "Settings": "settings",
    "MetacoError": "core.errors",
    "ConfigurationError": "core.errors",
    "SOPError": "core.errors",
    "ModelError": "core.errors",
    "ProviderError": "core.errors",
    "ReplyError": "core.errors",
    "RunBusy": "core.errors",
    "LimitReached": "core.errors",
    "LogError": "core.errors",
    "SandboxUnavailable": "core.errors",
    "RecordingMiss": "core.errors",
    "RealCallBlocked": "core.errors",
    "WorkspaceError": "core.errors",
}

__all__ = [
    "SOP",
    "Ask",
    "Attachment",
    "Company",
    "ConfigurationError",
    "Decision",
    "Document",
    "Entry",
    "Environment",
    "LimitReached",
    "Limits",
    "Log",
    "LogError",
    "Message",
    "MetacoError",
    "Model",
    "ModelError",
    "Observer",
    "Options",
    "Part",
    "ProviderError",
    "RealCallBlocked",
    "RecordingMiss",
    "Reply",
    "ReplyError",
    "Request",
    "Requirement",
    "Result",
    "Retry",
    "Role",
    "RunBusy",
    "SOPError",
    "Sampling",
    "SandboxUnavailable",
    "Settings",
    "Usage",
    "WorkspaceError",
    "__version__",
    "action",
]

if TYPE_CHECKING:
    from metaco.company import Company
    from metaco.core.document import Document, Message, Part, Requirement
    from metaco.core.errors import (
        ConfigurationError,
        LimitReached,
        LogError,
        MetacoError,
        ModelError,
        ProviderError,
        RealCallBlocked,
        RecordingMiss,
        ReplyError,
        RunBusy,
        SandboxUnavailable,
        SOPError,
        WorkspaceError,
    )
    from metaco.core.limits import Limits
    from metaco.core.model import Attachment, Model, Reply, Request, Usage
    from metaco.core.sampling import Sampling
    from metaco.role import Role, action
    from metaco.run.entries import Entry
    from metaco.run.environment import Environment
    from metaco.run.gates import Ask, Decision
    from metaco.run.log import Log
    from metaco.run.observers import Observer
    from metaco.run.options import Options, Retry
    from metaco.run.result import Result
    from metaco.settings import Settings
    from metaco.sop.procedure import SOP


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'metaco' has no attribute {name!r}")
    value = getattr(import_module(f"metaco.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
