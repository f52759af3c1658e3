"""From a reply to an answer: it is read and checked, and goes back to its author once each."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from metaco.core.errors import ReplyError
from metaco.core.model import Reply, Request

__all__ = ["answered"]

_LOOP = "repetition"
_UNREADABLE = {
    "length": "The answer was cut off at the output limit; answer again, complete but shorter.",
    "content_filter": "The answer was withheld by a content filter.",
    _LOOP: "The answer repeated itself over and over and was ended; answer without repeating.",
}


async def answered(
    request: Request,
    ask: Callable[[Request], Awaitable[Reply]],
    kind: Any,
    check: Callable[[Any], list[str]] | None = None,
    example: str = "",
) -> tuple[Any, list[str]]:
    """Return the answer to a request, and what is still wrong with it.

    Args:
        request: what is asked.
        ask: asks it.
        kind: the documents that may answer, or a function that reads the text.
        check: returns what is wrong with a readable answer.
        example: the answer that the prompt shows, as JSON; it is none itself.

    Raises:
        ReplyError: the reply could not be read, also after it was asked for again.
    """
    usable: tuple[Any, list[str]] | None = None  # readable, with what is wrong about it
    unread = False
    while True:
        reply = await ask(request)
        try:
            answer = _read(kind, reply, example)
            findings = check(answer) if check else []
        except ReplyError as error:
            if usable:
                return usable  # it was readable before it was to be corrected
            if unread:
                error.text = error.text or reply.text
                raise
            unread, findings = True, [error.problem]
        else:
            corrected = usable is not None
            usable = (answer, findings)
            if corrected or not findings:
                return usable
        drawn = request.sampling.varied() if reply.finish == _LOOP else request.sampling
        rejected = ((_quoted(reply), _complaint(findings)),)
        request = replace(request, rejected_replies=rejected, sampling=drawn)


def _read(kind: Any, reply: Reply, example: str) -> Any:
    if problem := _UNREADABLE.get(reply.finish):
        raise ReplyError(problem, text=reply.text)
    if not reply.text.strip():
        raise ReplyError("The answer was empty.", text=reply.text)
    if isinstance(kind, tuple):
        from metaco.reply import parse_one_of

        return parse_one_of(kind, reply.text, examples=[json.loads(example)] if example else [])
    try:
        return kind(reply.text)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False, include_context=False)
        ]
        raise ReplyError("; ".join(wrong)[:1000], text=reply.text) from None


def _quoted(reply: Reply) -> str:
    # A cut-off answer is not worth its tokens a second time, and one that loops goes on looping.
    return "(cut off)" if reply.finish in ("length", _LOOP) else reply.text or "(empty)"


def _complaint(findings: list[str]) -> str:
    wrong = "\n".join(f"- {finding}" for finding in findings)
    return f"This cannot be used as it is:\n{wrong}\n\nAnswer again, complete, with these fixed."
