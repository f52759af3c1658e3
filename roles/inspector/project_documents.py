"""The documents of a project as they stand in docs/, and whether they fit one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from metaco.core.artifacts import noted
from metaco.core.directory import Folder
from metaco.core.document import Document
from metaco.roles.documents import (
    PRD,
    Delivery,
    Outline,
    RequirementItem,
    SystemDesign,
    TaskPlan,
    TestReport,
    TestsFailed,
    TestsNotRun,
    TestsPassed,
)
from metaco.roles.python_tests import requirements, test_names

__all__ = ["ProjectDocuments"]

_KINDS: Mapping[str, tuple[type[Document], ...]] = {
    "docs/prd.json": (PRD, Outline),
    "docs/design.json": (SystemDesign,),
    "docs/tasks.json": (TaskPlan,),
    "docs/tests.json": (TestsPassed, TestsFailed, TestsNotRun),
    "docs/delivery.json": (Delivery,),
}


D = TypeVar("D", bound=Document)


@dataclass
class ProjectDocuments:
    """The documents of a project.

    Attributes:
        readable: those that could be read, by their path.
        problems: what is wrong with the others.
    """

    readable: dict[str, Document] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Folder) -> ProjectDocuments:
        """Read what `docs/` holds as JSON."""
        documents = cls()
        for path, kinds in _KINDS.items():
            if path not in folder.files:
                continue
            document = _parsed(path, folder.files[path], kinds)
            if isinstance(document, str):
                documents.problems.append(document)
            else:
                documents.readable[path] = document
        if "docs/prd.json" not in folder.files:
            documents.problems.append(
                "docs/prd.json is missing, so the requirements of the project are unknown."
            )
        if documents.prd:
            needed = ("docs/design.json", "docs/tasks.json")
            missing = [path for path in needed if path not in folder.files]
            documents.problems += [f"{path} is missing." for path in missing]
        return documents

    def _of(self, kind: type[D]) -> D | None:
        return next((each for each in self.readable.values() if isinstance(each, kind)), None)

    @property
    def prd(self) -> PRD | None:
        return self._of(PRD)

    @property
    def outline(self) -> Outline | None:
        return self._of(Outline)

    @property
    def design(self) -> SystemDesign | None:
        return self._of(SystemDesign)

    @property
    def plan(self) -> TaskPlan | None:
        return self._of(TaskPlan)

    @property
    def delivery(self) -> Delivery | None:
        return self._of(Delivery)

    @property
    def items(self) -> list[RequirementItem]:
        """What is required."""
        first = self.prd or self.outline
        return first.requirements if first else []

    @property
    def planned(self) -> dict[str, list[str]]:
        """The files of the program, each with the requirements it serves."""
        planned = self.design or self.outline
        return {file.path: list(file.requirements) for file in planned.files} if planned else {}

    @property
    def package(self) -> str:
        first = self.prd or self.outline
        return self.design.package if self.design else first.project_name if first else ""

    @property
    def summary(self) -> str:
        first = self.prd or self.outline
        return first.summary if first else ""

    @property
    def packages(self) -> list[str]:
        """The third-party packages that the documents name."""
        return [
            name
            for each in (self.plan, self.design, self.outline)
            if each
            for name in each.packages
        ]

    def disagreements(self, tests: list[str]) -> list[str]:
        """Return where documents and tests do not speak of the same requirements.

        Args:
            tests: the contents of the files of tests.
        """
        required = {item.id for item in self.items}
        served = {one for ids in self.planned.values() for one in ids}
        tested = {one for text in tests for name in test_names(text) for one in requirements(name)}
        problems = []
        for item in self.items:
            if item.priority == "P0" and item.id not in served and self.planned:
                problems.append(f"No file of the design serves {item.id}: {item.text}")
            if item.priority == "P0" and item.id not in tested:
                problems.append(f"No test is named test_{item.id.lower()}_...: {item.text}")
        if not required:
            return problems
        unknown = "but docs/prd.json has no such requirement."
        problems += [
            *(f"The design refers to {one}, {unknown}" for one in _ordered(served - required)),
            *(f"A test is named after {one}, {unknown}" for one in _ordered(tested - required)),
        ]
        if self.delivery:
            delivered = {each.id for each in self.delivery.coverage}
            for one in _ordered(required ^ delivered):
                path = "docs/prd.json" if one in required else "docs/delivery.json"
                problems.append(f"{one} is in {path} only; rewrite docs/.")
        return problems + self._names_that_differ()

    def _names_that_differ(self) -> list[str]:
        names = {
            path: str(getattr(document, "package", getattr(document, "project_name", "")))
            for path, document in self.readable.items()
        }
        if len(set(filter(None, names.values()))) < 2:
            return []
        given = ", ".join(f"{name!r} in {path}" for path, name in names.items() if name)
        return [f"The project has several names: {given}."]

    def missing_files(self, folder: Folder) -> list[str]:
        """Return the files of the design and of the plan that are not there."""
        paths = dict.fromkeys(
            [*self.planned, *([f.path for f in self.plan.files] if self.plan else [])]
        )
        return [
            f"{path} is in the design, but missing." for path in paths if path not in folder.files
        ]

    def pages_that_differ(self, folder: Folder) -> list[str]:
        """Return the pages in docs/ that differ from their document."""
        problems = []
        for path, document in self.readable.items():
            for page, text in document.artifacts().items():
                if not page.startswith("docs/") or page.endswith(".json"):
                    continue
                if page not in folder.files:
                    problems.append(f"{page} is missing; {path} has its content.")
                elif folder.files[page].rstrip() not in (text.rstrip(), noted(text).rstrip()):
                    problems.append(
                        f"{page} differs from {path}: change the latter, and rewrite docs/."
                    )
        return problems

    def pages(self, report: TestReport | None, delivery: Delivery | None) -> dict[str, str]:
        """Return what docs/ should hold, by the documents as they are and the tests of today."""
        now = {**self.readable}
        if report:
            now["docs/tests.json"] = report
        if delivery:
            now["docs/delivery.json"] = delivery
        return {
            page: text
            for document in now.values()
            for page, text in document.artifacts().items()
            if page.startswith("docs/")
        }


def _parsed(path: str, text: str, kinds: tuple[type[Document], ...]) -> Document | str:
    """Return the document in `text`, or what is wrong with it."""
    problem = ""
    for kind in kinds:
        try:
            document = kind.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            problem = problem or f"{path} is not a valid {kind.__name__}: {field} {first['msg']}."
        else:
            if not (isinstance(document, TestsPassed) and document.failures()):
                return document
    return problem


def _ordered(ids: set[str]) -> list[str]:
    return sorted(ids, key=lambda one: (len(one), one))
