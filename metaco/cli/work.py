"""`metaco run` and `metaco resume`: the company at work, watched, asked and summed up."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from metaco.cli import interrupt
from metaco.cli.find import find, load_sop, open_log
from metaco.cli.given import given
from metaco.cli.parser import UsageError
from metaco.cli.screen import clean, err, flush, out, report
from metaco.cli.text import called, read
from metaco.company import Company, Result
from metaco.core.errors import ConfigurationError
from metaco.core.limits import Limits
from metaco.core.suggest import suggest
from metaco.models import human
from metaco.run.lock import worker
from metaco.run.log import Entry
from metaco.run.state import State
from metaco.settings import Settings
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from metaco.cli.console import Console
    from metaco.run.environment import Decision

__all__ = ["resume", "run"]


def run(args: Namespace) -> int:
    """Work on a requirement."""
    text = _requirement(args)
    settings = _settings(args)
    sop = load_sop(args.sop or "software_company", named=True)
    documents = given(sop, args.from_)
    only = [name.strip() for name in (args.only or "").split(",") if name.strip()]
    sop = sop.starting_from([type(document) for document in documents]).up_to(only)
    gates = [name.strip() for name in (args.gate or "").split(",") if name.strip()]
    company = _company(args, settings, sop, gates=gates, name=_name(args.name))
    silent = args.quiet or args.replay
    if "model" not in settings.sources and not silent and _offline(company, sop):
        report(
            "No key was found, so metaco works by its built-in rules, without an AI model.",
            "Set OPENAI_API_KEY for a real one; `metaco doctor` shows what is configured.",
        )
    return _Session(args, company, sop).work(lambda: company.run(text, given=documents))


def resume(args: Namespace) -> int:
    """Go on with a run."""
    _check_words(args)
    settings = _settings(args)
    known = interrupt.run(_known(args, settings))
    begun = known[0].body
    where = args.sop or begun["sop"]
    sop = load_sop(where, named=bool(args.sop)).as_started(begun)
    if begun["sop_hash"] != sop.hash and not args.quiet:
        report(
            f"The SOP {sop.name} has changed since this run began.",
            "What is done stays; what is not goes by the new text.",
        )
    company = _company(args, settings, sop, models=begun["models"])
    decisions = _decisions(args, sop, known)
    session = _Session(args, company, sop, after=known[-1].n, run=known[0].run)
    if not args.json and not args.quiet:
        turns = sum(entry.kind == "turn" for entry in known)
        done = (
            f"; {turns} turn{'s are' if turns != 1 else ' is'} in the log already" if turns else ""
        )
        off = "; sandbox off" if settings.sandbox == "off" else ""
        if not (other := worker(company.root, known[0].run)):
            err(f"Going on with {known[0].run}{done}{off}.")
            for said in dict.fromkeys(_where(company, sop).values()):
                err(f"Asking {clean(said)}.")
        elif args.wait:
            err(f"Waiting for {other}, which is working on {known[0].run}.")
    return session.work(
        lambda: company.resume(
            known[0].run,
            change=args.change,
            requirement=args.requirement,
            decisions=decisions,
            wait=args.wait,
        )
    )


class _Session:
    """One time of working on a run: who watches, who asks, how it is summed up."""

    def __init__(
        self, args: Namespace, company: Company, sop: SOP, after: int = 0, run: str = ""
    ) -> None:
        self.args, self.company, self.sop, self.after, self.run = args, company, sop, after, run
        self.console: Console | None = None

    def work(self, start: Callable[[], Awaitable[Result]]) -> int:
        """Let the company work, and return the exit code."""
        from metaco.cli.outcome import again, exit_code, outcome, tell
        from metaco.cli.report import probe, write_reports

        args = self.args
        probe(args)
        try:
            result = interrupt.run(self._work(start))
        except interrupt.Interrupted as error:
            self._leave(error.code)
            if self.run:
                err(f"Interrupted. Go on with: {again(self.run, args.workspace)}")
            else:
                err("Interrupted before anything was begun.")
            return error.code
        said = outcome(result)
        write_reports(args, said, result)
        if args.json:
            out(json.dumps(said, ensure_ascii=False))
        else:
            if not args.quiet:
                err("")
            tell(said, args.workspace, result)
        flush()
        return exit_code(result)

    def _leave(self, code: int) -> None:
        """Say, by its log, what came of a run that was interrupted."""
        from metaco.cli.outcome import blank, outcome
        from metaco.cli.report import past, write_reports

        said, result = blank("interrupted", code), None
        if self.run:
            known = interrupt.run(self.company.log.read(self.run))
            result = past(State(self.sop, self.run, known), known, str(self.company.root))
            said = {**outcome(result), "exit_code": code}
        write_reports(self.args, said, result)
        if self.args.json:
            out(json.dumps(said, ensure_ascii=False))

    async def _work(self, start: Callable[[], Awaitable[Result]]) -> Result:
        observers: list[Any] = [self._remember]
        if self.args.json:
            observers.append(_Lines(self.after, self.args.verbose))
        elif not self.args.quiet and not self.args.verbose:  # which has lines of its own
            from metaco.cli.console import Console

            self.console = Console(self.sop, self.after, _where(self.company, self.sop))
            human.aside[0] = self.console.paused
            observers.append(self.console)
        self.company.observers = observers
        self.company.ask = self._ask()
        try:
            return await start()
        finally:
            human.aside[0] = nullcontext
            if self.console:
                self.console.close()

    def _ask(self) -> Any:
        from metaco.cli.gate import Gate, approve_all, can_ask

        if self.args.yes:
            return approve_all
        return Gate(self.console) if can_ask() and not self.args.json else None

    async def _remember(self, entry: Entry) -> None:
        self.run = entry.run


class _Lines:
    """Prints every entry as a JSON line; prompts and replies only where they are wanted."""

    _LONG = ("system", "prompt", "earlier", "text", "trace")

    def __init__(self, after: int, verbose: bool) -> None:
        self.after, self.verbose = after, verbose

    async def __call__(self, entry: Entry) -> None:
        if entry.n <= self.after:
            return
        body = entry.body
        if not self.verbose and entry.kind in ("call", "reply", "failure"):
            body = {name: value for name, value in body.items() if name not in self._LONG}
        facts = {"event": entry.kind, **entry.dump(), "body": body}
        del facts["kind"]
        out(json.dumps(facts, ensure_ascii=False))
        flush(sys.stdout)


# ---------------------------------------------------------------------- what was asked for


def _requirement(args: Namespace) -> str | None:
    """Return the requirement in words or in a file; None where given documents stand for it."""
    words = " ".join(args.requirement).encode("utf-8", "replace").decode().strip()
    if args.file is None:
        if not words:
            if args.from_:
                return None
            raise UsageError(
                "The requirement is empty.", 'Say what to build: metaco "a CLI expense tracker".'
            )
        return words
    if words:
        raise UsageError(
            "There are two requirements: one in words and one in a file.", "Give one of them."
        )
    text = read(args.file)
    if not text.strip():
        raise UsageError(f"{called(args.file)} is empty.", "Write into it what to build.")
    return text.strip()


def _check_words(args: Namespace) -> None:
    """Refuse a change that says nothing, or two wishes of which one would be lost."""
    if args.change is not None and args.requirement is not None:
        raise UsageError(
            "There are both a change and a requirement.",
            "Give --change to add to the requirement, or --requirement to replace it.",
        )
    for name in ("change", "requirement"):
        if (words := getattr(args, name)) is not None and not words.strip():
            raise UsageError(f"The {name} is empty.", "Say in a line what shall be different.")


def _name(name: str | None) -> str:
    """Return the name of the project: one folder below the workspace."""
    if name is None:
        return ""
    if not name.strip() or name in (".", "..") or set(name) & set('/\\:*?"<>|\0') or name[0] == ".":
        raise UsageError(f"{name!r} cannot be the name of a folder.", "Give a plain name.")
    return name.strip()


def _settings(args: Namespace) -> Settings:
    given = {name: getattr(args, name) for name in ("model", "workspace", "sandbox", "parallel")}
    return Settings.load(given)


def _company(
    args: Namespace,
    settings: Settings,
    sop: SOP,
    *,
    models: Mapping[str, str] | None = None,
    **more: Any,
) -> Company:
    roles = list(dict.fromkeys(step.role_name for step in sop.steps()))
    for role, _ in args.role_model:
        if role not in roles:
            raise ConfigurationError(
                f"No role of {sop.name} is called {role!r}.", suggest(role, roles, "There are")
            )
    usual = {} if args.model else dict(models or {})
    return Company(
        sop,
        model=args.model,
        models={**usual, **dict(args.role_model)},
        limits=Limits(args.budget, args.tokens, args.calls, args.minutes),
        record=args.record,
        replay=args.replay,
        replay_or_call=args.replay_or_call,
        settings=settings,
        **more,
    )


def _offline(company: Company, sop: SOP) -> bool:
    return all(company.model_of(step.role_name).name == "offline" for step in sop.steps())


def _where(company: Company, sop: SOP) -> dict[str, str]:
    """Return the route of each role with its hosts, where one is not the usual one."""
    if company.replay:
        return {}
    found = {step.role_name: company.where(step.role_name) for step in sop.steps()}
    return {role: said for role, said in found.items() if " at " in said}


async def _known(args: Namespace, settings: Settings) -> list[Entry]:
    """Return the log of the run to go on with."""
    log = open_log(settings.workspace)
    wish = args.run or ("last" if args.change or args.requirement else "unfinished")
    return await log.read(await find(log, wish))


def _decisions(args: Namespace, sop: SOP, known: list[Entry]) -> dict[str, Decision]:
    """Return what the options say about gates."""
    from metaco.run.environment import Decision

    found: dict[str, Decision] = {}

    def decide(name: str, decision: Decision) -> None:
        if name in found:
            raise UsageError(f"There are two decisions on {name}.", "Give one of them.")
        found[name] = decision

    for name in args.approve:
        decide(name, Decision("approve"))
    for name in args.stop:
        decide(name, Decision("stop"))
    for name, text in args.feedback:
        if not text.strip():
            raise UsageError(f"The feedback on {name} is empty.", "Say what shall be different.")
        decide(name, Decision("feedback", text=text))
    if args.edit:
        from metaco.cli.gate import edited

        for name, file in args.edit:
            kinds = sop.find(name.partition(":")[0]).outputs
            decide(name, Decision("edit", edited(read(file), kinds)))
    return found
