"""All versions of all documents of a run, by the place in the SOP that published them.

A *place* is a line, or line and round of a repeat and line within, and so on: places are in the
order of the text as if every round were written out. A reader at a place sees of each identity
(family, key) the last version above its own place. That is the whole of "what stands above, else
what was there when the round began": no round is ever copied. What a reader sees of a family has
a hash that is a sum, so that a round costs what it added and not what was there.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import TypeAlias

from metaco.core.document import Document, Message, family, family_root

__all__ = ["GIVEN", "NOTHING", "Identity", "Place", "Scope", "Token", "Version", "Versions"]

Place: TypeAlias = tuple[int, ...]
Identity: TypeAlias = tuple[str, str]
"""Family and key: documents with the same are versions of one another."""
Scope: TypeAlias = int | None
"""The line of the outermost repeat around a reader; None outside of repeats and for pure lines."""
Token: TypeAlias = tuple[int, int]
"""The sum of the hashes of some versions, and how many they are."""

GIVEN: Place = (-1,)
"""Where the documents stand that a run is given: above all lines."""
NOTHING: Token = (0, 0)
_RING = 1 << 256
_place = attrgetter("place")


@dataclass(frozen=True, slots=True)
class Version:
    """A message as it was published at a place, by a turn with this key."""

    place: Place
    message: Message
    turn: str = ""

    @property
    def body(self) -> Document:
        return self.message.body

    def mark(self, scope: Scope) -> tuple[str, str]:
        """Return what it is for a reader: its content; within one repeat also who said it."""
        inside = scope is not None and len(self.place) > 1 and self.place[0] == scope
        return self.message.id, self.turn if inside else ""


@dataclass(slots=True)
class _Family:
    """What is published of one family.

    Attributes:
        versions: by key, in the order of their places.
        keys: in their order.
        places: where something was published, in order; `segments` has what, by key.
        sums: for each scope, what a reader below the first n segments sees, as a token by kind.
    """

    versions: dict[str, list[Version]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    segments: list[dict[str, Version]] = field(default_factory=list)
    sums: dict[Scope, list[dict[type[Document], Token]]] = field(default_factory=dict)


class Versions:
    """What was published, and who sees what of it."""

    def __init__(self) -> None:
        self.families: dict[str, _Family] = defaultdict(_Family)
        self.published: dict[Place, dict[str, Message]] = defaultdict(dict)

    def put(self, version: Version) -> None:
        """Take in a version; of two at one place the larger id counts, then the larger turn."""
        place, key = version.place, version.body.key
        kin = self.families[family(type(version.body))]
        self.published[place][version.message.id] = version.message
        i = len(kin.places)
        if i and kin.places[-1] >= place:
            i = bisect_left(kin.places, place)
        if i == len(kin.places) or kin.places[i] != place:
            kin.places.insert(i, place)
            kin.segments.insert(i, {})
        before = kin.segments[i].get(key)
        if before and _rank(before) >= _rank(version):
            return
        kin.segments[i][key] = version
        if key not in kin.versions:
            kin.versions[key] = []
            insort(kin.keys, key)
        versions = kin.versions[key]
        if before:
            versions.remove(before)
        if versions and versions[-1].place > place:
            insort(versions, version, key=_place)
        else:
            versions.append(version)

    def has(self, kin: str, before: Place) -> bool:
        """Return whether anything of a family stands above a place."""
        places = self.families[kin].places
        return bool(places) and places[0] < before

    def one(self, kind: type[Document], key: str, before: Place) -> Version | None:
        """Return what a reader at `before` sees of an identity, if it is of this kind."""
        versions = self.families[family(kind)].versions.get(key)
        if not versions:
            return None
        i = len(versions)  # mostly the newest
        if versions[-1].place >= before:
            i = bisect_left(versions, before, key=_place)
        return versions[i - 1] if i and isinstance(versions[i - 1].body, kind) else None

    def everything(self, before: Place) -> Iterator[Version]:
        """Yield all that a reader at `before` can see, by family and key."""
        for name in sorted(self.families):
            kin = self.families[name]
            if kin.segments:
                first = next(iter(kin.segments[0].values()))
                yield from self.all(family_root(type(first.body)), before)

    def all(self, kind: type[Document], before: Place) -> Iterator[Version]:
        """Yield what a reader at `before` sees of a kind, by key."""
        for key in self.families[family(kind)].keys:
            if version := self.one(kind, key, before):
                yield version

    def token(self, kind: type[Document], before: Place, scope: Scope) -> Token:
        """Return the hash of what `all` yields, in time proportional to what is new.

        Who reads a family waits for all above it that publish it: what was added up is final.
        """
        kin = self.families[family(kind)]
        sums = kin.sums.setdefault(scope, [])
        wanted = bisect_left(kin.places, before)
        for i in range(len(sums), wanted):
            now = dict(sums[i - 1]) if i else {}
            for key, version in kin.segments[i].items():
                versions = kin.versions[key]
                if n := bisect_left(versions, version.place, key=_place):
                    _add(now, versions[n - 1], scope, -1)
                _add(now, version, scope, 1)
            sums.append(now)
        return sums[wanted - 1].get(kind, NOTHING) if wanted else NOTHING

    def changed(self, kin: str, since: Place, before: Place) -> Iterator[Version]:
        """Yield what was published to a family from `since` on and before `before`."""
        places, segments = self.families[kin].places, self.families[kin].segments
        for i in range(bisect_left(places, since), bisect_left(places, before)):
            yield from segments[i].values()

    def new(self, kind: type[Document], since: Place, before: Place) -> list[Version]:
        """Return what a reader at `before` sees of a kind and was published from `since` on."""
        changed = self.changed(family(kind), since, before)
        return [each for each in changed if each is self.one(kind, each.body.key, before)]


def _rank(version: Version) -> tuple[str, str]:
    return version.message.id, version.turn


def _add(sums: dict[type[Document], Token], version: Version, scope: Scope, sign: int) -> None:
    text = repr((version.body.key, *version.mark(scope)))
    value = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=32).digest(), "big")
    for kind in _kinds(type(version.body)):
        total, count = sums.get(kind, NOTHING)
        sums[kind] = (total + sign * value) % _RING, count + sign


@lru_cache(maxsize=1024)
def _kinds(kind: type[Document]) -> tuple[type[Document], ...]:
    """Return a kind and those above it, up to the first of its family."""
    return kind.__mro__[: kind.__mro__.index(Document)]
