"""What a PRD accepts, corrects and refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from metaco.roles.documents import (
    PRD,
)
from tests.roles import example
from tests.roles.example import changed


def test_requirement_ids_are_mended_and_unique() -> None:
    items = [item.model_dump() for item in example.PRD_.requirements]
    items[0]["id"], items[1]["id"] = "r1", "R2: wrong input"
    prd = changed(example.PRD_, requirements=items)
    assert isinstance(prd, PRD)
    assert [item.id for item in prd.requirements] == ["R1", "R2", "R3", "R4", "R5"]
    items[1]["id"] = "R1"
    with pytest.raises(ValidationError, match="R1 is the id of more than one requirement"):
        changed(example.PRD_, requirements=items)
    items[1]["id"] = "second"
    with pytest.raises(ValidationError, match="should match pattern"):
        changed(example.PRD_, requirements=items)
