"""OpenTelemetry spans and metrics of a run, for those who ask for them; never on by itself.

An observer of the log: one span per run (``invoke_workflow``), one per turn (``invoke_agent``), one
per attempt to call a model (``chat``), and the two client metrics, tokens and duration, named by
the GenAI semantic conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/, in
development there). Prompts and replies stay out unless `content` is set.

Needs ``pip install 'metaco[otel]'``. The usual OTEL_* variables set where spans go.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ConfigurationError
from metaco.run.entries import (
    CallFailed,
    CallStarted,
    EffectEnded,
    EffectStarted,
    Entry,
    ReplyReceived,
    RunEnded,
    RunStarted,
    TurnCompleted,
    TurnFailed,
)

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
        self._providers = [] if tracers and meters else _exporting()
        self._tracer = (tracers or self._providers[0]).get_tracer("metaco")
        meter = (meters or self._providers[1]).get_meter("metaco")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", explicit_bucket_boundaries_advisory=_TOKENS
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._since = time.time()  # what is older was reported by the process that did it
        self._run: Span | None = None
        self._turns: dict[str, Span] = {}
        self._calls: dict[str, Span] = {}
        self._made: dict[str, float] = {}
        self._name = ""

    @classmethod
    def configured(cls, setting: str) -> Telemetry | None:
        """Return who tells of a run, by a setting: ``off``, ``on`` or ``content``."""
        return None if setting == "off" else cls(content=setting == "content")

    def __call__(self, entry: Entry) -> None:
        """Take in one entry."""
        match entry.fact:
            case RunStarted(sop=sop):
                self._name = sop
            case TurnCompleted(publishes=publishes):
                self._made.update((published.id, entry.at) for published in publishes)
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
        match entry.fact:
            case CallStarted() as call:
                self._on_call(entry, call)
            case ReplyReceived() as reply:
                self._on_reply(entry, reply)
            case CallFailed() as failed:
                self._on_error(entry, failed)
            case EffectStarted() as effect if effect.how != "ask":  # a person may take days
                self._on_effect(entry, effect)
            case EffectEnded() as result:
                self._on_result(entry, result)
            case TurnCompleted() as turn:
                self._on_turn(entry, turn)
            case TurnFailed() as failure:
                self._on_failure(entry, failure)
            case RunEnded() as end:
                self._on_end(entry, end)

    def _on_call(self, entry: Entry, call: CallStarted) -> None:
        provider, model = _split(call.model)
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.conversation.id": entry.run,
            "metaco.attempt": int(entry.key.rpartition("/")[2]),
        }
        if self.content:
            prompt = [{"role": "user", "parts": [{"type": "text", "content": call.prompt}]}]
            system = [{"type": "text", "content": call.system}]
            attributes["gen_ai.input.messages"] = json.dumps(prompt, ensure_ascii=False)
            attributes["gen_ai.system_instructions"] = json.dumps(system, ensure_ascii=False)
        if call.turn not in self._turns:
            self._turns[call.turn] = self._new_turn(call, entry.at)
        parent = self._turns[call.turn]
        span = self._start(
            f"chat {model}", entry.at, attributes, parent, self._trace.SpanKind.CLIENT
        )
        self._calls[call.call] = span

    def _on_reply(self, entry: Entry, reply: ReplyReceived) -> None:
        span = self._calls.pop(entry.key, None)
        if span is None:
            return
        span.set_attributes(
            {
                "gen_ai.response.model": reply.answered_by,
                "gen_ai.response.finish_reasons": [reply.finish],
                "gen_ai.usage.input_tokens": reply.prompt_tokens,
                "gen_ai.usage.output_tokens": reply.reply_tokens,
                "gen_ai.usage.cache_read.input_tokens": reply.cached_tokens,
            }
        )
        if reply.cost is not None:
            span.set_attribute("metaco.cost", reply.cost)
        if self.content:
            parts = [{"type": "text", "content": reply.text}]
            messages = [{"role": "assistant", "parts": parts, "finish_reason": reply.finish}]
            span.set_attribute("gen_ai.output.messages", json.dumps(messages, ensure_ascii=False))
        span.end(_nanoseconds(entry.at))
        common = {**_common(reply.model), "gen_ai.response.model": reply.answered_by}
        for kind, tokens in (("input", reply.prompt_tokens), ("output", reply.reply_tokens)):
            self._tokens.record(tokens, {**common, "gen_ai.token.type": kind})
        self._seconds.record(reply.seconds, common)

    def _on_error(self, entry: Entry, failed: CallFailed) -> None:
        if span := self._calls.pop(failed.call, None):
            kind = str(failed.status or "timeout")
            self._fail(span, kind, failed.problem, entry.at)
            self._seconds.record(failed.seconds, {**_common(failed.model), "error.type": kind})

    def _on_effect(self, entry: Entry, effect: EffectStarted) -> None:
        if effect.turn not in self._turns:
            self._turns[effect.turn] = self._new_turn(effect, entry.at)
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": effect.name,
            "gen_ai.tool.call.id": entry.key,
        }
        if self.content:
            about = json.dumps(effect.about, ensure_ascii=False)
            attributes["gen_ai.tool.call.arguments"] = about
        parent = self._turns[effect.turn]
        self._calls[entry.key] = self._start(
            f"execute_tool {effect.name}", entry.at, attributes, parent
        )

    def _on_result(self, entry: Entry, result: EffectEnded) -> None:
        if span := self._calls.pop(entry.key, None):
            if result.unsure:
                self._fail(span, "unsure", result.unsure, entry.at)
            else:
                span.end(_nanoseconds(entry.at))

    def _on_turn(self, entry: Entry, turn: TurnCompleted) -> None:
        ready = [self._made[i] for i in turn.reads if i in self._made]
        began = max([self._since, *ready]) if ready else entry.at
        span = self._turns.pop(entry.key, None) or self._new_turn(turn, began)
        span.set_attribute("metaco.published", [published.type for published in turn.publishes])
        span.end(_nanoseconds(entry.at))

    def _on_failure(self, entry: Entry, failure: TurnFailed) -> None:
        span = self._turns.pop(failure.turn, None) or self._new_turn(failure, entry.at)
        self._fail(span, failure.error, failure.problem, entry.at)

    def _on_end(self, entry: Entry, end: RunEnded) -> None:
        for span in (*self._calls.values(), *self._turns.values()):
            span.end(_nanoseconds(entry.at))
        self._calls.clear()
        self._turns.clear()
        if self._run:
            self._run.set_attribute("metaco.status", end.status)
            if end.status in ("done", "waiting"):
                self._run.end(_nanoseconds(entry.at))
            else:
                self._fail(self._run, end.status, end.status, entry.at)
            self._run = None
        for provider in self._providers:
            provider.force_flush()

    def close(self) -> None:
        """Send what is left, and stop the threads that send."""
        for provider in self._providers:
            provider.shutdown()

    def _new_turn(
        self, turn: CallStarted | EffectStarted | TurnCompleted | TurnFailed, at: float
    ) -> Span:
        role, _, action = turn.step.rpartition(".")
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": role,
            "metaco.action": action,
            "metaco.subject": turn.subject,
        }
        return self._start(f"invoke_agent {role}", at, attributes, self._run)

    def _fail(self, span: Span, kind: str, problem: str, at: float) -> None:
        span.set_attribute("error.type", kind)
        span.set_status(self._trace.StatusCode.ERROR, problem)
        span.end(_nanoseconds(at))

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


def _common(name: str) -> dict[str, str]:
    provider, model = _split(name)
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }


def _split(name: str) -> tuple[str, str]:
    provider, colon, model = name.partition(":")
    return (provider, model) if colon else (name, name)


def _nanoseconds(at: float) -> int:
    return int(at * 1_000_000_000)
