"""What the architect writes: the design, with every interface that authors share."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from metaco.core.document import Document, Part
from metaco.core.paths import distinct
from metaco.render import diagram
from metaco.render.markdown import json_copy, render
from metaco.roles.documents.allowed_files import leave_out
from metaco.roles.documents.fields import Distributions, PackageName, RequirementId, SafePath
from metaco.roles.documents.notation import attribute, brief, method, signature

__all__ = ["Class", "FilePlan", "FlowStep", "Function", "Relation", "SystemDesign"]

_Attribute = Annotated[str, AfterValidator(attribute)]
_Signature = Annotated[str, AfterValidator(signature)]
_Method = Annotated[str, AfterValidator(method)]
_Line = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]


def _class_name(text: str) -> str:
    """Leave out what a model may write around the name: ``class Task(Base):``."""
    name = re.sub(r"^class\s+|\(.*\)|:$", "", text.strip()).strip()
    if not name.isidentifier():
        raise ValueError(f"{text[:80]!r} is not a class name")
    return name


class FilePlan(Part):
    """A file of the program, what it is for and which requirements it serves."""

    path: SafePath = Field(description="relative, inside the package, as todo/storage.py")
    purpose: _Line
    requirements: list[RequirementId] = Field(description="ids, as R1")


class Class(Part):
    """A class with everything that other files may use of it."""

    name: Annotated[str, AfterValidator(_class_name)]
    file: SafePath
    purpose: _Line
    attributes: list[_Attribute] = Field(description="as `title: str` or `done: bool = False`")
    methods: list[_Method] = Field(
        description="as `add(self, title: str) -> Task  # ValueError if the title is empty`"
    )

    @field_validator("attributes")
    @classmethod
    def _defaults_last(cls, attributes: list[str]) -> list[str]:
        """Order them as the fields of a dataclass have to be, and share no list between objects."""
        empty = {" = []": "list", " = {}": "dict", " = set()": "set"}
        for end, kind in empty.items():
            made = f" = field(default_factory={kind})"
            attributes = [
                text.removesuffix(end) + made if text.endswith(end) else text for text in attributes
            ]
        return sorted(attributes, key=lambda text: " = " in text)


class Function(Part):
    """A function that other files or the command line use."""

    file: SafePath
    signature: _Signature = Field(description="as `main(argv: list[str] | None = None) -> int`")
    purpose: _Line


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

    package: PackageName = Field(description="the project name of the PRD")
    summary: str = Field(default="", description="leave it empty: the PRD says it")
    approach: str = Field(description="the main decisions and the difficult points, short")
    packages: Distributions = Field(description="third-party packages; empty if the library does")
    files: list[FilePlan] = Field(min_length=1)
    classes: list[Class]
    functions: list[Function]
    relations: list[Relation]
    flow: list[FlowStep]
    run: list[str] = Field(description="command lines that show the program in use")
    open_questions: list[str]

    @model_validator(mode="before")
    @classmethod
    def _files_may_be_written(cls, plan: Any) -> Any:
        return leave_out(plan)

    @model_validator(mode="after")
    def _files_fit(self) -> SystemDesign:
        paths = [file.path for file in self.files]
        distinct(paths)
        for path in paths:
            if path.endswith(".py") and not path.startswith(f"{self.package}/"):
                raise ValueError(
                    f"{path} is outside the package; the Python files of the program belong in "
                    f"{self.package}/, and tests are planned elsewhere"
                )
        defined = [(cls.name, cls.file) for cls in self.classes]
        defined += [(each.signature.split("(")[0], each.file) for each in self.functions]
        for name, path in defined:
            if path not in paths:
                raise ValueError(f"{name} is in {path}, which is not among the files")
        return self

    def is_record(self, cls: Class) -> bool:
        """Return whether objects of `cls` are made from its attributes, as a dataclass is."""
        return (
            bool(cls.attributes)
            and all(":" in text.partition(" = ")[0] for text in cls.attributes)  # no enumeration
            and not any(text.startswith("__init__(") for text in cls.methods)
            # A base may add parameters that are not known here.
            and not any(r.source == cls.name and r.kind == "inherits" for r in self.relations)
        )

    def interface(self, path: str) -> list[str]:
        """Return what the file `path` offers, each class and function as a stub."""
        stubs = []
        for cls in (c for c in self.classes if c.file == path):
            bases = [
                r.target for r in self.relations if r.source == cls.name and r.kind == "inherits"
            ]
            named = f"{cls.name}({', '.join(bases)})" if bases else cls.name
            lines = [f"class {named}:  # {cls.purpose}", *cls.attributes]
            lines += [f"def {method}" for method in cls.methods]
            stubs.append("@dataclass\n" * self.is_record(cls) + "\n    ".join(lines))
        stubs += [f"def {f.signature}  # {f.purpose}" for f in self.functions if f.file == path]
        return stubs

    def artifacts(self) -> dict[str, str]:
        classes, flow = self._class_diagram(), self._flow_diagram()
        files = {
            "README.md": render(__file__, "design_readme.md.j2", design=self),
            ".gitignore": render(__file__, "gitignore.j2"),
            "docs/design.md": render(
                __file__, "design.md.j2", design=self, classes=classes, flow=flow
            ),
            "docs/design.json": json_copy(self),
        }
        diagrams = {"docs/classes.mmd": classes, "docs/flow.mmd": flow}
        return files | {path: script for path, script in diagrams.items() if script}

    def _class_diagram(self) -> str:
        """Draw the classes, and the files that offer functions; nothing if there are none."""
        boxes = [
            diagram.Box(
                cls.name,
                [text.partition(" = ")[0] for text in cls.attributes],
                [brief(text) for text in cls.methods],
            )
            for cls in self.classes
        ]
        for file in self.files:
            offered = [brief(f.signature) for f in self.functions if f.file == file.path]
            if offered:
                boxes.append(diagram.Box(file.path, methods=offered, kind="module"))
        links = [diagram.Link(r.source, r.target, r.kind, r.label) for r in self.relations]
        apart = len(boxes) - len(links) > 3  # side by side they would be too wide to read
        direction: Literal["LR", "TB"] = "LR" if apart else "TB"
        return diagram.class_diagram(boxes, links, direction=direction) if boxes or links else ""

    def _flow_diagram(self) -> str:
        calls = [diagram.Call(s.caller, s.callee, s.call, s.returns) for s in self.flow]
        return diagram.sequence(calls) if calls else ""
