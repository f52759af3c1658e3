"""What the project manager writes: the task plan, and a task for each file of the program."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from metaco.core.document import Document, Part
from metaco.core.paths import safe_path
from metaco.render import diagram
from metaco.render.markdown import json_copy, render
from metaco.roles.documents.fields import Distributions, PackageName, SafePath
from metaco.roles.documents.prd import RequirementItem
from metaco.roles.documents.program import packaging

__all__ = ["PlannedFile", "Task", "TaskPlan"]


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
                raise ValueError(f"{path} appears twice; name every file once.")
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
        planned = {file.path for file in self.files}
        edges = [
            diagram.Edge(path, file.path)
            for file in self.files
            for path in file.depends_on
            if path in planned
        ]
        nodes = [diagram.FlowNode(file.path, file.path) for file in self.files]
        graph = diagram.flowchart(nodes, edges, direction="LR")
        return {
            "docs/tasks.md": render(__file__, "tasks.md.j2", plan=self, graph=graph),
            "docs/tasks.json": json_copy(self),
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
