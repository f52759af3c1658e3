"""Gates at a terminal: the document is shown, and a person decides what is to become of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from metaco.cli import interrupt
from metaco.cli.input import edited
from metaco.cli.screen import clean, draw, err, report
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.models.human import read_input, run_program, temporary_file
from metaco.run.gates import Decision, Question
from metaco.run.turn import Turn

__all__ = ["Gate", "approve_all"]

_CHOICES = "[a]pprove, [e]dit, [f]eedback, [s]top, [l]ater? "


class Postponed(Exception):
    """The person wants to decide later."""


async def approve_all(turn: Turn, documents: list[Document]) -> Decision:
    """Let everything pass, for ``--yes``."""
    return Decision("approve")


class Gate:
    """Asks the person at the terminal, one question at a time.

    Args:
        paused: keeps the terminal free meanwhile.
    """

    def __init__(self, paused: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        self._paused = paused
        self._lock = asyncio.Lock()

    async def __call__(self, turn: Turn, documents: list[Document]) -> Decision | None:
        """Show what a turn published and ask what to do; None leaves it for later."""
        async with self._lock:
            try:
                async with self._paused():
                    return await self._ask(turn, documents)
            except Postponed:
                return None

    async def answer(self, question: Question) -> str | None:
        """Ask what a turn wants to know; None leaves it for later."""
        async with self._lock:
            try:
                async with self._paused():
                    return await self._answer(question)
            except Postponed:
                return None

    async def _answer(self, question: Question) -> str:
        name = f"{question.step} {question.subject}".strip()
        err("")
        err(f"{clean(name)} asks: {clean(question.text)}")
        while True:
            choices = f"{', '.join(map(clean, question.options))} (empty: later)"
            try:
                if not (text := await _line(f"{choices.strip(' ')}? ")).strip():
                    raise Postponed
                return question.checked(text)
            except ConfigurationError as error:
                report(error.remedy, mark="  ")

    async def _ask(self, turn: Turn, documents: list[Document]) -> Decision:
        name = f"{turn.step.name} {turn.subject}".strip()
        err("")
        draw(*_shown(documents), stream=sys.stderr)
        err("")
        err(f"{clean(name)} is waiting for your decision.")
        while True:
            answer = (await _line(_CHOICES)).strip().lower()
            match answer[:1]:
                case "a" | "y":
                    return Decision("approve")
                case "e":
                    if changed := await _edit(documents, turn.step.lists):
                        return Decision("edit", changed)
                case "f":
                    if text := (await _line("What should be different? ")).strip():
                        return Decision("feedback", text=text)
                case "s":
                    return Decision("stop")
                case "l":
                    raise Postponed


def _shown(documents: Sequence[Document]) -> list[Any]:
    """Return what `rich` is to draw: a document's Markdown if it has any, else its fields."""
    from rich.markdown import Markdown
    from rich.text import Text

    things: list[Any] = []
    for document in documents:
        artifacts = document.artifacts()
        pages = [text for path, text in artifacts.items() if path.endswith(".md")]
        if pages:
            things.append(Markdown(clean(pages[0])))
            continue
        kind = type(document).__name__
        things.append(Text(f"{kind} {clean(document.key)}".strip(), style="bold"))
        text = next(iter(artifacts.values()), "") or _as_json([document])
        things.append(Text(clean(text.rstrip())))
    return things


def _as_json(documents: Sequence[Document], many: bool = False) -> str:
    """Return documents as the JSON a person edits: one object, or a list of them."""
    bodies = [document.model_dump(mode="json") for document in documents]
    what = bodies if many or len(bodies) != 1 else bodies[0]
    return json.dumps(what, indent=2, ensure_ascii=False)


async def _edit(documents: list[Document], many: bool) -> list[Document] | None:
    """Let the person edit `documents` until they are valid; None where nothing was changed."""
    before = _as_json(documents, many)
    kinds = list(dict.fromkeys(type(document) for document in documents))
    with temporary_file(f"{kinds[0].__name__}.json", f"{before}\n") as file:
        while await _open_editor(file):
            try:
                text = file.read_text(encoding="utf-8", errors="replace")
                if text.strip() == before.strip():
                    err("Nothing was changed.")
                    return None
                return edited(text, kinds)
            except ConfigurationError as error:
                report(error.problem, mark="  ")
            if (await _line("Edit again? [y]es, [n]o: ")).strip().lower().startswith("n"):
                return None
    return None


async def _open_editor(file: Path) -> bool:
    """Let the person edit `file`; return whether the editor ended well, and say why not."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with interrupt.ignore_ctrl_c():
        code = await run_program(command, file)
    if isinstance(code, str):
        report(f"The editor {command!r} cannot be started: {code}.", "Set EDITOR.", mark="  ")
    elif code:
        report(f"The editor {command!r} ended with code {code}.", mark="  ")
    return code == 0


async def _line(prompt: str) -> str:
    """Ask for a line; the end of the input means "later".

    Raises:
        Postponed: there will be no further input.
    """
    err(prompt, end="")
    text = await read_input()
    if not text:
        err("")
        raise Postponed
    return text.decode("utf-8", "replace").splitlines()[0] if text.strip() else ""
