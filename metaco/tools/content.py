"""What an MCP server returned, as text for a model."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from metaco.tools.tool import ToolResult

__all__ = ["as_result"]


def as_result(result: Any) -> ToolResult:
    """Return what came of a call as text."""
    texts = [_text(block) for block in result.content]
    structured = result.structured_content
    if structured is not None and not _says(texts, structured):
        texts.append(json.dumps(structured, ensure_ascii=False))
    return ToolResult("\n".join(texts), failed=bool(result.is_error))


def _text(block: Any) -> str:
    """Return a block of content for a model; of what is no text, a note with its size."""
    if block.type == "text":
        return str(block.text)
    if block.type == "resource_link":
        return f"[{block.name}: {block.uri}]"
    inner = block.resource if block.type == "resource" else block
    if (text := getattr(inner, "text", None)) is not None:
        return str(text)
    data = str(getattr(inner, "data", "") or getattr(inner, "blob", ""))
    size = len(data) * 3 // 4 - data.count("=", -2)
    return f"[{inner.mime_type or 'binary'}, {size} bytes, not shown]"


def _says(texts: list[str], structured: Any) -> bool:
    """Return whether the texts say what the structure does, as most servers have it."""
    if isinstance(structured, dict) and set(structured) == {"result"}:  # what the SDK wraps
        return bool(texts)
    values = []
    for text in texts:
        with suppress(ValueError):
            values.append(json.loads(text))
    return structured in (values, *values)
