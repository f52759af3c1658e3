"""A recorded call as Markdown: some facts, then prompt and reply as they were.

The texts stand between headings that carry a mark. A line of a text that looks like such a heading
gets a backslash in front; a text that Markdown cannot hold exactly is written as a JSON string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from metaco.core.document import digest
from metaco.core.model import Usage
from metaco.recording.call import RecordedCall

__all__ = [
    "BEGIN",
    "END",
    "RUN",
    "read_call",
    "read_facts",
    "system_name",
    "write_call",
    "write_run",
    "write_system",
]

FORMAT = 1
"""Version of what is written; later versions only add."""

RUN = "run"
"""The name of the page about the run itself."""

BEGIN = "---\nrecording: "
END = "## End <!-- metaco -->\n"

_HEADING = re.compile(r"^## (.+) <!-- metaco -->$", re.M)
_LOOKS_LIKE_ONE = re.compile(r"^(?=\\*## .* <!-- metaco -->$)", re.M)
_ESCAPED = re.compile(r"^\\(?=\\*## .* <!-- metaco -->$)", re.M)
_INEXACT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_AS_JSON = " as a JSON string"
_BY_HAND: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("subject", "system", "key", "model", "answered_by"), ""),
        "repetition": 1,
        "finish": "stop",
        "cost": None,
        "usage": {"prompt": 0, "reply": 0, "cached": 0},
    }
)
"""The facts that a page without a prompt may leave out."""
_LISTS = ("attachments", "tools", "results", "calls")
"""The facts that only some pages have."""


def system_name(text: str) -> str:
    """Return the name under which a system prompt is kept, once for all calls."""
    return f"system-{digest(text)[:8]}" if text else ""


def write_run(models: Mapping[str, str]) -> str:
    """Return the page that names the models of a run."""
    return _page({"call": RUN, "models": dict(models)}, [])


def write_system(text: str) -> str:
    """Return a system prompt as Markdown."""
    return _page({"call": system_name(text)}, [("System", text)])


def write_call(call: RecordedCall) -> str:
    """Return a call as Markdown."""
    usage = call.usage
    facts = {
        "call": call.name,
        "role": call.role,
        "action": call.action,
        "subject": call.subject,
        "repetition": call.repetition,
        "model": call.model,
        "answered_by": call.answered_by,
        "finish": call.finish,
        "usage": {"prompt": usage.prompt, "reply": usage.reply, "cached": usage.cached},
        "cost": call.cost,
        "system": system_name(call.system),
        "key": call.key,
        **({"sampling": dict(call.sampling)} if call.sampling else {}),
        **{name: list(value) for name in _LISTS if (value := getattr(call, name))},
    }
    sections = [("Prompt", call.prompt)]
    for reply, wrong in call.rejected_replies:
        sections += [("Earlier reply", reply), ("What was wrong", wrong)]
    return _page(facts, [*sections, ("Reply", call.text)])


def read_facts(page: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the facts and the sections of a page, without its end.

    Raises:
        ValueError: it is no page of a recording; the message says why.
    """
    head, line, body = page.partition("\n---\n")
    if not page.startswith(BEGIN) or not line:
        raise ValueError("it does not start with the fields of a call")
    facts: dict[str, Any] = {}
    for each in head.splitlines()[1:]:
        name, colon, value = each.partition(": ")
        if not colon:
            raise ValueError(f"{each!r} is not a field")
        facts[name] = _value(value)
    if facts["recording"] != FORMAT:
        raise ValueError(
            f"its format is {facts['recording']}, but this version of metaco reads {FORMAT}"
        )
    headings = list(_HEADING.finditer(body))
    ends = [heading.start() for heading in headings[1:]] + [len(body)]
    sections = []
    for heading, end in zip(headings, ends, strict=False):  # a page may have no sections
        text = body[heading.end() : end].removeprefix("\n").removeprefix("\n")
        text = _ESCAPED.sub("", text.removesuffix("\n").removesuffix("\n"))
        title = heading[1]
        if title.endswith(_AS_JSON):
            title, text = title.removesuffix(_AS_JSON), str(json.loads(text))
        sections.append((title, text))
    return facts, sections


def read_call(
    facts: dict[str, Any], sections: list[tuple[str, str]], systems: dict[str, str]
) -> RecordedCall:
    """Return the call that a page holds.

    A page with neither a prompt nor its key is the answer to its role and action about its
    subject, whatever the prompt is.

    Args:
        systems: the system prompts of the recording, by name.

    Raises:
        ValueError: something is missing or of the wrong kind; the message says what.
    """
    titles = [title for title, _ in sections]
    by_hand = "Prompt" not in titles and "key" not in facts
    facts = {**(_BY_HAND if by_hand else {}), **facts}
    for needed in ("Reply",) if by_hand else ("Prompt", "Reply"):
        if titles.count(needed) != 1:
            raise ValueError(f"it has {titles.count(needed)} sections {needed!r}")
    replies = [text for title, text in sections if title == "Earlier reply"]
    wrong = [text for title, text in sections if title == "What was wrong"]
    texts = dict(sections)
    try:
        usage, cost = facts["usage"], facts["cost"]
        return RecordedCall(
            name=str(facts["call"]),
            role=str(facts["role"]),
            action=str(facts["action"]),
            subject=str(facts["subject"]),
            system=systems[facts["system"]] if facts["system"] else "",
            prompt=texts.get("Prompt", ""),
            rejected_replies=tuple(zip(replies, wrong, strict=True)),
            key=str(facts["key"]),
            repetition=int(facts["repetition"]),
            model=str(facts["model"]),
            answered_by=str(facts["answered_by"]),
            finish=str(facts["finish"]),
            usage=Usage(int(usage["prompt"]), int(usage["reply"]), int(usage["cached"])),
            cost=None if cost is None else float(cost),
            text=texts["Reply"],
            sampling=dict(facts.get("sampling", {})),
            **{name: tuple(facts.get(name, ())) for name in _LISTS},
        )
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is missing") from error
    except TypeError as error:
        raise ValueError(f"a field has the wrong type ({error})") from error


def _page(facts: dict[str, Any], sections: list[tuple[str, str]]) -> str:
    lines = [f"{BEGIN}{FORMAT}", *(f"{name}: {_shown(value)}" for name, value in facts.items())]
    body = "".join(_section(title, text) for title, text in sections)
    return "\n".join(lines) + f"\n---\n{body}{END}"


def _section(title: str, text: str) -> str:
    if _INEXACT.search(text):
        title, text = f"{title}{_AS_JSON}", json.dumps(text)
    text = _LOOKS_LIKE_ONE.sub(r"\\", text)
    return f"## {title} <!-- metaco -->\n\n{text}\n\n"


def _shown(value: Any) -> str:
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z_][\w./:@~-]*", value, re.ASCII)
    if plain and value not in ("true", "false", "null", "NaN", "Infinity"):
        return str(value)
    return json.dumps(value)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
