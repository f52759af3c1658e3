"""The program itself: its files, its tests, and what makes it a package that pip can install."""

from __future__ import annotations

from pydantic import Field

from metaco.core.document import Document
from metaco.render.markdown import render
from metaco.roles.documents.fields import SafePath

__all__ = ["SourceFile", "TestFile", "packaging"]


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

    __test__ = False  # not a class of tests, whatever pytest takes it for

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


def packaging(package: str, packages: list[str]) -> dict[str, str]:
    """Return the files that make a package of the program, so that pip can install it.

    Args:
        packages: third-party packages it needs, as pip installs them.
    """
    return {
        "pyproject.toml": render(__file__, "pyproject.toml.j2", package=package, packages=packages),
        f"{package}/__init__.py": f'"""The package {package}; README.md says what it does."""\n',
    }
