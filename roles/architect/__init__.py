"""The architect turns a PRD into a design that several engineers can build side by side."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from metaco.document import Document

__all__ = ["Class", "FilePlan", "FlowStep", "Function", "Relation", "SystemDesign"]


class _Part(BaseModel):
    """A piece of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FilePlan(_Part):
    """A file of the program, what it is for and which requirements it serves."""

    path: str = Field(description="relative, inside the package, as todo/storage.py")
    purpose: str
    requirements: list[str] = Field(description="ids, as R1")


class Class(_Part):
    """A class with everything that other files may use of it."""

    name: str
    file: str
    purpose: str
    attributes: list[str] = Field(description="as `title: str` or `done: bool = False`")
    methods: list[str] = Field(description="full signatures, as `add(self, title: str) -> Task`")


class Function(_Part):
    """A function that other files or the command line use."""

    file: str
    signature: str = Field(description="as `main(argv: list[str] | None = None) -> int`")
    purpose: str


class Relation(_Part):
    """How two classes belong together."""

    source: str
    target: str
    kind: Literal["inherits", "owns", "uses"]
    label: str = ""


class FlowStep(_Part):
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
