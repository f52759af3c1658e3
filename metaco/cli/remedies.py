"""What a person can do after a run that is not done: the command lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from metaco.cli.exit_codes import CONFIGURATION, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["answer_command", "command_line", "failure_text", "next_steps"]

_OPTIONS = {
    "cost": "--budget DOLLARS",
    "tokens": "--tokens N",
    "calls": "--calls N",
    "minutes": "--minutes N",
}


def command_line(command: str, run: str, workspace: str | None, *options: str) -> str:
    """Return what to type for a `command` on a run."""
    where = ["--workspace", workspace] if workspace else []
    return shlex.join(["metaco", command, run, *options, *where])


def failure_text(failure: Mapping[str, Any]) -> str:
    """Return which turn failed, why, and what to do about it."""
    where = f"{failure['step']} {failure.get('subject') or ''}".strip()
    return f"{where}: {failure['problem']} {failure['remedy']}".strip()


def answer_command(run: str, workspace: str | None, question: Mapping[str, Any]) -> str:
    """Return how to answer a question, and with what."""
    step, subject, options = question["step"], question["subject"], question["options"]
    name = f"{step}:{subject}" if subject else step
    answer = f"{name}={options[0] if options else 'TEXT'}"
    choice = f" {' or '.join(options)}" if options else ""
    return f"Answer{choice} with: {command_line('resume', run, workspace, '--answer', answer)}"


def next_steps(outcome: dict[str, Any], workspace: str | None) -> list[str]:
    """Return what a person can do now, where there is something to do."""
    run = outcome["run"]
    match outcome["status"]:
        case "waiting":
            lines = [answer_command(run, workspace, each) for each in outcome["questions"]]
            if outcome["waiting"]:
                lines.append(
                    f"Show it with: {command_line('show', run, workspace)}\nApprove it with:"
                )
                for step in outcome["waiting"]:
                    lines[-1] += f"\n  {command_line('resume', run, workspace, '--approve', step)}"
                lines[-1] += "\nor use --feedback STEP TEXT, --edit STEP FILE.json, --stop STEP."
            return lines
        case "failed":
            if outcome["exit_code"] == INTERNAL:
                where = command_line("show", run, workspace, "-v")
                return [
                    f"This is an error in a role; its traceback: {where}\n"
                    f"When it is fixed, resume with: {command_line('resume', run, workspace)}"
                ]
            if outcome["exit_code"] == CONFIGURATION:
                # A run keeps its models, also where a key has been set since.
                other = " --model MODEL" if "offline" in outcome["models"] else ""
                return [f"Afterwards, resume with: {command_line('resume', run, workspace)}{other}"]
            return [f"Resume from where it failed with: {command_line('resume', run, workspace)}"]
        case "limit":
            go_on = command_line("resume", run, workspace)
            if option := _OPTIONS.get(outcome["limit"]):
                return [f"Resume with a higher limit: {go_on} {option}"]
            return [f"When the limit is raised, resume with: {go_on}"]  # the settings limit it
    return []
