"""The result of a run, as one plain object for programs and as a few lines for people.

Like the core, this module is independent of software companies. It looks up fields by name in the
output document of the run, and ``losses`` in every document:

================  =========================================================
``coverage``      a list of {id, priority, status, ...}: one per requirement
``tests_passed``  how many tests passed; ``tests_failed``, how many did not
``run``           a list of command lines that show the thing in use
``losses``        a list of what was asked for and is left out
``not_done``      a list of what is missing or fails, and why
``untested``      a list of what was not tested, and why
``remarks``       a list of what else a person should know
``summary``       a sentence that says what it is
================  =========================================================
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.cli.console import amount, span
from metaco.cli.exit_codes import (
    CONFIGURATION,
    DONE,
    INTERNAL,
    INTERRUPTED,
    LIMIT,
    MODEL,
    UNMET,
    WAITING,
)
from metaco.cli.remedies import failure_text, next_steps
from metaco.cli.screen import clean, coloured, line, out
from metaco.core.conclusion import conclusion
from metaco.models import RECORDING, disclosure
from metaco.run.codec import plain

if TYPE_CHECKING:
    from metaco.run.entries import TurnFailed
    from metaco.run.result import Result

__all__ = [
    "empty_outcome",
    "exit_code",
    "headline",
    "model_asked",
    "outcome_of",
    "print_outcome",
]

_CONFIGURATION = ("ConfigurationError", "SandboxUnavailable", "SOPError", "WorkspaceError")


def exit_code(result: Result) -> int:
    """Return the exit code for the result of a run."""
    match result.status:
        case "interrupted":
            return INTERRUPTED
        case "done":
            return DONE if result.ok else UNMET
        case "stopped":
            return UNMET
        case "limit":
            return LIMIT
        case "waiting":
            return WAITING
    if any(failure.trace for failure in result.failures):
        return INTERNAL  # a role raised what is none of metaco's errors
    if any(failure.error in _CONFIGURATION for failure in result.failures):
        return CONFIGURATION
    return MODEL


def outcome_of(result: Result) -> dict[str, Any]:
    """Return the result of a run as one plain object, the last line of ``--json``."""
    fields = result.output.model_dump(mode="json") if result.output else {}
    total = result.cost.total
    losses = (loss for each in result.documents for loss in _texts(getattr(each, "losses", None)))
    files = {path for document in result.documents for path in document.artifacts()}
    tests = None
    if isinstance(fields.get("tests_passed"), int):
        tests = {"passed": fields["tests_passed"], "failed": fields.get("tests_failed", 0)}
    missing = [f"There is no {name}: no step has published it." for name in result.missing]
    return empty_outcome(
        result.status,
        exit_code(result),
        run=result.run,
        accepted=result.ok,
        project=str(result.project) if result.project else None,
        files=sorted(files),
        output=type(result.output).__name__ if result.output else None,
        coverage=_dicts(fields.get("coverage")),
        tests=tests,
        commands=_texts(fields.get("run")) if tests else [],  # without tests, nothing was built
        losses=list(dict.fromkeys(losses)),
        not_done=[*missing, *result.unwritten, *_texts(fields.get("not_done"))],
        untested=_texts(fields.get("untested")),
        remarks=_texts(fields.get("remarks")),
        summary=fields["summary"] if isinstance(fields.get("summary"), str) else "",
        cost=None if total.unpriced and not total.dollars else round(total.dollars, 6),
        unpriced_calls=total.unpriced,
        calls=total.calls,
        replayed={"calls": result.replayed.calls, "cost": round(result.replayed.dollars, 6)},
        tokens={"prompt": total.prompt, "reply": total.reply, "cached": total.cached},
        seconds=round(result.seconds, 3),
        models=list(result.cost.by_model),
        failures=list(map(_failure_facts, result.failures)),
        repeats=[{**plain(end), "text": str(end)} for end in result.repeats],
        waiting=list(result.waiting),
        questions=list(map(asdict, result.questions)),
        problem=result.problem,
        limit=result.limit,
        sandbox=result.sandbox,
        warnings=[w for w in dict.fromkeys(result.warnings) if w not in result.unwritten],
    )


def empty_outcome(status: str, code: int, **facts: Any) -> dict[str, Any]:
    """Return the last line of ``--json``, which has the same fields however a command ends."""
    fields: dict[str, Any] = {
        "event": "result",
        "run": "",
        "status": status,
        "exit_code": code,
        "accepted": False,
        "project": None,
        "files": [],
        "output": None,
        "coverage": [],
        "tests": None,
        "commands": [],
        "losses": [],
        "not_done": [],
        "untested": [],
        "remarks": [],
        "summary": "",
        "cost": 0.0,
        "unpriced_calls": 0,
        "calls": 0,
        "replayed": {"calls": 0, "cost": 0.0},
        "tokens": {"prompt": 0, "reply": 0, "cached": 0},
        "seconds": 0.0,
        "models": [],
        "failures": [],
        "repeats": [],
        "waiting": [],
        "questions": [],
        "problem": "",
        "limit": "",
        "remedy": "",
        "sandbox": "",
        "warnings": [],
    }
    return fields | facts


def print_outcome(outcome: dict[str, Any], workspace: str | None, result: Result) -> None:
    """Print the result of a run for a person."""
    out(headline(outcome))
    rows = [
        ("Project", _relative(outcome["project"])),
        ("Documents", _documents(outcome)),
        ("Run it", "\n".join(map(clean, _commands(outcome)))),
        ("Tests", _tests(outcome["tests"])),
        ("Coverage", _coverage(outcome["coverage"])),
        ("Cost", _cost(outcome)),
        ("Model", _model(outcome)),
    ]
    for name, text in rows:
        for n, each in enumerate(text.splitlines()):
            out(f"  {_dim(f'{name if not n else str():<11}')}{each}")
    _list("Left out of what was asked for", outcome["losses"])
    _list("Not done", outcome["not_done"])
    _list("Untested", outcome["untested"])
    _list("Failed", [*map(failure_text, outcome["failures"])])
    _list("Warnings", outcome["warnings"])
    if not outcome["project"] and result.output is not None:
        out("")
        out(_document(result))
    models = outcome["models"] if outcome["status"] == "done" else ()
    for about in filter(None, map(disclosure, models)):
        out("")
        out(_dim(f"  {line(about).partition('. ')[0].rstrip('.')}."))
    for text in next_steps(outcome, workspace):
        out("")
        out(text)


def headline(outcome: dict[str, Any]) -> str:
    """Return the conclusion on a run, for a person."""
    summary = f" {line(outcome['summary'])}" if outcome["summary"] else ""
    match outcome["status"]:
        case "done":
            mark = _paint("✓", "32") if outcome["accepted"] else _paint("✗", "33")
            what = conclusion(outcome["accepted"], bool(outcome["losses"]))
            return f"{mark} {_paint(what, '1')}{summary}"
        case "waiting":
            asks = [f"{each['step']} asks: {line(each['text'])}" for each in outcome["questions"]]
            if outcome["waiting"]:
                asks.append(f"Waiting for your approval of {', '.join(outcome['waiting'])}.")
            return f"{_paint('?', '36')} {_paint(' '.join(asks), '1')}"
        case "limit":
            return f"{_paint('✗', '33')} {_paint(clean(outcome['problem']), '1')}"
        case "stopped":
            return f"{_paint('✗', '33')} {_paint('Stopped at a gate, as you decided.', '1')}"
    return f"{_paint('✗', '31')} {_paint('The run failed.', '1')}"


def _failure_facts(failure: TurnFailed) -> dict[str, str]:
    return {
        "step": failure.step,
        "subject": failure.subject,
        "problem": failure.problem,
        "remedy": failure.remedy,
    }


def _commands(outcome: dict[str, Any]) -> list[str]:
    """Return what to type to see it run, from where the user stands."""
    if not outcome["commands"] or not outcome["project"]:
        return list(outcome["commands"])
    return [f"cd {shlex.quote(_relative(outcome['project']))}", *outcome["commands"]]


def _documents(outcome: dict[str, Any]) -> str:
    """Return where the documents for people are: the Markdown files, by their folder."""
    if not outcome["project"]:
        return ""
    pages = [Path(path) for path in outcome["files"] if path.endswith(".md")]
    folders = Counter(str(page.parent) for page in pages)
    if not folders:
        return ""
    folder = max(folders, key=lambda name: (name == "docs", folders[name]))
    names = [page.name for page in pages if str(page.parent) == folder]
    return f"{_relative(str(Path(outcome['project']) / folder))}  {_dim(', '.join(names))}"


def _tests(tests: dict[str, int] | None) -> str:
    if tests is None:
        return ""
    failed = f", {_paint(str(tests['failed']) + ' failed', '31')}" if tests["failed"] else ""
    return f"{tests['passed']} passed{failed}"


def _coverage(items: list[dict[str, Any]]) -> str:
    """Return how many requirements hold, in all and by priority, and which do not."""
    if not items:
        return ""
    met = [item for item in items if item.get("status") == "passed"]
    ranks = sorted({str(item.get("priority", "")) for item in items} - {""})
    by = [
        f"{rank} {sum(i.get('priority') == rank for i in met)}/"
        f"{sum(i.get('priority') == rank for i in items)}"
        for rank in ranks
    ]
    open_ = [
        f"{line(item.get('id', '?'))} {item.get('priority', '')} {item.get('status', '')}: "
        f"{line(item.get('text', ''))}"
        for item in items
        if item not in met
    ]
    summary = f"{len(met)} of {len(items)} requirements pass their tests"
    return "\n".join([f"{summary}{_dim('  ' + ', '.join(by)) if by else ''}", *map(_dim, open_)])


def model_asked(outcome: dict[str, Any]) -> bool:
    """Return whether any model was asked, or only rules or a recording."""
    return not all(map(disclosure, outcome["models"])) or not outcome["models"]


def _is_recording(name: str) -> bool:
    return name.startswith(f"{RECORDING}:")


def _model(outcome: dict[str, Any]) -> str:
    names = ", ".join(outcome["models"])
    if model_asked(outcome):
        return names
    return names + _dim("  no AI model, " + span(outcome["seconds"]))


def _cost(outcome: dict[str, Any]) -> str:
    paid_once = outcome["replayed"]["calls"] and not all(map(_is_recording, outcome["models"]))
    if outcome["cost"] == 0 and not model_asked(outcome) and not paid_once:
        return ""
    if not outcome["calls"]:
        return f"$0{_dim('  no calls, ' + span(outcome['seconds']))}"
    dollars = "unknown" if outcome["cost"] is None else amount(outcome["cost"])
    if outcome["cost"] is not None and outcome["unpriced_calls"]:
        dollars += f" and {outcome['unpriced_calls']} calls of unknown price"
    tokens = outcome["tokens"]["prompt"] + outcome["tokens"]["reply"]
    calls = f"{outcome['calls']} call{'s' if outcome['calls'] != 1 else ''}"
    more = f"  {calls}, {tokens:,} tokens, {span(outcome['seconds'])}"
    if replayed := outcome["replayed"]["calls"]:
        recorded = amount(outcome["replayed"]["cost"])
        more += f"; {replayed} of the calls replayed, {recorded} as recorded, not spent"
    return f"{dollars}{_dim(more)}"


def _document(result: Result) -> str:
    """Return the document a run is for as text: its Markdown, else its JSON."""
    assert result.output
    pages = [text for path, text in result.output.artifacts().items() if path.endswith(".md")]
    plain = json.dumps(result.output.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return clean(pages[0] if pages else plain)


def _list(title: str, items: list[str]) -> None:
    if not items:
        return
    out("")
    out(f"  {_paint(title, '1')}")
    for item in items:
        first, *more = item.splitlines() or [""]  # what has changed in a prompt has lines
        out(f"  - {line(first)}")
        for each in more:
            out(f"    {clean(each)}")


def _relative(path: str | None) -> str:
    """Return a path as a person here would type it."""
    if not path:
        return ""
    near = os.path.relpath(path)
    return clean(path if near.startswith("..") else near)


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if text and coloured(sys.stdout) else text


def _dim(text: str) -> str:
    return _paint(text, "2")
