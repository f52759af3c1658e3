"""`metaco resume`: go on with a run."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from metaco.cli import interrupt
from metaco.cli.demo import demo_of
from metaco.cli.input import edited, read_text
from metaco.cli.options import Add, working
from metaco.cli.parser import UsageError
from metaco.cli.runs import entries, started_of
from metaco.cli.screen import clean, err, report
from metaco.cli.session import Session, check_roles, company_of, hosts_of, settings_of
from metaco.cli.sop import load_sop
from metaco.run.lock import worker
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from metaco.run.gates import Decision

__all__ = ["options", "resume"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", metavar="RUN", help="the run (the newest that is not finished)")
    add("--sop", metavar="PATH", help="where the procedure is now, if it was moved")
    add(
        "--approve",
        metavar="STEP",
        action="append",
        default=[],
        help="approve documents waiting at a gate; may be repeated",
    )
    add(
        "--feedback",
        metavar=("STEP", "TEXT"),
        nargs=2,
        action="append",
        default=[],
        help="run the step again, with feedback on what to change",
    )
    add(
        "--edit",
        metavar=("STEP", "FILE"),
        nargs=2,
        action="append",
        default=[],
        help="replace the waiting document by the one in a JSON file",
    )
    add(
        "--answer",
        metavar="[STEP=]TEXT",
        action="append",
        default=[],
        help="answer the question of a step that waits",
    )
    add("--stop", metavar="STEP", action="append", default=[], help="end the run there")
    add("--change", metavar="TEXT", help="add these words to the requirement")
    add("--requirement", metavar="TEXT", help="replace the requirement by these words")
    add(
        "--wait",
        action="store_true",
        help="if another process works on the run, wait until it ends",
    )
    working(add)


def resume(args: Namespace) -> int:
    """Go on with a run."""
    _check_words(args)
    settings = settings_of(args)
    name = args.run or ("last" if args.change or args.requirement else "unfinished")
    known = interrupt.run(entries(settings.workspace, name))
    started = started_of(known)
    where = args.sop or started.sop
    sop = load_sop(where, named=bool(args.sop)).as_started(started.parts, started.gates)
    if started.sop_hash != sop.hash and not args.quiet:
        report(
            f"The SOP {sop.name} has changed since this run began.",
            "What is done stays; what is not goes by the new text.",
        )
    if not (args.model or args.record or args.replay or args.replay_or_call):
        args.replay = demo_of(started.models)
    check_roles(args, sop)
    session = Session(args, after=known[-1].n, run=known[0].run)
    company = company_of(args, settings, sop, session, models=started.models)
    decisions = _decisions(args, sop)
    if not args.json and not args.quiet:
        turns = sum(entry.kind == "turn" for entry in known)
        done = (
            f"; {turns} turn{'s are' if turns != 1 else ' is'} in the log already" if turns else ""
        )
        off = "; sandbox off" if settings.sandbox == "off" else ""
        if not (other := worker(company.root, known[0].run)):
            err(f"Resuming {known[0].run}{done}{off}.")
            for route in dict.fromkeys(hosts_of(company, sop).values()):
                err(f"Asking {clean(route)}.")
        elif args.wait:
            err(f"Waiting for {other}, which is working on {known[0].run}.")
    return session.work(
        company,
        sop,
        lambda: company.resume(
            known[0].run,
            change=args.change,
            requirement=args.requirement,
            decisions=decisions,
            answers=_answers(args, sop),
            wait=args.wait,
        ),
    )


def _check_words(args: Namespace) -> None:
    """Refuse a change that says nothing, or both a change and a requirement."""
    if args.change is not None and args.requirement is not None:
        raise UsageError(
            "There are both a change and a requirement.",
            "Give --change to add to the requirement, or --requirement to replace it.",
        )
    for name in ("change", "requirement"):
        if (words := getattr(args, name)) is not None and not words.strip():
            raise UsageError(f"The {name} is empty.", "Say in a line what should be different.")


def _decisions(args: Namespace, sop: SOP) -> dict[str, Decision]:
    """Return what the options say about gates."""
    from metaco.run.gates import Decision

    decisions: dict[str, Decision] = {}

    def decide(name: str, decision: Decision) -> None:
        if name in decisions:
            raise UsageError(f"There are two decisions on {name}.", "Give one of them.")
        decisions[name] = decision

    for name in args.approve:
        decide(name, Decision("approve"))
    for name in args.stop:
        decide(name, Decision("stop"))
    for name, text in args.feedback:
        if not text.strip():
            raise UsageError(f"The feedback on {name} is empty.", "Say what should be different.")
        decide(name, Decision("feedback", text=text))
    for name, file in args.edit:
        kinds = sop.find(name.partition(":")[0]).outputs
        decide(name, Decision("edit", edited(read_text(file), kinds)))
    return decisions


def _answers(args: Namespace, sop: SOP) -> dict[str, str]:
    """Return the answers by the names of steps; one without a name is to the only question."""
    answers: dict[str, str] = {}
    for given in args.answer:
        name, sign, text = given.partition("=")
        known = {word for step in sop.steps() for word in (step.name, step.action)}
        if not sign or name.partition(":")[0] not in known:
            name, text = "", given
        if name in answers:
            raise UsageError(f"There are two answers to {name or 'the question'}.", "Give one.")
        answers[name] = text
    return answers
