"""The GitHub Action, as far as it can be tried without GitHub: its steps run in bash."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="the action is written for bash")


class Job(NamedTuple):
    """What the action left behind."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Any]:
    """Run the steps of the action as GitHub would, but for those that are others' actions."""
    shim = tmp_path / "bin"
    shim.mkdir()
    python = shim / "python"
    python.write_text(
        f'#!/bin/sh\nif [ "$3" = pip ]; then echo "$@" >> {tmp_path}/pip; exit 0; fi\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    metaco = shim / "metaco"
    metaco.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m metaco "$@"\n')
    for each in (python, metaco):
        each.chmod(0o755)
    (tmp_path / "repository").mkdir()

    def run(**given: str) -> Job:
        inputs = {name: str(facts["default"]) for name, facts in ACTION["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        outputs: dict[str, str] = {}
        log, summary = "", tmp_path / "summary.md"
        for step in STEPS:
            if "run" not in step:
                continue
            target = tmp_path / "output"
            target.write_text("")
            environment = {
                "PATH": f"{shim}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(target),
                "GITHUB_STEP_SUMMARY": str(summary),
                **{
                    name: filled(value, inputs, outputs)
                    for name, value in step.get("env", {}).items()
                },
            }
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=tmp_path / "repository",
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            log += done.stdout + done.stderr
            for line in target.read_text().splitlines():
                name, _, value = line.partition("=")
                outputs[name] = value
            if done.returncode:
                break
        text = summary.read_text("utf-8") if summary.exists() else ""
        return Job(done.returncode, outputs, text, log)

    yield run


def filled(text: str, inputs: dict[str, str], outputs: dict[str, str]) -> str:
    """Put in what GitHub puts in for ``${{ ... }}``."""

    def value(match: re.Match[str]) -> str:
        source, _, name = match[1].rpartition(".")
        return (inputs if source == "inputs" else outputs)[name]

    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", value, str(text))


# ---------------------------------------------------------------------- what it says


def test_it_is_a_composite_action_and_every_step_is_one_of_two_kinds() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert {"name", "description", "inputs", "outputs", "runs"} <= set(ACTION)
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        assert ("run" in step) == ("shell" in step)
    for facts in (*ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert facts["description"].endswith(".")


def test_actions_of_others_are_pinned_to_a_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", each) for each in used)


def test_inputs_never_become_text_of_a_script() -> None:
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_every_input_is_used_and_every_output_is_made() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    for name in ACTION["inputs"]:
        assert f"inputs.{name}" in text, name
    script = next(step["run"] for step in STEPS if step.get("id") == "work")
    for name, facts in ACTION["outputs"].items():
        assert facts["value"] == f"${{{{ steps.work.outputs.{name} }}}}"
        assert f'"{name}":' in script
    used = set(re.findall(r"steps\.work\.outputs\.([\w-]+)", text))
    assert all(f'"{name}":' in script for name in used)


def test_keys_are_no_inputs() -> None:
    assert not any(re.search("key|token$|secret", name) for name in ACTION["inputs"])


# ---------------------------------------------------------------------- what it does


def test_a_requirement_becomes_a_project(job: Any, tmp_path: Path) -> None:
    done = job(
        requirement="--a word counter; $(touch hacked) `touch hacked` with 'priorities'",
        sop="quick",
        args="--name 'my list' --tokens 500000",
        minutes="5",
    )
    assert done.code == 1, done.log  # it is built in part: nobody reads all of this
    home = tmp_path / "repository"
    assert not list(tmp_path.rglob("hacked"))
    outputs = done.outputs
    assert (outputs["status"], outputs["exit-code"]) == ("done", "1")
    assert re.fullmatch(r"(\d+)/\1", outputs["coverage"])
    assert outputs["cost"] == "0"
    assert outputs["project"] == "workspace/my_list"
    assert (home / outputs["project"] / "docs" / "delivery.md").is_file()
    events = [json.loads(line) for line in (home / outputs["events"]).read_text().splitlines()]
    assert events[-1]["event"] == "result"
    assert ElementTree.parse(home / outputs["junit"]).getroot().findall("testsuite/testcase")
    assert "### Requirements" in done.summary
    assert f"pip install --quiet --disable-pip-version-check {ROOT}" in (
        (tmp_path / "pip").read_text()
    )


def test_documents_only_from_a_file(job: Any, tmp_path: Path) -> None:
    (tmp_path / "repository" / "requirement.txt").write_text("a snake game\n")
    done = job(file="requirement.txt", args="--only prd,design", workspace="out")
    assert done.code == 0, done.log
    docs = tmp_path / "repository" / done.outputs["project"] / "docs"
    assert {"prd.md", "design.md"} <= {path.name for path in docs.iterdir()}
    assert "tasks.md" not in {path.name for path in docs.iterdir()}
    assert "```mermaid" in done.summary
    again = job(args=f"--from {docs / 'prd.json'} --only design", workspace="out")
    assert again.code == 0, again.log


@pytest.mark.parametrize(
    ("inputs", "code", "message"),
    [
        ({}, 2, "The requirement is empty"),
        ({"requirement": "a word counter", "file": "x"}, 2, "not both"),
        ({"requirement": "a word counter", "sop": "nothing"}, 3, "no SOP 'nothing'"),
        ({"requirement": "a word counter", "args": "--gate prd"}, 6, "waiting"),
        ({"requirement": "a word counter", "tokens": "10"}, 5, "limit"),
    ],
)
def test_what_goes_wrong_fails_the_job_with_its_code(
    job: Any, inputs: dict[str, str], code: int, message: str
) -> None:
    done = job(**inputs)
    assert done.code == code, done.log
    assert done.outputs["exit-code"] == str(code)
    assert f"exit code {code}." in done.log
    assert message in done.log
    assert done.summary.startswith("## ❌") or "not both" in message


def test_a_code_can_be_accepted(job: Any) -> None:
    done = job(requirement="a word counter", args="--gate prd", accept="0 6")
    assert done.code == 0
    assert done.outputs["status"] == "waiting"


def test_a_recording_is_replayed_without_a_key(job: Any, tmp_path: Path) -> None:
    wish = "a word counter"
    first = job(requirement=wish, sop="quick", args="--record recorded --model offline")
    assert first.code == 0, first.log
    second = job(requirement=wish, sop="quick", replay="recorded", workspace="elsewhere")
    assert second.code == 0, second.log
    home = tmp_path / "repository"
    projects = [home / each.outputs["project"] for each in (first, second)]
    one, two = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*.*") if p.is_file()}
        for root in projects
    )
    visible = [path for path in one if not path.parts[0].startswith(".")]
    assert [path for path in visible if one[path] != two.get(path)] == []
    assert len(visible) > 5
    assert second.outputs["coverage"] == first.outputs["coverage"]


def test_modules_of_the_repository_stand_in_for_none(job: Any, tmp_path: Path) -> None:
    home = tmp_path / "repository"
    for name in ("shlex", "json", "pathlib", "pip", "sitecustomize", "metaco", "httpx"):
        (home / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    done = job(requirement="a word counter", args="--gate 'prd'", accept="6")
    assert done.code == 0, done.log
    assert not (tmp_path / "ran").exists()
    python = [line for step in STEPS for line in step.get("run", "").split("python ")[1:]]
    assert len(python) == 3
    assert all(line.startswith("-I ") for line in python)


def test_settings_of_the_repository_are_trusted_only_when_that_is_said(
    job: Any, tmp_path: Path
) -> None:
    (tmp_path / "repository" / "metaco.toml").write_text('base_url = "http://127.0.0.1:9/v1"\n')
    inputs = {"requirement": "a word counter", "sop": "quick", "args": "--model offline"}
    refused = job(**inputs)
    assert refused.code == 3
    assert "metaco trust" in refused.log
    assert job(**inputs, trust="on").code == 0
