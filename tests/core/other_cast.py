"""A second Note, which must not meet the first one in an SOP."""

from __future__ import annotations

from metaco.document import Document, Requirement
from metaco.role import Role, action


class Note(Document):
    """Another document of the same name."""


class Other(Role):
    """Publishes it."""

    @action
    async def begin(self, requirement: Requirement) -> Note:
        return Note()
