"""The moderator makes a motion of a question, watches over the debate and writes the minutes."""

from __future__ import annotations

from metaco.core.document import Requirement
from metaco.role import Role, action
from metaco.roles.documents import Exhausted, Minutes, Motion, Open, Speech, Standing

__all__ = ["Moderator"]


class Moderator(Role):
    """Fair to both sides, and short."""

    @action
    async def frame(self, requirement: Requirement) -> Motion:
        """Make a motion of the question: one sentence that can be affirmed or denied, and the
        criteria by which to decide. Keep to what was asked."""
        return await self.ask(Motion, question=requirement)

    @action
    async def weigh(self, speeches: list[Speech], motion: Motion) -> Open | Exhausted:
        """Say in one sentence where the debate stands. Begin the remark with EXHAUSTED if the last
        two speeches brought nothing new, else with OPEN."""
        standing = await self.ask(Standing, motion=motion, speeches=speeches)
        over = standing.remark.strip().upper().startswith("EXHAUSTED")
        return (Exhausted if over else Open)(remark=standing.remark)

    @action
    async def conclude(self, standing: Standing, motion: Motion, speeches: list[Speech]) -> Minutes:
        """Write the minutes: the points that stood with their weight, a recommendation that
        follows from them, the facts that would change it, and remarks if there are any."""
        return await self.ask(Minutes, motion=motion, speeches=speeches, standing=standing)
