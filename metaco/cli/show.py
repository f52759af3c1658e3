"""`metaco show`: a run as its log has it; if the SOP cannot be loaded, it says what is missing."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metaco.cli import interrupt
from metaco.cli.console import amount, published, span
from metaco.cli.options import Add, workspace
from metaco.cli.outcome import headline, outcome_of
from metaco.cli.remedies import answer_command, command_line, failure_text
from metaco.cli.runs import (
    COLOURS,
    entries,
    open_log,
    sandbox_of,
    started_of,
    status_of,
    workspace_of,
)
from metaco.cli.screen import add_row, clean, draw, err, line, out, sop_name, table
from metaco.cli.sop import sop_of
from metaco.core.artifacts import UNCONFINED
from metaco.core.errors import MetacoError
from metaco.run.codec import plain
from metaco.run.entries import (
    CallFailed,
    CallStarted,
    EffectStarted,
    Entry,
    NoteAdded,
    ProjectNamed,
    Published,
    ReplyReceived,
    RunEnded,
    TurnCompleted,
    TurnFailed,
)
from metaco.run.result import Result
from metaco.run.state import State
from metaco.run.usage import Cost

__all__ = ["facts_of", "options", "show"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--prompts", action="store_true", help="show the prompts and replies of models")
    add("--json", action="store_true", help="one JSON object")
    workspace(add)


_CURRENT = ("documents", "losses", "questions", "repeats", "waiting")
"""What the log alone does not say."""

_CONCLUSION = ("accepted", "summary", "not_done", "untested")  # on what is done


_IN_FLIGHT = "It was in flight when the run ended."


def show(args: Namespace) -> int:
    """Show a run: its steps, documents, failures, and what waits."""
    workspace = workspace_of(args)
    known, status = interrupt.run(_read(workspace, args.run))
    facts = facts_of(known, status, workspace)
    if args.prompts:
        facts["prompts"] = _calls(known)
    if args.json:
        for step in facts["steps"]:
            step["published"] = list(map(_message, step["published"]))
        out(json.dumps(facts, ensure_ascii=False))
        return 0
    _print(facts, args.workspace)
    for failure in facts["failures"] if args.verbose else ():
        out(f"\n{clean(failure.get('trace', ''))}".rstrip())
    for call in facts.get("prompts", ()):
        _print_call(call)
    return 0


async def _read(workspace: str, name: str) -> tuple[list[Entry], str]:
    known = await entries(workspace, name)
    return known, await status_of(open_log(workspace), known[0].run)


def _message(published: Published) -> dict[str, Any]:
    return {"type": published.type, "key": published.key, "body": published.body}


def facts_of(known: Sequence[Entry], status: str, workspace: str) -> dict[str, Any]:
    """Return what there is to say of a run."""
    started, cost = started_of(known), Cost.of(known)
    log = [entry.fact for entry in known]
    folders = [fact.folder for fact in log if isinstance(fact, ProjectNamed) and fact.folder]
    facts: dict[str, Any] = {
        "run": known[0].run,
        "status": status,
        "requirement": started.text,
        "sop": started.sop,
        "models": started.models,
        "began": known[0].at,
        "last": known[-1].at,
        "project": str(Path(workspace, folders[-1])) if folders else None,
        "sandbox": sandbox_of(known),
        "cost": cost.total.dollars,
        "unpriced_calls": cost.total.unpriced,
        "calls": cost.total.calls,
        "steps": _steps(known, cost),
        "problem": next((f.problem for f in log[::-1] if isinstance(f, RunEnded)), ""),
    }
    facts["unanswered"] = _unanswered(known)
    facts["effects"] = dict(Counter(f.name for f in log if isinstance(f, EffectStarted)))
    try:
        state = State(sop_of(started), known[0].run, known)
    except MetacoError as error:
        # The log alone says what happened, but not what of it is current, nor what waits.
        unknown = dict.fromkeys(
            (*_CONCLUSION, "documents", "losses", "questions", "repeats", "waiting")
        )
        remark = f"The SOP cannot be used now: {error}"
        facts["failures"] = list(map(plain, _failures(known)))
        return {**facts, **unknown, "remark": remark}
    outcome = outcome_of(Result.of_log(state, known, workspace))
    facts |= {name: outcome[name] if status == "done" else None for name in _CONCLUSION}
    waiting = [turns[0] for turns in state.waiting.values()]
    facts["documents"] = [
        {"type": type(m.body).__name__, "key": m.body.key, "id": m.id} for m in state.documents()
    ]
    facts["losses"] = outcome["losses"]
    facts["failures"] = list(map(plain, state.problems()))
    facts["repeats"] = outcome["repeats"]
    facts["waiting"] = [{"step": turn.step.name, "subject": turn.subject} for turn in waiting]
    facts["questions"] = outcome["questions"]
    if status == "unfinished":
        facts["ready"] = sorted({turns[0].step.name for turns in state.open.values()})
    return facts


def _steps(known: Sequence[Entry], cost: Cost) -> list[dict[str, Any]]:
    """Return what each step did, in the order in which they first did something."""
    steps: dict[str, dict[str, Any]] = {}
    for entry in known:
        if isinstance(turn := entry.fact, TurnCompleted):
            step = steps.setdefault(
                turn.step, {"step": turn.step, "turns": 0, "published": [], "findings": []}
            )
            step["turns"] += 1
            step["published"] += turn.publishes
            step["findings"] += turn.findings
    for name, step in steps.items():
        used = cost.by_step.get(name)
        step["calls"] = used.calls if used else 0
        step["cost"] = used.dollars if used else 0.0
        step["seconds"] = round(used.seconds, 3) if used else 0.0
    return list(steps.values())


def _failures(known: Sequence[Entry]) -> list[TurnFailed]:
    """Return the failures that nothing came after."""
    failures: dict[str, TurnFailed] = {}
    for entry in known:
        match entry.fact:
            case TurnFailed() as failure:
                failures[failure.turn] = failure
            case TurnCompleted():
                failures.pop(entry.key, None)
            case NoteAdded(turn=turn):
                failures.pop(turn, None)
    return list(failures.values())


def _unanswered(known: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the calls without a reply, in turns that neither ended nor failed, with the reason."""
    over: set[str] = set()
    problems: dict[str, str] = {}
    last: dict[str, tuple[str, CallStarted]] = {}
    for entry in known:
        match entry.fact:
            case TurnCompleted() | ReplyReceived():
                over.add(entry.key)
            case TurnFailed(turn=turn):
                over.add(turn)
            case CallFailed(problem=problem):
                problems[entry.key] = problem
            case CallStarted() as call:
                last[call.call] = (entry.key, call)
    return [
        {
            "step": call.step,
            "subject": call.subject,
            "model": call.model,
            "problem": problems.get(key) or _IN_FLIGHT,
        }
        for key, call in last.values()
        if not over & {call.call, call.turn}
    ]


def _calls(known: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return what was asked of models, with the replies."""
    replies = {e.key: e.fact for e in known if isinstance(e.fact, ReplyReceived)}
    problems = {e.key: e.fact.problem for e in known if isinstance(e.fact, CallFailed)}
    return [
        {
            "step": call.step,
            "subject": call.subject,
            "model": call.model,
            "earlier": call.rejected_replies,
            "system": call.system,
            "prompt": call.prompt,
            "sampling": dict(call.sampling or {}),
            "attachments": list(call.attachments),
            "tools": list(call.tools),
            "results": list(call.results),
            "reply": (reply := replies.get(call.call)) and reply.text,
            "calls": list(reply.calls) if reply else [],
            "problem": problems.get(entry.key),
        }
        for entry in known
        if isinstance(call := entry.fact, CallStarted)
    ]


def _print(facts: dict[str, Any], workspace: str | None) -> None:
    from rich.text import Text

    status = Text(facts["status"], COLOURS.get(facts["status"], "bold"))
    models = ", ".join(dict.fromkeys(facts["models"].values()))
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(facts["began"]))
    head = [Text(line(facts["requirement"]), "bold"), Text(f"{facts['run']} · {began} · ", "dim")]
    draw(head[0], head[1].append(status).append(f" · {sop_name(facts['sop'])} · {clean(models)}"))
    if facts["sandbox"] == "off":
        out(UNCONFINED)
    if facts["accepted"] is not None:
        out(headline(facts))
    if facts["problem"] and facts["status"] == "limit":
        out(clean(facts["problem"]))
    out("")
    made = table("step", "turns", "published", "calls", "cost", "waited", right=("turns", "calls"))
    for step in facts["steps"]:
        dollars = amount(step["cost"]) if step["cost"] else ""
        waited = span(step["seconds"]) if step["seconds"] >= 0.05 else ""
        what = published(step["published"])
        calls = str(step["calls"] or "")
        add_row(made, clean(step["step"]), str(step["turns"]), what, calls, dollars, waited)
    draw(made)
    if effects := [f"{name} ×{n}" if n > 1 else name for name, n in facts["effects"].items()]:
        out(f"  done outside: {line(', '.join(effects))}")
    for step in facts["steps"]:
        for finding in step["findings"]:
            out(f"  not fixed in {step['step']}: {line(finding)}")
    _print_list("Left out of what was asked for", list(map(line, facts["losses"] or ())))
    _print_list("Not done", list(map(line, facts["not_done"] or ())))
    _print_list("Untested", list(map(line, facts["untested"] or ())))
    _print_list("Repeats", [_repeat(each) for each in facts["repeats"] or ()])
    _print_list("Failed", [line(failure_text(each)) for each in facts["failures"]])
    unanswered = [f"{_where(each)}: {line(each['problem'])}" for each in facts["unanswered"]]
    _print_list("No answer came", unanswered)
    _print_list("Ready to go on", facts.get("ready", []))
    waiting = [f"{w['step']} {line(w['subject'])}".strip() for w in facts["waiting"] or ()]
    _print_list("Waiting for you", waiting)
    if facts["waiting"]:
        steps = dict.fromkeys(w["step"] for w in facts["waiting"])
        for step in steps:
            out(f"    {command_line('resume', facts['run'], workspace, '--approve', step)}")
    for each in facts["questions"] or ():
        _print_list(f"{_where(each)} asks", [line(each["text"])])
        out(f"    {answer_command(facts['run'], workspace, each)}")
    if facts["project"]:
        out("")
        out(f"Project: {clean(facts['project'])}")
    if remark := facts.get("remark"):
        err(clean(remark))


def _shown_call(call: dict[str, Any]) -> str:
    return f"{line(call['tool'])} {clean(json.dumps(call['arguments'], ensure_ascii=False))}"


def _where(facts: dict[str, Any]) -> str:
    return f"{facts['step']} {facts.get('subject') or ''}".strip()


def _repeat(end: dict[str, Any]) -> str:
    return f"repeat {end['repeat']} {line(end['text'])}"


def _print_list(title: str, items: Sequence[str]) -> None:
    if items:
        out("")
        out(f"{title}:")
        for item in items:
            out(f"  {clean(item)}")


def _print_call(call: dict[str, Any]) -> None:
    from rich.text import Text

    drawn = ", ".join(f"{name} {value}" for name, value in call["sampling"].items())
    head = " · ".join(filter(None, [_where(call), call["model"], drawn]))
    draw("", Text(f"━━ {clean(head)}", "bold"))
    parts: list[tuple[str, str]] = []
    if not call["results"]:  # else it goes on, and all that was shown before
        parts += [("system", call["system"]), ("prompt", call["prompt"])]
        parts += [("attached", each["name"]) for each in call["attachments"]]
        parts += [("tools", ", ".join(call["tools"]))] if call["tools"] else []
    for each in call["results"]:
        parts.append((f"result of {_shown_call(each)}", each["result"]))
    for reply, complaint in call["earlier"] or ():
        parts += [("earlier reply", reply), ("what was wrong", complaint)]
    if call["reply"] is not None:
        parts += [("reply", call["reply"])] if call["reply"] or not call["calls"] else []
        parts += [("call", _shown_call(each)) for each in call["calls"]]
    else:
        parts.append(("no reply", call["problem"] or _IN_FLIGHT))
    for name, text in parts:
        draw(Text(f"── {name}", "dim"))
        out(clean(text))
