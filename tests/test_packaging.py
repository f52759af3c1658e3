"""The wheel and the sdist hold what the checkout holds; links become files."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from metaco import __version__

ROOT = Path(__file__).parent.parent


def build(kind: str, source: Path, target: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    (made,) = target.iterdir()
    return made


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_file_and_nothing_else_at_its_top(wheel: Path) -> None:
    inside = names(wheel)
    links = {"metaco/roles", "metaco/sops"}
    wanted = tracked("metaco") - links
    wanted |= {f"metaco/{name}" for name in tracked("roles", "sops")}
    assert wanted - inside == set()
    assert {name.partition("/")[0] for name in inside} == {"metaco"}


def test_the_wheel_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert (source / "tests" / "test_packaging.py").is_file()
    assert names(build("wheel", source, tmp_path / "wheel")) == names(wheel)


RUN = ["run", "a word counter", "--sop", "quick", "--quiet"]


@pytest.mark.parametrize("words", [RUN, ["demo", "roman", "--quiet"]])
def test_the_wheel_works_without_the_checkout(
    wheel: Path, tmp_path: Path, words: list[str]
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import metaco, metaco.cli;"
        "assert metaco.__file__.startswith(sys.argv[1]), metaco.__file__;"
        "sys.exit(metaco.cli.main(sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path / "site"), *words],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "workspace").glob("*/README.md"))


def test_every_python_that_is_promised_is_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"


def test_the_types_of_every_module_that_tests_import_are_checked() -> None:
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    for folder in map(ROOT.joinpath, checked["mypy_path"].split(":")):
        modules = {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py")}
        names = {".".join(module.parts).removesuffix(".__init__") for module in modules}
        assert names - {"__init__"} <= set(checked["modules"])


def test_the_version_stands_in_one_place(wheel: Path) -> None:
    assert wheel.name.startswith(f"metaco-{__version__}-")
