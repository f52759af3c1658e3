"""Pieces of replies reach those who want them, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

from facts import facts

from metaco import Company, Entry, Reply, Request, Requirement, Retry, Role, Settings, Usage, action
from metaco.core.document import Document
from metaco.core.errors import ProviderError
from metaco.run.entries import CallFailed, CallStarted, Fact, ReplyReceived
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from metaco.testing import FunctionModel


def call_started(call: str) -> CallStarted:
    return CallStarted(call, "a.b", "m", "t", "", 1, None, "", "", ())


def replied(call: str) -> Entry:
    fact = ReplyReceived(call, "a.b", "m", 1.0, "", "stop", "m", 1, 1, 0, False, None)
    return Entry("r", 1, 0.0, call, fact)


def failed(call: str) -> Entry:
    return Entry("r", 1, 0.0, f"{call}/1", CallFailed(call, "a.b", "m", "no", 1.0, None))


class Line(Document):
    """A line."""

    text: str


class Poet(Role):
    """Writes lines."""

    @action
    async def write(self, requirement: Requirement) -> Line:
        """Write one."""
        return Line(text=await self.ask(str, requirement=requirement))


class Listener:
    """An observer that wants the text."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.breaks = breaks
        self.heard: list[tuple[str, str]] = []
        self.facts: list[Fact] = []

    async def __call__(self, entry: Entry) -> None:
        self.facts.append(entry.fact)

    def on_text(self, call: CallStarted, text: str) -> None:
        self.heard.append((call.step, text))
        if self.breaks:
            raise ValueError("the ear hurts")


def streaming(*replies: Reply | ProviderError) -> FunctionModel:
    """Return a model that streams its replies word by word."""
    left = list(replies)

    def answer(request: Request) -> Reply:
        reply = left.pop(0)
        for word in ("half", "done"):
            request.on_text(word)
        if isinstance(reply, ProviderError):
            raise reply
        return reply

    return FunctionModel(answer)


async def run(folder: Path, model: FunctionModel, *observers: Listener) -> tuple[str, list[Entry]]:
    company = Company(
        SOP("poetry", [Step(Poet, "write", role_name="poet")]),
        model=model,
        workspace=folder,
        settings=Settings(),
        retry=Retry(2, 0),
        observers=observers,
    )
    result = await company.run("a line")
    assert result.ok
    return " ".join(result.warnings), await company.log.read(result.run)


async def test_who_wants_the_text_gets_it_as_it_comes_and_the_log_does_not(tmp_path: Path) -> None:
    listener = Listener()
    error = ProviderError("no", status=503)
    warnings, entries = await run(
        tmp_path, streaming(error, Reply("a line", Usage(1, 1), "function")), listener
    )
    assert listener.heard == [("poet.write", word) for word in ("half", "done")] * 2
    assert [entry.kind for entry in entries] == [
        "run", "input", "call", "error", "call", "reply", "turn", "end",
    ]  # fmt: skip
    assert [reply.text for reply in facts(entries, ReplyReceived)] == ["a line"]
    assert "half" not in repr(entries)
    assert warnings == ""


async def test_a_listener_that_breaks_is_dropped_and_the_reply_is_not(tmp_path: Path) -> None:
    broken, other = Listener(breaks=True), Listener()
    warnings, _ = await run(tmp_path, streaming(Reply("a line")), broken, other)
    assert len(broken.heard) == 1
    assert len(other.heard) == 2
    assert "Listener" in warnings or "on_text" in warnings
    assert "the ear hurts" in warnings
    assert broken.facts == other.facts  # it is an observer all the same
