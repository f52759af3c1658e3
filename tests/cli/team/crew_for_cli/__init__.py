"""A small team for the tests of the command line; words in the requirement say what goes wrong.

``crash``: an error that nobody expected; ``hang:PATH``: touch PATH, then wait until PATH.go is
there; ``bad``: tests fail; ``evil``: text that would steer the terminal.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from metaco import Document, Requirement, Role, action

__all__ = ["Crew", "Handover", "Page"]


class Page(Document):
    """A page."""

    title: str
    lines: list[str]

    def artifacts(self) -> dict[str, str]:
        return {"docs/page.md": f"# {self.title}\n\n" + "\n".join(self.lines) + "\n"}

    def project(self) -> str:
        return "page"


class Handover(Document):
    """What was made."""

    summary: str
    run: list[str]
    coverage: list[dict[str, Any]]
    tests_passed: int
    tests_failed: int
    not_done: list[str]

    def accepted(self) -> bool:
        return not self.tests_failed


class Crew(Role):
    """Writes a page and hands it over."""

    @action
    async def write_page(self, requirement: Requirement) -> Page:
        """Write the page."""
        if match := re.search(r"hang:(\S+)", requirement.text):
            await _hang(Path(match[1]))
        if "crash" in requirement.text:
            raise ValueError("the page caught fire")
        return await self.ask(Page, requirement=requirement)

    @action
    async def hand_over(self, page: Page) -> Handover:
        """Say what was made; needs no model."""
        bad = "bad" in " ".join(page.lines)
        coverage = [
            {"id": "R1", "priority": "P0", "text": "a page", "status": "passed"},
            {"id": "R2", "priority": "P1", "text": "a\x1b[2Jlink", "status": "untested"},
        ]
        return Handover(
            summary="A page.",
            run=["cat docs/page.md"],
            coverage=coverage,
            tests_passed=3,
            tests_failed=2 if bad else 0,
            not_done=["the link"] if bad else [],
        )


async def _hang(path: Path) -> None:
    await asyncio.to_thread(path.touch)
    go = path.with_name(f"{path.name}.go")
    while not await asyncio.to_thread(go.exists):  # noqa: ASYNC110  another process makes it
        await asyncio.sleep(0.01)
