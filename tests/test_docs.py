"""Every block of the documentation is executed, and what it shows is what comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from inspect import getdoc
from operator import attrgetter
from pathlib import Path

import page
import pytest
import yaml

from metaco.cli.docs import pages
from metaco.models.offline import FAULT_MODES
from metaco.models.providers import PROVIDERS
from metaco.run.entries import KINDS

from .test_layering import PACKAGES

ROOT = Path(__file__).parent.parent
PAGES = pages()
BESIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")


@pytest.mark.parametrize("topic", PAGES)
def test_every_block_of_a_page_works_in_order(topic: str, tmp_path: Path) -> None:
    if topic == "mcp":
        pytest.importorskip("mcp")
    for block in page.blocks(PAGES[topic]):
        page.execute(block, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "```sh\nfalse\ntrue\n```\n",
        "```python\nraise SystemExit(1)\n```\n",
        "```yaml\nname: nobody says where to save this\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ printf 'one\\ntwo\\n'\none\n```\n",
        "```console\n$ false\n$ echo one\none\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ exit 0\n$ echo one\none\n```\n",
        "```console\nno command\n```\n",
    ],
)
def test_a_page_that_is_wrong_is_found(text: str, tmp_path: Path) -> None:
    (block,) = page.blocks(text)
    with pytest.raises(AssertionError):
        page.execute(block, tmp_path)


def test_a_page_that_is_right_is_not_complained_about(tmp_path: Path) -> None:
    text = "```python\n# a/b.py\nprint(1)\n```\n```console\n$ python a/b.py; (exit 3)\n...\n"
    for block in page.blocks(f"{text}1\n$ echo $?\n3\n```\n"):
        page.execute(block, tmp_path)


def between(topic: str, name: str) -> str:
    """Return the part of a page that stands between two marks."""
    text = PAGES[topic].partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    assert text, f"{topic} has no part {name}"
    return text


def test_the_map_names_the_modules_by_rank() -> None:
    shown: dict[str, set[str]] = {}
    for indent, name in re.findall(r"^( *)(\w+)/? {2,}\S", between("architecture", "map"), re.M):
        if indent:
            shown[list(shown)[-1]].add(name)
        else:
            shown[name] = set()
    assert list(shown) == list(PACKAGES)
    for package, rows in PACKAGES.items():
        there = {name for row in rows for name in row.split() if "." not in name}
        assert shown[package] - there == set(), f"the map shows in {package}"
        assert there - shown[package] == set(), f"the map lacks in {package}"


def test_the_hops_of_the_walk_are_there() -> None:
    hops = re.findall(r"^\| `([\w.]+):([\w.]+)` \|", between("architecture", "walk"), re.M)
    assert 10 < len(hops) < 25
    for module, name in hops:
        attrgetter(name)(import_module(module))


def test_the_pages_name_all_models() -> None:
    text = re.search(r"<!-- providers -->(.*?)<!-- /providers -->", PAGES["models"], re.S)
    assert text and set(re.findall(r"`(\w+)`", text[1])) == set(PROVIDERS)
    assert set(re.findall(r"offline:([\w-]+)", "".join(PAGES.values()))) == set(FAULT_MODES)


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    (workflow,) = (yaml.safe_load(b.text) for b in page.blocks(PAGES["ci"]) if b.language == "yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = (s for s in workflow["jobs"]["company"]["steps"] if s.get("id") == "company")
    assert set(step["with"]) <= set(action["inputs"])
    named = re.findall(r"outputs\.([\w-]+)", PAGES["ci"])
    assert named and set(named) <= set(action["outputs"])


@pytest.mark.parametrize("path", [*(f"metaco/docs/{topic}.md" for topic in PAGES), *BESIDE])
def test_links_lead_somewhere(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / path).parent.joinpath(target).is_file()


def not_linked(texts: Mapping[str, str]) -> list[str]:
    """Return the pages to which no other text links; `metaco docs` lists all there are."""
    linked = {
        (Path(path).parent / target).as_posix()
        for path, text in texts.items()
        for target in re.findall(r"\]\(([^)#]+)", text)
        if Path(path).name != target
    }
    return [path for path in texts if path.startswith("metaco/docs/") and path not in linked]


def test_every_page_is_listed_and_linked() -> None:
    paths = [path.relative_to(ROOT) for path in (ROOT / "metaco" / "docs").rglob("*.md")]
    assert sorted(path.as_posix() for path in paths) == [f"metaco/docs/{t}.md" for t in PAGES]
    texts = {
        path.as_posix(): (ROOT / path).read_text("utf-8") for path in [*paths, Path(BESIDE[0])]
    }
    assert not_linked(texts) == []
    texts["metaco/docs/lost.md"] = "# Lost\n\nSee [itself](lost.md), and [all](sops.md).\n"
    assert not_linked(texts) == ["metaco/docs/lost.md"]


def kinds() -> str:
    """Return the table of the kinds of entries, made from their classes."""
    rows = ["| Kind | | Fields |", "|---|---|---|"]
    for tag, kind in KINDS.items():
        names = [each.metadata.get("name", each.name) for each in fields(kind)]
        shown = ", ".join(f"`{name}`" for name in names if name != "more")
        rows.append(f"| `{tag}` | {(getdoc(kind) or '').splitlines()[0]} | {shown} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_kinds_is_that_of_the_types() -> None:
    assert between("log", "kinds") == kinds(), f"write this into the page:\n{kinds()}"
