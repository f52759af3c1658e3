"""What is left out is said wherever the verdict is, and what no rule knows is not begun."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .conftest import Metaco

WISH = "a word counter that never sleeps; in a browser"
LOST = ["that never sleeps", "in a browser"]
REPORTS = ("--junit", "junit.xml", "--summary", "summary.md")


@pytest.mark.parametrize("sop", ["software_company", "quick"])
def test_losses_are_said_everywhere(metaco: Metaco, sop: str) -> None:
    said = metaco(WISH, "--sop", sop, "--name", "made", *REPORTS)
    assert said.code == 1
    assert "Built in part." in said.out and "Done" not in said.out
    screen = said.out.partition("Left out of what was asked for")[2]
    project = Path("workspace/made")
    places = {
        "screen": screen,
        "show": metaco("show", "last").out.partition("Left out")[2],
        "junit": ElementTree.parse("junit.xml").getroot().findtext(".//failure") or "",
    }
    for path in ("README.md", "docs/delivery.md", "docs/prd.md"):
        places[path] = (project / path).read_text("utf-8").partition("Left out")[2]
    places["summary"] = Path("summary.md").read_text("utf-8").partition("Left out")[2]
    for loss in LOST:
        assert {name for name, text in places.items() if loss not in text} == set()
    assert "built in part" in Path("summary.md").read_text("utf-8")
    delivery = json.loads((project / "docs/delivery.json").read_text("utf-8"))
    assert delivery["losses"] == LOST
    assert "✗ Built in part." in metaco("show", "last").out
    shown = json.loads(metaco("show", "last", "--json").out)
    assert (shown["accepted"], shown["losses"]) == (False, LOST)
    told = json.loads(metaco("resume", "last", "--json").out.splitlines()[-1])
    assert (told["accepted"], told["losses"], told["exit_code"]) == (False, LOST, 1)
    assert told["tests"]["failed"] == 0 and told["tests"]["passed"]


@pytest.mark.parametrize("sop", ["software_company", "quick"])
def test_what_no_rule_knows_is_not_begun(metaco: Metaco, sop: str) -> None:
    said = metaco("a stopwatch for runners", "--sop", sop)
    assert said.code == 3
    assert 'knows no program for "a stopwatch for runners"' in said.out
    assert "Set a key" in said.out
    assert (said.err.count("knows no program"), said.out.count("knows no program")) == (1, 1)
    assert said.out.rstrip().endswith("--model MODEL") and "When that is so, go on" in said.out
    assert {path.name.partition("-")[0] for path in Path("workspace").iterdir()} == {
        "metaco.db",
        "metaco.lock",
    }
