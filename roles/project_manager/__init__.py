"""The project manager turns a design into tasks that can be done side by side."""

from __future__ import annotations

from metaco.role import Role, action
from metaco.roles.documents import PRD, PlannedFile, SystemDesign, Task, TaskPlan
from metaco.roles.splitting import split

__all__ = ["ProjectManager"]


class ProjectManager(Role):
    """Splits a design into tasks and gives each author everything it needs."""

    @action
    async def plan_tasks(self, design: SystemDesign, prd: PRD) -> TaskPlan:
        """Order the files of the design, and settle what all their authors must share."""

        def check(plan: TaskPlan) -> list[str]:
            return _violations(plan, design)

        plan = await self.ask(TaskPlan, check=check, prd=prd, design=design)
        designed = {*(f.path for f in design.files), f"{design.package}/__init__.py"}
        ordered = [
            file.model_copy(update={"depends_on": [d for d in file.depends_on if d in designed]})
            for file in plan.files
            if file.path in designed  # nobody can write a file that the design does not describe
        ]
        planned = {file.path for file in ordered}
        missing = [PlannedFile(path=f.path, depends_on=[]) for f in design.files]
        # A file the plan forgot is still in the design, and others build on it.
        files = [*ordered, *(file for file in missing if file.path not in planned)]
        return plan.model_copy(update={"package": design.package, "files": files})

    @action
    async def split(self, plan: TaskPlan, design: SystemDesign, prd: PRD) -> list[Task]:
        """Make one task per file; no model is needed for that."""
        return split(plan, design, prd)


def _violations(plan: TaskPlan, design: SystemDesign) -> list[str]:
    """Return where the plan does not fit the design."""
    designed, planned = {f.path for f in design.files}, {f.path for f in plan.files}
    return [
        *(f"The design's file {path} is not planned." for path in sorted(designed - planned)),
        *(f"The design has no file {path}." for path in sorted(planned - designed)),
    ]
