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
from metaco.run.cost import Cost
from metaco.run.log import Entry
from metaco.run.state import State
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from rich.live import Live
    from rich.text import Text

__all__ = ["Console", "amount", "published", "span"]

Part = tuple[str, str]
"""A piece of a line: text and style."""

_WIDEST = 40  # of the column with the names of the steps


class Console:
    """Shows a run while it works.

    Args:
        sop: its procedure.
        after: the position in the log up to which everything is old news.
        models: who answers for each role, and where, if that is not the usual place; by default
            what the log says.
    """

    def __init__(self, sop: SOP, after: int = 0, models: Mapping[str, str] | None = None) -> None:
        self.sop, self.after, self.models = sop, after, models or {}
        self.cost, self.began = Cost(), time.time()
        self._state: State | None = None
        self._calls: dict[str, tuple[str, float]] = {}  # call -> (turn, when it was sent)
        self._first: dict[str, float] = {}  # turn -> when its first call was sent
        self._spent: dict[str, float] = defaultdict(float)  # turn -> dollars
        self._published: dict[str, float] = {}  # message -> when
        self._said: dict[str, str] = {}  # turn -> why its last attempt failed
        self._again = self.began
        self._width = min(max(len(step.name) for step in sop.steps()), _WIDEST)
        self._turn = asyncio.Lock()
        self._live: Live | None = None
        if coloured(sys.stderr):
            self._live = _live(self)

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        async with self._turn:  # a person who is being asked something is not interrupted
            if self._state is None:
                self._state = State(self.sop, entry.run)
            fresh = entry.n > self.after
            parts = self._lines(entry) if fresh else []
            self._learn(entry)
            self._state.extend([entry])
            if fresh and self._live and not self._live.is_started:
                self._live.start()
            for each in parts:
                self._print(each)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Keep quiet for a while, because a person is being asked something."""
        async with self._turn:
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
        body = entry.body
        self.cost.take(entry)
        match entry.kind:
            case "call":
                self._calls[body["call"]] = (body["turn"], entry.at)
                if entry.n > self.after:
                    self._first.setdefault(body["turn"], entry.at)
            case "reply":
                turn, _ = self._calls.get(entry.key, ("", 0.0))
                self._spent[turn] += body.get("cost") or 0.0
            case "error":
                self._said[self._calls[body["call"]][0]] = _gist(body["problem"])
            case "turn":
                for message in body["publishes"]:
                    self._published.setdefault(message["id"], entry.at)
            case "note" | "decision" | "input":
                self._again = max(self._again, entry.at)

    def _added(self, wish: Mapping[str, Any]) -> str:
        """Return what a new version of the requirement adds to the one before, else all of it."""
        assert self._state
        before = [str(getattr(m.body, "text", "")) for m in self._state.inputs.values()]
        text = str(wish.get("text", ""))
        return next((text.removeprefix(b).strip() for b in before if text.startswith(b)), text)

    def _lines(self, entry: Entry) -> list[list[Part]]:
        body = entry.body
        match entry.kind:
            case "run":
                models = " + ".join(dict.fromkeys({**body["models"], **self.models}.values()))
                off = body.get("sandbox") == "off"
                return [*_head(body["text"], body["sop"], models, entry.run, off), []]
            case "sandbox":
                return [[("  ! ", "yellow"), (f"sandbox {body['sandbox']}", "yellow")]]
            case "input":
                if self._state and self._state.counts.keys() - {"run", "input"}:
                    return [[("  ↻ ", "cyan"), (f"Change: {line(self._added(body['body']))}", "")]]
            case "call" if body["earlier"] and body["call"] not in self._calls:
                what = f"sent back: {_gist(_complaint(body['earlier'][-1][1]))}"
                return [self._line("↩", "yellow", body, what, "yellow", "")]
            case "turn":
                spent = self._spent.get(entry.key)
                right = [self._seconds(entry), amount(spent) if spent else ""]
                what = published(body)
                style = "yellow" if " failed" in what else ""
                done = self._line("•", "green", body, what, style, "  ".join(filter(None, right)))
                return [done, *(_more(f, "yellow") for f in body.get("findings", ()))]
            case "failure":
                again = self._said.get(body["turn"]) == _gist(body["problem"])
                what = "failed for this reason" if again else line(body["problem"])
                failed = self._line("✗", "red", body, what, "red", "")
                return [failed, _more(body["remedy"], "")] if body["remedy"] else [failed]
            case "error":
                what = f"attempt {entry.key.rpartition('/')[2]}: {_gist(body['problem'])}"
                return [self._line("!", "yellow", body, what, "yellow", "")]
            case "note":
                if body["text"]:
                    return [[("  ↻ ", "cyan"), (f"Again, with: {line(body['text'])}", "")]]
            case "decision":
                verb = {"approve": "approved", "edit": "edited", "stop": "stopped"}
                what = verb.get(body["verdict"], body["verdict"])
                return [self._line("✓", "cyan", body, what, "cyan", "")]
        return []

    def _line(
        self, mark: str, colour: str, body: dict[str, Any], what: str, style: str, right: str
    ) -> list[Part]:
        name = str(body["step"]).ljust(self._width)
        subject = line(body.get("subject") or "")
        made = body.get("publishes", ())
        if subject and subject not in what and not (len(made) == 1 and made[0]["key"]):
            what = f"{subject}: {what}"
        return [(f"  {mark} ", colour), (f"{name}  ", ""), (what, style), (right, "dim")]

    def _seconds(self, entry: Entry) -> str:
        """Return how long the turn took: since its first call, or since it could start."""
        ready = [self._published.get(i, 0.0) for i in entry.body["reads"]]
        began = self._first.get(entry.key, max([self._again, *ready]))
        return span(entry.at - began) if entry.at - began >= 0.05 else ""

    # -- the terminal

    def _print(self, parts: list[Part]) -> None:
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


def _head(text: str, sop: str, models: str, run: str, off: bool) -> list[list[Part]]:
    asked = line(text)
    return [
        [("metaco  ", "bold cyan"), (asked if len(asked) < 400 else asked[:400] + " …", "bold")],
        [
            ("        ", ""),
            (f"{sop_name(sop)} · {clean(models)} · {run}", "dim"),
            (" · sandbox off" if off else "", "yellow"),
        ],
    ]


def _gist(problem: str) -> str:
    return line(problem).partition(". ")[0].rstrip(".")


def _complaint(text: str) -> str:
    """Return the first point of what was wrong with a reply."""
    points = [each[2:] for each in text.splitlines() if each.startswith("- ")]
    more = f" (and {len(points) - 1} more)" if len(points) > 1 else ""
    return f"{points[0]}{more}" if points else text


def _more(text: str, style: str) -> list[Part]:
    return [("    ", ""), (line(text), style or "dim")]


def _fitted(parts: list[Part], width: int) -> Text:
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


def published(body: dict[str, Any]) -> str:
    """Return what a turn published, in words: its documents, by kind and key."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for message in body["publishes"]:
        kinds.setdefault(str(message["type"]), []).append(message)
    said = []
    for kind, messages in kinds.items():
        if len(messages) > 1:
            said.append(f"{kind} ×{len(messages)}")
            continue
        key, counted = line(messages[0]["key"]), _outcomes(messages[0]["body"])
        said.append(" ".join(filter(None, [kind, key, counted])))
    return ", ".join(said) or "nothing to publish"


def _outcomes(body: dict[str, Any]) -> str:
    """Return how often each outcome occurs, where a document has a list `outcomes` of them."""
    outcomes = body.get("outcomes")
    if not isinstance(outcomes, list):
        return ""
    found = Counter(str(o.get("outcome")) for o in outcomes if isinstance(o, dict))
    return f"({', '.join(f'{n} {outcome}' for outcome, n in found.items())})" if found else ""


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
