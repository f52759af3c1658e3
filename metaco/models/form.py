"""The form of the requests to an endpoint: what it takes, and what it has refused.

Endpoints differ. What one refuses with a 400 that says so (streaming, a JSON schema or the
constraints in it, JSON mode, tools, a parameter of sampling, the name of the token limit, its
height) is left out from then on; such a refusal costs no tokens and is no failure. Tools are
described in words where they are refused.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from metaco.core.errors import ProviderError
from metaco.core.model import Request
from metaco.core.tool_calls import by_reply
from metaco.models.endpoint import numbers_in
from metaco.models.providers import Provider
from metaco.reply import json_schema
from metaco.tools.calls import in_text

__all__ = ["Form"]

_NAMES = ("max_completion_tokens", "max_tokens")  # the new name of the limit and the old one
_UNKNOWN = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra",
    re.IGNORECASE,
)
_FORMAT = re.compile(
    r"response_?format|json_?(schema|object|mode)|structured.output|grammar|pattern|(min|max)Items",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\btools?\b|\btool[_-]|function.call", re.IGNORECASE)
_STREAMING = {"stream_options": {"include_usage": True}, "stream": True}


class Form:
    """How requests are put to one endpoint.

    Args:
        model: the name of the model there.
        provider: what is known of it.
        new: whether it knows the new name of the token limit.
    """

    def __init__(self, model: str, provider: Provider, *, new: bool) -> None:
        self._model = model
        # The forms to try for a wanted document, best first; refused ones are dropped.
        can = {
            "constraints": provider.schema,
            "schema": provider.schema,
            "json": provider.json,
            "plain": True,
        }
        self.documents = [form for form, fits in can.items() if fits]
        self.refused: set[str] = set() if provider.tools else {"tools"}
        self.api = provider.api
        if self.api == "responses":
            self._use_responses()
        self._limit = list(_NAMES if new else reversed(_NAMES))
        self._ceiling = math.inf

    def arguments(self, request: Request) -> dict[str, Any]:
        """Return the body of a request, and the headers that are not metaco's own."""
        wants_document = request.response_type is not None and not request.tools
        if not request.tools or request.lean or "tools" in self.refused:
            request = in_text(request)
        taken = {**_STREAMING, **_parameters(request)}
        arguments: dict[str, Any] = {
            "model": self._model,
            "messages": _messages(request),
            self._limit[0]: int(min(request.max_tokens, self._ceiling)),
            **{name: value for name, value in taken.items() if name not in self.refused},
        }
        if "stream" in self.refused:
            arguments.pop("stream_options", None)
        if request.tools:
            arguments["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": each.name,
                        "description": each.about,
                        "parameters": each.schema,
                    },
                }
                for each in request.tools
            ]
        # While there are tools, no form is forced on a reply: it would leave no room for calls.
        if wants_document and (form := self._response_format(request)):
            arguments["response_format"] = form
        more = {
            "extra_headers": request.sampling.headers,
            "extra_body": request.sampling.extra_body,
        }
        return arguments | {name: dict(value) for name, value in more.items() if value}

    def ignored(self, request: Request) -> tuple[str, ...]:
        """Return the parameters of sampling that the endpoint refused."""
        return tuple(name for name in _parameters(request) if name in self.refused)

    def adapt(self, error: ProviderError, request: Request, sent: Mapping[str, Any]) -> bool:
        """Leave out what the endpoint refused; return whether there is something else to try."""
        text = error.problem
        if "tools" in sent and error.status in (500, 501) and _TOOLS.search(text):
            self.refused.add("tools")  # llama.cpp without templates says so as its own failure
            return True
        if error.status not in (400, 404, 422):
            return False
        if self.api == "chat" and "v1/responses" in text:
            self._use_responses()
            return True
        if _FORMAT.search(text) and "response_format" in sent:
            return self._refuse_format(request, sent["response_format"])
        if _UNKNOWN.search(text):
            for name in {**_STREAMING, **_parameters(request)}:
                if name in sent and re.search(rf"\b{name.replace('_', '[._]')}\b", text):
                    self.refused.add(name)
                    return True
        if "tools" in sent and _TOOLS.search(text):
            self.refused.add("tools")
            return True
        return self._adapt_limit(text, sent)

    def _use_responses(self) -> None:
        self.api = "responses"
        self.refused |= {"seed", "stop"}  # which that API does not know

    def _response_format(self, request: Request) -> dict[str, Any] | None:
        kind, form = request.response_type, self.documents[0]
        assert kind is not None
        schema = json_schema(kind, constraints=form == "constraints")
        if form in ("constraints", "schema") and schema is not None:
            name = re.sub(r"[^\w-]", "_", kind.__name__)[:64]
            inner = {"name": name, "strict": True, "schema": schema}
            return {"type": "json_schema", "json_schema": inner}
        # Providers refuse JSON mode unless the prompt speaks of JSON.
        if "json" in self.documents and "json" in request.text.lower():
            return {"type": "json_object"}
        return None

    def _refuse_format(self, request: Request, sent: Mapping[str, Any]) -> bool:
        forms = ["json"]
        if sent["type"] == "json_schema":
            assert request.response_type is not None
            plain = json_schema(request.response_type)
            constrained = sent["json_schema"]["schema"] != plain
            forms = ["constraints"] if constrained else ["constraints", "schema"]
        self.documents = [form for form in self.documents if form not in forms]
        return True

    def _adapt_limit(self, text: str, sent: Mapping[str, Any]) -> bool:
        limit = next(name for name in _NAMES if name in sent)
        if not re.search(r"max_((completion|output)_)?tokens", text):
            return False
        lower = [n for n in numbers_in(text) if 256 <= n < sent[limit]]
        if lower and not _UNKNOWN.search(text):  # too high; the refusal says how high it may be
            self._ceiling = min(self._ceiling, max(lower))
            return True
        if len(self._limit) > 1 and limit == self._limit[0]:
            del self._limit[0]
            return True
        # Another call may have learnt meanwhile what this one did not know when it was sent.
        return limit != self._limit[0]


def _messages(request: Request) -> list[dict[str, Any]]:
    """Return the conversation so far, oldest first."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    messages.append({"role": "user", "content": _content(request)})
    for number, some in enumerate(by_reply(request.exchanges)):
        calls = []
        for place, each in enumerate(some):
            arguments = each.call.arguments
            if isinstance(arguments, str):  # some endpoints read it again, and fail
                arguments = {"malformed": arguments}
            function = {"name": each.call.tool, "arguments": json.dumps(arguments)}
            id_ = each.call.id or f"call_{number}_{place}"
            calls.append({"id": id_, "type": "function", "function": function})
        messages.append({"role": "assistant", "content": some[0].text or None, "tool_calls": calls})
        messages += [
            {"role": "tool", "tool_call_id": call["id"], "content": each.result}
            for call, each in zip(calls, some, strict=True)
        ]
    for answer, problem in request.rejected_replies:
        messages.append({"role": "assistant", "content": answer.strip() or "(nothing)"})
        messages.append({"role": "user", "content": problem})
    return messages


def _content(request: Request) -> str | list[dict[str, Any]]:
    """Return the prompt, behind the files that go with it."""
    parts: list[dict[str, Any]] = []
    for each in request.attachments:
        url = f"data:{each.media_type};base64,{b64encode(each.data).decode()}"
        if each.media_type.startswith("image/"):
            parts.append({"type": "image_url", "image_url": {"url": url}})
        else:
            parts.append({"type": "file", "file": {"filename": each.name, "file_data": url}})
    return [*parts, {"type": "text", "text": request.prompt}] if parts else request.prompt


def _parameters(request: Request) -> dict[str, Any]:
    """Return the parameters of sampling, as the protocol calls them."""
    drawn = request.sampling
    parameters = {
        "temperature": drawn.temperature,
        "top_p": drawn.top_p,
        "seed": drawn.seed,
        "reasoning_effort": drawn.effort,
        "stop": list(drawn.stop) or None,
    }
    return {name: value for name, value in parameters.items() if value is not None}
