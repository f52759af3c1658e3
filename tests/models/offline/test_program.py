"""The assembler: constants, names and texts of a program, and nothing else of it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import ConfigurationError
from metaco.models.offline.design import imported, interfaces
from metaco.models.offline.program import Definition, assemble, definitions, edited
from metaco.models.offline.schema import fields_in_words

SOURCE = '''"""The kite; ä is no byte."""

from typing import Final

LENGTH = 30  # cm
ROUND: Final = False
COLOUR = "red"
SCHEMA = {"singular": "kite", "plural": "kites", "fields": []}


class Kite:
    """Flies.

    Sometimes.
    """

    length: int = LENGTH

    def fly(self) -> str:
        return "kite " + COLOUR


class Box(Kite):
    """A kite of another form."""

    other: Kite

    def near(self, box: "Box") -> Kite: ...


def build(length: int = LENGTH) -> Kite:
    """Build a kite: LENGTH = 30 is usual."""
    return Kite()
'''
MAIN = '''"""python -m kite"""

from kite.sail import build

import kite.sail as sail

NAMES = ["kite", 'kite.sail', "a kite flies", f"python -m kite"]


def main(argv: list[str] | None = None) -> int:
    """Start."""
    return 0
'''
TESTS = """from kite.sail import Kite


def test_r2_r10_flies() -> None:
    assert Kite().fly() == "kite red"


def test_r1_builds() -> None: ...
"""
YAML: dict[str, Any] = yaml.safe_load(r"""
name: kite
summary: A kite of {length} cm.
wishes: [kite]
parameters:
  length: {file: sail.py, constant: LENGTH, type: int, wish: ['(\d+) cm']}
  round:
    {file: sail.py, constant: ROUND, type: bool, wish: [round], says: {true: round, false: square}}
  colour: {file: sail.py, constant: COLOUR, type: text}
  schema: {file: sail.py, constant: SCHEMA, type: schema}
requirements:
  - priority: P0
    text: "It is {length} cm long, {round} and {colour}; python -m {package}."
    acceptance: ["{records} fly"]
    wish: ["[a-z]{2} {length}"]
sources:
  - {file: sail.py, purpose: "The {record}."}
  - {file: __main__.py, purpose: Starts.}
goals: []
stories: []
rivals: []
x_axis: [a, b]
y_axis: [c, d]
place: [0.5, 0.5]
flow: [[user, main, main(argv), "{length}"]]
run: ["python -m {package}"]
ui: ""
approach: ""
conventions: []
""")


def kite(folder: Path, **changes: Any) -> Definition:
    (folder / "kite").mkdir()
    (folder / "tests").mkdir()
    (folder / "kite" / "sail.py").write_text(SOURCE, encoding="utf-8")
    (folder / "kite" / "__main__.py").write_text(MAIN, encoding="utf-8")
    for name in ("sail", "main"):
        (folder / "tests" / f"test_{name}.py").write_text(TESTS, encoding="utf-8")
    (folder / "program.yaml").write_text(yaml.safe_dump(YAML | changes), encoding="utf-8")
    return Definition.load(folder)


def test_as_it_lies_there_nothing_changes(tmp_path: Path) -> None:
    program = assemble(kite(tmp_path))
    assert program.name == "kite"
    assert [file.content for file in program.files] == [SOURCE, MAIN]
    assert [file.tests for file in program.files] == [TESTS, TESTS]
    assert program.files[0].requirements == ["R1", "R2", "R10"]
    assert [file.tests_path for file in program.files] == [
        "tests/test_sail.py",
        "tests/test_main.py",
    ]


def test_parameters_are_constants_of_the_sources(tmp_path: Path) -> None:
    values = {"length": 7, "round": True, "colour": 'blue "ä"'}
    program = assemble(kite(tmp_path), values)
    expected = SOURCE.replace("LENGTH = 30  # cm", "LENGTH = 7  # cm")
    expected = expected.replace("ROUND: Final = False", "ROUND: Final = True")
    expected = expected.replace('COLOUR = "red"', 'COLOUR = "blue \\"ä\\""')
    assert program.files[0].content == expected  # also the docstring that quotes one
    assert program.texts.requirements[0].text == (
        'It is 7 cm long, round and blue "ä"; python -m kite.'
    )


def test_a_long_literal_goes_over_several_lines(tmp_path: Path) -> None:
    fields = [
        {"name": f"field_{n}", "kind": "text", "required": False, "choices": []} for n in range(3)
    ]
    schema = {"singular": "box", "plural": "boxes", "fields": fields}
    program = assemble(kite(tmp_path), {"schema": schema})
    content = program.files[0].content
    assert '\n    "fields": [\n        {"name": "field_0", "kind": "text",' in content
    assert max(map(len, content.splitlines())) <= 100
    assert assemble(kite_of(content, tmp_path)).texts.requirements[0].acceptance == ["boxes fly"]
    assert program.texts.sources[0].purpose == "The box."


def kite_of(content: str, folder: Path) -> Definition:
    (folder / "kite" / "sail.py").write_text(content, encoding="utf-8")
    return Definition.load(folder)


def test_another_name_is_that_of_the_package_and_no_word(tmp_path: Path) -> None:
    program = assemble(kite(tmp_path), name="dragon", losses=["a tail"])
    sail, main = program.files
    assert (sail.path, main.path) == ("dragon/sail.py", "dragon/__main__.py")
    assert sail.content == SOURCE.replace('{"singular": "kite"', '{"singular": "dragon"')
    assert "from dragon.sail import build" in main.content
    assert "import dragon.sail as sail" in main.content
    assert """["dragon", 'dragon.sail', "a kite flies", f"python -m dragon"]""" in main.content
    assert main.content.startswith('"""python -m dragon"""')
    assert main.tests.startswith("from dragon.sail import Kite")
    assert '== "kite red"' in main.tests
    assert program.texts.run == ["python -m dragon"]
    assert program.losses == ["a tail"]


def test_interfaces_are_read_off_the_sources(tmp_path: Path) -> None:
    program = assemble(kite(tmp_path))
    design = interfaces(program)
    assert [each["signature"] for each in design["functions"]] == [
        "build(length: int=LENGTH) -> Kite",
        "main(argv: list[str] | None=None) -> int",
    ]
    first = design["classes"][0]
    assert (first["purpose"], first["attributes"]) == ("Flies.", ["length: int = LENGTH"])
    assert first["methods"] == ["fly(self) -> str"]
    assert [(r["source"], r["target"], r["kind"]) for r in design["relations"]] == [
        ("Box", "Kite", "inherits"),
        ("Box", "Kite", "owns"),
    ]
    paths = [file.path for file in program.files]
    assert [imported(file, paths) for file in program.files] == [[], ["kite/sail.py"]]


def test_a_mistake_in_a_folder_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Extra inputs"):
        kite(tmp_path, wish=["kite"])


def test_a_constant_that_is_not_there_is_named(tmp_path: Path) -> None:
    definition = kite(
        tmp_path, parameters={"x": {"file": "sail.py", "constant": "X", "type": "int"}}
    )
    with pytest.raises(KeyError, match="no constant X"):
        assemble(definition)


def test_a_text_that_names_no_parameter_is_seen(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="weight"):
        assemble(kite(tmp_path, summary="{weight}"))


def test_all_folders_with_a_program_are_found(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "nothing").mkdir()
    kite(tmp_path / "b")
    assert [each.name for each in definitions(tmp_path)] == ["kite"]


@given(
    st.lists(st.text(st.characters(exclude_categories=["C"])), min_size=1, max_size=5), st.data()
)
def test_edits_replace_their_nodes_and_nothing_else(texts: list[str], data: st.DataObject) -> None:
    lines = [f"NAME_{n} = {text!r}" for n, text in enumerate(texts)]
    chosen = data.draw(st.sets(st.sampled_from(range(len(texts)))))
    values = [
        node.value for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.Assign)
    ]
    changed = edited("\n".join(lines), [(values[n], "7") for n in sorted(chosen)])
    expected = [f"NAME_{n} = 7" if n in chosen else line for n, line in enumerate(lines)]
    assert changed == "\n".join(expected)


def test_fields_in_words() -> None:
    fields = [
        {"name": "name", "kind": "text", "choices": []},
        {"name": "last_watered", "kind": "date", "choices": []},
        {"name": "state", "kind": "choice", "choices": ["new", "old"]},
    ]
    assert fields_in_words(fields) == "name, last watered (a date) and state (new, old)"
    assert fields_in_words(fields[:1]) == "name"


@pytest.mark.parametrize("text", ["name: [", "- a list", "name: half"])
def test_a_program_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "program.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"program\.yaml is not a program"):
        Definition.load(tmp_path)
