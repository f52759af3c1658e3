"""metaco: a software company of agents. One line of requirement in, a tested project out.

::

    from metaco import Company

    result = await Company("software_company").run("Write a CLI expense tracker")

The names below are the public ones. They are loaded when they are first used, so that importing
metaco costs next to nothing and does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Company": "company",
    "Result": "company",
    "Document": "document",
    "Message": "document",
    "Part": "document",
    "Requirement": "document",
    "Role": "role",
    "action": "role",
    "SOP": "sop",
    "Limits": "limits",
    "Environment": "environment",
    "Decision": "environment",
    "Retry": "environment",
    "Log": "log",
    "Entry": "log",
    "Model": "model",
    "Request": "model",
    "Reply": "model",
    "Usage": "model",
    "Settings": "settings",
    "MetacoError": "errors",
    "ConfigurationError": "errors",
    "SOPError": "errors",
    "ModelError": "errors",
    "ProviderError": "errors",
    "ReplyError": "errors",
    "RunBusy": "errors",
    "LimitReached": "errors",
    "LogError": "errors",
    "WorkspaceError": "errors",
}

__all__ = [
    "SOP",
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
    "Part",
    "ProviderError",
    "Reply",
    "ReplyError",
    "Request",
    "Requirement",
    "Result",
    "Retry",
    "Role",
    "RunBusy",
    "SOPError",
    "Settings",
    "Usage",
    "WorkspaceError",
    "__version__",
    "action",
]

if TYPE_CHECKING:
    from metaco.company import Company, Result
    from metaco.document import Document, Message, Part, Requirement
    from metaco.environment import Decision, Environment, Retry
    from metaco.errors import (
        ConfigurationError,
        LimitReached,
        LogError,
        MetacoError,
        ModelError,
        ProviderError,
        ReplyError,
        RunBusy,
        SOPError,
        WorkspaceError,
    )
    from metaco.limits import Limits
    from metaco.log import Entry, Log
    from metaco.model import Model, Reply, Request, Usage
    from metaco.role import Role, action
    from metaco.settings import Settings
    from metaco.sop import SOP


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'metaco' has no attribute {name!r}")
    value = getattr(import_module(f"metaco.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
