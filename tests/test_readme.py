"""Every command of the README is executed, and what it shows is what it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import page

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = page.blocks(README)
SETUP = [b.text.strip() for b in BLOCKS if b.text.startswith("python3 -m venv")]


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
    done = page.shell(SETUP[0], tmp_path)
    assert done.returncode == 0, done.stdout
    lines = page.plain(shown("transcript")).splitlines()
    assert len(lines) > 10
    for line in lines:
        assert line in page.plain(done.stdout), f"{line!r} is not in:\n{done.stdout}"


def shown(mark: str) -> str:
    """Return the block that stands below a mark."""
    return README.partition(mark)[2].partition("```text\n")[2].partition("```")[0]


def test_every_block_works_in_order(tmp_path: Path) -> None:
    for block in BLOCKS:
        if block.text.strip() not in SETUP:
            page.execute(block, tmp_path)


def test_the_map_of_the_tree_is_true() -> None:
    folder, names = "", 0
    for line in shown("## How it is built").splitlines():
        match = re.match(r"(\w+)/ ", line)
        folder = match[1] if match else folder
        for name in re.findall(r"(?<![\w/])(\w+\.py|\w+/)(?= |$)", line):
            names += 1
            assert (ROOT / folder / name).exists() or (ROOT / name).exists(), name
    assert names > 10


def test_the_procedure_shown_is_the_one_that_ships() -> None:
    (block,) = (block for block in BLOCKS if block.name.startswith("sops/"))
    ships = (ROOT / block.name).read_text(encoding="utf-8")
    assert block.text.partition("\n")[2] in ships


def test_every_page_of_the_docs_is_linked() -> None:
    for path in (ROOT / "metaco" / "docs").glob("*.md"):
        assert f"(metaco/docs/{path.name})" in README
