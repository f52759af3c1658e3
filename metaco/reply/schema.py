"""What a document looks like, described to a model: in few words for the prompt, or as a schema."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

__all__ = ["json_schema", "placeholders", "schema"]

Node = dict[str, Any]
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}


@lru_cache(maxsize=256)
def schema(kind: type[BaseModel]) -> str:
    """Return a short description of the JSON object that stands for a `kind`, for the prompt.

    It reads like JSON with types for values and the fields' descriptions as comments, and has
    about a third of the length of the JSON schema. Parts that occur more than once have a name.
    """
    node = kind.model_json_schema()
    parts: dict[str, Node] = node.get("$defs", {})
    uses = Counter(_references(node))
    named = {name for name in parts if uses[name] > 1 or name in _reached(name, parts)}
    writer = _Writer(parts, named)
    lines = [writer.object(_root(node), "")]
    lines += [f"{name} = {writer.object(parts[name], '')}" for name in parts if name in named]
    return "\n".join(lines)


class _Writer:
    def __init__(self, parts: dict[str, Node], named: set[str]) -> None:
        self.slice = parts
        self.named = named

    def object(self, node: Node, indent: str) -> str:
        fields: Node = node.get("properties", {})
        if "enum" in node or not fields:
            return self.type(node, indent)
        required = node.get("required", [])
        lines = []
        for n, (name, field) in enumerate(fields.items(), 1):
            comma = "," if n < len(fields) else ""
            remark = _remark(field, optional=name not in required)
            line = f"{indent}  {json.dumps(name)}: {self.type(field, indent + '  ')}{comma}"
            # A remark belongs to the line with the name, also where the type takes several.
            head, newline, rest = line.partition("\n")
            lines.append(f"{head}  // {remark}{newline}{rest}" if remark else line)
        short = "{" + " ".join(line.strip() for line in lines) + "}"
        if len(short) <= 60 and "//" not in short:
            return short
        return "{\n" + "\n".join(lines) + f"\n{indent}}}"

    def type(self, node: Node, indent: str) -> str:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            return name if name in self.named else self.object(self.slice[name], indent)
        if "enum" in node:
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in node["enum"])
        if "const" in node:
            return json.dumps(node["const"], ensure_ascii=False)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in node:
                return " or ".join(self.type(one, indent) for one in node[several])
        kind = node.get("type")
        if kind == "array":
            if "prefixItems" in node:
                return "[" + ", ".join(self.type(n, indent) for n in node["prefixItems"]) + "]"
            return f"[{self.type(node.get('items', {}), indent)}, ...]"
        if kind == "object":
            if node.get("properties"):
                return self.object(node, indent)
            values = node.get("additionalProperties")
            inner = self.type(values, indent) if isinstance(values, dict) else "any"
            return f"{{text: {inner}, ...}}"
        return _TYPES.get(str(kind), "any")


def _remark(field: Node, *, optional: bool) -> str:
    remarks = ["optional"] if optional else []
    if "description" in field:
        remarks.append(" ".join(str(field["description"]).split()))
    if "pattern" in field:
        remarks.append(f"matches {field['pattern']}")
    limits = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    remarks += [f"{sign} {field[limit]:g}" for limit, sign in limits.items() if limit in field]
    for unit in ("Items", "Length"):
        of = " characters" if unit == "Length" else ""
        remarks += [f"at least {field[f'min{unit}']}{of}"] if f"min{unit}" in field else []
        remarks += [f"at most {field[f'max{unit}']}{of}"] if f"max{unit}" in field else []
    return "; ".join(remarks)


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        names = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
        return names + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []


def _reached(name: str, parts: dict[str, Node]) -> set[str]:
    """Return the parts that `name` is made of, itself among them if it contains itself."""
    reached: set[str] = set()
    waiting = _references(parts[name])
    while waiting:
        if (one := waiting.pop()) not in reached:
            reached.add(one)
            waiting += _references(parts.get(one, {}))
    return reached


def _root(node: Node) -> Node:
    """Return the object itself: a model that contains itself is a reference at the top."""
    if "$ref" in node:
        root: Node = node["$defs"][node["$ref"].rpartition("/")[2]]
        return root
    return node


@lru_cache(maxsize=256)
def placeholders(kind: type[BaseModel]) -> frozenset[str]:
    """Return the strings of which an echo of the schema would consist, in lower case."""
    strings = {"", "...", "…", "string", "str", "int", "integer", "float", "boolean", "bool", "any"}
    strings |= {text.lower() for text in _TYPES.values()} | {"null", "array", "object", "list"}
    stack: list[Any] = [kind.model_json_schema()]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("description"), str):
                strings.add(" ".join(node["description"].lower().split()))
                strings.add(_remark(node, optional=False).lower())
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return frozenset(strings)


_WHOLE = re.compile(r"\^(?!.*\(\?).*\$", re.DOTALL)
_KEPT = ("type", "description", "enum", "$ref")


@lru_cache(maxsize=256)
def json_schema(kind: type[BaseModel], *, constraints: bool = False) -> dict[str, Any] | None:
    """Return the schema of `kind` for native structured output, in OpenAI's strict form.

    All fields are required and nothing else is allowed. None if the strict form cannot say it
    (fields with free keys, with any value or of the fixed length of a tuple). Do not change it.

    Args:
        constraints: keep the lengths of lists, and patterns of whole texts, which some endpoints
            refuse. Without them a small model may never end a list; the reply is validated anyway.
    """
    node = kind.model_json_schema()
    try:
        strict = _strict(_root(node), constraints)
        parts = {name: _strict(part, constraints) for name, part in node.get("$defs", {}).items()}
    except _NotStrict:
        return None
    return {**strict, "$defs": parts} if parts else strict


class _NotStrict(Exception):
    """The strict form cannot say it."""


def _strict(node: Node, constraints: bool) -> Node:
    if "$ref" in node:
        return {"$ref": node["$ref"]}  # a reference may have no neighbours
    result = {key: node[key] for key in _KEPT if key in node}
    if constraints:
        result |= {key: node[key] for key in ("minItems", "maxItems") if key in node}
        if _WHOLE.fullmatch(node.get("pattern", "")):  # others mean another thing elsewhere
            result["pattern"] = node["pattern"]
    if "const" in node:
        result["enum"] = [node["const"]]
        return result
    for several in ("anyOf", "oneOf"):
        if several in node:
            return {**result, "anyOf": [_strict(one, constraints) for one in node[several]]}
    kind = node.get("type")
    if kind == "object":
        if "properties" not in node and node.get("additionalProperties") is not False:
            raise _NotStrict
        properties = node.get("properties", {})
        result["properties"] = {name: _strict(one, constraints) for name, one in properties.items()}
        result["required"] = list(properties)
        result["additionalProperties"] = False
    elif kind == "array":
        if "prefixItems" in node or "items" not in node:
            raise _NotStrict
        result["items"] = _strict(node["items"], constraints)
    elif kind is None and "enum" not in node:
        raise _NotStrict
    return result
