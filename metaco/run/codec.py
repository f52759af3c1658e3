"""The one place that knows how facts are written: as JSON objects with the names of their fields.

What was read is written again as it was, also where a later version wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from operator import attrgetter, itemgetter
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from metaco.core.errors import LogError
from metaco.run.entries import (
    FORMAT,
    KINDS,
    Entry,
    Fact,
    Published,
    RunStarted,
    Unknown,
)

__all__ = ["decode", "dump", "encode", "plain"]


class _Codec:
    """Reads and writes the facts of one class."""

    def __init__(self, kind: type[Any]) -> None:
        own = _stored_fields(kind)
        needed = [each for each in own if each.default is MISSING]
        self.kind, self._optional = kind, own[len(needed) :]
        self._needed = tuple(map(_stored_name, needed))
        self._readers = [(i, read) for i, each in enumerate(needed) if (read := _reader(each))]
        self._attributes = attrgetter("more", *(each.name for each in needed))
        # A getter of a single name returns no tuple.
        self._values = itemgetter(*self._needed, *self._needed[:1] * (len(needed) == 1))

    def decode(self, body: dict[str, Any]) -> Any:
        """Return the fact that `body` says.

        Raises:
            ValueError: it lacks something.
        """
        try:
            values = self._values(body)
        except KeyError as error:
            raise ValueError(f"{self.kind.__name__} lacks {error}") from None
        if self._readers:
            values = list(values)
            for i, read in self._readers:
                values[i] = read(values[i])
        if len(body) == len(self._needed):
            return self.kind(*values[: len(body)])
        more = {name: body[name] for name in body.keys() - self._needed}
        given: dict[str, Any] = {}
        for each in self._optional:
            if (name := _stored_name(each)) in more:
                value = (_reader(each) or _same)(more[name])
                if value != each.default:  # else it stays among what says nothing new
                    given[each.name] = value
                    del more[name]
        return self.kind(*values[: len(self._needed)], **given, more=more)

    def encode(self, fact: Any) -> dict[str, Any]:
        """Return the plain JSON that says `fact`."""
        more, *values = self._attributes(fact)
        body = dict(zip(self._needed, values, strict=True))
        for each in self._optional:
            if (value := getattr(fact, each.name)) != each.default:
                body[_stored_name(each)] = value
        if "publishes" in body:
            body["publishes"] = list(map(_MESSAGE.encode, body["publishes"]))
        return {**body, **more} if more else body


def _stored_fields(kind: type[Any]) -> list[Field[Any]]:
    """Return the fields of a fact that are known by name; those without a default come first."""
    return [each for each in fields(kind) if each.name != "more"]


def _stored_name(attribute: Field[Any]) -> str:
    """Return what a field of a fact is called in JSON."""
    return str(attribute.metadata.get("name", attribute.name))


def _reader(attribute: Field[Any]) -> Callable[[Any], Any] | None:
    """Return what turns a list of the JSON into the value of a field, if it is one."""
    return _LISTS.get(attribute.metadata.get("list_of", ""))


_LISTS: dict[str, Callable[[Any], Any]] = {
    "values": tuple,
    "pairs": lambda value: tuple(map(tuple, value)),
    "messages": lambda value: tuple(map(_MESSAGE.decode, value)),
}


def _same(value: Any) -> Any:
    return value


_MESSAGE: _Codec = _Codec(Published)
_CODECS = {tag: _Codec(kind) for tag, kind in KINDS.items()}


def encode(fact: Fact) -> tuple[str, Fact]:
    """Return the JSON that stands for `fact` in the log, and the fact that is read back from it.

    It is another one where a text has half a character, of which UTF-8 makes a question mark.

    Raises:
        TypeError: something in it is no plain JSON.
    """
    body = plain(fact)
    try:
        return to_json(body).decode(), fact
    except PydanticSerializationError:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        text = text.encode("utf-8", "replace").decode()
        return text, decode(fact.kind, text)


def decode(kind: str, text: str) -> Fact:
    """Return the fact that an entry of the log says.

    Raises:
        LogError: it is of a later format.
        ValueError: it is no JSON, or lacks something.
    """
    try:
        body = from_json(text, cache_strings="keys")
    except ValueError:  # damaged, or nested more deeply than this reader goes
        body = json.loads(text)
    if kind == RunStarted.kind and body.get("format", 0) > FORMAT:
        raise LogError(
            f"The log contains a run of metaco {body.get('metaco', '?')}, whose format "
            f"{body['format']} this version cannot read.",
            "Install that version of metaco, or choose another workspace.",
        )
    codec = _CODECS.get(kind)
    fact: Fact = codec.decode(body) if codec else Unknown(kind, more=body)
    return fact


def plain(fact: Fact) -> dict[str, Any]:
    """Return a fact as plain JSON."""
    return dict(fact.more) if isinstance(fact, Unknown) else _CODECS[fact.kind].encode(fact)


def dump(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain JSON, as `metaco export` writes it."""
    head = {name: getattr(entry, name) for name in ("run", "n", "at", "kind", "key")}
    return {**head, "body": plain(entry.fact)}
