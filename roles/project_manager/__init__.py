"""The project manager turns a design into tasks that can be done side by side."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from metaco.core.document import Document, Part
from metaco.core.paths import safe_path
from metaco.render import diagram
from metaco.render.markdown import page, twin
from metaco.role import Role, action
from metaco.roles.architect import Distributions, SafePath, SystemDesign
from metaco.roles.product_manager import PRD, PackageName, RequirementItem

__all__ = ["PlannedFile", "ProjectManager", "SourceFile", "Task", "TaskPlan", "TestFile"]


def _plain(path: str) -> str:
    try:
        return safe_path(path)
    except ValueError:
        return path  # a file the design does not have, so that nobody writes it


_PlannedPath = Annotated[str, AfterValidator(_plain)]


class PlannedFile(Part):
    """A file to write, in the task graph."""

    path: _PlannedPath
    depends_on: list[_PlannedPath] = Field(description="paths of files it imports from")
    notes: str = Field(default="", description="what its author has to know beyond the design")


class TaskPlan(Document):
    """The task graph, the packages and the conventions all engineers share."""

    package: PackageName = Field(description="the package of the design")
    packages: Distributions = Field(description="third-party packages, as they are installed")
    conventions: list[str] = Field(description="names, formats, errors, exit codes all share")
    files: list[PlannedFile] = Field(min_length=1)

    @field_validator("files")
    @classmethod
    def _paths_in_full(cls, files: list[PlannedFile]) -> list[PlannedFile]:
        """Write out a dependency that was named short, as ``models.py``, where only one fits."""
        paths = [file.path for file in files]

        def full(name: str) -> str:
            fitting = [path for path in paths if path.endswith(f"/{name}")]
            return fitting[0] if name not in paths and len(fitting) == 1 else name

        return [
            file.model_copy(update={"depends_on": [full(name) for name in file.depends_on]})
            for file in files
        ]

    @model_validator(mode="after")
    def _is_a_graph(self) -> TaskPlan:
        paths = [file.path for file in self.files]
        for path in paths:
            if paths.count(path) > 1:
                raise ValueError(f"{path} is there twice; name every file once.")
        for file in self.files:
            for path in file.depends_on:
                if path == file.path:
                    raise ValueError(f"{path} depends on itself")
                # The package's own __init__.py is there, planned or not.
                if path not in paths and path != f"{self.package}/__init__.py":
                    raise ValueError(f"{file.path} depends on {path}, which is not planned")
        self.stages()
        return self

    def stages(self) -> list[list[PlannedFile]]:
        """Return the files in the order of their dependencies; a stage builds on earlier ones.

        Raises:
            ValueError: files depend on one another in a circle.
        """
        files = {file.path: file for file in self.files}
        sorter = TopologicalSorter({path: file.depends_on for path, file in files.items()})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = " -> ".join(reversed(error.args[1]))
            raise ValueError(f"files depend on one another in a circle: {circle}") from None
        stages = []
        while sorter.is_active():
            ready = sorter.get_ready()
            sorter.done(*ready)
            stages.append([file for path, file in files.items() if path in ready])
        return [stage for stage in stages if stage]

    def artifacts(self) -> dict[str, str]:
        edges = [
            diagram.Edge(path, file.path)
            for file in self.files
            for path in file.depends_on
            if path in {planned.path for planned in self.files}
        ]
        nodes = [diagram.Node(file.path, file.path) for file in self.files]
        graph = diagram.flowchart(nodes, edges, direction="LR")
        return {
            "docs/tasks.md": page(__file__, "tasks.md.j2", plan=self, graph=graph),
            "docs/tasks.json": twin(self),
            "docs/tasks.mmd": graph,
            **packaging(self.package, self.packages),
        }


class Task(Document):
    """Everything one engineer or tester has to know to write one file."""

    path: SafePath
    tests: SafePath = Field(description="path of the test file for it")
    package: str
    summary: str
    language: str
    conventions: list[str]
    packages: list[str]
    files: list[str] = Field(description="all files of the program: path and purpose")
    notes: str
    offers: list[str] = Field(description="the interface this file must offer")
    uses: list[str] = Field(description="the interfaces of other files it may use")
    depends_on: list[str]
    requirements: list[RequirementItem]
    run: list[str]
    screen: str = Field(default="", description="what a user sees, for the file that shows it")

    @property
    def key(self) -> str:
        return self.path


class SourceFile(Document):
    """A file of the program: what an engineer makes of a task."""

    path: SafePath
    content: str

    @property
    def key(self) -> str:
        return self.path

    def replaces(self, path: str) -> bool:
        return path.count("/") == 1 and path.endswith("/__init__.py")  # the package's own

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.content}


class TestFile(Document):
    """A file of tests: what the QA engineer makes of a task."""

    __test__ = False  # pytest, not one of yours

    path: SafePath
    content: str
    adopted: bool = Field(default=False, description="found in a folder, so that it is a person's")
    changed: list[str] = Field(default=[], description="tests that were changed after a run")
    refused: list[str] = Field(default=[], description="why changes of it were not taken")

    @property
    def key(self) -> str:
        return self.path

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.content}


class ProjectManager(Role):
    """Cuts a design into tasks and gives each author everything it needs."""

    @action
    async def plan_tasks(self, design: SystemDesign, prd: PRD) -> TaskPlan:
        """Order the files of the design, and settle what all their authors must share."""

        def check(plan: TaskPlan) -> list[str]:
            return _gaps(plan, design)

        plan = await self.ask(TaskPlan, check=check, prd=prd, design=design)
        own = {*(f.path for f in design.files), f"{design.package}/__init__.py"}
        ordered = [
            file.model_copy(update={"depends_on": [d for d in file.depends_on if d in own]})
            for file in plan.files
            if file.path in own  # nobody can write a file that the design does not describe
        ]
        planned = {file.path for file in ordered}
        missing = [PlannedFile(path=f.path, depends_on=[]) for f in design.files]
        # A file the plan forgot is still in the design, and others build on it.
        files = [*ordered, *(file for file in missing if file.path not in planned)]
        return plan.model_copy(update={"package": design.package, "files": files})

    @action
    async def split(self, plan: TaskPlan, design: SystemDesign, prd: PRD) -> list[Task]:
        """Make one task per file; no model is needed for that."""
        overview = [f"{file.path}: {file.purpose}" for file in design.files]
        tasks = []
        for file in plan.files:
            about = next((f for f in design.files if f.path == file.path), None)
            if about is None:
                continue
            offers = interface(design, file.path)
            tasks.append(
                Task(
                    path=file.path,
                    tests=test_path(file.path, [f.path for f in plan.files]),
                    package=design.package,
                    summary=prd.summary,
                    language=prd.language,
                    conventions=plan.conventions,
                    packages=plan.packages,
                    files=overview,
                    notes=file.notes,
                    offers=offers,
                    uses=_uses(design, file),
                    depends_on=file.depends_on,
                    requirements=[r for r in prd.requirements if r.id in about.requirements],
                    run=design.run,
                    # Wording matters where it is printed; elsewhere it would mislead.
                    screen=prd.ui_draft if any(o.startswith("def main(") for o in offers) else "",
                )
            )
        return tasks


def packaging(package: str, packages: list[str]) -> dict[str, str]:
    """Return the files that make a package of the program, so that pip can install it."""
    return {
        "pyproject.toml": page(__file__, "pyproject.toml.j2", package=package, packages=packages),
        f"{package}/__init__.py": f'"""The package {package}; README.md says what it does."""\n',
    }


def test_path(path: str, paths: list[str]) -> str:
    """Return where the tests of the file `path` stand: ``tests/test_storage.py``."""
    stem = PurePosixPath(path).stem.strip("_")
    same = [p for p in paths if PurePosixPath(p).stem.strip("_") == stem]
    if len(same) > 1:  # two files of one name: tell them apart by their folders
        stem = "_".join(part.strip("_") for part in PurePosixPath(path).with_suffix("").parts[1:])
    return f"tests/test_{stem}.py"


test_path.__test__ = False  # type: ignore[attr-defined]  # pytest, not one of yours


def interface(design: SystemDesign, path: str) -> list[str]:
    """Return what the file `path` offers, each class and function as a stub."""
    stubs = []
    for cls in (c for c in design.classes if c.file == path):
        bases = [
            r.target for r in design.relations if r.source == cls.name and r.kind == "inherits"
        ]
        head = f"class {cls.name}{'(' + ', '.join(bases) + ')' if bases else ''}:  # {cls.purpose}"
        body = [*cls.attributes, *(f"def {method}" for method in cls.methods)]
        mark = "@dataclass\n" if design.is_record(cls) else ""
        stubs.append(mark + "\n    ".join([head, *body]))
    stubs += [f"def {f.signature}  # {f.purpose}" for f in design.functions if f.file == path]
    return stubs


def _uses(design: SystemDesign, file: PlannedFile) -> list[str]:
    """Return the interfaces of the files it depends on, and the types that these mention."""
    shown: dict[str, list[str]] = {
        path: interface(design, path) for path in file.depends_on if path != file.path
    }
    text = "\n".join(
        stub for stubs in [interface(design, file.path), *shown.values()] for stub in stubs
    )
    whole = set(shown)
    for cls in design.classes:
        if cls.file not in {file.path, *whole} and re.search(rf"\b{cls.name}\b", text):
            stubs = interface(design, cls.file)
            shown.setdefault(cls.file, []).extend(
                stub for stub in stubs if re.search(rf"(?m)^class {cls.name}\b", stub)
            )
    return [
        "\n".join([f"# from {_module(path)} import ...", *stubs])
        for path, stubs in shown.items()
        if stubs
    ]


def _module(path: str) -> str:
    return ".".join(PurePosixPath(path).with_suffix("").parts)


def _gaps(plan: TaskPlan, design: SystemDesign) -> list[str]:
    """Return where the plan does not fit the design."""
    wanted, planned = {f.path for f in design.files}, {f.path for f in plan.files}
    found = [f"The design's file {path} is not planned." for path in sorted(wanted - planned)]
    found += [f"The design has no file {path}." for path in sorted(planned - wanted)]
    return found
