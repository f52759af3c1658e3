"""The architect turns a PRD into a design that several engineers can build side by side."""

from __future__ import annotations

from metaco.role import Role, action
from metaco.roles.documents import PRD, SystemDesign
from metaco.roles.documents.allowed_files import left_out

__all__ = ["Architect"]


class Architect(Role):
    """Decides into which files a program is divided and what each offers to the others."""

    @action
    async def write_design(self, prd: PRD) -> SystemDesign:
        """Turn the PRD into a design."""

        def check(design: SystemDesign) -> list[str]:
            return _violations(design, prd)

        design = await self.ask(SystemDesign, check=check, prd=prd)
        return design.model_copy(update={"summary": prd.summary})


def _violations(design: SystemDesign, prd: PRD) -> list[str]:
    """Return where the design does not fit the PRD, or could not be built as it is."""
    wrong = left_out(design.open_questions)
    if design.package != prd.project_name:
        wrong.append(f"package is {design.package!r}; use the project name {prd.project_name!r}.")
    known = {item.id for item in prd.requirements}
    served = {r for file in design.files for r in file.requirements}
    for item in prd.requirements:
        if item.priority == "P0" and item.id not in served:
            wrong.append(f"No file serves {item.id} ({item.text}); name it at the file that does.")
    if unknown := sorted(served - known):
        wrong.append(f"The PRD has no {', '.join(unknown)}; use its ids.")
    if not any(file.path == f"{design.package}/__main__.py" for file in design.files):
        wrong.append(f"{design.package}/__main__.py is missing; it starts the program.")
    if not any(function.signature.startswith("main(") for function in design.functions):
        wrong.append(
            "No file offers `main(argv: list[str] | None = None) -> int`; name the one whose "
            "`main` starts the program."
        )
    for file in design.files:
        if file.path.split("/")[0] != design.package:
            wrong.append(
                f"{file.path} lies outside of {design.package}/; README, pyproject.toml and tests "
                "are made elsewhere, other files belong into the package."
            )
    return wrong
