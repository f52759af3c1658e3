"""Fits what a model wrote to the fields of a document, where it is plain what was meant.

Keys in another case or spelling, a text for a list, a number as a word, one object for a list of
one: none of these is worth another call. Nothing is made up; what is missing stays missing, and
the validation that follows has the last word.
"""

from __future__ import annotations

import enum
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from metaco.reply.objects import repair

__all__ = ["fit", "keys"]


def fit(kind: type[BaseModel], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return `value` with the keys and the types of `kind`, as far as they are plain."""
    result: dict[str, Any] = {}
    key_of = keys(kind, value)
    for name, key in key_of.items():
        info = kind.model_fields[name]
        one = _coerce(info.annotation, value[key])
        if one is None and not info.is_required():
            continue  # "null" says: nothing special
        result[_alias(name, info)] = one
    if kind.model_config.get("extra") == "allow":
        taken = set(key_of.values())
        result |= {key: one for key, one in value.items() if key not in taken | set(result)}
    return result


def keys(kind: type[BaseModel], value: Mapping[str, Any]) -> dict[str, str]:
    """Return which key of `value` stands for which field of `kind`; the others are unknown."""
    key_of: dict[str, str] = {}
    fields = {name: _alias(name, info) for name, info in kind.model_fields.items()}
    for name, alias in fields.items():
        for key in (alias, name):
            if key in value:
                key_of.setdefault(name, key)

    def free_keys() -> list[str]:
        return [key for key in value if key not in key_of.values()]

    for name, alias in fields.items():
        alike = [
            k for k in free_keys() if _normalized(k) in (_normalized(name), _normalized(alias))
        ]
        if name not in key_of and alike:
            key_of[name] = alike[0]
    # "requirement_pool" is `requirements` if no other field and no other key could be meant.
    required = {n for n, info in kind.model_fields.items() if info.is_required()} - set(key_of)
    near = {
        key: [
            name
            for name in fields
            if name not in key_of and _near(_normalized(key), _normalized(name))
        ]
        for key in free_keys()
    }
    for name in required:
        meant = [key for key, names in near.items() if names == [name]]
        if len(meant) == 1:
            key_of[name] = meant[0]
    return key_of


def _alias(name: str, info: FieldInfo) -> str:
    alias = info.validation_alias
    return alias if isinstance(alias, str) else info.alias or name


def _normalized(key: str) -> str:
    """Return `key` without case, spaces, punctuation and the s of a plural."""
    return re.sub(r"[\W_]+", "", key).lower().rstrip("s")


def _near(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and long.startswith(short)


def _coerce(hint: Any, value: Any) -> Any:
    """Return `value` as the type `hint` wants it, or as it is if that is not plain."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _coerce(arguments[0], value)
    if hasattr(hint, "__value__"):  # a type alias of Python 3.12
        return _coerce(hint.__value__, value)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments, value)
    if origin is typing.Literal:
        return _literal(arguments, value)
    kind = origin or hint
    if not isinstance(kind, type):
        return value
    if issubclass(kind, BaseModel):
        return _model(kind, value)
    if issubclass(kind, enum.Enum):
        return _literal([member.value for member in kind], value)
    if kind is str:
        return _text(value)
    if kind is bool:
        return value.strip() if isinstance(value, str) else value
    if kind in (int, float):
        return _number(value)
    if issubclass(kind, Mapping):
        value = _decoded(value)
        inner = arguments[1] if len(arguments) == 2 else Any
        if isinstance(value, dict):
            return {key: _coerce(inner, one) for key, one in value.items()}
    elif issubclass(kind, Sequence) and kind is not bytes:
        if kind is tuple and arguments and arguments[-1] is not Ellipsis:
            value = _decoded(value)
            pairs = zip(arguments, value, strict=False) if isinstance(value, list) else ()
            return [_coerce(*pair) for pair in pairs] or value
        return _list(arguments[0] if arguments else Any, value)
    return value


def _union(kinds: Sequence[Any], value: Any) -> Any:
    others = [kind for kind in kinds if kind is not type(None)]
    if len(others) < len(kinds):
        if value is None:
            return None
        nothing = isinstance(value, str) and value.strip().lower() in ("", "null", "none", "n/a")
        if nothing and str not in others:
            return None
    if len(others) == 1:
        return _coerce(others[0], value)
    models = [k for k in others if isinstance(k, type) and issubclass(k, BaseModel)]
    if isinstance(value, dict) and models:
        return fit(max(models, key=lambda model: len(keys(model, value))), value)
    return value


def _literal(values: Sequence[Any], value: Any) -> Any:
    if value in values or not isinstance(value, str | int | float):
        return value
    text = str(value).strip()
    for one in values:
        if (
            text.casefold() == str(one).casefold()
            or _normalized(text) == _normalized(str(one)) != ""
        ):
            return one
    # "P0 (must have)": the value, then something about it.
    meant = [
        one
        for one in values
        if re.match(rf"{re.escape(str(one))}\b(?!\s*(?:or|/|\|))", text, re.IGNORECASE)
    ]
    return meant[0] if len(meant) == 1 else value


def _model(kind: type[BaseModel], value: Any) -> Any:
    value = _decoded(value)
    if isinstance(value, list):
        fields = [info.annotation for info in kind.model_fields.values()]
        if len(value) == 1:
            value = value[0]
        elif len(value) == len(fields) and all(field in (int, float) for field in fields):
            value = dict(zip(kind.model_fields, value, strict=True))  # a point as [0.3, 0.7]
    if isinstance(value, dict):
        return fit(kind, value)
    required = [name for name, info in kind.model_fields.items() if info.is_required()]
    if isinstance(value, str) and len(required) == 1:
        return {required[0]: value}
    return value


def _list(inner: Any, value: Any) -> Any:
    value = _decoded(value)
    model = isinstance(inner, type) and issubclass(inner, BaseModel)
    if value is None:
        return []
    if isinstance(value, str):
        if value.strip().lower().rstrip(".") in ("", "none", "n/a", "[]", "-"):
            return []
        lines = [line for line in value.splitlines() if line.strip()]
        if inner is not str and not model and len(lines) == 1:
            lines = lines[0].split(",")
        value = [re.sub(r"^\s*(?:[-*•–]|\d+[.)])\s+", "", line).strip() for line in lines]
    elif isinstance(value, dict):
        value = _values(inner, value) if model else value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, list):
        return [_coerce(inner, one) for one in value if one is not None]
    return value


def _values(kind: type[BaseModel], value: dict[str, Any]) -> Any:
    """Make a list of an object: of the one it is, or of several by name."""
    if len(keys(kind, value)) * 2 > len(value):
        return [value]
    if not value or not all(isinstance(one, dict) for one in value.values()):
        return value
    first = next(iter(kind.model_fields))
    return [
        one if first in keys(kind, one) else {first: name, **one} for name, one in value.items()
    ]


def _text(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        return only if isinstance(only, str) else value
    return value


_NUMBERS = {
    word: number
    for words, numbers in (
        ("zero one two three four five six seven eight nine ten", range(11)),
        ("eleven twelve thirteen fourteen fifteen sixteen seventeen", range(11, 18)),
        ("eighteen nineteen", range(18, 20)),
        ("twenty thirty forty fifty sixty seventy eighty ninety hundred", range(20, 101, 10)),
    )
    for word, number in zip(words.split(), numbers, strict=True)
}


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return text.replace(",", ".")
    words = text.replace("-", " ").split()
    if words in (["a", "hundred"], ["one", "hundred"]):
        return 100
    numbers = [_NUMBERS.get(word) for word in words]
    match numbers:
        case [int(n)]:
            return n
        case [int(tens), int(ones)] if 20 <= tens < 100 and 0 < ones < 10:
            return tens + ones
    return text


def _decoded(value: Any) -> Any:
    """Read a text that holds a list or an object, and only that."""
    if isinstance(value, str) and re.fullmatch(r"(?s)\s*(\[.*\]|\{.*\})\s*", value):
        try:
            return json.loads(value, strict=False)
        except ValueError:
            read = repair(value)
            return value if read is None else read
    return value
