"""Options that several commands share, and the values options take."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

__all__ = [
    "Add",
    "amount",
    "company",
    "output",
    "pair",
    "reports",
    "sandbox",
    "verbose",
    "whole",
    "working",
    "workspace",
]

Add = Callable[..., Any]
"""Declares one option, as `argparse.ArgumentParser.add_argument` does."""


def whole(text: str) -> int:
    try:
        number = int(text.replace("_", "").replace(",", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"is {text!r}; it takes a whole number above 0")
    return number


def amount(text: str) -> float:
    try:
        number = float(text.removeprefix("$"))
    except ValueError:
        number = 0.0
    if not (number > 0 and math.isfinite(number)):
        raise argparse.ArgumentTypeError(f"is {text!r}; it takes a number above 0")
    return number


def pair(text: str) -> tuple[str, str]:
    role, sign, model = text.partition("=")
    if not (role and sign and model):
        raise argparse.ArgumentTypeError(
            f"is {text!r}; it takes ROLE=MODEL, as engineer=openai:gpt-5"
        )
    return role, model


def verbose(add: Add) -> None:
    add(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="print more, including tracebacks; -vv: everything",
    )


def workspace(add: Add) -> None:
    add("--workspace", metavar="DIR", help="folder of the projects and the log")
    verbose(add)


def reports(add: Add) -> None:
    """Files with the result of a run, for machines that build and test."""
    add("--junit", metavar="FILE", help="write the test results as JUnit XML")
    add(
        "--summary",
        metavar="FILE",
        help="write a page in Markdown; auto appends to $GITHUB_STEP_SUMMARY if that is set",
    )


def working(add: Add) -> None:
    """Options that `run` and `resume` share."""
    company(add)
    add("--yes", action="store_true", help="approve everything at gates")
    add("--record", metavar="PATH", help="record every reply, in a folder or a file NAME.md")
    add("--replay", metavar="PATH", help="answer from a recording: no key, no network, no cost")
    add(
        "--replay-or-call",
        metavar="PATH",
        help="the same, but call models for missing replies and record them",
    )
    output(add)


def company(add: Add) -> None:
    """Who answers, and what they may use."""
    add(
        "--model",
        metavar="MODEL",
        help="answers for all roles: offline, openai:gpt-5-mini, human, ...; "
        "A,B asks B where A fails",
    )
    add(
        "--role-model",
        metavar="ROLE=MODEL",
        type=pair,
        action="append",
        default=[],
        help="the model of one role; may be repeated",
    )
    add("--budget", metavar="DOLLARS", type=amount, help="the most the run may cost")
    add("--tokens", metavar="N", type=whole, help="the most tokens it may use")
    add("--calls", metavar="N", type=whole, help="the most calls to models it may make")
    add("--minutes", metavar="N", type=amount, help="the longest it may take")
    for name, what in (("allow", "allow"), ("ask", "ask you about"), ("deny", "refuse")):
        text = f"{what} calls of tools, as shell or 'shell(git *)'; may be repeated"
        add(f"--{name}", metavar="RULE", action="append", default=[], help=text)
    add("--parallel", metavar="N", type=whole, help="the most calls to models in flight at once")
    sandbox(add)


def sandbox(add: Add) -> None:
    add(
        "--sandbox",
        choices=("require", "auto", "off"),
        help="run generated code confined (auto, require: or do not start) or unconfined (off)",
    )


def output(add: Add) -> None:
    """How a run is told, and where it is kept."""
    add("--stream", action="store_true", help="print replies as they come")
    add("--json", action="store_true", help="print JSON lines, and the result as the last one")
    add("-q", "--quiet", action="store_true", help="print nothing but the result")
    reports(add)
    workspace(add)
