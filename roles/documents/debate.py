"""What a debate is made of: motion, speeches, where it stands, minutes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.core.document import Document, Part
from metaco.render.markdown import json_copy

__all__ = ["Exhausted", "Minutes", "Motion", "Open", "Speech", "Standing", "WeighedPoint"]


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


class WeighedPoint(Part):
    """A point that stood at the end, and how much it weighs."""

    side: Literal["for", "against"]
    text: str
    weight: Literal["strong", "fair", "weak"]


class Minutes(Document):
    """The outcome: the points that stood, a recommendation, and what it depends on."""

    motion: str
    points: list[WeighedPoint]
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
        return {"minutes.md": "\n".join(lines) + "\n", "minutes.json": json_copy(self)}
