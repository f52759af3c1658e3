"""Models behind OpenAI-compatible endpoints, through the `openai` SDK.

What an endpoint refuses of the form of a request is left out (`metaco.models.form`). Everything
else that goes wrong becomes one `ProviderError`: whether to try again is the business of
`metaco.run.calls`, so the SDK's own retries are off. Replies are streamed where the endpoint can do
that, and put together here: one is returned whole or not at all, and nothing can be spliced
together from two providers.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from metaco.core.document import digest
from metaco.core.errors import ConfigurationError, ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.core.redaction import public_address, register_secret
from metaco.models import guard
from metaco.models.endpoint import (
    refusal_text,
    reply_of,
    retry_after,
    room_left,
    short,
)
from metaco.models.form import Form
from metaco.models.prices import estimate
from metaco.models.providers import Provider, check_address
from metaco.models.responses import body_of, chunk_of, completion_of
from metaco.models.streaming import assembled
from metaco.tools.calls import with_calls

if TYPE_CHECKING:
    import openai

__all__ = ["OpenAIModel"]

_OFFICIAL = "https://api.openai.com/v1"
_CHANGES = 12  # of the form of a question, until a refusal counts


class OpenAIModel:
    """A model at an OpenAI-compatible endpoint.

    Args:
        name: how the user names it, as ``openai:gpt-5-mini``.
        model: its name at the endpoint.
        base_url: the endpoint, up to and without ``/chat/completions``.
        api_key: the key; may be empty where the endpoint asks for none.
        timeout: seconds that one reply may take, from the first byte sent to the last received.
        provider: who answers there, and what it can do; by default nothing is known of it.

    Raises:
        ConfigurationError: `base_url` is not the plain address of an endpoint.
    """

    def __init__(
        self,
        name: str,
        *,
        model: str,
        base_url: str,
        api_key: str = "",
        timeout: float = 600.0,
        provider: Provider | None = None,
    ) -> None:
        check_address(base_url)
        self.name = name
        self.model = model
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.provider = provider or Provider(
            name.partition(":")[0], self.base_url, local=guard.is_loopback(base_url)
        )
        self._key = api_key.strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise ConfigurationError(
                f"The key for {name} contains characters that are invalid in a key.",
                "Copy it again, without line breaks or quotes around it.",
            )
        register_secret(self._key, base_url)
        new = self.base_url == _OFFICIAL or self.provider.name == "azure"
        self._form = Form(model, self.provider, new=new)
        _sdk()

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, base_url={public_address(self.base_url)!r})"

    async def complete(self, request: Request) -> Reply:
        """Ask the endpoint once (and again at once, where it refuses the form of the question).

        An empty or withheld answer is a reply, too: its text is empty or says why, `finish` is
        ``content_filter`` where the provider withheld it.

        Raises:
            ProviderError: the endpoint refused, failed or could not be reached. A quota that is
                used up has the status 402, not 429: waiting does not help. A prompt that is too
                long has 413, whatever the endpoint calls it.
            RealCallBlocked: only doubles are allowed here.
        """
        guard.check(self.name, self.base_url)
        if (importing := _sdk()).is_alive():
            await asyncio.to_thread(importing.join)
        request = request.drawn_by(self.provider.sampling)
        for changes in range(_CHANGES, -1, -1):
            arguments = self._form.arguments(request)
            try:
                answer = await self._send(arguments, request.on_text)
                reply = reply_of(answer)
                if request.tools and "tools" not in arguments:
                    reply = with_calls(reply, request.tools)
                return self._counted(reply, request, arguments, answer)
            except ProviderError as error:
                room = room_left(error)
                if not changes:
                    raise self._shown(error) from None
                if room and room < request.max_tokens:
                    request = replace(request, max_tokens=room)
                elif not self._form.adapt(error, request, arguments):
                    raise self._shown(error) from None
        raise AssertionError("unreachable")

    def _counted(self, reply: Reply, request: Request, sent: Any, answer: Any) -> Reply:
        """Return `reply` with its tokens, and with what the endpoint did not take."""
        usage = reply.usage
        if usage is None and reply.finish == "repetition":  # it was ended before it was counted
            tokens = max(estimate(reply.text), answer["pieces"])
            usage = Usage(estimate(request.text), tokens)
        elif usage is None and "stream" in sent:  # some count the tokens of whole replies only
            self._form.refused.add("stream")
        return replace(reply, usage=usage, ignored=self._form.ignored(request))

    @property
    def forms(self) -> tuple[str, ...]:
        """How documents are asked for, best first; what the endpoint refused is not among them."""
        return tuple(self._form.documents)

    def taking(self, form: str) -> OpenAIModel:
        """Return the same model, asked for documents by ``schema``, ``json`` or ``plain`` only."""
        one = OpenAIModel(
            self.name,
            model=self.model,
            base_url=self.base_url,
            api_key=self._key,
            timeout=self.timeout,
            provider=self.provider,
        )
        one._form.documents = list(dict.fromkeys([form, "plain"]))
        return one

    async def aclose(self) -> None:
        """Close the connections, once no other model of this event loop shares them.

        What is in flight is answered first: the last call closes them then.
        """
        clients = _clients_here()
        for shared in clients.values():
            shared.users.discard(self)
        await _close_idle(clients)

    async def _send(self, arguments: dict[str, Any], on_text: Callable[[str], None]) -> Any:
        """Return the JSON that answers a request; a streamed one as if it had come at once."""
        import openai

        http = _http()
        shared = self._shared()
        shared.flying += 1
        chat = self._form.api == "chat"
        create: Any = shared.client.chat.completions.with_streaming_response.create
        if not chat:
            create = shared.client.responses.with_streaming_response.create
        try:
            async with asyncio.timeout(self.timeout):
                async with create(**(arguments if chat else body_of(arguments))) as answer:
                    response = answer.http_response
                    if "event-stream" in response.headers.get("content-type", ""):
                        more = () if chat else (chunk_of,)
                        body = response.aiter_bytes()
                        return await assembled(body, on_text, self.provider.idle, *more)
                    whole = json.loads(await response.aread())
                    return whole if chat else completion_of(whole)
        except (TimeoutError, openai.APITimeoutError, http.TimeoutException) as error:
            if type(error.__cause__).__name__ == "ConnectTimeout":  # nothing was sent
                raise ProviderError(
                    f"{self.name} could not be reached at {self.base_url}: no connection within "
                    f"{self._connect:g} seconds.",
                    "Check the base URL and the network, and whether the server runs.",
                ) from None
            raise ProviderError(
                f"{self.name} did not answer within {self.timeout:g} seconds.",
                "Try again later, or increase METACO_TIMEOUT or timeout in metaco.toml.",
                maybe_billed=True,
            ) from None
        except openai.APIStatusError as error:
            raise self._refusal(error) from None
        except (openai.APIConnectionError, http.TransportError) as error:
            cause = error.__cause__ or error
            reason = ", ".join(filter(None, [type(cause).__name__, str(cause).rstrip(".")]))
            raise ProviderError(
                f"{self.name} could not be reached at {self.base_url}: {reason}.",
                "Check the base URL and the network, and whether the server runs.",
                maybe_billed=not type(cause).__name__.startswith(
                    "Connect"
                ),  # else nothing was sent
            ) from None
        except (openai.OpenAIError, ValueError) as error:
            raise ProviderError(
                f"{self.name} did not return a chat completion: {short(str(error))}.",
                "Check that the base URL is an OpenAI-compatible one (it usually ends in /v1).",
                maybe_billed=True,
            ) from None
        finally:
            shared.flying -= 1
            await _close_idle(_clients_here())

    @property
    def _connect(self) -> float:
        """Seconds that a connection may take."""
        return min(self.timeout, 20.0)

    def _shared(self) -> _Shared:
        """Return the client that all models at this endpoint share in this event loop."""
        import openai

        clients = _clients_here()
        client_key = digest(self.base_url, self._key, self.timeout)  # no key for others to print
        if client_key not in clients:
            timeout = openai.Timeout(self.timeout, connect=self._connect)
            http_client = openai.DefaultAsyncHttpxClient(
                base_url=self.base_url,
                timeout=timeout,
                trust_env=not guard.is_loopback(self.base_url),  # no proxy leads back here
                follow_redirects=False,  # it could lead prompts and the key elsewhere
            )
            client = openai.AsyncOpenAI(
                base_url=self.base_url,
                api_key=self._key or "none",  # the SDK wants one, local servers do not
                timeout=timeout,
                max_retries=0,
                http_client=http_client,
            )
            clients[client_key] = _Shared(client)
        clients[client_key].users.add(self)
        return clients[client_key]

    def _refusal(self, error: openai.APIStatusError) -> ProviderError:
        status, text = error.status_code, refusal_text(error)
        quota = status == 429 and re.search(r"insufficient.quota|billing|credit", text, re.I)
        too_long = re.search(r"context.{0,10}(length|window|size)|too long|too many tokens", text)
        status = 402 if quota else status
        if status == 400 and too_long and "max_tokens" not in text:
            remedy = _REMEDIES[413]
        elif status in _REMEDIES:
            remedy = _REMEDIES[status].format(key=self.provider.key_env or "OPENAI_API_KEY")
        elif 300 <= status < 400:
            remedy = "It sends calls elsewhere, where they are not sent; give its new base URL."
        else:
            remedy = "The provider has a problem; try again later." if status >= 500 else ""
        return ProviderError(
            f"{self.name} refused the call ({status}): {text}",
            remedy,
            status=status,
            retry_after=retry_after(error.response.headers),
        )

    def _shown(self, error: ProviderError) -> ProviderError:
        """Return `error` as others may see it: short, and without the key."""
        too_long = error.status == 400 and error.remedy == _REMEDIES[413]
        status = 413 if too_long else error.status  # so that all endpoints say it in one way
        return ProviderError(
            short(error.problem),
            error.remedy,
            status=status,
            retry_after=error.retry_after,
            maybe_billed=error.maybe_billed,
        )


@dataclass(slots=True)
class _Shared:
    """A client, the models that share it, and how many of their calls are in flight."""

    client: openai.AsyncOpenAI
    users: WeakSet[OpenAIModel] = field(default_factory=WeakSet)
    flying: int = 0


@cache
def _sdk() -> threading.Thread:
    """Begin to import the SDK beside the event loop, once: it takes most of a second."""

    def load() -> None:
        with suppress(ImportError):  # said where it is used
            import openai.resources.chat.completions  # noqa: F401

    thread = threading.Thread(target=load, name="metaco-openai", daemon=True)
    thread.start()
    return thread


def _http() -> Any:
    """Return the HTTP library below the SDK, of which versions of it use different ones."""
    import openai

    return sys.modules[openai.DefaultAsyncHttpxClient.__mro__[1].__module__.partition(".")[0]]


# Connections belong to an event loop, so each has its own clients, by address, key and timeout.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Shared]] = WeakKeyDictionary()
_lock = threading.Lock()  # event loops run in several threads


def _clients_here() -> dict[str, _Shared]:
    """Return the clients of this event loop; those of closed ones are forgotten."""
    with _lock:
        for loop in [loop for loop in _clients if loop.is_closed()]:
            del _clients[loop]
        return _clients.setdefault(asyncio.get_running_loop(), {})


async def _close_idle(clients: dict[str, _Shared]) -> None:
    """Close what nobody uses; it is taken out first, as others may do the same meanwhile."""
    idle = [
        client_key for client_key, shared in clients.items() if not (shared.users or shared.flying)
    ]
    await asyncio.gather(*(clients.pop(client_key).client.close() for client_key in idle))


_REMEDIES = {
    400: "Check the model's name and what it supports.",
    401: "Check the key ({key}) and that it belongs to this base URL.",
    402: "Add credit at the provider, or choose another model with --model.",
    403: "The key may not use this model; choose another with --model.",
    404: "Check the model's name and the base URL (it usually ends in /v1).",
    408: "Try again later.",
    413: "The prompt is too long for it; choose a model with a larger context.",
    429: "The provider limits how often it is asked; ask less at once or try again later.",
}
