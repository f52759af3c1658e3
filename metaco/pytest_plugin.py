"""The pytest plugin: no test calls, and pays, a real model by accident.

It is loaded wherever metaco is installed, so it imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from metaco.models import guard

if TYPE_CHECKING:
    from metaco.testing import Scripted, Team

__all__ = ["company", "no_real_calls", "recording", "scripted"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--metaco-record``."""
    parser.getgroup("metaco").addoption(
        "--metaco-record",
        action="store_true",
        help="let tests that use the fixture `recording` call real models, and record the replies",
    )


def pytest_configure() -> None:
    """Block real calls for the whole session."""
    guard.block_real_calls()


def pytest_unconfigure() -> None:
    """Leave the process as it was found."""
    guard.allow_real_calls()


@pytest.fixture
def scripted() -> type[Scripted]:
    """Return `metaco.testing.Scripted`, to be called with the replies."""
    from metaco.testing import Scripted

    return Scripted


@pytest.fixture
def no_real_calls() -> Iterator[None]:
    """Block real calls during one test, also where a suite allows them."""
    with guard.block_real_calls():
        yield


@pytest.fixture
def company(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Team]]:
    """Return `metaco.testing.company_under_test`, with a workspace of this test."""
    from functools import partial

    from metaco.testing import company_under_test

    return partial(company_under_test, workspace=tmp_path / "workspace")


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> Iterator[dict[str, Path]]:
    """Return options that let a company replay the recording of this test.

    It is the folder ``recordings/MODULE/TEST`` beside the file of the test. With
    ``--metaco-record`` the company calls its models, and the recording is made anew. ::

        async def test_it(company, recording):
            async with company("reviewed.yaml", model="openai:gpt-5-mini", **recording) as team:
                await team.run("a guest book")
    """
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-.")
    folder = request.path.parent / "recordings" / request.path.stem / name
    record = bool(request.config.getoption("--metaco-record"))
    if record:
        from metaco.recording import Recording

        Recording(folder).clear()
    with guard.allow_real_calls() if record else nullcontext():
        yield {"record" if record else "replay": folder}
