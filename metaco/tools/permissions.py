"""What a model may do with tools: allow, ask a person, or deny, by tool and by what it is about.

A rule is the name of a tool, alone or with a pattern: ``shell(git *)``, ``write(src/*)``,
``fetch(https://example.org/*)``, ``*``. In both, ``*`` stands for any text, ``?`` for a character.
The pattern is matched with the first argument of the tool in plain form (`metaco.tools.subjects`);
with `` *`` at its end it matches what stands before that alone, too.

Denying is stronger than allowing, and that is stronger than asking. A pattern allows a call only if
it matches all of it: each command of a line. It denies a call if it matches any part. What denies
commands by name guards against accidents only, since there are many ways to start a program: what
must not happen is not allowed in the first place.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, cast, get_args

from metaco.core.errors import ConfigurationError
from metaco.core.permissions import parts_of_rule
from metaco.core.tool_calls import ToolCall
from metaco.tools.subjects import Subject, as_address, as_command
from metaco.tools.tool import Tool

__all__ = ["Rules", "Verdict", "VerdictKind", "decide", "kind_of"]

VerdictKind = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class _Rule:
    text: str
    tool: str
    pattern: str  # empty: whatever it is about

    def matches(self, part: str) -> bool:
        return fnmatchcase(part, self.pattern) or (
            self.pattern.endswith(" *") and fnmatchcase(part, self.pattern[:-2])
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided, and the rule that said so; empty where it was the default."""

    kind: VerdictKind
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that were read; see `Rules.of`."""

    allow: tuple[_Rule, ...] = ()
    ask: tuple[_Rule, ...] = ()
    deny: tuple[_Rule, ...] = ()
    default: VerdictKind = "ask"

    @classmethod
    def of(
        cls,
        *,
        allow: Iterable[str] = (),
        ask: Iterable[str] = (),
        deny: Iterable[str] = (),
        default: str = "ask",
    ) -> Rules:
        """Read rules.

        Args:
            default: what holds where no rule matches.

        Raises:
            ConfigurationError: a rule cannot be read.
        """
        if default not in get_args(VerdictKind):
            raise ConfigurationError(f"{default!r} is no verdict.", "Write allow, ask or deny.")
        allowing, asking, denying = (tuple(map(_read, some)) for some in (allow, ask, deny))
        return cls(allowing, asking, denying, cast(VerdictKind, default))


def decide(rules: Rules, tool: Tool, arguments: Mapping[str, Any]) -> Verdict:
    """Return what the rules say of a call; it depends on nothing else."""
    subject = _subject(tool, arguments)
    denying, allowing, asking = (
        [rule for rule in some if fnmatchcase(tool.name, rule.tool)]
        for some in (rules.deny, rules.allow, rules.ask)
    )
    for rule in denying:
        if not rule.pattern or any(map(rule.matches, subject.parts)):
            return Verdict("deny", rule.text)
    # What cannot be read may hold what is denied.
    doubtful = not subject.plain and bool(denying)
    if not doubtful:
        for rule in allowing:
            if not rule.pattern:
                return Verdict("allow", rule.text)
        patterns = [
            next((rule.text for rule in allowing if rule.matches(part)), "")
            for part in subject.parts
        ]
        if subject.plain and patterns and all(patterns):
            return Verdict("allow", ", ".join(dict.fromkeys(patterns)))
    for rule in asking:
        if not rule.pattern or any(map(rule.matches, subject.parts)):
            return Verdict("ask", rule.text)
    return Verdict("ask" if doubtful and rules.default == "allow" else rules.default)


def kind_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return in words of a rule what a person allows who allows all calls like this one.

    Of what cannot be read with certainty it is this call alone.
    """
    subject = _subject(tool, arguments)
    if not subject.plain:
        return str(ToolCall(tool.name, arguments))
    patterns: Iterable[str] = ()
    if tool.subject is as_command:
        patterns = (f"{shlex.quote(shlex.split(part)[0])} *" for part in subject.parts)
    elif tool.subject is as_address:
        patterns = ("/".join([*part.split("/")[:3], "*"]) for part in subject.parts)
    rules = dict.fromkeys(f"{tool.name}({pattern})" for pattern in patterns)
    return ", ".join(rules) or tool.name


def _subject(tool: Tool, arguments: Mapping[str, Any]) -> Subject:
    """Return what the first argument of a call is about."""
    first = next(iter(tool.schema.get("properties", {})), "")
    if first not in arguments:
        return Subject(("",), plain=False)
    value = arguments[first]
    if isinstance(value, str):
        return tool.subject(value)
    return Subject((json.dumps(value, sort_keys=True, ensure_ascii=False, default=str),))


def _read(text: str) -> _Rule:
    return _Rule(text.strip(), *parts_of_rule(text))
