"""Resources live as long as a run: opened when first needed, once, and closed with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from resourceful import Read, Word

from metaco import SOP, Company, Requirement, Role, action
from metaco.core.errors import ConfigurationError
from metaco.run.options import Resource
from metaco.run.resources import Resources
from metaco.run.result import Result

READING = """
name: reading
input: Requirement
output: Read
steps: [resourceful:Reader.split, resourceful:Reader.read]
"""


class Database:
    """Counts how often it is opened and closed."""

    def __init__(self, problem: str = "") -> None:
        self.problem, self.opened, self.closed = problem, 0, 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        self.opened += 1
        if self.problem:
            raise OSError(self.problem)
        yield f"row {self.opened}"
        self.closed += 1


def company(root: Path, **resources: Resource) -> Company:
    return Company(SOP.parse(READING), model="offline", workspace=root, resources=resources)


def texts(result: Result) -> list[str]:
    return [each.text for each in result.documents if isinstance(each, Read)]


async def test_it_is_opened_once_for_all_turns_of_a_run_and_closed(tmp_path: Path) -> None:
    database, other = Database(), Database()
    made = company(tmp_path, db=database.open, other=other.open)
    result = await made.run("db-1 db-2 db-3")
    assert (result.status, texts(result)) == ("done", ["row 1"] * 3)
    assert (database.opened, database.closed) == (1, 1)
    assert (other.opened, other.closed) == (0, 0)
    assert texts(await made.run("db-1")) == ["row 2"]
    assert (database.opened, database.closed) == (2, 2)


async def test_what_cannot_be_opened_fails_the_turn_and_not_the_others(tmp_path: Path) -> None:
    good, bad = Database(), Database("no such file")
    made = company(tmp_path, db=good.open, bad=bad.open)
    result = await made.run("db-1 bad-1")
    assert (result.status, texts(result)) == ("failed", ["row 1"])
    (failure,) = result.failures
    assert failure.problem == "The resource bad could not be opened: OSError: no such file."
    assert (failure.subject, "metaco resume" in failure.remedy) == ("bad-1", True)
    assert good.closed == 1
    bad.problem = ""
    assert sorted(texts(await made.resume(result.run))) == ["row 1", "row 2"]


async def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    (failure,) = (await company(tmp_path, db=Database().open).run("dbs-1")).failures
    assert (failure.problem, failure.remedy) == ("There is no resource 'dbs'.", "Did you mean db?")
    (failure,) = (await company(tmp_path).run("db-1")).failures
    assert "Company(resources=...)" in failure.remedy


async def test_what_cannot_be_closed_is_a_warning(tmp_path: Path) -> None:
    @asynccontextmanager
    async def stuck() -> AsyncIterator[str]:
        yield "row"
        raise OSError("still in use")

    database = Database()
    result = await company(tmp_path, stuck=stuck, db=database.open).run("db-1 stuck-1")
    assert (result.status, database.closed) == ("done", 1)
    assert any("stuck could not be closed" in each for each in result.warnings)


async def test_they_are_closed_where_a_run_is_interrupted(tmp_path: Path) -> None:
    database, reached = Database(), asyncio.Event()

    @asynccontextmanager
    async def waits() -> AsyncIterator[str]:
        reached.set()
        await asyncio.Event().wait()
        yield ""

    made = company(tmp_path, db=database.open, waits=waits)
    running = asyncio.create_task(made.run("db-1 waits-1"))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert database.closed == database.opened


async def test_two_that_need_it_at_once_wait_for_the_same_one() -> None:
    database, ready = Database(), asyncio.Event()

    @asynccontextmanager
    async def slow() -> AsyncIterator[str]:
        await ready.wait()
        async with database.open() as row:
            yield row

    resources = Resources({"db": slow}, [])
    async with resources:
        both = [asyncio.create_task(resources.get("db")) for _ in range(2)]
        await asyncio.wait(both, timeout=0)
        ready.set()
        assert await asyncio.gather(*both) == ["row 1", "row 1"]
    assert database.closed == 1


PART = SOP.parse(READING)


class Delegate(Role):
    """Has another run read."""

    @action
    async def read(self, word: Word) -> Read:
        """Read the word twice, in a run of its own."""
        await self.run(PART, Requirement(text=f"{word.text} {word.text}-again"))
        return Read(text=str(await self.context.resource("db")), of=word.key)


async def test_a_run_within_a_run_has_the_same_ones(tmp_path: Path) -> None:
    database = Database()
    steps = f"steps: [resourceful:Reader.split, {__name__}:Delegate.read]"
    sop = SOP.parse(f"name: two\noutput: Read\n{steps}\n", str(tmp_path / "two.yaml"))
    made = Company(sop, model="offline", workspace=tmp_path, resources={"db": database.open})
    result = await made.run("db-1 db-2")
    assert (result.status, texts(result)) == ("done", ["row 1"] * 2), result.failures
    assert len(await made.log.runs()) == 3
    assert (database.opened, database.closed) == (1, 1)


async def test_an_error_of_metaco_is_raised_as_it_is() -> None:
    def none() -> AbstractAsyncContextManager[str]:
        raise ConfigurationError("The key is missing.", "Set it.")

    with pytest.raises(ConfigurationError, match=r"^The key is missing\. Set it\.$"):
        await Resources({"db": none}, []).get("db")
