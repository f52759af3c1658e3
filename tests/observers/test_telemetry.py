"""Spans and metrics against a real collector: an OTLP endpoint on loopback that decodes them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from metaco import Company, Document, Limits, ProviderError, Retry, Role, action
from metaco.core.document import Requirement
from metaco.core.errors import ConfigurationError
from metaco.observers.telemetry import Telemetry
from metaco.settings import Settings
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Repeat, Step
from metaco.testing import FunctionModel, Scripted

SECRET = "canary-7f3a"


class Idea(Document):
    text: str


class Plan(Document):
    text: str


class Thinker(Role):
    @action
    async def think(self, requirement: Requirement) -> Idea:
        return await self.ask(Idea, requirement=requirement)

    @action
    async def plan(self, idea: Idea) -> Plan:
        return Plan(text=idea.text)


def sop() -> SOP:
    steps = [
        Step(Thinker, "think", role_name="thinker"),
        Step(Thinker, "plan", role_name="thinker"),
    ]
    return SOP("thinking", list[Repeat | Step](steps))  # type: ignore[arg-type]


class Collector:
    """What arrived: spans by name, and the points of each metric."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.metrics: dict[str, list[Any]] = {}
        self.raw = b""

    def take(self, path: str, body: bytes) -> None:
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
            ExportMetricsServiceRequest,
        )
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        self.raw += body
        if path.endswith("/traces"):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        else:
            for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in metrics.scope_metrics:
                    for metric in scope.metrics:
                        self.metrics[metric.name] = list(metric.histogram.data_points)

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    received = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    yield received
    server.shutdown()
    server.server_close()


def facts(span: Any) -> dict[str, Any]:
    return {
        a.key: getattr(a.value, a.value.WhichOneof("value"))
        for a in span.attributes
        if a.value.WhichOneof("value") != "array_value"
    }


async def run(tmp_path: Path, model: Any, *, content: bool = False) -> None:
    telemetry = Telemetry(content=content)
    company = Company(
        sop(),
        model=model,
        workspace=tmp_path,
        observers=[telemetry],
        limits=Limits(calls=10),
        retry=Retry(attempts=3, first=0.0),
    )
    await company.run(f"an idea {SECRET}")
    for provider in telemetry._providers:
        provider.shutdown()


async def test_a_run_is_a_tree_of_spans(tmp_path: Path, collector: Collector) -> None:
    await run(tmp_path, Scripted([Idea(text=f"said {SECRET}")]))
    (workflow,) = collector.named("invoke_workflow thinking")
    agents = collector.named("invoke_agent thinker")
    (chat,) = collector.named("chat scripted")
    assert {facts(agent)["metaco.action"] for agent in agents} == {"think", "plan"}
    assert {agent.parent_span_id for agent in agents} == {workflow.span_id}
    thinking = next(a for a in agents if facts(a)["metaco.action"] == "think")
    assert chat.parent_span_id == thinking.span_id
    attributes = facts(chat)
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.usage.output_tokens"] > 0
    assert workflow.start_time_unix_nano <= chat.start_time_unix_nano <= chat.end_time_unix_nano
    assert chat.end_time_unix_nano <= workflow.end_time_unix_nano
    points = collector.metrics["gen_ai.client.token.usage"]
    assert sum(point.count for point in points) == 2
    assert collector.metrics["gen_ai.client.operation.duration"][0].count == 1


class Seeker(Role):
    failed = False

    @action
    async def seek(self, requirement: Requirement) -> Idea:
        found = await self.once(look_up, requirement.text)
        if not Seeker.failed:
            Seeker.failed = True
            raise ProviderError("No.")
        return Idea(text=found)


def look_up(text: str) -> str:
    return f"found {text}"


async def test_what_a_turn_does_outside_is_a_span_and_what_is_replayed_is_none(
    tmp_path: Path, collector: Collector
) -> None:
    lines: list[Node] = [Step(Seeker, "seek", role_name="seeker")]
    settings = Settings(telemetry="content")
    team = Company(SOP("s", lines), model="offline", workspace=tmp_path, settings=settings)
    result = await team.run(SECRET)
    assert result.status == "failed"
    (span,) = collector.named("execute_tool look_up")
    (turn,) = collector.named("invoke_agent seeker")
    assert span.parent_span_id == turn.span_id
    assert SECRET in str(span)
    assert (await team.resume(result.run)).status == "done"
    assert len(collector.named("execute_tool look_up")) == 1
    assert len(collector.named("invoke_agent seeker")) == 2


async def test_content_stays_out_unless_asked_for(tmp_path: Path, collector: Collector) -> None:
    await run(tmp_path / "a", Scripted([Idea(text=f"said {SECRET}")]))
    assert SECRET.encode() not in collector.raw
    await run(tmp_path / "b", Scripted([Idea(text=f"said {SECRET}")]), content=True)
    assert f"said {SECRET}".encode() in collector.raw


async def test_failed_attempts_and_failed_runs_are_errors(
    tmp_path: Path, collector: Collector
) -> None:
    answers = [ProviderError("Busy.", status=503), ProviderError("Gone.", status=404)]

    def answer(request: object) -> str:
        raise answers.pop(0)

    await run(tmp_path, FunctionModel(answer))
    chats = collector.named("chat function")
    assert [facts(chat)["error.type"] for chat in chats] == ["503", "404"]
    (workflow,) = collector.named("invoke_workflow thinking")
    assert facts(workflow)["metaco.status"] == "failed"
    (agent,) = collector.named("invoke_agent thinker")
    assert facts(agent)["error.type"] == "ProviderError"


# -- the switch


@pytest.mark.parametrize("how", ["off", "on", "content"])
async def test_the_setting_decides(tmp_path: Path, collector: Collector, how: str) -> None:
    settings = Settings.load(folder=tmp_path, environment={"METACO_TELEMETRY": how})
    model = Scripted([Idea(text=f"said {SECRET}")])
    company = Company(sop(), model=model, workspace=tmp_path, settings=settings)
    assert (await company.run("an idea")).ok
    assert bool(collector.named("invoke_workflow thinking")) == (how != "off")
    assert (SECRET.encode() in collector.raw) == (how == "content")


async def test_off_is_the_default_and_other_words_are_refused(tmp_path: Path) -> None:
    assert Settings.load(folder=tmp_path, environment={}).telemetry == "off"
    with pytest.raises(ConfigurationError, match="telemetry"):
        Settings.load(folder=tmp_path, environment={"METACO_TELEMETRY": "maybe"})


OFFLINE_RUN = """
import json, socket, sys

calls = []


def heard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        calls.append([event, repr(arguments[1:])])


sys.addaudithook(heard)
from metaco.cli import main

code = main(["run", "--json", "--sandbox", "off", "a word counter on the command line"])
traced = sorted(name for name in sys.modules if name.startswith("opentelemetry"))
with socket.socket() as probe:
    try:
        probe.connect(("127.0.0.1", 9))
    except OSError:
        pass
print(json.dumps({"code": code, "calls": calls, "traced": traced}))
"""


def test_a_whole_offline_run_talks_to_nobody_and_loads_no_telemetry(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE_RUN],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["code"] == 0, done.stderr
    assert report["traced"] == []
    # The last one is the probe, which shows that the hook hears.
    assert [event for event, _ in report["calls"]] == ["socket.connect"]
    assert "('127.0.0.1', 9)" in report["calls"][0][1]
