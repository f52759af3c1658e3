"""The interface to models: one request in, one reply out.

Everything that can answer is a `Model`: the OpenAI-compatible endpoints, the offline rules, the
doubles of `metaco.testing`. A model neither retries nor logs nor counts; `metaco.run.calls`
does.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from metaco.core.document import Document, digest
from metaco.core.sampling import Sampling
from metaco.core.tool_calls import Exchange, ToolCall, ToolSpec, by_reply

__all__ = ["Attachment", "Exchange", "Model", "Reply", "Request", "ToolCall", "ToolSpec", "Usage"]

_MOST = 2**53  # beyond it not every program reads a number of JSON exactly
_USUAL = Sampling()


def _ignore(text: str) -> None:
    """Show nobody what comes."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a prompt: an image, a PDF, a recorded voice.

    Attributes:
        name: what it is called; the ending says of which kind it is.
        data: its content. Logs and recordings hold the hash of it only.
    """

    name: str
    data: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The kind of file, as ``image/png``."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def dump(self) -> dict[str, Any]:
        """Return what logs, recordings and digests hold of it, as plain JSON."""
        content = hashlib.sha256(self.data).hexdigest()
        return {"name": self.name, "type": self.media_type, "sha256": content}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a model.

    Attributes:
        role: the role that asks, as the SOP names it (``engineer``).
        action: the action it asks for (``write_file``).
        system: the system prompt of the role.
        prompt: the part that is this action's own; stable text first.
        response_type: the document to answer with as JSON, or None when text is wanted.
        inputs: the documents the prompt was made of, for models that do not read prose.
        role_module: the module of the role, beside which its offline answers live.
        rejected_replies: replies to this request that could not be used, each with what was wrong.
        max_tokens: the most tokens the reply may have, where `sampling` says nothing of it.
        sampling: how the reply is to be drawn, as role, SOP and call say it.
        attachments: files that go with the prompt.
        tools: what the model may call, in this order.
        exchanges: the calls it has made so far, and what came of them.
        lean: whether short prompts are wanted: tools are described in words then.
        on_text: is called with each piece of the reply by a model that streams it, and with an
            empty text for what is no part of it, as a thought; it only shows what is going on.
    """

    role: str
    action: str
    system: str
    prompt: str
    response_type: type[Document] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    role_module: str = ""
    rejected_replies: tuple[tuple[str, str], ...] = ()
    max_tokens: int = 16_384
    sampling: Sampling = _USUAL
    attachments: tuple[Attachment, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    lean: bool = False
    on_text: Callable[[str], None] = field(default=_ignore, repr=False, compare=False)

    def digest(self) -> str:
        """Return the hash of what a model would see, and of how it is to reply."""
        response_type = self.response_type.__name__ if self.response_type else ""
        more = (
            self.sampling.dump(),
            [each.dump() for each in self.attachments],
            {"tools": self._tools} if self.tools else None,
            {"exchanges": [each.dump() for each in self.exchanges]} if self.exchanges else None,
        )
        return digest(
            self.role,
            self.action,
            self.system,
            self.prompt,
            response_type,
            self.rejected_replies,
            *filter(None, more),  # else the hash is that of logs without it
        )

    def drawn_by(self, usual: Sampling) -> Request:
        """Return the request as it is sent to a model that is usually sampled like this."""
        sampling = usual.replaced_by(self.sampling)
        return replace(self, sampling=sampling, max_tokens=sampling.max_tokens or self.max_tokens)

    @property
    def text(self) -> str:
        """The whole prompt as one text, for estimates, recordings and rules."""
        said = [part for pair in self.rejected_replies for part in pair]
        for each in self.exchanges:
            said += [each.text, str(each.call), each.result]
        tools = [json.dumps(self._tools, ensure_ascii=False)] if self.tools else []
        return "\n\n".join([self.system, self.prompt, *tools, *said])

    @property
    def newest(self) -> tuple[dict[str, Any], ...]:
        """The calls of the last reply and their results, as plain JSON: the rest was said before.

        Logs and recordings hold these only, so that a long conversation is in them once.
        """
        last = by_reply(self.exchanges)[-1:]
        return tuple(each.dump() for some in last for each in some)

    @property
    def _tools(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        return [(each.name, each.about, each.schema) for each in self.tools]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost in tokens; `cached` is the part of `prompt` a provider's cache served."""

    prompt: int = 0
    reply: int = 0
    cached: int = 0

    @property
    def sound(self) -> bool:
        """Whether a provider can have counted this; endpoints send whatever they like."""
        counts = (self.prompt, self.reply, self.cached)
        whole = all(type(n) is int and 0 <= n <= _MOST for n in counts)
        return whole and self.cached <= self.prompt


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: the answer as it came.
        usage: tokens as the provider counted them, or None where it did not say.
        model: the model's real name as the provider gives it.
        finish: why it stopped: ``stop``, ``length`` (cut off), ``content_filter``, ``repetition``
            (it repeated itself and was ended early) ...
        ignored: the parameters of sampling that the endpoint does not take.
        calls: what it wants done before it answers; it is an answer where there are none.
    """

    text: str
    usage: Usage | None = None
    model: str = ""
    finish: str = "stop"
    ignored: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()


class Model(Protocol):
    """Anything that answers requests.

    Attributes:
        name: how the user names it, as ``openai:gpt-5`` or ``offline``.
    """

    @property
    def name(self) -> str:
        """How the user names it."""
        ...

    async def complete(self, request: Request) -> Reply:
        """Answer `request`.

        Raises:
            ProviderError: the endpoint refused, failed or could not be reached.
        """
        ...
