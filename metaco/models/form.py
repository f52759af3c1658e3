"""The form of the requests to an endpoint: what it takes, and what it has refused.

Endpoints differ. What one refuses with a 400 that says so (streaming, a JSON schema or the
constraints in it, JSON mode, a parameter of sampling, the name of the token limit, its height) is
left out from then on; such a refusal costs no tokens and is no failure.
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from metaco.core.errors import ProviderError
from metaco.core.model import Request
from metaco.models.endpoint import numbers_in
from metaco.models.providers import Provider
from metaco.reply import json_schema

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
        self.refused: set[str] = set()
        self._limit = list(_NAMES if new else reversed(_NAMES))
        self._ceiling = math.inf

    def arguments(self, request: Request) -> dict[str, Any]:
        """Return the body of a request, and the headers that are not metaco's own."""
        messages: list[tuple[str, Any]] = [("system", request.system)] if request.system else []
        messages.append(("user", _content(request)))
        for answer, problem in request.rejected_replies:
            messages += [("assistant", answer.strip() or "(nothing)"), ("user", problem)]
        taken = {**_STREAMING, **_parameters(request)}
        arguments: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in messages],
            self._limit[0]: int(min(request.max_tokens, self._ceiling)),
            **{name: value for name, value in taken.items() if name not in self.refused},
        }
        if "stream" in self.refused:
            arguments.pop("stream_options", None)
        if request.response_type is not None and (form := self._response_format(request)):
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
        if error.status not in (400, 404, 422):
            return False
        text = error.problem
        if _FORMAT.search(text) and "response_format" in sent:
            return self._refuse_format(request, sent["response_format"])
        if _UNKNOWN.search(text):
            for name in {**_STREAMING, **_parameters(request)}:
                if name in sent and re.search(rf"\b{name}\b", text):
                    self.refused.add(name)
                    return True
        return self._adapt_limit(text, sent)

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
        if not re.search(r"max_(completion_)?tokens", text):
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
