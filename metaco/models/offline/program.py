r"""A program that offline can write, and the one assembler.

A program is a folder of `programs`: ``program.yaml`` beside a small real project, whose sources and
tests run as they lie there. Variations are parameters: constants in the sources, which the
assembler rewrites. What documents say of classes, signatures and imports is read off the sources.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metaco.core.errors import ConfigurationError
from metaco.models.offline.schema import fields_in_words

__all__ = [
    "PROGRAMS",
    "Definition",
    "File",
    "Parameter",
    "Program",
    "assemble",
    "definitions",
    "edited",
]

PROGRAMS = Path(__file__).parent / "programs"
_LINE = 96  # a literal as long as this goes over several lines


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(_Part):
    """A constant of a source that a wish may set.

    Attributes:
        file: in the package, as ``game.py``.
        constant: its name at the top of the file.
        wish: regular expressions whose first group is the value; of a bool, those that ask for
            what is not the default; or the expressions of each value.
        min, max: for numbers; what lies outside is a loss.
        choices: the values of a choice.
        says: words for a value in texts.
    """

    file: str
    constant: str
    type: Literal["int", "float", "bool", "choice", "text", "schema"]
    wish: list[str] | dict[str | bool | int, list[str]] = []
    min: float | None = None
    max: float | None = None
    choices: list[str | int] = []
    says: dict[str | bool | int, str] = {}

    def words(self, value: Any) -> str:
        """Return a value as texts show it."""
        if not isinstance(value, dict) and value in self.says:
            return self.says[value]
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)


class _Requirement(_Part):
    """A requirement; `wish` are the phrases that it answers."""

    priority: Literal["P0", "P1", "P2"]
    text: str
    acceptance: list[str] = Field(min_length=1)
    wish: list[str] = []


class _Source(_Part):
    file: str
    purpose: str
    notes: str = ""


class _Rival(_Part):
    name: str
    strengths: list[str]
    weaknesses: list[str]
    x: float
    y: float


class Definition(_Part):
    """What ``program.yaml`` holds; texts name parameters and the package in braces."""

    name: str
    summary: str
    wishes: list[str] = []
    parameters: dict[str, Parameter] = {}
    requirements: list[_Requirement]
    sources: list[_Source]
    goals: list[str]
    stories: list[str]
    rivals: list[_Rival]
    x_axis: tuple[str, str]
    y_axis: tuple[str, str]
    place: tuple[float, float]
    flow: list[tuple[str, str, str, str]]
    run: list[str]
    ui: str
    approach: str
    conventions: list[str]
    questions: list[str] = []
    folder: Path

    @classmethod
    def load(cls, folder: Path) -> Definition:
        """Read the program of a folder.

        Raises:
            ConfigurationError: its ``program.yaml`` cannot be read; the message says where.
        """
        loader, file = getattr(yaml, "CSafeLoader", yaml.SafeLoader), folder / "program.yaml"
        try:
            data = yaml.load(file.read_text(encoding="utf-8"), loader)
            return cls.model_validate({**data, "folder": folder})
        except (yaml.YAMLError, TypeError, ValidationError) as error:
            problem = " ".join(str(error).split())[:300]
            raise ConfigurationError(
                f"{file} is not a program: {problem}.", "Correct it."
            ) from None

    def source(self, file: str) -> str:
        """Return a file of the package as it lies in the folder."""
        return (self.folder / self.name / file).read_text(encoding="utf-8")

    def defaults(self) -> dict[str, Any]:
        """Return the values that the constants have in the sources."""
        return {
            name: ast.literal_eval(_constant(self.source(each.file), each.constant))
            for name, each in self.parameters.items()
        }


@dataclass(frozen=True)
class File:
    """A source file of an assembled program with its tests, paths as in the project."""

    path: str
    content: str
    tests_path: str
    tests: str
    purpose: str
    notes: str
    requirements: list[str]


@dataclass(frozen=True)
class Program:
    """A program with its parameters set.

    Attributes:
        name: the package.
        texts: what ``program.yaml`` holds, with the values in its texts.
        files: in an order in which they could be written.
        losses: parts of the wish that it does not do, in the words of the wish.
    """

    name: str
    texts: Definition
    files: list[File]
    losses: list[str]


@cache
def definitions(folder: Path = PROGRAMS) -> tuple[Definition, ...]:
    """Return all programs of a folder, in the order of their names."""
    return tuple(Definition.load(path.parent) for path in sorted(folder.glob("*/program.yaml")))


def assemble(
    definition: Definition,
    values: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    losses: Iterable[str] = (),
) -> Program:
    """Make the program with these values of its parameters.

    Args:
        values: by the name of the parameter; the others keep their defaults.
        name: of the package, if it is another than the program's own.
        losses: what the wish asks for besides.
    """
    name = name or definition.name
    defaults = definition.defaults()
    values = defaults | dict(values or {})
    words = {"package": name}
    for key, value in values.items():
        if isinstance(value, dict):
            words |= {"record": value["singular"], "records": value["plural"]}
            words["fields"] = fields_in_words(value["fields"])
        words[key] = definition.parameters[key].words(value)
    changed = {key: value for key, value in values.items() if value != defaults[key]}
    raw = definition.model_dump(
        exclude={
            "parameters": True,
            "wishes": True,
            "requirements": {"__all__": {"wish"}},
        }
    )
    texts = Definition.model_validate(_filled(raw, words) | {"folder": definition.folder})
    files = [_file(definition, source, changed, name) for source in texts.sources]
    return Program(name, texts, files, list(losses))


def _file(definition: Definition, source: _Source, changed: Mapping[str, Any], name: str) -> File:
    tests_file = f"tests/test_{Path(source.file).stem.strip('_')}.py"
    content = definition.source(source.file)
    constants = [
        (_constant(content, parameter.constant), _literal(changed[key]))
        for key, parameter in definition.parameters.items()
        if parameter.file == source.file and key in changed
    ]
    tests = (definition.folder / tests_file).read_text(encoding="utf-8")
    ids = {n for test in re.findall(r"def test((?:_r\d+)+)_", tests) for n in test.split("_r")[1:]}
    return File(
        path=f"{name}/{source.file}",
        content=_renamed(edited(content, constants), definition.name, name),
        tests_path=tests_file,
        tests=_renamed(tests, definition.name, name),
        purpose=source.purpose,
        notes=source.notes,
        requirements=[f"R{n}" for n in sorted(ids, key=int)],
    )


def edited(content: str, replacements: Iterable[tuple[ast.expr, str]]) -> str:
    """Return a source with the text of some of its nodes replaced."""
    lines = content.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = content.encode()
    for node, text in sorted(replacements, key=lambda each: -each[0].lineno):
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        data = data[:start] + text.encode() + data[end:]
    return data.decode()


def _constant(content: str, name: str) -> ast.expr:
    """Return the value that a constant at the top of a source has."""
    for node in ast.parse(content).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign) and node.value
            return node.value
    raise KeyError(f"There is no constant {name}.")


def _literal(value: Any, indent: str = "") -> str:
    """Return a value as it is written in a source, over several lines where it is long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list):
        return repr(value)
    pairs = isinstance(value, dict)
    inner = f"{indent}    "
    parts = [
        f"{_literal(each)}: {_literal(value[each], inner)}" if pairs else _literal(each, inner)
        for each in value
    ]
    opening, closing = "{}" if pairs else "[]"
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(indent + line) <= _LINE and "\n" not in line:
        return line
    return "\n".join([opening, *(f"{inner}{part}," for part in parts), f"{indent}{closing}"])


def _renamed(content: str, old: str, new: str) -> str:
    """Return a source with another name of the package: in imports, ``-m`` and plain strings."""
    if old == new:
        return content
    imports = rf"(?m)(?<=^from ){old}(?=[. ])|(?<=^import ){old}(?=\.)"
    return re.sub(rf"{imports}|(?<=[\"']){old}(?=[\"'.])|(?<=-m ){old}\b", new, content)


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Return texts with ``{name}`` replaced, in whatever holds them; "a" becomes "an" by sound."""

    def word(match: re.Match[str]) -> str:
        article, name = match.groups(default="")
        sound = "n" if article and words[name][:1].lower() in "aeio" else ""
        return f"{article[:1]}{sound}{article[1:]}{words[name]}"

    if isinstance(value, str):
        return re.sub(r"(\b[aA] )?\{([a-z_]+)\}", word, value)
    if isinstance(value, dict):
        return {key: _filled(each, words) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, words) for each in value]
    return value
