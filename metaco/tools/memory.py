"""What roles remember beyond a run: one store per workspace, searched by its words."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from metaco.core.document import digest
from metaco.core.errors import ConfigurationError, ToolError
from metaco.core.redaction import without_keys
from metaco.tools.tool import Tool

__all__ = ["Memory"]

_LONGEST = 10_000  # characters of a text
_MOST = 20  # texts at once, tags of a text
_SCHEMA = """
create table if not exists memory(
    id integer primary key, digest text not null unique, text text not null, tags text not null,
    at real not null
);
create virtual table if not exists word using fts5(text);
"""
# Scripts without spaces between words: each character is one, and a run of them a phrase.
_WORDLESS = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")


class Memory:
    """Keeps texts, each once, and finds those that share words with a query.

    Several processes may use it at once.

    Args:
        path: the SQLite file; None keeps nothing, as a baseline to compare with.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def tools(self) -> list[Tool]:
        """The tools remember and recall."""
        return [Tool.of(each) for each in (self.remember, self.recall)]

    def remember(self, text: str, tags: list[str] | None = None) -> str:
        """Keep a text for later runs. The same text again only adds its tags.

        Args:
            text: complete sentences that can be understood on their own.
            tags: words under which to find it, too.
        """
        text, tags = without_keys(text).strip(), sorted({*(tags or [])})
        if not text or len(text) > _LONGEST or len(tags) > _MOST:
            raise ToolError(
                f"A text has 1 to {_LONGEST} characters, and at most {_MOST} tags.",
                "Remember several short texts instead of a long one.",
            )
        if self._path is None:
            return "Nothing is kept: there is no memory."
        text = text.encode("utf-8", "replace").decode()
        with self._opened() as db:
            name = digest(text)
            row = db.execute("select id, tags from memory where digest = ?", (name,)).fetchone()
            every = sorted({*tags, *(json.loads(row[1]) if row else [])})
            values = (name, text, json.dumps(every), time.time())
            if row is None:
                made = db.execute(
                    "insert into memory(digest, text, tags, at) values(?, ?, ?, ?)", values
                )
                row = (made.lastrowid, "")
            db.execute("update memory set tags = ? where id = ?", (json.dumps(every), row[0]))
            db.execute("delete from word where rowid = ?", (row[0],))
            words = _spaced(" ".join([text, *every]))
            db.execute("insert into word(rowid, text) values(?, ?)", (row[0], words))
        return "Remembered." if not row[1] else "This was known; its tags were added."

    def recall(self, query: str, count: int = 5) -> str:
        """Find what was remembered, best first, by the words of a query; any of them is enough.

        Args:
            count: how many texts, at most 20.
        """
        words = [f'"{_spaced(word)}"' for word in re.findall(r"\w+", query[:1000])]
        found: list[Any] = []
        if self._path is not None and words:
            with self._opened() as db:
                found = db.execute(
                    "select memory.text, memory.tags from word"
                    " join memory on memory.id = word.rowid"
                    " where word match ? order by bm25(word), memory.id limit ?",
                    (" OR ".join(words), max(1, min(count, _MOST))),
                ).fetchall()
        lines = []
        for text, tags in found:
            shown = ", ".join(json.loads(tags))
            lines.append(f"- {text}" + (f" [{shown}]" if shown else ""))
        return "\n".join(lines) or "Nothing is remembered about that."

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Give out a connection in a transaction that nobody else writes beside."""
        assert self._path is not None
        db: sqlite3.Connection | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            db.execute("begin immediate")
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            yield db
            db.execute("commit")
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"The memory {self._path} cannot be used: {error}.",
                "Move the file away, or correct its permissions.",
            ) from error
        finally:
            if db is not None:
                db.close()


def _spaced(text: str) -> str:
    return " ".join(_WORDLESS.sub(r" \1 ", text).split())
