"""Every command of the README is executed, and what it shows is what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
SHELL = [
    line.split("  #")[0].strip()
    for kind, text in BLOCKS
    if kind == "sh"
    for line in text.splitlines()
    if line.strip()
]
SETUP = [line for line in SHELL if line.startswith("python3 -m venv")]
PYTHON = [sys.executable]
METACO = [*PYTHON, "-m", "metaco"]
COMMANDS = [line for line in SHELL if line not in SETUP]


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "METACO_"))}
    return subprocess.run(
        command,
        cwd=folder,
        env={**keep, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README shows."""
    folder = tmp_path_factory.mktemp("readme")
    for kind, text in BLOCKS:
        name = re.match(r"# (\w+\.(?:py|yaml))\n", text)
        if kind in ("python", "yaml") and name:
            (folder / name[1]).write_text(text, encoding="utf-8")
    (folder / "requirement.md").write_text("A word counter.\n", encoding="utf-8")
    made = run([*METACO, "run", "a tip calculator", "--name", "project", "--quiet"], folder)
    assert made.returncode == 0, made.stderr
    project = folder / "workspace" / "project"
    project.rename(folder / "project")
    (folder / "prd.json").write_bytes((folder / "project" / "docs" / "prd.json").read_bytes())
    return folder


def test_there_are_two_lines_that_do_all_setup() -> None:
    assert len(SETUP) == 2
    assert SETUP[1].endswith("python -m pytest -n auto")
    # .ci/run takes the second one as it stands.
    assert "^python3 -m venv .* pytest" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_first_line_works_in_a_fresh_checkout(tmp_path: Path) -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, files.split("\0")):
        if name.startswith("tests/") or not (ROOT / name).exists():
            continue
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_symlink():
            target.symlink_to((ROOT / name).readlink())
        else:
            target.write_bytes((ROOT / name).read_bytes())
    done = run(["bash", "-c", SETUP[0]], tmp_path)
    assert done.returncode == 0, done.stderr
    shown = done.stderr + done.stdout
    for line in transcript():
        assert plain(line) in plain(shown), f"{line!r} is not in:\n{shown}"


def transcript() -> list[str]:
    text = README.partition("<!-- transcript -->")[2].partition("```\n")[2].partition("```")[0]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("$")]
    assert lines, "the README shows no transcript"
    return lines


def plain(text: str) -> str:
    """Take out what differs from run to run: seconds, folders, the name of the run, colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"\d+(\.\d+)? s\b", "", text)
    text = re.sub(r"(/\S*)?/?workspace/", "workspace/", text)
    return " ".join(text.split())


SAID = {"python -m pytest test_security.py": "1 passed", "python build.py": "done True"}


def test_every_command_works_in_order(desk: Path) -> None:
    assert len(COMMANDS) > 10
    assert set(COMMANDS) > set(SAID)
    for line in COMMANDS:
        command, _, out = line.partition(" > ")
        words = shlex.split(command)
        program = {"metaco": METACO, "python": PYTHON}[words[0]]
        done = run([*program, *words[1:]], desk)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        assert SAID.get(line, "") in done.stdout, f"{line}\n{done.stdout}\n{done.stderr}"
        if out:
            (desk / out).write_text(done.stdout, encoding="utf-8")


def test_the_map_of_the_tree_is_true() -> None:
    text = README.partition("## How it is built")[2].partition("```\n")[2].partition("```")[0]
    folder = ""
    for line in text.splitlines():
        found = re.match(r"(\w+)/ ", line)
        folder = found[1] if found else folder
        for name in re.findall(r"(?<![\w/])(\w+\.py|\w+/)(?= |$)", line.split("  the ")[0]):
            assert (ROOT / folder / name).exists() or (ROOT / name).exists(), name


def test_the_procedure_shown_is_the_one_that_ships() -> None:
    shown = README.partition("<!-- sop -->")[2].partition("```yaml\n")[2].partition("```")[0]
    assert shown and shown in (ROOT / "sops" / "software_company.yaml").read_text(encoding="utf-8")
