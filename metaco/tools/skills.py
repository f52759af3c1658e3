"""Skills: folders with a SKILL.md that a model reads when it needs them; and AGENTS.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from metaco.core.errors import ConfigurationError, ToolError
from metaco.core.suggest import suggest
from metaco.tools.shorten import shorten
from metaco.tools.tool import Tool

__all__ = ["Skill", "Skills", "read_agents_md"]

_FILE = "SKILL.md"
_LARGEST = 100_000  # bytes of a file that is read
_SHOWN = 200  # files of a skill that are named


@dataclass(frozen=True, slots=True)
class Skill:
    """A folder with a SKILL.md, and what its front matter says."""

    name: str
    about: str
    folder: Path


class Skills:
    """The skills of some folders, and the tool that reads them.

    Args:
        folders: each is a skill, or holds skills.

    Raises:
        ConfigurationError: a folder holds none, a SKILL.md cannot be read, or two have one name.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._by_name: dict[str, Skill] = {}
        for folder in folders:
            files = [folder / _FILE, *sorted(folder.glob(f"*/{_FILE}"))]
            found = [_skill(file.parent) for file in files if file.is_file()]
            if not found:
                raise ConfigurationError(
                    f"There is no skill in {folder}.", f"A skill is a folder with a {_FILE}."
                )
            for skill in found:
                if self._by_name.setdefault(skill.name, skill) != skill:
                    raise ConfigurationError(
                        f"Two skills are called {skill.name}.", "Rename one in its front matter."
                    )

    @property
    def described(self) -> str:
        """The skills there are, a line each, for a prompt."""
        return "\n".join(f"- {skill.name}: {skill.about}" for skill in self._by_name.values())

    @property
    def tools(self) -> list[Tool]:
        """The tool read_skill."""
        return [Tool.of(self.read_skill)]

    def read_skill(self, name: str, file: str = _FILE) -> str:
        """Read what a skill says, before you do what it is about.

        Args:
            file: another file of its folder.
        """
        skill = self._by_name.get(name)
        if skill is None:
            known = suggest(name[:80], list(self._by_name), "The skills are")
            raise ToolError(f"There is no skill {name[:80]!r}.", known)
        text = _read(skill.folder, file)
        if text is None:
            raise ToolError(
                f"The skill {name} has no text {file[:200]!r}.",
                f"It has {', '.join(_files(skill.folder))}.",
            )
        others = [each for each in _files(skill.folder) if each != _FILE]
        more = f"\n\nOther files: {', '.join(others)}" if others and file == _FILE else ""
        return text + more


def read_agents_md(folder: Path) -> str:
    """Return what the AGENTS.md of a project says to agents; empty where there is none."""
    return _read(folder, "AGENTS.md") or ""


def _skill(folder: Path) -> Skill:
    import yaml

    problem = ""
    text = _read(folder, _FILE) or ""
    head = text.removeprefix("---\n").partition("\n---")[0] if text.startswith("---\n") else ""
    try:
        values = yaml.safe_load(head)
    except (yaml.YAMLError, RecursionError) as error:
        values, problem = None, f": {error}"
    keys = ("name", "description")
    said = [str(values.get(key) or "") for key in keys] if isinstance(values, dict) else [""]
    if not all(each.strip() for each in said):
        raise ConfigurationError(
            f"{folder / _FILE} does not begin with its name and description{problem}.",
            "Begin it with: --- name: ... description: ... --- on a line each.",
        )
    name, about = (" ".join(each.split()) for each in said)
    return Skill(name, about[:1000], folder)


def _read(folder: Path, file: str) -> str | None:
    """Return the text of a file of a folder; None if there is none in it, links included."""
    root = folder.resolve()
    try:
        path = (root / file).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return None
        with path.open("rb") as opened:
            data = opened.read(10 * _LARGEST)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError, RuntimeError):  # no text, no path, links in a circle
        return None
    return None if "\0" in text else shorten(text.replace("\r\n", "\n"), _LARGEST)


def _files(folder: Path) -> list[str]:
    names = (
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    )
    return [name for name, _ in zip(names, range(_SHOWN), strict=False)]
