"""The rules of the state, tried on random SOPs. METACO_EXAMPLES=2000 tries more of them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import properties
import pytest
from graphs import sops
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metaco.sop.procedure import SOP

EXAMPLES = int(os.environ.get("METACO_EXAMPLES", "60"))


def _name(check: Callable[..., None]) -> str:
    return check.__name__


def _try(
    check: Callable[[SOP, random.Random], None], gates: bool = False, wild: bool = False
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sops(gates, wild), st.integers(0, 2**32))
    def attempt(sop: SOP, seed: int) -> None:
        check(sop, random.Random(seed))

    attempt()


@pytest.mark.parametrize("check", properties.PLAIN, ids=_name)
def test_for_random_sops(check: Callable[[SOP, random.Random], None]) -> None:
    _try(check)


@pytest.mark.parametrize("check", properties.GATED, ids=_name)
def test_for_random_sops_with_gates(check: Callable[[SOP, random.Random], None]) -> None:
    _try(check, gates=True)


@pytest.mark.parametrize("check", properties.WILD, ids=_name)
def test_for_random_sops_whose_needs_are_wild(
    check: Callable[[SOP, random.Random], None],
) -> None:
    _try(check, wild=True)
