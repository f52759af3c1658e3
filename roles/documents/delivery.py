"""What the release manager hands over at the end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.core.conclusion import conclusion
from metaco.core.document import Document, Part
from metaco.render.markdown import json_copy, render

__all__ = ["Coverage", "Delivery"]


class Coverage(Part):
    """What became of one requirement."""

    id: str
    priority: Literal["P0", "P1", "P2"]
    text: str
    files: list[str]
    tests: list[str]
    status: Literal["passed", "failed", "untested", "missing"]


class Delivery(Document):
    """What was built, how to run it, what works and what does not."""

    project_name: str
    summary: str
    run: list[str]
    files: list[str]
    coverage: list[Coverage]
    tests_passed: int
    tests_failed: int
    losses: list[str] = Field(default=[], description="what was asked for and is left out")
    not_done: list[str] = Field(description="what is missing or fails, and why")
    untested: list[str] = Field(default=[], description="what was not tested, and why")
    origin: str = Field(default="", description="who answered, where it was no model")
    remarks: list[str] = Field(description="how it was made, open questions")
    documents: list[str] = Field(default=[], description="what to read, as docs/prd.md: what it is")

    def accepted(self) -> bool:
        return (
            not self.losses
            and bool(self.tests_passed)
            and not self.tests_failed
            and all(c.status == "passed" for c in self.coverage if c.priority == "P0")
        )

    def replaces(self, path: str) -> bool:
        return path == "README.md"  # the design's, written before there was a result

    def artifacts(self) -> dict[str, str]:
        known = {"delivery": self, "conclusion": conclusion(self.accepted(), bool(self.losses))}
        return {
            "README.md": render(__file__, "delivery_readme.md.j2", **known),
            "docs/delivery.md": render(__file__, "delivery.md.j2", **known),
            "docs/delivery.json": json_copy(self),
        }
