"""Entries: they are written as they were read, also those of other versions of metaco."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from facts import started
from hypothesis import given, settings
from hypothesis import strategies as st

import metaco
from metaco import Company, Decision, Settings
from metaco.cli import main
from metaco.cli.sop import load_sop
from metaco.core.errors import LogError
from metaco.run.codec import decode, dump, encode, plain
from metaco.run.entries import FORMAT, KINDS, RunEnded, TurnCompleted, Unknown
from metaco.run.log import Log
from metaco.run.store import _prepare
from metaco.testing import Scripted

ROOT = Path(metaco.__file__).parent
TEAM = Path(__file__).parent.parent / "cli" / "team"
GATED = str(TEAM / "gated.yaml")

# ------------------------------------------------------------------ any JSON

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
more = st.dictionaries(texts.map(lambda name: f"later {name}"), anything, max_size=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": texts,
    "int": st.integers(0, 2**60),
    "float": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "str | None": st.none() | texts,
    "int | None": st.none() | st.integers(0, 2**60),
    "float | None": st.none() | st.floats(allow_nan=False),
    "Mapping[str, Any]": st.dictionaries(texts, anything, max_size=3),
    "Mapping[str, str]": st.dictionaries(texts, texts, max_size=3),
    "tuple[str, ...]": st.lists(texts, max_size=3),
    "tuple[tuple[str, str], ...]": st.lists(st.lists(texts, min_size=2, max_size=2), max_size=3),
}


def bodies(kind: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return what a version of metaco may have written of a kind: all fields, and more."""
    needed: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for field in fields(kind):
        if field.name != "more":
            values = VALUES.get(str(field.type), st.lists(MESSAGE, max_size=2))
            where = needed if field.default is MISSING else optional
            where[field.metadata.get("name", field.name)] = values
    known = st.fixed_dictionaries(needed, optional=optional)
    return st.builds(lambda *parts: {**parts[1], **parts[0]}, known, more)


MESSAGE = st.fixed_dictionaries(
    {"id": texts, "type": texts, "key": texts, "body": VALUES["Mapping[str, Any]"]},
    optional={"later": anything},
)
unknown = st.tuples(texts.filter(lambda kind: kind not in KINDS), st.dictionaries(texts, anything))
entries = st.one_of(
    unknown, *(st.tuples(st.just(kind), bodies(cls)) for kind, cls in KINDS.items())
)


@settings(max_examples=300, deadline=None)
@given(entries)
def test_what_is_read_is_written_as_it_was(entry: tuple[str, dict[str, Any]]) -> None:
    kind, body = entry
    if kind == "run":
        body["format"] = min(body["format"], FORMAT)
    fact = decode(kind, json.dumps(body))
    text, again = encode(fact)
    assert json.loads(text) == json.loads(json.dumps(plain(fact))) == body
    assert again is fact
    assert fact.kind == kind
    assert decode(kind, text) == fact


def test_a_field_that_says_what_its_absence_says_is_kept() -> None:
    body = {"status": "done", "problem": "", "limit": "", "later": [1]}
    fact = decode("end", json.dumps(body))
    assert fact == RunEnded("done", more={"problem": "", "limit": "", "later": [1]})
    assert plain(fact) == body


def test_half_a_character_is_what_can_be_read_back() -> None:
    text, fact = encode(RunEnded("a\ud83d"))
    assert json.loads(text) == {"status": "a?"}
    assert fact == RunEnded("a?")


def test_a_deep_document_is_read() -> None:
    body: Any = {"status": "done", "deep": 1}
    for _ in range(300):
        body = {"status": "done", "deep": body}
    assert plain(decode("end", json.dumps(body))) == body


@pytest.mark.parametrize(("kind", "text"), [("end", "{}"), ("turn", "[]"), ("end", '{"status"')])
def test_what_lacks_something_cannot_be_read(kind: str, text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode(kind, text)


# ------------------------------------------------------------------ other versions


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the roles of the team be imported, for as long as a test runs."""
    monkeypatch.syspath_prepend(str(TEAM))
    yield
    for name in [name for name in sys.modules if name.startswith("crew_for_cli")]:
        del sys.modules[name]  # other tests import it as code of a folder


async def test_a_later_format_is_refused_by_name(tmp_path: Path) -> None:
    log = Log(tmp_path / "metaco.db")
    await log.append("r", "", started(format=FORMAT + 1, metaco="7.3"))
    company = Company(workspace=tmp_path, settings=Settings(model="offline"))
    for refused in (log.read("r"), log.runs(), company.resume("r")):
        with pytest.raises(LogError) as error:
            await refused
        assert f"a run of metaco 7.3, whose format {FORMAT + 1} this version" in error.value.problem
        assert error.value.remedy.startswith("Install that version")


@pytest.mark.usefixtures("team")
async def test_what_later_versions_add_is_passed_over(tmp_path: Path) -> None:
    from crew_for_cli import Page

    model = Scripted({"*": Page(title="A page", lines=["x"])})
    company = Company(GATED, model=model, workspace=tmp_path, settings=Settings())
    first = await company.run("a page")
    assert first.status == "waiting"
    later = Unknown("studio", more={"step": "Crew.write_page", "tokens": 5})
    assert await company.log.append(first.run, "1", later)
    assert await company.log.append(first.run, "x", RunEnded("waiting", more={"why": "a gate"}))
    result = await company.resume(first.run, decisions={"Page": Decision("approve")})
    assert result.ok
    known = [dump(entry) for entry in await company.log.read(first.run)]
    assert {"step": "Crew.write_page", "tokens": 5} in [entry["body"] for entry in known]
    assert {"status": "waiting", "why": "a gate"} in [entry["body"] for entry in known]


LATER = {"effect", "repeat", "result"}
"""Kinds that format 1 did not have."""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, team: None) -> Path:
    """A workspace of metaco 0.1.0 at 562767f: a run that is done, and one that waits at a gate.

    Between them they have every kind of entry. Only the path of the SOP is set to where it is now.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    shutil.copy(Path(__file__).parent / "logs" / "format_1.db", workspace / "metaco.db")
    db = sqlite3.connect(workspace / "metaco.db")
    db.execute("update entry set body = json_set(body, '$.sop', ?) where kind = 'run'", (GATED,))
    db.commit()
    db.close()
    return workspace


async def test_a_log_of_an_earlier_version_is_read_whole(old: Path) -> None:
    log = Log(old / "metaco.db")
    done, waits = [entry.run for entry in await log.runs()]
    known = [*await log.read(done), *await log.read(waits)]
    assert {entry.kind for entry in known} == set(KINDS) - LATER
    db = sqlite3.connect(old / "metaco.db")
    names = {name for (name,) in db.execute("select name from sqlite_master")}
    assert {"entry_run", "entry_by_kind"} & names == {"entry_run"}
    stored = [json.loads(body) for (body,) in db.execute("select body from entry order by run, n")]
    db.close()
    assert [json.loads(json.dumps(plain(entry.fact))) for entry in known] == stored


def test_a_log_of_an_earlier_version_that_is_read_only_keeps_its_index(old: Path) -> None:
    with closing(sqlite3.connect(f"file:{old / 'metaco.db'}?mode=ro", uri=True)) as db:
        _prepare(db)
        assert not db.in_transaction
        assert db.execute("select count(*) from entry").fetchone()[0] > 10


async def test_a_run_of_an_earlier_version_goes_on(old: Path) -> None:
    settings = Settings(prices={"first:m": {"prompt": 1.0, "reply": 2.0}})
    company = Company(GATED, model=Scripted({}), workspace=old, settings=settings)
    done, waits = [entry.run for entry in await company.log.runs()]
    again = await company.resume(done)
    assert (again.status, again.cost.total.calls, again.cost.total.failed) == ("done", 4, 1)
    assert again.project
    assert (
        (again.project / "docs" / "page.md")
        .read_text()
        .startswith("# A page\n\nwith a cat\nand a café ½\n")
    )
    before = await company.log.read(waits)
    result = await company.resume(waits, decisions={"Page": Decision("approve")})
    assert result.ok
    new = (await company.log.read(waits))[len(before) :]
    assert [entry.fact.step for entry in new if isinstance(entry.fact, TurnCompleted)] == [
        "Crew.hand_over"
    ]  # what was done before is not done again


def test_a_run_of_an_earlier_version_is_shown(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = ["--workspace", str(old)]
    load_sop(GATED, named=True)  # which trusts it
    assert main(["runs", "--json", *workspace]) == 0
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[0] == "{"]
    assert [(run["status"], run["sandbox"]) for run in runs] == [
        ("done", "off"),
        ("waiting", "auto"),
    ]
    assert main(["show", runs[0]["run"], "--json", "--prompts", *workspace]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["status"] == "done"
    assert [step["turns"] for step in facts["steps"]] == [2, 1]
    assert len(facts["prompts"]) == 5
    assert facts["failures"] == []
    assert main(["show", runs[1]["run"], *workspace]) == 0
    assert "Waiting for you" in capsys.readouterr().out
    assert main(["cost", runs[0]["run"], *workspace]) == 0
    assert "1,997" in capsys.readouterr().out


# ------------------------------------------------------------------ one place


def modules() -> list[Path]:
    """Return the modules of metaco, without the roles and the programs that offline hands out."""
    others = {ROOT / "roles", ROOT / "models" / "offline" / "programs"}
    return [path for path in ROOT.rglob("*.py") if not others & set(path.parents)]


def reads_by_name(source: str) -> list[str]:
    """Return where a thing called `body` is read by the name of a field."""
    reads = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=str())):
                pass
            case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(), *_]):
                pass
            case _:
                continue
        name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
        if name == "body":
            reads.append(ast.unparse(node))
    return reads


def test_no_entry_is_read_by_name_but_in_the_codec() -> None:
    assert reads_by_name('entry.body["step"], body.get("cost"), body[0]') == [
        "entry.body['step']",
        "body.get('cost')",
    ]
    others = {"run/codec.py", "models/endpoint.py"}  # what HTTP brings is a body as well
    for path in modules():
        if path.relative_to(ROOT).as_posix() not in others:
            assert reads_by_name(path.read_text(encoding="utf-8")) == [], path


def test_sqlite_is_known_to_the_store_of_the_log_and_to_the_memory_alone() -> None:
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if "sqlite3" in path.read_text(encoding="utf-8")
    }
    assert knowing == {"run/store.py", "run/writer.py", "tools/memory.py"}


def test_every_field_of_every_kind_is_explained() -> None:
    for cls in KINDS.values():
        _, _, attributes = (cls.__doc__ or "").partition("Attributes:")
        for field in fields(cls):
            if field.name != "more":
                assert re.search(rf"^ +{field.name}: \S", attributes, re.M), (cls, field.name)
