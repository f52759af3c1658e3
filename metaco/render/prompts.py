"""The prompts of a role: Jinja files in the folder `prompts` beside it, by role and action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.core.document import Document
from metaco.render.templates import templates

if TYPE_CHECKING:
    import jinja2

__all__ = ["Prompts"]


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of one role.

    Of ``CLASS.NAME.md.j2`` and ``NAME.md.j2`` the first is taken, so that roles of one folder may
    share prompts and need not.

    Attributes:
        folder: where the files are.
        role: the name of its class.
        lean: whether the short forms are wanted: ``NAME.lean.md.j2``, ``NAME.example.json``.
    """

    folder: Path
    role: str
    lean: bool = False

    def find(self, name: str) -> str:
        """Return the file of a prompt; empty if there is none."""
        ends = [*([".lean.md.j2"] if self.lean else []), ".md.j2"]
        return self._first(f"{stem}{end}" for stem in self._stems(name) for end in ends)

    def example(self, name: str) -> str:
        """Return the answer that a lean prompt shows; empty if there is none."""
        file = self._first(f"{stem}.example.json" for stem in self._stems(name))
        return (self.folder / file).read_text(encoding="utf-8") if self.lean and file else ""

    def system(self, about: str, team: str = "") -> str:
        """Return the system prompt: what the SOP says, else the role's own, else the usual one.

        Args:
            about: what the role is, in its own words; beside its own file it is not needed.
            team: what the SOP says of all its roles.
        """
        if team:
            return f"{team.strip()}\n\n{about}"
        if file := self.find("system"):
            return self.render(file, lean=self.lean)
        return self.usual("system.lean.md.j2" if self.lean else "system.md.j2", about=about)

    def render(self, file: str, **values: Any) -> str:
        """Return the text of a file of the role."""
        return _templates(self.folder).get_template(file).render(values)

    @staticmethod
    def usual(file: str, **values: Any) -> str:
        """Return the text of a file that all roles share."""
        return _templates(None).get_template(file).render(values)

    def _stems(self, name: str) -> tuple[str, str]:
        return f"{self.role}.{name}", name

    def _first(self, files: Iterable[str]) -> str:
        return next((file for file in files if (self.folder / file).is_file()), "")


@lru_cache(maxsize=256)
def _templates(folder: Path | None) -> jinja2.Environment:
    shared = Path(__file__).parents[1] / "prompts"
    # The folder above a role's is searched too, so that roles can share a part of a prompt.
    folders = [folder, folder.parent.parent, shared] if folder else [shared]
    environment = templates(folders)
    environment.filters["document"] = _as_text
    return environment


def _as_text(value: Any) -> str:
    """Show a document, or a list of them, in a prompt."""
    if isinstance(value, Document):
        return value.model_dump_json(indent=1, exclude_defaults=True)
    if isinstance(value, list | tuple):
        return "\n\n".join(_as_text(item) for item in value)
    return str(value)
