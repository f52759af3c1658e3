"""What goes back to the architect."""

from __future__ import annotations

from metaco.roles.architect import Architect
from tests.roles.documents.test_design import POINT, design

from .test_engineer import Desk
from .test_splitting import prd


async def test_a_design_names_what_starts_the_program() -> None:
    made = design(POINT).model_copy(update={"functions": []})
    desk = Desk(made.model_dump_json(), design(POINT).model_dump_json())
    context = desk("architect", "write_design")
    await Architect(context).write_design(prd("map"))
    complaint = desk.asked[1].rejected_replies[0][1]
    assert "No file offers `main(argv: list[str] | None = None) -> int`" in complaint
    assert "map/__main__.py is missing" in complaint
