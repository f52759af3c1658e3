"""Progress on stderr: an observer of the log that says what happened, one line per turn.

At a terminal `rich` keeps a line at the bottom that shows what is running and what it cost so far;
elsewhere the same lines are plain text.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from metaco.cli.screen import clean, coloured, err, line, sop_name
from metaco.run.entries import (
    CallFailed,
    CallStarted,
    DecisionMade,
    Entry,
    InputGiven,
    NoteAdded,
    Published,
    RepeatEnded,
    ReplyReceived,
    RunStarted,
    SandboxDisabled,
    TurnCompleted,
    TurnFailed,
)
from metaco.run.state import State
from metaco.run.usage import Cost
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from rich.live import Live
    from rich.text import Text

__all__ = ["Console", "amount", "published", "span"]

Piece = tuple[str, str]
"""A piece of a line: text and style."""

_WIDEST = 40  # of the column with the names of the steps


class Console:
    """Shows a run while it works.

    Args:
        sop: its procedure.
        after: the position in the log up to which entries are not shown again.
        models: who answers for each role, and where, if that is not the usual place; by default
            what the log says.
    """

    def __init__(self, sop: SOP, after: int = 0, models: Mapping[str, str] | None = None) -> None:
        self.sop, self.after, self.models = sop, after, models or {}
        self.cost, self.began = Cost(), time.time()
        self._state: State | None = None
        self._calls: dict[str, tuple[str, float]] = {}  # call -> (turn, when it was sent)
        self._tokens: Counter[str] = Counter()  # call -> tokens of its reply so far
        self._held: list[list[Piece]] = []  # what is shown once a person has answered
        self._first: dict[str, float] = {}  # turn -> when its first call was sent
        self._spent: dict[str, float] = defaultdict(float)  # turn -> dollars
        self._published: dict[str, float] = {}  # message -> when
        self._problems: dict[str, str] = {}  # turn -> why its last attempt failed
        self._reopened = self.began
        self._width = min(max(len(step.name) for step in sop.steps()), _WIDEST)
        self._lock = asyncio.Lock()
        self._live: Live | None = None
        if coloured(sys.stderr):
            self._live = _live(self)

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        async with self._lock:  # a person who is being asked something is not interrupted
            if self._state is None:
                self._state = State(self.sop, entry.run)
            fresh = entry.n > self.after
            parts = self._lines(entry) if fresh else []
            self._learn(entry)
            self._state.apply(entry)
            if fresh and self._live and not self._live.is_started:
                self._live.start()
            for each in [*self._held, *parts]:
                self._print(each)
            self._held.clear()

    def count(self, call: CallStarted) -> None:
        """Take in that one more token of a reply has come."""
        self._tokens[call.call] += 1

    def show_line(self, call: CallStarted, text: str) -> None:
        """Show a line of a reply that is coming."""
        parts = [("  │ ", "dim"), (f"{call.step}  ", "dim"), (clean(text), "dim")]
        if self._lock.locked():
            self._held.append(parts)
        else:
            self._print(parts)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Keep quiet for a while, because a person is being asked something."""
        async with self._lock:
            if self._live:
                self._live.stop()
            try:
                yield
            finally:
                if self._live:
                    self._live.start()

    def close(self) -> None:
        """Take the bottom line away."""
        if self._live:
            self._live.stop()

    # -- what there is to say

    def _learn(self, entry: Entry) -> None:
        self.cost.apply(entry)
        match entry.fact:
            case CallStarted(call=call, turn=turn):
                self._calls[call] = (turn, entry.at)
                if entry.n > self.after:
                    self._first.setdefault(turn, entry.at)
            case ReplyReceived(cost=cost):
                self._tokens.pop(entry.key, None)
                turn, _ = self._calls.get(entry.key, ("", 0.0))
                self._spent[turn] += cost or 0.0
            case CallFailed(call=call, problem=problem):
                self._tokens.pop(call, None)
                self._problems[self._calls[call][0]] = _gist(problem)
            case TurnCompleted(publishes=publishes):
                for published in publishes:
                    self._published.setdefault(published.id, entry.at)
            case NoteAdded() | DecisionMade() | InputGiven():
                self._reopened = max(self._reopened, entry.at)

    def _added(self, fields: Mapping[str, Any]) -> str:
        """Return what a new version of the requirement adds to the one before, else all of it."""
        assert self._state
        before = [str(getattr(m.body, "text", "")) for m in self._state.inputs.values()]
        text = str(fields.get("text", ""))
        return next((text.removeprefix(b).strip() for b in before if text.startswith(b)), text)

    def _lines(self, entry: Entry) -> list[list[Piece]]:
        match entry.fact:
            case RunStarted() as run:
                models = " + ".join(dict.fromkeys({**run.models, **self.models}.values()))
                return [*_head(run, models, entry.run), []]
            case SandboxDisabled(sandbox=sandbox):
                return [[("  ! ", "yellow"), (f"sandbox {sandbox}", "yellow")]]
            case InputGiven(body=body):
                if self._state and self._state.counts.keys() - {"run", "input"}:
                    return [[("  ↻ ", "cyan"), (f"Change: {line(self._added(body))}", "")]]
            case CallStarted(rejected_replies=[*_, (_, problem)]) as call if (
                call.call not in self._calls
            ):
                what = f"sent back: {_gist(_complaint(problem))}"
                return [self._line("↩", "yellow", call, what, "yellow")]
            case TurnCompleted() as turn:
                return self._completed(entry, turn)
            case TurnFailed() as failure:
                again = self._problems.get(failure.turn) == _gist(failure.problem)
                what = "failed for this reason" if again else line(failure.problem)
                return [self._line("✗", "red", failure, what, "red")]  # the outcome says what helps
            case CallFailed(problem=problem) as call:
                what = f"attempt {entry.key.rpartition('/')[2]}: {_gist(problem)}"
                return [self._line("!", "yellow", call, what, "yellow")]
            case RepeatEnded() as end:
                style = "yellow" if end.reason == "at_most" else "dim"
                return [
                    [("  ∘ ", style), ("repeat".ljust(self._width) + "  ", ""), (str(end), style)]
                ]
            case NoteAdded(text=str(text)) if text:
                return [[("  ↻ ", "cyan"), (f"Again, with: {line(text)}", "")]]
            case DecisionMade(verdict=verdict) as decision:
                verb = {"approve": "approved", "edit": "edited", "stop": "stopped"}
                return [self._line("✓", "cyan", decision, verb.get(verdict, verdict), "cyan")]
        return []

    def _completed(self, entry: Entry, turn: TurnCompleted) -> list[list[Piece]]:
        spent, what = self._spent.get(entry.key), published(turn.publishes)
        right = [self._seconds(entry, turn), amount(spent) if spent else ""]
        style = "yellow" if " failed" in what else ""
        done = self._line("•", "green", turn, what, style, "  ".join(filter(None, right)))
        return [done, *(_more(finding, "yellow") for finding in turn.findings)]

    def _line(
        self,
        mark: str,
        colour: str,
        fact: CallStarted | CallFailed | TurnCompleted | TurnFailed | DecisionMade,
        what: str,
        style: str,
        right: str = "",
    ) -> list[Piece]:
        name = fact.step.ljust(self._width)
        subject = "" if isinstance(fact, CallFailed) else line(fact.subject)
        made = fact.publishes if isinstance(fact, TurnCompleted | DecisionMade) else ()
        if subject and subject not in what and not (len(made) == 1 and made[0].key):
            what = f"{subject}: {what}"
        return [(f"  {mark} ", colour), (f"{name}  ", ""), (what, style), (right, "dim")]

    def _seconds(self, entry: Entry, turn: TurnCompleted) -> str:
        """Return how long the turn took: since its first call, or since it could start."""
        ready = [self._published.get(i, 0.0) for i in turn.reads]
        began = self._first.get(entry.key, max([self._reopened, *ready]))
        return span(entry.at - began) if entry.at - began >= 0.05 else ""

    # -- the terminal

    def _print(self, parts: list[Piece]) -> None:
        if self._live:
            self._live.console.print(_fitted(parts, self._live.console.width), soft_wrap=True)
            return
        words = [text for text, _ in parts]
        err("  ".join([*"".join(words[:3]).splitlines(), *filter(None, words[3:])]).rstrip())

    def status(self) -> Text:
        """Return the bottom line: what is running, what it cost, how long it has been."""
        from rich.text import Text

        text = Text("  ")
        frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        text.append(frames[int(time.time() * 10) % len(frames)] + " ", "cyan")
        running = Counter(turns[0].step.name for turns in self._open())
        names = [f"{name} ×{n}" if n > 1 else name for name, n in running.items()]
        text.append(", ".join(names) or "finishing", "bold")
        total = self.cost.total
        spent = f"   {amount(total.dollars)}" if total.dollars else ""
        if tokens := self._tokens.total():
            text.append(f"   {tokens:,} tokens of replies so far", "dim")
        text.append(f"   {_clock(time.time() - self.began)}{spent}", "dim")
        text.truncate(max(20, self._live.console.width - 1) if self._live else 80)
        return text

    def _open(self) -> list[Any]:
        return list(self._state.open.values()) if self._state else []


def _live(console: Console) -> Live:
    from rich import console as rich_console
    from rich.live import Live

    class Stderr(rich_console.Console):
        def on_broken_pipe(self) -> None:
            """Do not end the process: the run is worth more than its watching."""
            self.quiet = True

    return Live(
        console=Stderr(stderr=True, highlight=False, markup=False, emoji=False),
        get_renderable=console.status,
        refresh_per_second=8,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _head(run: RunStarted, models: str, name: str) -> list[list[Piece]]:
    asked = line(run.text)
    return [
        [("metaco  ", "bold cyan"), (asked if len(asked) < 400 else asked[:400] + " …", "bold")],
        [
            ("        ", ""),
            (f"{sop_name(run.sop)} · {clean(models)} · {name}", "dim"),
            (" · sandbox off" if run.sandbox == "off" else "", "yellow"),
        ],
    ]


def _gist(problem: str) -> str:
    return line(problem).partition(". ")[0].rstrip(".")


def _complaint(text: str) -> str:
    """Return the first point of what was wrong with a reply."""
    points = [each[2:] for each in text.splitlines() if each.startswith("- ")]
    more = f" (and {len(points) - 1} more)" if len(points) > 1 else ""
    return f"{points[0]}{more}" if points else text


def _more(text: str, style: str) -> list[Piece]:
    return [("    ", ""), (line(text), style or "dim")]


def _fitted(parts: list[Piece], width: int) -> Text:
    """Return a line for the terminal: the third part takes the room that the others leave."""
    from rich.text import Text

    if len(parts) < 4:
        return Text.assemble(*parts)
    left, right = Text.assemble(*parts[:2]), Text.assemble(*parts[3:])
    what = Text.assemble(parts[2])
    if parts[3][0]:
        what.truncate(max(10, width - left.cell_len - right.cell_len - 3), pad=True)
        return Text.assemble(left, what, "  ", right)
    return Text.assemble(left, what)


def published(messages: Sequence[Published]) -> str:
    """Return what a turn published, in words: its documents, by kind and key."""
    kinds: dict[str, list[Published]] = {}
    for message in messages:
        kinds.setdefault(message.type, []).append(message)
    parts = []
    for kind, alike in kinds.items():
        if len(alike) > 1:
            parts.append(f"{kind} ×{len(alike)}")
            continue
        key, counted = line(alike[0].key), _outcomes(alike[0].body)
        parts.append(" ".join(filter(None, [kind, key, counted])))
    return ", ".join(parts) or "nothing to publish"


def _outcomes(fields: Mapping[str, Any]) -> str:
    """Return how often each outcome occurs, where a document has a list `outcomes` of them."""
    outcomes = fields.get("outcomes")
    if not isinstance(outcomes, list):
        return ""
    counts = Counter(str(o.get("outcome")) for o in outcomes if isinstance(o, dict))
    return f"({', '.join(f'{n} {outcome}' for outcome, n in counts.items())})" if counts else ""


def amount(dollars: float) -> str:
    """Return an amount of money, small ones with more digits."""
    if dollars == 0:
        return "$0"
    return f"${dollars:.2f}" if dollars >= 1 else f"${dollars:.4f}"


def span(seconds: float) -> str:
    """Return a span of time in words a person reads."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
