"""The conclusion is decided and worded in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

import metaco
from metaco.core.conclusion import conclusion

ROOT = Path(metaco.__file__).parent


@pytest.mark.parametrize(
    ("accepted", "losses", "words"),
    [
        (True, [], "Done."),
        (True, ["in a browser"], "Done."),  # whoever accepts can live without it
        (False, ["in a browser"], "Built in part."),
        (False, [], "Not accepted."),
    ],
)
def test_what_decides(accepted: bool, losses: list[str], words: str) -> None:
    assert conclusion(accepted, bool(losses)) == words


def test_nobody_else_words_it() -> None:
    paths = [*ROOT.rglob("*.py"), *(ROOT / "roles").rglob("*.py"), *(ROOT / "roles").rglob("*.j2")]
    sources = {path.name: path.read_text("utf-8").lower() for path in paths}
    for words in (conclusion(False, losses=True), conclusion(False, losses=False)):
        stem = words.rstrip(".").lower()
        assert [name for name, text in sources.items() if stem in text] == ["conclusion.py"]
