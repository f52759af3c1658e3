"""The pytest plugin: no test calls, and pays, a real model by accident.

It is loaded wherever metaco is installed, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from metaco.models import guard

if TYPE_CHECKING:
    from metaco.testing import Scripted

__all__ = ["no_real_calls", "scripted"]


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
