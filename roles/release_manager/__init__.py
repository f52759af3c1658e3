"""The release manager says honestly what was built, what works and what does not."""

from __future__ import annotations

from metaco.role import Role, action
from metaco.roles.delivering import deliver
from metaco.roles.documents import PRD, Delivery, SourceFile, SystemDesign, TestFile, TestReport

__all__ = ["ReleaseManager"]


class ReleaseManager(Role):
    """Compares what was asked for with what is there; needs no model for that."""

    @action
    async def deliver(
        self,
        report: TestReport,
        prd: PRD,
        design: SystemDesign,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Delivery:
        """Write the delivery: requirement coverage, how to run, what is not done."""
        return deliver(prd, design, report, files, tests, model=self.context.model)
