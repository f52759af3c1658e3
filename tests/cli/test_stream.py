"""Replies as they come: counted at a terminal, printed with `--stream`, and never logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoint import END, Endpoint, Handler, emit, refuses, serving, streams

from metaco.cli.stream import Stream
from metaco.core.redaction import register_secret
from tests.run.test_streaming import call_started, failed, replied

from .conftest import CREW, Metaco, Open, plain

PAGE = '{"title": "A page",\n"lines": ["one",\n"two"]}'


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with serving() as server:
        server.answer = streams(*PAGE.partition("ti"), *END)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def test_the_model_that_the_endpoint_runs_is_used_and_shown(
    metaco: Metaco, endpoint: Endpoint
) -> None:
    done = metaco("a page", "--sop", CREW)
    assert done.code == 0
    host = endpoint.url.split("/")[2]
    assert f"openai:tiny at {host}" in done.err
    assert endpoint.bodies[0]["model"] == "tiny"
    assert f"openai:tiny at {host}" in metaco("doctor").out


def test_a_stream_is_printed_line_by_line(metaco: Metaco, endpoint: Endpoint) -> None:
    done = metaco("a page", "--sop", CREW, "--stream")
    lines = [line for line in done.err.splitlines() if "│" in line]
    assert [line.partition("write_page")[2].strip() for line in lines] == PAGE.splitlines()
    for words in ((), ("--stream", "--quiet")):
        assert "│" not in metaco("a page", "--sop", CREW, *words).err


def test_a_stream_is_an_event_for_programs(metaco: Metaco, endpoint: Endpoint) -> None:
    done = metaco("a page", "--sop", CREW, "--stream", "--json")
    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    lines = [event for event in events if event["event"] == "line"]
    assert [event["text"] for event in lines] == PAGE.splitlines()
    assert {event["step"] for event in lines} == {"Crew.write_page"}
    entries = [event for event in events if event["event"] != "line"]
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))


def test_tokens_so_far_are_shown_at_a_terminal(terminal: Open, endpoint: Endpoint) -> None:
    def rest(handler: Handler, body: dict[str, Any]) -> None:
        assert endpoint.released.wait(30)
        emit(handler, PAGE, *END)

    endpoint.answer = streams(*" \n\n", then=rest)
    screen = terminal("a page", "--sop", CREW)
    screen.until("3 tokens of replies so far")
    endpoint.released.set()
    assert screen.end() == 0
    assert "✓ Done." in plain(screen.text)


def test_a_replayed_reply_is_shown_too(metaco: Metaco, endpoint: Endpoint, tmp_path: Path) -> None:
    assert metaco("a page", "--sop", CREW, "--record", str(tmp_path / "r")).code == 0
    endpoint.answer = refuses(500)
    done = metaco("a page", "--sop", CREW, "--stream", "--replay", str(tmp_path / "r"))
    assert done.code == 0
    assert '"two"]}' in done.err


def test_lines_of_several_replies_are_not_mixed_and_hold_no_key() -> None:
    register_secret("canary-key-0123456789")
    shown: list[tuple[str, str]] = []
    stream = Stream(lambda call, line: shown.append((call.call, line)))
    one, other = call_started("1"), call_started("2")
    stream.add(one, "a can")
    stream.add(other, "b\nrest")
    stream.add(one, "ary-key-0123")
    stream.add(one, "456789 c\nlast")
    stream.end(replied("1"))
    stream.end(failed("2"))
    stream.end(replied("1"))
    assert shown == [("2", "b"), ("1", "a *** c"), ("1", "last"), ("2", "rest")]
    stream.add(one, "word " * 40)
    assert shown[-1] == ("1", ("word " * 40)[:-1])


def test_how_replies_are_drawn_is_shown(metaco: Metaco, endpoint: Endpoint) -> None:
    text = Path(CREW).read_text()
    team = Path(CREW).parent / "crew_for_cli"
    Path("crew_for_cli").symlink_to(team)
    drawn = "Crew.write_page: {sampling: {temperature: 0.2}}"
    text = text.replace("about:", "sampling: {seed: 7}\nabout:", 1)
    Path("drawn.yaml").write_text(text.replace("Crew.write_page", drawn, 1))
    assert metaco("trust", "--yes", "drawn.yaml").code == 0
    shown = metaco("sop", "show", "drawn.yaml")
    assert "# temperature 0.2, seed 7" in shown.out
    assert metaco("a page", "--sop", "drawn.yaml").code == 0
    assert (endpoint.bodies[0]["temperature"], endpoint.bodies[0]["seed"]) == (0.2, 7)
    assert "openai:tiny · temperature 0.2, seed 7" in metaco("show", "last", "--prompts").out
