"""A session: starts or resumes a run, shows its progress, asks at gates, prints the result."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from metaco.cli import interrupt
from metaco.cli.screen import clean, err, flush, out
from metaco.cli.stream import Stream
from metaco.company import Company
from metaco.core.errors import ConfigurationError
from metaco.core.limits import Limits
from metaco.core.suggest import suggest
from metaco.models import human
from metaco.run.codec import dump
from metaco.run.entries import CallStarted, Entry
from metaco.run.gates import Answer, Ask
from metaco.run.result import Result
from metaco.run.state import State
from metaco.settings import Settings
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from metaco.cli.console import Console

__all__ = ["Session", "check_roles", "company_of", "hosts_of", "is_offline", "settings_of"]


class Session:
    """One time of working on a run: who watches, who asks, how it is summed up.

    It is an observer of the run, which shows its entries.

    Args:
        after: the position in the log up to which entries are not shown again.
        run: the name of the run, if it has one already.
    """

    def __init__(self, args: Namespace, after: int = 0, run: str = "") -> None:
        self.args, self.after, self.run = args, after, run
        self._console: Console | None = None
        self._lines = _Lines(after, args.verbose) if args.json else None
        wanted = getattr(args, "stream", False) and not args.quiet
        self._stream = Stream(self._show_line) if wanted else None

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        self.run = entry.run
        if self._stream:
            self._stream.end(entry)
        if show := self._console or self._lines:
            await show(entry)

    def on_text(self, call: CallStarted, text: str) -> None:
        """Show a piece of a reply, or that there is one more."""
        if self._console:
            self._console.count(call)
        if self._stream:
            self._stream.add(call, text)

    def _show_line(self, call: CallStarted, line: str) -> None:
        if self._lines:
            self._lines.show_line(call, line)
        elif self._console:
            self._console.show_line(call, line)
        else:
            err(f"  │ {call.step}  {clean(line)}")

    @property
    def people(self) -> tuple[Ask | None, Answer | None]:
        """Return who decides at gates, and who answers questions."""
        from metaco.cli.gate import Gate, approve_all

        gate = Gate(self.paused) if human.can_answer() and not self.args.json else None
        return approve_all if self.args.yes else gate, gate.answer if gate else None

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Keep quiet for a while, because a person is being asked something."""
        return self._console.paused() if self._console else nullcontext()

    def work(self, company: Company, sop: SOP, start: Callable[[], Awaitable[Result]]) -> int:
        """Let the company work, and return the exit code.

        Args:
            sop: as the run has it.
        """
        from metaco.cli.outcome import exit_code, outcome_of, print_outcome
        from metaco.cli.remedies import command_line
        from metaco.cli.report import check_writable, write_reports

        args = self.args
        check_writable(args)
        try:
            result = interrupt.run(self._work(company, sop, start))
        except interrupt.Interrupted as error:
            self._leave(company, sop, error.code)
            if self.run:
                err(f"Interrupted. Resume with: {command_line('resume', self.run, args.workspace)}")
            else:
                err("Interrupted before the run started.")
            return error.code
        outcome = outcome_of(result)
        write_reports(args, outcome, result)
        if args.json:
            out(json.dumps(outcome, ensure_ascii=False))
        else:
            if not args.quiet:
                err("")
            print_outcome(outcome, args.workspace, result)
        flush()
        return exit_code(result)

    def _leave(self, company: Company, sop: SOP, code: int) -> None:
        """Print the result so far of a run that was interrupted, by its log."""
        from metaco.cli.outcome import empty_outcome, outcome_of
        from metaco.cli.report import write_reports
        from metaco.run.result import Result

        outcome, result = empty_outcome("interrupted", code), None
        if self.run:
            known = interrupt.run(company.log.read(self.run))
            result = Result.of_log(State(sop, self.run, known), known, str(company.root))
            outcome = {**outcome_of(result), "exit_code": code}
        write_reports(self.args, outcome, result)
        if self.args.json:
            out(json.dumps(outcome, ensure_ascii=False))

    async def _work(
        self, company: Company, sop: SOP, start: Callable[[], Awaitable[Result]]
    ) -> Result:
        if not (self.args.json or self.args.quiet or self.args.verbose):  # has lines of its own
            from metaco.cli.console import Console

            self._console = Console(sop, self.after, hosts_of(company, sop))
        pausing = human.paused.set(self.paused)
        try:
            return await start()
        finally:
            human.paused.reset(pausing)
            if self._console:
                self._console.close()


class _Lines:
    """Prints every entry as a JSON line; prompts and replies only where they are wanted."""

    _LONG = ("system", "prompt", "earlier", "results", "text", "trace")

    def __init__(self, after: int, verbose: bool) -> None:
        self.after, self.verbose = after, verbose

    async def __call__(self, entry: Entry) -> None:
        if entry.n <= self.after:
            return
        facts: dict[str, Any] = {"event": entry.kind, **dump(entry)}
        del facts["kind"]
        if not self.verbose and entry.kind in ("call", "reply", "failure"):
            body = facts["body"].items()
            facts["body"] = {name: value for name, value in body if name not in self._LONG}
        self._print(facts)

    def show_line(self, call: CallStarted, line: str) -> None:
        """Print a line of a reply that is coming; it is no entry, and is not in the log."""
        names = {"call": call.call, "step": call.step, "subject": call.subject}
        self._print({"event": "line", **names, "text": line})

    @staticmethod
    def _print(facts: dict[str, Any]) -> None:
        out(json.dumps(facts, ensure_ascii=False))
        flush(sys.stdout)


def settings_of(args: Namespace) -> Settings:
    given = {name: getattr(args, name) for name in ("model", "workspace", "sandbox", "parallel")}
    rules = {name: getattr(args, name, None) for name in ("allow", "ask", "deny")}
    if rules := {name: some for name, some in rules.items() if some}:
        given["permissions"] = rules
    return Settings.load(given)


def company_of(
    args: Namespace,
    settings: Settings,
    sop: SOP,
    session: Session,
    *,
    models: Mapping[str, str] | None = None,
    **more: Any,
) -> Company:
    usual = {} if args.model else dict(models or {})
    return Company(
        sop,
        model=args.model,
        models={**usual, **dict(args.role_model)},
        limits=Limits(args.budget, args.tokens, args.calls, args.minutes),
        record=args.record,
        replay=args.replay,
        replay_or_call=args.replay_or_call,
        pace=getattr(args, "pace", 0.0),
        settings=settings,
        observers=[session],
        ask=session.people[0],
        answer=session.people[1],
        **more,
    )


def check_roles(args: Namespace, sop: SOP) -> None:
    """Refuse a model for a role that the run does not have.

    Raises:
        ConfigurationError: there is one.
    """
    roles = list(dict.fromkeys(step.role_name for step in sop.steps()))
    for role, _ in args.role_model:
        if role not in roles:
            raise ConfigurationError(
                f"No role of {sop.name} is called {role!r}.", suggest(role, roles, "There are")
            )


def is_offline(company: Company, sop: SOP) -> bool:
    return all(company.routes.route_of(step.role_name)[0].name == "offline" for step in sop.steps())


def hosts_of(company: Company, sop: SOP) -> dict[str, str]:
    """Return the route of each role with its hosts, where one is not the usual one."""
    if company.replay:
        return {}
    routes = {step.role_name: company.routes.hosts_of(step.role_name) for step in sop.steps()}
    return {role: route for role, route in routes.items() if " at " in route}
