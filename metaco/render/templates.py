"""Templates of prompts and pages: text with gaps. Unlike modules, they cannot run code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from metaco.core.paths import user_folder

if TYPE_CHECKING:
    import jinja2

__all__ = ["templates"]


def templates(folders: Sequence[Path], **options: Any) -> jinja2.Environment:
    """Return the templates in some folders, the first one first.

    Args:
        options: those of `jinja2.Environment`.
    """
    from jinja2 import FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
    from jinja2.bccache import Bucket
    from jinja2.sandbox import SandboxedEnvironment

    class Templates(SandboxedEnvironment):
        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            # What every pydantic model can do includes reading files and pickles.
            models = callable(value) and hasattr(BaseModel, attr)
            models &= isinstance(obj, BaseModel | type)
            return super().is_safe_attribute(obj, attr, value) and not models

    class Compiled(FileSystemBytecodeCache):
        # A full disk, or one that cannot be read or written, costs compiling it again.
        def load_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):
                super().load_bytecode(bucket)

        def dump_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):
                super().dump_bytecode(bucket)

    cache = user_folder(os.environ, "cache") / "templates"  # nobody else may write what is run
    with suppress(OSError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Templates(
        loader=FileSystemLoader(folders),
        bytecode_cache=Compiled(str(cache)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        **options,
    )
