"""What is left out is said wherever the conclusion is, and what no rule knows is not begun."""

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
    result = metaco(WISH, "--sop", sop, "--name", "made", *REPORTS)
    assert result.code == 1
    assert "Built in part." in result.out and "Done" not in result.out
    screen = result.out.partition("Left out of what was asked for")[2]
    project = Path("workspace/made")
    places = {
        "screen": screen,
        "show": metaco("show", "last").out.partition("Left out")[2],
        "junit": ElementTree.parse("junit.xml").getroot().findtext(".//failure") or "",
    }
    for path in ("README.md", "docs/delivery.md"):
        assert "**Built in part.** " in (project / path).read_text("utf-8")
    for path in ("README.md", "docs/delivery.md", "docs/prd.md"):
        places[path] = (project / path).read_text("utf-8").partition("Left out")[2]
    places["summary"] = Path("summary.md").read_text("utf-8").partition("Left out")[2]
    for loss in LOST:
        assert {name for name, text in places.items() if loss not in text} == set()
    assert "built in part" in Path("summary.md").read_text("utf-8")
    delivery = json.loads((project / "docs/delivery.json").read_text("utf-8"))
    assert delivery["losses"] == LOST
    assert "✗ Built in part." in metaco("show", "last").out
    assert metaco("runs").out.splitlines()[1].split("   ")[1].strip() == "built in part"
    listed = json.loads(metaco("runs", "--json").out)
    assert (listed["accepted"], listed["conclusion"]) == (False, "Built in part.")
    shown = json.loads(metaco("show", "last", "--json").out)
    assert (shown["accepted"], shown["losses"]) == (False, LOST)
    resumed = json.loads(metaco("resume", "last", "--json").out.splitlines()[-1])
    assert (resumed["accepted"], resumed["losses"], resumed["exit_code"]) == (False, LOST, 1)
    assert resumed["tests"]["failed"] == 0 and resumed["tests"]["passed"]


@pytest.mark.parametrize("sop", ["software_company", "quick"])
def test_what_no_rule_knows_is_not_begun(metaco: Metaco, sop: str) -> None:
    result = metaco("a stopwatch for runners", "--sop", sop)
    assert result.code == 3
    assert 'include no program for "a stopwatch for runners"' in result.out
    assert "Set a key" in result.out
    assert (result.err.count("include no program"), result.out.count("include no program")) == (
        1,
        1,
    )
    assert result.out.rstrip().endswith("--model MODEL") and "Afterwards, resume" in result.out
    assert {path.name.partition("-")[0] for path in Path("workspace").iterdir()} == {
        "metaco.db",
        "metaco.lock",
    }
