"""OpenTelemetry spans and metrics of a run, for those who ask for them; never on by itself.

An observer of the log: one span per run (``invoke_workflow``), one per turn (``invoke_agent``), one
per attempt to call a model (``chat``), and the two client metrics, tokens and duration, named by
the GenAI semantic conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/, in
development there). Prompts and replies stay out unless `content` is set.

Needs ``pip install 'metaco[otel]'``. Where spans go is said by the usual OTEL_* variables.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ConfigurationError
from metaco.run.log import Entry

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

__all__ = ["Telemetry"]

_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304)
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)


class Telemetry:
    """Turns the entries of a run into spans and metrics.

    Args:
        content: put prompts and replies into the spans too; they may hold anything.
        tracers, meters: providers to use instead of those that OTEL_* variables describe.

    Raises:
        ConfigurationError: OpenTelemetry is not installed.
    """

    def __init__(
        self,
        *,
        content: bool = False,
        tracers: TracerProvider | None = None,
        meters: MeterProvider | None = None,
    ) -> None:
        try:
            from opentelemetry import trace
        except ImportError as error:
            raise ConfigurationError(
                "OpenTelemetry is not installed.", "Run: pip install 'metaco[otel]'."
            ) from error
        self._trace, self.content = trace, content
        self._own = [] if tracers and meters else _exporting()
        self._tracer = (tracers or self._own[0]).get_tracer("metaco")
        meter = (meters or self._own[1]).get_meter("metaco")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", explicit_bucket_boundaries_advisory=_TOKENS
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._since = time.time()  # what is older was told by the process that did it
        self._run: Span | None = None
        self._turns: dict[str, Span] = {}
        self._calls: dict[str, Span] = {}
        self._made: dict[str, float] = {}
        self._name = ""

    def __call__(self, entry: Entry) -> None:
        """Take in one entry."""
        if entry.kind == "run":
            self._name = str(entry.body["sop"])
        if entry.kind == "turn":
            for message in entry.body["publishes"]:
                self._made[message["id"]] = entry.at
        if entry.at < self._since:
            return
        if self._run is None:
            self._run = self._start(
                f"invoke_workflow {self._name}",
                entry.at,
                {
                    "gen_ai.operation.name": "invoke_workflow",
                    "gen_ai.workflow.name": self._name,
                    "gen_ai.conversation.id": entry.run,
                },
            )
        if told := getattr(self, f"_on_{entry.kind}", None):
            told(entry)

    def _on_call(self, entry: Entry) -> None:
        body = entry.body
        provider, model = _split(str(body["model"]))
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.conversation.id": entry.run,
            "metaco.attempt": int(entry.key.rpartition("/")[2]),
        }
        if self.content:
            prompt = [{"role": "user", "parts": [{"type": "text", "content": body["prompt"]}]}]
            system = [{"type": "text", "content": body["system"]}]
            attributes["gen_ai.input.messages"] = json.dumps(prompt, ensure_ascii=False)
            attributes["gen_ai.system_instructions"] = json.dumps(system, ensure_ascii=False)
        parent = self._turn(str(body["turn"]), body, entry.at)
        span = self._start(
            f"chat {model}", entry.at, attributes, parent, self._trace.SpanKind.CLIENT
        )
        self._calls[str(body["call"])] = span

    def _on_reply(self, entry: Entry) -> None:
        body = entry.body
        span = self._calls.pop(entry.key, None)
        if span is None:
            return
        span.set_attributes(
            {
                "gen_ai.response.model": body["answered_by"],
                "gen_ai.response.finish_reasons": [body["finish"]],
                "gen_ai.usage.input_tokens": body["prompt_tokens"],
                "gen_ai.usage.output_tokens": body["reply_tokens"],
                "gen_ai.usage.cache_read.input_tokens": body["cached_tokens"],
            }
        )
        if body["cost"] is not None:
            span.set_attribute("metaco.cost", body["cost"])
        if self.content:
            parts = [{"type": "text", "content": body["text"]}]
            said = [{"role": "assistant", "parts": parts, "finish_reason": body["finish"]}]
            span.set_attribute("gen_ai.output.messages", json.dumps(said, ensure_ascii=False))
        span.end(_nanoseconds(entry.at))
        common = _common(body)
        for kind, name in (("input", "prompt_tokens"), ("output", "reply_tokens")):
            self._tokens.record(body[name], {**common, "gen_ai.token.type": kind})
        self._seconds.record(body["seconds"], common)

    def _on_error(self, entry: Entry) -> None:
        body = entry.body
        if span := self._calls.pop(str(body["call"]), None):
            kind = str(body.get("status") or "timeout")
            span.set_attribute("error.type", kind)
            span.set_status(self._trace.StatusCode.ERROR, str(body["problem"]))
            span.end(_nanoseconds(entry.at))
            self._seconds.record(body["seconds"], {**_common(body), "error.type": kind})

    def _on_turn(self, entry: Entry) -> None:
        ready = [self._made[i] for i in entry.body["reads"] if i in self._made]
        began = max([self._since, *ready]) if ready else entry.at
        span = self._turns.pop(entry.key, None) or self._new_turn(entry.body, began)
        published = [message["type"] for message in entry.body["publishes"]]
        span.set_attribute("metaco.published", published)
        span.end(_nanoseconds(entry.at))

    def _on_failure(self, entry: Entry) -> None:
        body = entry.body
        span = self._turns.pop(str(body["turn"]), None) or self._new_turn(body, entry.at)
        span.set_attribute("error.type", str(body["error"]))
        span.set_status(self._trace.StatusCode.ERROR, str(body["problem"]))
        span.end(_nanoseconds(entry.at))

    def _on_end(self, entry: Entry) -> None:
        for span in (*self._calls.values(), *self._turns.values()):
            span.end(_nanoseconds(entry.at))
        self._calls.clear()
        self._turns.clear()
        if self._run:
            status = str(entry.body["status"])
            self._run.set_attribute("metaco.status", status)
            if status not in ("done", "waiting"):
                self._run.set_attribute("error.type", status)
                self._run.set_status(self._trace.StatusCode.ERROR, status)
            self._run.end(_nanoseconds(entry.at))
            self._run = None
        for provider in self._own:
            provider.force_flush()

    def close(self) -> None:
        """Send what is left, and stop the threads that send."""
        for provider in self._own:
            provider.shutdown()

    def _turn(self, key: str, body: Mapping[str, Any], at: float) -> Span:
        if key not in self._turns:
            self._turns[key] = self._new_turn(body, at)
        return self._turns[key]

    def _new_turn(self, body: Mapping[str, Any], at: float) -> Span:
        role, _, action = str(body["step"]).rpartition(".")
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": role,
            "metaco.action": action,
            "metaco.subject": str(body.get("subject", "")),
        }
        return self._start(f"invoke_agent {role}", at, attributes, self._run)

    def _start(
        self,
        name: str,
        at: float,
        attributes: dict[str, Any],
        parent: Span | None = None,
        kind: Any = None,
    ) -> Span:
        return self._tracer.start_span(
            name,
            context=self._trace.set_span_in_context(parent) if parent else None,
            kind=kind or self._trace.SpanKind.INTERNAL,
            attributes=attributes,
            start_time=_nanoseconds(at),
        )


def _exporting() -> list[Any]:
    """Return providers that send to where OTEL_EXPORTER_OTLP_* points."""
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigurationError(
            "The OpenTelemetry SDK is not installed.", "Run: pip install 'metaco[otel]'."
        ) from error
    resource = Resource.create({"service.name": "metaco"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return [tracers, MeterProvider([reader], resource=resource)]


def _common(body: Mapping[str, Any]) -> dict[str, str]:
    provider, model = _split(str(body["model"]))
    common = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }
    if "answered_by" in body:
        common["gen_ai.response.model"] = str(body["answered_by"])
    return common


def _split(name: str) -> tuple[str, str]:
    provider, colon, model = name.partition(":")
    return (provider, model) if colon else (name, name)


def _nanoseconds(at: float) -> int:
    return int(at * 1_000_000_000)
