"""The documents of a project as they stand in docs/, and whether they fit one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from metaco.core.artifacts import noted
from metaco.core.directory import Folder
from metaco.core.document import Document
from metaco.roles.architect import SystemDesign
from metaco.roles.product_manager import PRD, RequirementItem
from metaco.roles.programmer import Outline
from metaco.roles.project_manager import TaskPlan
from metaco.roles.qa_engineer import TestReport, TestsFailed, TestsNotRun, TestsPassed
from metaco.roles.qa_engineer.tests import requirements, test_names
from metaco.roles.release_manager import Delivery

__all__ = ["Papers"]

_KINDS: Mapping[str, tuple[type[Document], ...]] = {
    "docs/prd.json": (PRD, Outline),
    "docs/design.json": (SystemDesign,),
    "docs/tasks.json": (TaskPlan,),
    "docs/tests.json": (TestsPassed, TestsFailed, TestsNotRun),
    "docs/delivery.json": (Delivery,),
}


@dataclass
class Papers:
    """The documents of a project.

    Attributes:
        found: those that could be read, by their path.
        problems: what is wrong with the others.
    """

    found: dict[str, Document] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Folder) -> Papers:
        """Read what `docs/` holds as JSON."""
        papers = cls()
        for path, kinds in _KINDS.items():
            if path not in folder.files:
                continue
            document = _parsed(path, folder.files[path], kinds)
            if isinstance(document, str):
                papers.problems.append(document)
            else:
                papers.found[path] = document
        known = [*papers.found, *(text.partition(" ")[0] for text in papers.problems)]
        if "docs/prd.json" not in known:
            papers.problems.append(
                "docs/prd.json is missing, so that nobody can say what the project should do."
            )
        if papers.prd:
            wanted = ("docs/design.json", "docs/tasks.json")
            papers.problems += [f"{path} is missing." for path in wanted if path not in known]
        return papers

    @property
    def prd(self) -> PRD | None:
        found = self.found.get("docs/prd.json")
        return found if isinstance(found, PRD) else None

    @property
    def outline(self) -> Outline | None:
        found = self.found.get("docs/prd.json")
        return found if isinstance(found, Outline) else None

    @property
    def design(self) -> SystemDesign | None:
        found = self.found.get("docs/design.json")
        return found if isinstance(found, SystemDesign) else None

    @property
    def plan(self) -> TaskPlan | None:
        found = self.found.get("docs/tasks.json")
        return found if isinstance(found, TaskPlan) else None

    @property
    def delivery(self) -> Delivery | None:
        found = self.found.get("docs/delivery.json")
        return found if isinstance(found, Delivery) else None

    @property
    def items(self) -> list[RequirementItem]:
        """What is required."""
        first = self.prd or self.outline
        return first.requirements if first else []

    @property
    def planned(self) -> dict[str, list[str]]:
        """The files of the program, each with the requirements it serves."""
        cut = self.design or self.outline
        return {file.path: list(file.requirements) for file in cut.files} if cut else {}

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

    def gaps(self, tests: list[str]) -> list[str]:
        """Return where documents and tests do not speak of the same requirements."""
        known = {item.id for item in self.items}
        served = {one for ids in self.planned.values() for one in ids}
        tested = {one for text in tests for name in test_names(text) for one in requirements(name)}
        found = []
        for item in self.items:
            if item.priority == "P0" and item.id not in served and self.planned:
                found.append(f"No file of the design serves {item.id}: {item.text}")
            if item.priority == "P0" and item.id not in tested:
                found.append(f"No test is named test_{item.id.lower()}_...: {item.text}")
        if not known:
            return found
        for one in _ordered(served - known):
            found.append(f"The design speaks of {one}, and docs/prd.json has no such requirement.")
        for one in _ordered(tested - known):
            found.append(f"A test is named after {one}, and docs/prd.json has no such requirement.")
        if self.delivery:
            delivered = {each.id for each in self.delivery.coverage}
            for one in _ordered(known ^ delivered):
                there = "docs/prd.json" if one in known else "docs/delivery.json"
                found.append(f"{one} is in {there} only; write docs/ again.")
        names = {
            path: str(getattr(document, "package", getattr(document, "project_name", "")))
            for path, document in self.found.items()
        }
        if len(set(filter(None, names.values()))) > 1:
            said = ", ".join(f"{name!r} in {path}" for path, name in names.items() if name)
            found.append(f"The project has several names: {said}.")
        return found

    def lost(self, folder: Folder) -> list[str]:
        """Return the files of the design and of the plan that are not there."""
        paths = dict.fromkeys(
            [*self.planned, *([f.path for f in self.plan.files] if self.plan else [])]
        )
        return [
            f"{path} is in the design, and not there." for path in paths if path not in folder.files
        ]

    def pages_that_differ(self, folder: Folder) -> list[str]:
        """Return the pages in docs/ that say something else than their document."""
        found = []
        for path, document in self.found.items():
            for page, text in document.artifacts().items():
                if not page.startswith("docs/") or page.endswith(".json"):
                    continue
                if page not in folder.files:
                    found.append(f"{page} is missing; {path} has what it should say.")
                elif folder.files[page].rstrip() not in (text.rstrip(), noted(text).rstrip()):
                    found.append(
                        f"{page} says something else than {path}: "
                        "change that one, and write docs/ again."
                    )
        return found

    def pages(self, report: TestReport | None, delivery: Delivery | None) -> dict[str, str]:
        """Return what docs/ should hold, by the documents as they are and the tests of today."""
        now = {**self.found}
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
            found = kind.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            problem = problem or f"{path} is no {kind.__name__}: {where} {first['msg']}."
        else:
            if isinstance(found, TestsPassed) and any(
                outcome.outcome in ("failed", "error") for outcome in found.outcomes
            ):
                continue
            return found
    return problem


def _ordered(ids: set[str]) -> list[str]:
    return sorted(ids, key=lambda one: (len(one), one))
