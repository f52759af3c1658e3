"""Tools of real MCP servers: processes over stdio, of both protocols, and one over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resourceful import Read

from metaco import SOP, Company
from metaco.core.errors import ConfigurationError, ToolError
from metaco.run.entries import EffectEnded, EffectStarted
from metaco.settings import Settings
from metaco.tools import Tool, tools_by_name
from metaco.tools.mcp import Connection, Server

SERVERS = Path(__file__).parents[1] / "fixtures"
NEW = [sys.executable, str(SERVERS / "mcp_server.py")]
OLD = [sys.executable, str(SERVERS / "old_mcp_server.py")]


def server(command: list[str] = NEW, **facts: Any) -> Server:
    return Server.of("test", {"command": command, "timeout": 30, **facts}, "here")


def of(connection: Connection) -> dict[str, Tool]:
    return tools_by_name(connection.tools)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("python server.py", "is not a table"),
        ({}, "either a command or a url"),
        ({"command": ["x"], "url": "http://x"}, "either a command or a url"),
        ({"command": "python server.py"}, "command = 'python server.py'"),
        ({"command": []}, "command = []"),
        ({"command": ["x"], "timeout": 0}, "timeout = 0"),
        ({"command": ["x"], "timeout": float("nan")}, "timeout = nan"),
        ({"command": ["x"], "alow": ["y"]}, "Did you mean allow?"),
        ({"command": ["x"], "name": "y"}, "no setting 'name'"),
        ({"command": ["x"], "key_env": "KEY"}, "key_env of mcp.test (here) is for one with url"),
        ({"url": "http://x", "env": ["KEY"]}, "env of mcp.test (here) is for one with command"),
        ({"url": "file:///etc/passwd"}, "url = 'file:///etc/passwd'"),
        ({"url": "https://me:secret@x"}, "cannot be used"),
    ],
)
def test_a_table_that_is_wrong_is_explained(table: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Server.of("test", table, "here")
    assert message in str(caught.value)


def test_a_name_that_could_not_begin_those_of_tools_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\[mcp\.files\]"):
        Server.of("my files", {"command": ["x"]}, "here")


async def test_without_the_library_the_remedy_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'metaco\[mcp\]'"):
        async with server().open():
            raise AssertionError


@pytest.mark.mcp
class TestServers:
    """What needs the library."""

    @pytest.fixture(autouse=True)
    def library(self) -> None:
        pytest.importorskip("mcp")

    async def test_its_tools_are_tools(self) -> None:
        async with server().open() as connection:
            tools = of(connection)
            assert connection.version == "2026-07-28"
            assert tools["test_add"].about == "Add two numbers."
            assert tools["test_add"].schema["required"] == ["a"]  # as the server gave it
            assert not tools["test_add"].once
            assert tools["test_note"].once
            assert (await tools["test_add"].call({"a": 2})).text == "3"
            assert (await tools["test_note"].call({"text": "x"})).text == "1 notes"
            assert (await tools["test_note"].call({"text": "y"})).text == "2 notes"

    @pytest.mark.parametrize(
        ("tool", "text"),
        [
            ("person", '{\n  "name": "Ada"\n}'),  # not a second time as structure
            ("mixed", 'Two were found.\n{"found": ["a", "b"]}'),
            ("picture", "[image/png, 300 bytes, not shown]"),
        ],
    )
    async def test_what_a_call_returns_becomes_text(self, tool: str, text: str) -> None:
        async with server().open() as connection:
            arguments = {"name": "Ada"} if tool == "person" else {}
            result = await of(connection)[f"test_{tool}"].call(arguments)
            assert (result.failed, result.text) == (False, text)

    async def test_a_long_result_is_cut(self) -> None:
        async with server().open() as connection:
            result = await of(connection)["test_long"].call({})
            assert 200_000 < len(result.text) <= 256 * 1024

    async def test_what_fails_is_text_for_the_model(self) -> None:
        async with server().open() as connection:
            tools = of(connection)
            failed = await tools["test_fail"].call({})
            assert (failed.failed, "inside" in failed.text) == (True, False)
            wrong = await tools["test_add"].call({"a": "x"})
            assert (wrong.failed, "valid integer" in wrong.text) == (True, True)
            assert (await tools["test_add"].call([])).failed  # type: ignore[arg-type]
            assert (await connection.call("nothing", {})).failed

    async def test_it_gets_only_the_variables_that_are_named(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NAMED", "one-two-three")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-you")
        async with server(env=["NAMED"]).open() as connection:
            variable = of(connection)["test_variable"]
            assert (await variable.call({"name": "NAMED"})).text == "one-two-three"
            assert (await variable.call({"name": "OPENAI_API_KEY"})).text == "not set"
        monkeypatch.delenv("NAMED")
        with pytest.raises(ConfigurationError, match="needs the variable NAMED"):
            async with server(env=["NAMED"]).open():
                raise AssertionError

    async def test_only_allowed_tools_are_offered(self) -> None:
        async with server(allow=["add"]).open() as connection:
            assert [*of(connection)] == ["test_add"]
        with pytest.raises(ConfigurationError, match=r"no tool 'ad'.*Did you mean add\?"):
            async with server(allow=["add", "ad"]).open():
                raise AssertionError

    async def test_a_call_has_a_time_limit_and_the_server_goes_on(self) -> None:
        async with server().open() as connection:
            object.__setattr__(connection.server, "timeout", 0.2)
            result = await of(connection)["test_hang"].call({})
            assert (result.failed, "longer than 0.2 seconds" in result.text) == (True, True)
            object.__setattr__(connection.server, "timeout", 30)
            assert (await of(connection)["test_add"].call({"a": 1})).text == "2"

    async def test_a_server_that_dies_is_started_once_more(self) -> None:
        async with server().open() as connection:
            tools = of(connection)
            await tools["test_note"].call({"text": "x"})
            died = await tools["test_crash"].call({})
            assert died.failed
            assert "ended. Whether crash was done is not known. The next call starts" in died.text
            assert (await tools["test_note"].call({"text": "x"})).text == "1 notes"
            assert "starts it again" not in (await tools["test_crash"].call({})).text
            over = await tools["test_add"].call({"a": 1})
            assert (over.failed, "has ended twice" in over.text) == (True, True)

    async def test_an_old_server_is_spoken_to_as_it_can(self) -> None:
        async with server(OLD).open() as connection:
            assert connection.version < "2026"
            first, second = connection.tools  # of two pages
            assert first.name == "test_files_echo"
            assert (len(second.name), second.name[:10]) == (64, "test_xxxxx")
            assert (await first.call({"a": 1})).text == '{"a": 1}'
            with pytest.raises(ToolError, match="test refused: Method not found"):
                await connection.call("nothing", {})

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (["no-such-program"], "No such file"),
            ([sys.executable, "-c", "import no_such_module"], "No module named 'no_such_module'"),
            (["cat"], "cannot be used"),
        ],
    )
    async def test_one_that_does_not_start_says_why(self, command: list[str], why: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            async with server(command).open():
                raise AssertionError
        assert why in caught.value.problem
        assert command[0] in caught.value.remedy

    async def test_one_that_says_nothing_has_a_time_limit(self) -> None:
        with pytest.raises(ConfigurationError, match=r"longer than 0\.5 seconds"):
            async with server(["sleep", "60"], timeout=0.5).open():
                raise AssertionError

    async def test_one_over_http(self, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WEB_TOKEN", "the-token")
        remote = {"url": web, "timeout": 30, "key_env": "WEB_TOKEN"}
        async with Server.of("web", remote, "here").open() as connection:
            assert (await of(connection)["web_add"].call({"a": 2, "b": 3})).text == "5"
        monkeypatch.setenv("WEB_TOKEN", "another")
        with pytest.raises(ConfigurationError, match="The MCP server web cannot be used"):
            async with Server.of("web", remote, "here").open():
                raise AssertionError

    @pytest.fixture
    def web(self) -> Iterator[str]:
        """The address of a server that wants a token."""
        with socket.create_server(("127.0.0.1", 0)) as listening:  # so nobody waits for it
            process = subprocess.Popen(
                [*NEW, str(listening.fileno())],
                pass_fds=[listening.fileno()],
                env={**os.environ, "TOKEN": "the-token"},
            )
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
            process.kill()
            process.wait()


NOTING = """
name: noting
input: Requirement
output: Read
steps: [resourceful:Reader.split, resourceful:Reader.note]
"""


def company(root: Path, command: list[str]) -> Company:
    settings = Settings(mcp={"test": {"command": command}}, workspace=str(root))
    return Company(SOP.parse(NOTING), model="offline", settings=settings)


@pytest.mark.mcp
async def test_a_run_has_one_server_and_a_resumed_one_needs_none(tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    result = await company(tmp_path, NEW).run("one two fail")
    read = sorted(each.text for each in result.documents if isinstance(each, Read))
    assert (result.status, len(read)) == ("failed", 2)
    numbers = {text.partition(", ")[2] for text in read}
    assert numbers < {"1 notes", "2 notes", "3 notes"}  # one server kept all of them
    made = company(tmp_path, ["no-such-program"])
    again = await made.resume(result.run)
    assert [each.problem for each in again.failures] == ["ValueError('as it should')"]
    log = await made.log.read(result.run)
    begun = [entry.fact.name for entry in log if isinstance(entry.fact, EffectStarted)]
    assert sorted(begun) == ["mcp"] * 3 + ["test_note"] * 3
    assert len([entry for entry in log if isinstance(entry.fact, EffectEnded)]) == 6


async def test_a_server_that_is_not_configured(tmp_path: Path) -> None:
    made = Company(SOP.parse(NOTING), model="offline", workspace=tmp_path)
    (failure,) = (await made.run("one")).failures
    assert failure.problem == "There is no resource 'mcp.test'."
    assert "[mcp.NAME] in metaco.toml" in failure.remedy
