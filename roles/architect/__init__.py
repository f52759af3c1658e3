"""The architect turns a PRD into a design that several engineers can build side by side."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.document import Document, Part
from metaco.role import Role, action
from metaco.roles.product_manager import PRD

__all__ = ["Architect", "Class", "FilePlan", "FlowStep", "Function", "Relation", "SystemDesign"]


class FilePlan(Part):
    """A file of the program, what it is for and which requirements it serves."""

    path: str = Field(description="relative, inside the package, as todo/storage.py")
    purpose: str
    requirements: list[str] = Field(description="ids, as R1")


class Class(Part):
    """A class with everything that other files may use of it."""

    name: str
    file: str
    purpose: str
    attributes: list[str] = Field(description="as `title: str` or `done: bool = False`")
    methods: list[str] = Field(description="full signatures, as `add(self, title: str) -> Task`")


class Function(Part):
    """A function that other files or the command line use."""

    file: str
    signature: str = Field(description="as `main(argv: list[str] | None = None) -> int`")
    purpose: str


class Relation(Part):
    """How two classes belong together."""

    source: str
    target: str
    kind: Literal["inherits", "owns", "uses"]
    label: str = ""


class FlowStep(Part):
    """One call in the main flow of the program."""

    caller: str
    callee: str
    call: str
    returns: str = ""


class SystemDesign(Document):
    """Files, data structures, interfaces and the main flow: a contract between engineers."""

    package: str = Field(description="the project name of the PRD")
    approach: str = Field(description="the main decisions and the difficult points, short")
    packages: list[str] = Field(description="third-party packages; empty if the library does")
    files: list[FilePlan] = Field(min_length=1)
    classes: list[Class]
    functions: list[Function]
    relations: list[Relation]
    flow: list[FlowStep]
    run: list[str] = Field(description="command lines that show the program in use")
    open_questions: list[str]


class Architect(Role):
    """Decides how a program is cut into files and what each offers to the others."""

    @action
    async def write_design(self, prd: PRD) -> SystemDesign:
        """Turn the PRD into a design."""

        def check(design: SystemDesign) -> list[str]:
            return _weak_points(design, prd)

        return await self.ask(SystemDesign, check=check, prd=prd)


def _weak_points(design: SystemDesign, prd: PRD) -> list[str]:
    """Return where the design does not fit the PRD, or could not be built as it is."""
    found = []
    if design.package != prd.project_name:
        found.append(f"package is {design.package!r}; use the project name {prd.project_name!r}.")
    known = {item.id for item in prd.requirements}
    served = {r for file in design.files for r in file.requirements}
    for item in prd.requirements:
        if item.priority == "P0" and item.id not in served:
            found.append(f"No file serves {item.id} ({item.text}); name it at the file that does.")
    if unknown := sorted(served - known):
        found.append(f"The PRD has no {', '.join(unknown)}; use its ids.")
    if not any(file.path == f"{design.package}/__main__.py" for file in design.files):
        found.append(f"{design.package}/__main__.py is missing; it starts the program.")
    for file in design.files:
        if file.path.split("/")[0] != design.package:
            found.append(
                f"{file.path} lies outside of {design.package}/; README, pyproject.toml and tests "
                "are made elsewhere, other files belong into the package."
            )
    return found
