"""A small team for the chaos run: an outline, pages written side by side, a book of them."""

from __future__ import annotations

import sys

from metaco.core.document import Document, Requirement
from metaco.role import Role, action
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Step


class Contents(Document):
    title: str
    chapters: list[str]


class Chapter(Document):
    name: str

    @property
    def key(self) -> str:
        return self.name


class Page(Document):
    name: str
    text: str

    @property
    def key(self) -> str:
        return self.name

    def artifacts(self) -> dict[str, str]:
        return {f"pages/{self.name}.md": self.text + "\n"}


class Book(Document):
    title: str
    blurb: str
    names: list[str]

    def artifacts(self) -> dict[str, str]:
        return {"book.md": f"# {self.title}\n\n{self.blurb}\n\n{', '.join(self.names)}\n"}


class Blurb(Document):
    text: str


class Author(Role):
    """Writes."""

    @action
    async def plan(self, requirement: Requirement) -> Contents:
        """Plan the book."""
        return await self.ask(Contents, requirement=requirement)

    @action
    async def split(self, contents: Contents) -> list[Chapter]:
        return [Chapter(name=name) for name in contents.chapters]

    @action
    async def write(self, chapter: Chapter, contents: Contents) -> Page:
        """Write one page."""
        page = await self.ask(Page, title=contents.title, chapter=chapter.name)
        return page.model_copy(update={"name": chapter.name})

    @action
    async def bind(self, pages: list[Page], contents: Contents) -> Book:
        """Write the blurb."""
        names = [page.name for page in pages]
        blurb = await self.ask(Blurb, title=contents.title, pages=", ".join(names))
        return Book(title=contents.title, blurb=blurb.text, names=names)


def sop() -> SOP:
    """Return the procedure, the same in every process."""
    names = ("plan", "split", "write", "bind")
    steps: list[Node] = [Step(Author, name, role_name="author") for name in names]
    return SOP("book", steps, output=Book, origin=sys.modules[__name__].__name__)


def tokens_of(number: int) -> int:
    """Return the most tokens company `number` may use: every tenth has next to none.

    Two calls at their worst fit into that; a call that was lost counts as if it had been paid.
    """
    return 45_000 if number % 10 == 9 else 4_000_000
