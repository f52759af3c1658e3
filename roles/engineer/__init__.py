"""The engineer writes one file from its task, and mends files when tests fail."""

from __future__ import annotations

from metaco.document import Document

__all__ = ["SourceFile"]


class SourceFile(Document):
    """A file of the program."""

    path: str
    content: str

    @property
    def key(self) -> str:
        return self.path

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.content}
