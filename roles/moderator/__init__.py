"""The moderator makes a motion of a question, watches over the debate and writes the minutes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.core.document import Document, Part, Requirement
from metaco.role import Role, action

__all__ = ["Exhausted", "Minutes", "Moderator", "Motion", "Open", "Point", "Speech", "Standing"]


class Motion(Document):
    """What is debated, so that one can be for it or against it."""

    text: str = Field(description="one sentence that can be affirmed or denied")
    language: str = Field(description="the language of the debate, as en or zh")
    criteria: list[str] = Field(min_length=1, description="what a good decision is measured by")


class Speech(Document):
    """One speech; `number` counts all speeches of the debate from 1."""

    number: int
    side: Literal["for", "against"]
    points: list[str]
    answers: list[str] = Field(description="answers to points of the other side")

    @property
    def key(self) -> str:
        return f"{self.number:02}"


class Standing(Document):
    """Where the debate stands; see the two subclasses."""

    remark: str


class Open(Standing):
    """There is more to be said."""


class Exhausted(Standing):
    """Nothing new was said; it is time to conclude."""


class Point(Part):
    """A point that stood at the end, and how much it weighs."""

    side: Literal["for", "against"]
    text: str
    weight: Literal["strong", "fair", "weak"]


class Minutes(Document):
    """The outcome: the points that stood, a recommendation, and what it depends on."""

    motion: str
    points: list[Point]
    recommendation: str
    depends_on: list[str] = Field(description="facts that would change the recommendation")
    remarks: list[str]

    def artifacts(self) -> dict[str, str]:
        lines = [f"# {self.motion}", "", self.recommendation]
        for side in ("for", "against"):
            lines += ["", f"## {side.capitalize()}", ""]
            lines += [f"- {p.text} *({p.weight})*" for p in self.points if p.side == side]
        lines += ["", "## It depends on", "", *(f"- {fact}" for fact in self.depends_on)]
        if self.remarks:
            lines += ["", "## Remarks", "", *(f"- {remark}" for remark in self.remarks)]
        return {"minutes.md": "\n".join(lines) + "\n", "minutes.json": _json(self)}


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


def _json(document: Document) -> str:
    return document.model_dump_json(indent=2) + "\n"
