"""The result of a run, for machines that build and test: JUnit XML, and a page in Markdown.

Like `metaco.cli.outcome`, this knows no company: what tests said is the newest document with a
list ``outcomes`` of {test, outcome, message, requirements}, diagrams are artifacts that end in
``.mmd``, and ``checks`` is a list of {name, problems}.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from metaco.cli.console import amount, span
from metaco.cli.outcome import model_asked
from metaco.cli.remedies import failure_text
from metaco.core.conclusion import conclusion
from metaco.core.errors import ConfigurationError
from metaco.render.markdown import cell, code, fence, line, prose
from metaco.run.result import Result

__all__ = ["check_writable", "diagrams", "junit", "summary", "write_reports"]

_LARGEST = 1_000_000  # bytes of a page; GitHub shows no larger one
_MARKS = {"passed": "✅", "failed": "❌"}


def write_reports(args: Namespace, outcome: dict[str, Any], result: Result | None = None) -> None:
    """Write the files that `--junit` and `--summary` ask for.

    ``--summary auto`` adds to the file in $GITHUB_STEP_SUMMARY, where that is set.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    junit_file, page = getattr(args, "junit", None), getattr(args, "summary", None)
    if junit_file:
        _write(junit_file, junit(outcome, result), "w")
    if page == "auto":
        if target := os.environ.get("GITHUB_STEP_SUMMARY"):
            _write(target, summary(outcome, result), "a")
    elif page:
        _write(page, summary(outcome, result), "w")


def check_writable(args: Namespace) -> None:
    """See that the files can be written, before anything is paid for.

    Raises:
        ConfigurationError: one cannot.
    """
    for path in (args.junit, args.summary):
        if path and path != "auto":
            _write(path, "", "a")


def _write(path: str, text: str, mode: str) -> None:
    try:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open(mode, encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}.",
            "Name a file in a folder that can be written.",
        ) from error


# ---------------------------------------------------------------------- JUnit


def junit(outcome: dict[str, Any], result: Result | None = None) -> str:
    """Return every test of the project, every check, and the run itself as JUnit XML."""
    root = ElementTree.Element("testsuites", name="metaco")
    cases = [_run_case(outcome)]
    for check in outcome.get("checks", ()):
        kind = "failure" if check["problems"] else "skipped" if check.get("skipped") else ""
        cases.append(("metaco.check", str(check["name"]), "", kind, "\n".join(check["problems"])))
    _suite(root, "metaco", cases, {"sandbox": "off"} if outcome["sandbox"] == "off" else {})
    tests = []
    for each in _outcomes(result):
        file, _, name = str(each["test"]).partition("::")
        tag = {"failed": "failure", "error": "error", "skipped": "skipped"}
        owner = file.removesuffix(".py").replace("/", ".")
        kind = tag.get(each["outcome"], "")
        tests.append((owner, name or file, file, kind, str(each.get("message") or "")))
    if tests:
        name = Path(outcome["project"]).resolve().name if outcome["project"] else "tests"
        _suite(root, name, tests)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _run_case(outcome: dict[str, Any]) -> tuple[str, str, str, str, str]:
    if outcome["accepted"]:
        return "metaco", "run", "", "", ""
    if outcome["status"] == "done":
        lines = [*map(_left_out, outcome["losses"]), *outcome["not_done"]]
        return "metaco", "run", "", "failure", "\n".join(lines or [conclusion(False, losses=False)])
    failures = [f"{each['step']}: {each['problem']}" for each in outcome["failures"]]
    text = "\n".join([outcome["problem"], *failures]).strip() or f"It ended as {outcome['status']}."
    return "metaco", "run", "", "error", text


def _left_out(loss: str) -> str:
    return f"Left out of what was asked for: {loss}"


def _suite(
    root: ElementTree.Element,
    name: str,
    cases: Sequence[tuple[str, str, str, str, str]],
    properties: Mapping[str, str] = MappingProxyType({}),
) -> None:
    kinds = [kind for *_, kind, _ in cases]
    counts = {
        "tests": len(cases),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
    }
    facts = {"name": _xml(name)} | {key: str(value) for key, value in counts.items()}
    suite = ElementTree.SubElement(root, "testsuite", facts)
    if properties:
        listed = ElementTree.SubElement(suite, "properties")
        for key, value in properties.items():
            ElementTree.SubElement(listed, "property", name=key, value=value)
    for owner, case, file, kind, text in cases:
        facts = {"classname": _xml(owner), "name": _xml(case)} | ({"file": file} if file else {})
        element = ElementTree.SubElement(suite, "testcase", facts)
        if kind:
            lines = [each for each in text.splitlines() if each.strip()]
            gist = next((each[1:].strip() for each in lines if each.startswith("E ")), "")
            detail = ElementTree.SubElement(element, kind, message=_xml(gist or "".join(lines[:1])))
            detail.text = _xml(text)


def _xml(text: str) -> str:
    """Leave out what XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _outcomes(result: Result | None) -> list[dict[str, Any]]:
    """Return what each test said, by the newest document that tells."""
    for document in reversed(result.documents if result else ()):
        if isinstance(getattr(document, "outcomes", None), list):
            items = document.model_dump(mode="json")["outcomes"]
            if all(isinstance(item, dict) and {"test", "outcome"} <= item.keys() for item in items):
                return list(items)
    return []


# ---------------------------------------------------------------------- Markdown


def summary(outcome: dict[str, Any], result: Result | None = None) -> str:
    """Return a page with the result of a run: tests, requirements, cost, what is not done."""
    text = "\n\n".join(_parts(outcome, result)) + "\n"
    drawn = [
        f"<details><summary>{line(path)}</summary>\n\n{fence(script, 'mermaid')}\n\n</details>"
        for path, script in diagrams(result).items()
    ]
    whole = "\n".join([text, "### Diagrams\n", *drawn, ""]) if drawn else text
    if len(whole.encode()) <= _LARGEST:
        return whole
    return text.encode()[:_LARGEST].decode("utf-8", "ignore") + "\n\nThe rest is too long.\n"


def _parts(outcome: dict[str, Any], result: Result | None) -> Iterator[str]:
    name = Path(outcome["project"]).resolve().name if outcome["project"] else "metaco"
    yield f"## {'✅' if outcome['accepted'] else '❌'} {line(name)}: {_state(outcome)}"
    if outcome["summary"]:
        yield prose(outcome["summary"])
    if outcome["problem"]:
        yield f"**{line(outcome['problem'])}** {line(outcome['remedy'])}".strip()
    facts = [row for row in _facts(outcome) if row[1]]
    yield "\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in facts)])
    if checks := outcome.get("checks"):
        yield "### Checks"
        rows = []
        for each in checks:
            problems = "<br>".join(cell(str(problem)) for problem in each["problems"])
            mark = "❌" if problems else "⏭️" if each.get("skipped") else "✅"
            rows.append(f"| {mark} {cell(each['name'])} | {problems or cell(each['about'])} |")
        yield "\n".join(["| | |", "|---|---|", *rows])
    if outcome["coverage"]:
        yield "### Requirements"
        head = ["| | Priority | Requirement | State | Tests | Files |", "|---|---|---|---|---|---|"]
        yield "\n".join([*head, *map(_requirement, outcome["coverage"])])
    failed = [each for each in _outcomes(result) if each["outcome"] in ("failed", "error")]
    if failed:
        yield "### Failed tests"
        for each in failed[:20]:
            shown = fence(str(each.get("message") or each["outcome"]), "text")
            yield f"<details><summary>{line(str(each['test']))}</summary>\n\n{shown}\n\n</details>"
        if len(failed) > 20:
            yield f"And {len(failed) - 20} more."
    lists = {
        "Left out of what was asked for": outcome["losses"],
        "Not done": outcome["not_done"],
        "Failed": [*map(failure_text, outcome["failures"])],
        "Warnings": outcome["warnings"],
        "Remarks": outcome["remarks"],
    }
    for title, items in lists.items():
        if items:
            yield f"### {title}"
            yield "\n".join(f"- {line(str(item))}" for item in items)


def _state(outcome: dict[str, Any]) -> str:
    if outcome["status"] == "done":
        return conclusion(outcome["accepted"], bool(outcome["losses"])).rstrip(".").lower()
    states = {
        "waiting": f"waiting for an approval of {', '.join(map(line, outcome['waiting']))}",
        "limit": "a limit was reached",
        "stopped": "stopped at a gate",
    }
    return states.get(outcome["status"], str(outcome["status"]))


def _facts(outcome: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if tests := outcome["tests"]:
        yield "Tests", f"{tests['passed']} passed, {tests['failed']} failed"
    if items := outcome["coverage"]:
        met = [item for item in items if item.get("status") == "passed"]
        must = [item for item in items if item.get("priority") == "P0"]
        kept = sum(item in met for item in must)
        yield "Requirements", f"{len(met)} of {len(items)} pass; {kept} of {len(must)} P0"
    if outcome["calls"] and model_asked(outcome):
        cost = "unknown" if outcome["cost"] is None else amount(outcome["cost"]) or "$0"
        more = f" and {outcome['unpriced_calls']} calls of unknown price"
        cost += more if outcome["unpriced_calls"] and outcome["cost"] is not None else ""
        tokens = outcome["tokens"]["prompt"] + outcome["tokens"]["reply"]
        yield "Cost", f"{cost}, {outcome['calls']} calls, {tokens:,} tokens"
    yield "Time", span(outcome["seconds"])
    yield "Model", cell(", ".join(outcome["models"])) if outcome["models"] else ""
    yield "Sandbox", "**off**" if outcome["sandbox"] == "off" else ""
    yield "Run", code(outcome["run"])
    yield "Exit code", str(outcome["exit_code"])


def _requirement(item: dict[str, Any]) -> str:
    status = str(item.get("status", ""))
    files = ", ".join(code(str(path)) for path in item.get("files") or [])
    cells = [
        cell(str(item.get("id", ""))),
        cell(str(item.get("priority", ""))),
        cell(str(item.get("text", ""))),
        f"{_MARKS.get(status, '⚠️')} {cell(status)}",
        str(len(item.get("tests") or [])),
        cell(files),
    ]
    return f"| {' | '.join(cells)} |"


def diagrams(result: Result | None) -> dict[str, str]:
    """Return the Mermaid scripts of the documents of a run, by path."""
    scripts: dict[str, str] = {}
    for document in result.documents if result else ():
        scripts |= {p: t for p, t in document.artifacts().items() if p.endswith(".mmd")}
    return dict(sorted(scripts.items()))
