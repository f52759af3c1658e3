"""Templates of prompts and pages: text with gaps. Unlike modules, they cannot run code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    import jinja2

__all__ = ["templates"]


def templates(folders: Sequence[Path], **options: Any) -> jinja2.Environment:
    """Return the templates in some folders, the first one first.

    Args:
        options: those of `jinja2.Environment`.
    """
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class Templates(SandboxedEnvironment):
        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            # What every pydantic model can do includes reading files and pickles.
            models = callable(value) and hasattr(BaseModel, attr)
            models &= isinstance(obj, BaseModel | type)
            return super().is_safe_attribute(obj, attr, value) and not models

    return Templates(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        **options,
    )
