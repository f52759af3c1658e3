"""The public surface: what it consists of, that all of it is explained, and its types known."""

from __future__ import annotations

import inspect
import typing

import pytest

import metaco
from metaco.role import Context

PUBLIC = [
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
    "SOP",
    "SOPError",
    "Sampling",
    "SandboxUnavailable",
    "Settings",
    "Usage",
    "WorkspaceError",
    "__version__",
    "action",
]


def test_the_names() -> None:
    assert sorted(metaco.__all__) == PUBLIC
    assert sorted(dir(metaco)) == PUBLIC
    with pytest.raises(AttributeError, match="no attribute 'company_of_fools'"):
        _ = metaco.company_of_fools


def test_everything_public_is_explained() -> None:
    missing = []
    for name in PUBLIC:
        thing = getattr(metaco, name)
        if not inspect.isclass(thing) and not inspect.isroutine(thing):
            continue  # the version, and types of functions, which hold no docstring
        if not (thing.__doc__ or "").strip() or (thing.__doc__ or "").startswith(f"{name}("):
            missing.append(name)
        if not inspect.isclass(thing):
            continue
        for member, value in vars(thing).items():
            value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            value = value.fget if isinstance(value, property) else value
            own = inspect.isfunction(value) and value.__qualname__.startswith(f"{name}.")
            if own and not member.startswith("_") and not (value.__doc__ or "").strip():
                missing.append(f"{name}.{member}")
    assert missing == []


def test_annotations_can_be_resolved_but_where_a_library_is_loaded_late() -> None:
    classes = [*filter(inspect.isclass, (getattr(metaco, name) for name in PUBLIC)), Context]
    unresolved = set()
    for each in classes:
        own = inspect.getmembers(each, inspect.isroutine)
        public = [f for name, f in own if name == "__init__" or not name.startswith("_")]
        for thing in [each, *filter(inspect.isroutine, public)]:
            if getattr(thing, "__module__", "").startswith("metaco."):
                try:
                    typing.get_type_hints(thing)
                except NameError as error:
                    unresolved.add(f"{thing.__qualname__}: {error.name}")
    assert unresolved == {
        "Context.mcp: Tool",
        "Settings.known_providers: Provider",
        "Settings.open: Model",
        "Settings.servers: Server",
    }
