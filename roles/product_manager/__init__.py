"""The product manager turns a requirement into a PRD."""

from __future__ import annotations

from metaco.core.document import Requirement
from metaco.role import Role, action
from metaco.roles.documents import PRD

__all__ = ["ProductManager"]


class ProductManager(Role):
    """Finds out what is wanted and writes it down so that it can be built and tested."""

    @action
    async def write_prd(self, requirement: Requirement) -> PRD:
        """Turn the requirement into a PRD."""
        return await self.ask(PRD, check=_violations, requirement=requirement)


def _violations(prd: PRD) -> list[str]:
    """Return what would stop later roles, each a sentence for the author."""
    wrong = []
    if not any(item.priority == "P0" for item in prd.requirements):
        wrong.append("No requirement has priority P0; mark those without which it is useless.")
    if len(prd.requirements) > 15:
        wrong.append("There are more than 15 requirements; merge those that belong together.")
    return wrong
