"""Roles with which SOPs can be wrong in every way."""

from __future__ import annotations

from shop import File, Order, Passed, Plan, Task

from metaco.document import Document, Requirement
from metaco.role import Role, action


class Note(Document):
    """A document of which there is one."""

    text: str


class Tag(Document):
    """A head without a key."""


class NamedTag(Tag):
    """A kind with a key below a head that has none."""

    @property
    def key(self) -> str:
        return "named"


class Actor(Role):
    """Does everything."""

    @action
    async def begin(self, requirement: Requirement) -> Note:
        return Note(text="")

    @action
    async def again(self, note: Note) -> Note:
        return note

    @action
    async def tasks(self, note: Note) -> list[Task]:
        return []

    @action
    async def choose(self, note: Note, task: Task) -> Passed:
        return Passed()

    @action
    async def collide(self, task: Task) -> Tag:
        return Tag()

    @action
    async def notes(self, requirement: Requirement) -> list[Note]:
        return []

    @action
    async def named(self, requirement: Requirement) -> NamedTag:
        return NamedTag()

    @action
    async def order(self, order: Order) -> Note:
        return Note(text="")

    @action
    async def plan(self, note: Note) -> Plan | None:
        return None

    @action
    async def files(self, tasks: list[Task]) -> list[File]:
        return []

    async def not_an_action(self, note: Note) -> Note:
        return note


class Wrong(Role):
    """Actions that no SOP can use."""

    @action
    async def nothing(self) -> Note:
        return Note(text="")

    @action
    async def silent(self, note: Note):  # type: ignore[no-untyped-def]
        return note

    @action
    async def numbers(self, note: Note, count: int) -> Note:
        return note

    @action
    def plain(self, note: Note) -> Note:  # type: ignore[type-var]
        return note

    @action
    async def unknown(self, note: Missing) -> Note:  # type: ignore[name-defined]  # noqa: F821
        return note
