"""Looking at the team, extending it, and the doctor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from metaco.cli.sop import flowchart
from metaco.sop.procedure import SOP, built_in
from metaco.sop.steps import built_in_roles

from .conftest import CREW, Metaco


def test_sop_list(metaco: Metaco) -> None:
    result = metaco("sop", "list")
    assert (result.code, result.err) == (0, "")
    assert [row.split()[0] for row in result.out.splitlines()[1:]] == list(built_in())


@pytest.mark.parametrize("name", list(built_in()))
def test_sop_show_draws_every_built_in(metaco: Metaco, name: str) -> None:
    result = metaco("sop", "show", name)
    assert (result.code, result.err) == (0, "")
    sop = SOP.load(name)
    assert all(str(step) in result.out for step in sop.steps())
    graph = result.out[result.out.index("flowchart TD") :]
    assert graph == flowchart(sop)
    assert all(f'["{step.name}"]' in graph for step in sop.steps())


def test_sop_show_one_of_ones_own(metaco: Metaco) -> None:
    metaco("trust", "--yes", CREW)
    result = metaco("sop", "show", CREW)
    assert result.code == 0
    assert "Requirement in, Handover out; at most $1.00, 20 calls" in result.out
    assert "  Crew.write_page(requirement: Requirement) -> Page\n" in result.out
    assert result.out.endswith(
        """\
flowchart TD
  n0("Requirement")
  n1["Crew.write_page"]
  n2["Crew.hand_over"]
  n3("Handover")
  n0 -->|"Requirement"| n1
  n1 -->|"Page"| n2
  n2 --> n3
"""
    )


def test_a_repeat_is_drawn_as_a_frame_that_leads_back(tmp_path: Path) -> None:
    graph = flowchart(SOP.load("software_company"))
    assert 'subgraph n8["repeat until TestsPassed or nothing changes, at most 3 times"]' in graph
    assert '-.->|"TestsFailed"|' in graph


def test_sop_check(metaco: Metaco) -> None:
    refused = metaco("sop", "check", CREW)
    assert refused.code == 3
    assert (
        "requires your trust for running crew_for_cli" in refused.err
        and "metaco trust" in refused.err
    )
    metaco("trust", "--yes", CREW)
    result = metaco("sop", "check", CREW)
    assert result.code == 0
    assert "can run: 2 steps." in result.out
    Path("bad.yaml").write_text("steps:\n  - crew_for_cli:Crew.hand_over\n")
    metaco("trust", "--yes", "bad.yaml")
    result = metaco("sop", "check", "bad.yaml")
    assert result.code == 3
    assert result.err.startswith("error: bad.yaml:2: ")
    assert "Page" in result.err
    assert metaco("sop", "check", "missing.yaml").code == 3


def test_sop_check_warns_with_the_line(metaco: Metaco) -> None:
    Path("loop.yaml").write_text(
        "steps:\n"
        "  - product_manager.write_prd\n"
        "  - programmer.outline\n"
        "  - programmer.write_program\n"
        "  - qa_engineer.run_tests\n"
        "  - repeat:\n"
        "      at_most: 2\n"
        "      until: TestsPassed\n"
        "      steps: [qa_engineer.run_tests, programmer.fix_program]\n"
        "  - programmer.hand_over\n"
    )
    result = metaco("sop", "check", "loop.yaml")
    assert result.code == 0
    assert "warning: loop.yaml:9: " in result.err
    assert "warning" in result.out


def test_role_list_and_show(metaco: Metaco) -> None:
    result = metaco("role", "list")
    assert (result.code, result.err) == (0, "")
    assert [row.split()[0] for row in result.out.splitlines()[1:]] == built_in_roles()
    for name in built_in_roles():
        assert metaco("role", "show", name).code == 0
    shown = metaco("role", "show", "product_manager").out
    assert "product_manager.write_prd(requirement: Requirement) -> PRD" in shown
    assert "requirements: list[RequirementItem]" in shown
    assert "prompts/write_prd.lean.md.j2, prompts/write_prd.md.j2" in shown
    result = metaco("role", "show", "architekt")
    assert result.code == 3
    assert "Did you mean architect?" in result.err


def test_a_new_role_runs_at_once_and_passes_its_test(metaco: Metaco) -> None:
    result = metaco("new", "role", "BicycleExpert", "--into", "mine")
    assert result.code == 0
    made = {str(path) for path in Path("mine").rglob("*") if path.is_file()}
    assert made == set(result.out.split("\n\n")[0].split()[5:]) | made
    assert "metaco run --sop mine/bicycle_expert.yaml" in result.out

    done = metaco("A shop. It rents.", "--sop", "mine/bicycle_expert.yaml", "--model", "offline")
    assert done.code == 0, done
    assert "It rents" in Path("workspace/a_shop_it_rents/bicycle_expert.md").read_text()
    assert metaco("sop", "check", "mine/bicycle_expert.yaml").err == ""
    assert metaco("new", "role", "bicycle_expert", "--into", "mine").code == 2  # never overwritten

    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine"],
        capture_output=True,
        text=True,
    )
    assert "2 passed" in tested.stdout, tested.stdout


def test_a_new_sop_can_run_and_passes_its_test(metaco: Metaco) -> None:
    assert metaco("new", "sop", "two-steps").code == 0
    assert metaco("sop", "check", "two_steps.yaml").code == 0
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_two_steps.py"],
        capture_output=True,
        text=True,
    )
    assert "2 passed" in tested.stdout, tested.stdout


def test_a_new_tool_passes_its_test(metaco: Metaco) -> None:
    result = metaco("new", "tool", "LongestWords", "--into", "mine")
    assert (result.code, "metaco run" in result.out) == (0, False)
    assert metaco("new", "tool", "json").code == 2  # as for roles
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine"],
        capture_output=True,
        text=True,
    )
    assert "3 passed" in tested.stdout, tested.stdout


def test_new_where_nothing_can_be_written(metaco: Metaco) -> None:
    Path("file").write_text("")
    result = metaco("new", "sop", "mine", "--into", "file/below")
    assert result.code == 3
    assert "file/below" in result.err


def test_doctor(metaco: Metaco) -> None:
    result = metaco("doctor")
    assert (result.code, result.err) == (0, "")
    for what in ("python", "metaco", "model", "workspace", "disk space", "sandbox", "git"):
        assert f"{what:<12}" in result.out
    assert "offline" in result.out
    assert "OPENAI_API_KEY" in result.out
    assert not Path("workspace").exists()
    assert len(metaco("doctor", "-v").out) > len(result.out)


def test_doctor_never_shows_the_key(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    Path("metaco.toml").write_text('model = "openai:gpt-5"\nrole_models = {engineer = "offline"}\n')
    result = metaco("doctor", "--verbose")
    assert result.code == 0
    assert "openai:gpt-5, from metaco.toml" in result.out
    assert "there is one, from the environment" in result.out
    assert "very-secret" not in result.out + result.err


def test_doctor_says_3_where_metaco_cannot_work(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").write_text("")
    result = metaco("doctor", "--workspace", "file/below")
    assert result.code == 3
    assert "✗ workspace" in result.out
    monkeypatch.setenv("METACO_MODEL", "openai:gpt-5")
    result = metaco("doctor")
    assert result.code == 3
    assert "✗ model" in result.out
    Path("metaco.toml").write_text("sandbox = 'perhaps'\n")
    assert "✗ settings" in metaco("doctor").out
