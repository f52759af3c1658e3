"""`metaco mcp` with a real client over stdio; `metaco tools`; and what a folder may configure."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from metaco.core.errors import ConfigurationError
from metaco.run.entries import RunEnded, RunStarted
from metaco.run.log import Log
from metaco.settings import Settings

from .conftest import CREW, TEAM, Metaco

SERVERS = Path(__file__).parents[1] / "fixtures"
COMMAND = [sys.executable, str(SERVERS / "mcp_server.py")]
TABLE = f"[mcp.test]\ncommand = {json.dumps(COMMAND)}\n"

pytestmark = pytest.mark.mcp


@pytest.fixture
def library() -> None:
    pytest.importorskip("mcp")


class Refused(Exception):
    """The server said no."""


Call = Callable[..., Any]


@asynccontextmanager
async def client(*words: str) -> AsyncIterator[Call]:
    """Give a function that calls a tool of `metaco mcp`, in a process of its own."""
    from mcp import Client, StdioServerParameters

    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "metaco", "mcp", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(TEAM)])},
    )
    async with Client(started) as connected:

        async def call(tool: str, **arguments: Any) -> Any:
            result = await connected.call_tool(tool, arguments)
            if result.is_error:
                raise Refused(getattr(result.content[0], "text", ""))
            value = result.structured_content or {}
            return value.get("result", value)

        yield call


@pytest.mark.usefixtures("library")
async def test_a_client_starts_a_run_and_a_person_decides_through_it() -> None:
    async with client() as call:
        assert await call("list_runs") == []
        begun = await call("start_run", requirement="books: title, year", gates=["write_prd"])
        run = begun["run"]
        waits = await call("run_status", run=run, wait=60)
        assert waits["status"] == "waiting"
        assert waits["waiting"] == [{"step": "product_manager.write_prd", "subject": ""}]
        known = {each["type"]: each for each in await call("list_documents", run=run)}
        assert (known["PRD"]["waiting"], known["Requirement"]["waiting"]) == (True, False)
        prd = await call("read_document", run=run, id="PRD")
        assert prd == await call("read_document", run="last", id=known["PRD"]["id"])
        assert prd["fields"]["project_name"] == "books"
        assert prd["files"]["docs/prd.md"].startswith("# ")

        again = await call("give_feedback", run=run, step="write_prd", text="Short.", wait=60)
        assert (again["status"], again["calls"]) == ("waiting", 2)
        done = await call("approve", run=run, step="write_prd", wait=120)
        assert (done["status"], done["accepted"], done["failures"]) == ("done", True, [])
        assert done["project"].endswith("here/workspace/books")
        (row,) = await call("list_runs")
        assert (row["run"], row["status"]) == (run, "done")

        for tool, arguments, why in (
            ("approve", {"run": run, "step": "write_prd"}, "waiting for a decision"),
            ("give_feedback", {"run": run, "step": "write_prd", "text": " "}, "is empty"),
            ("answer", {"run": run, "text": "yes"}, "waiting for an answer"),
            ("read_document", {"run": run, "id": "Nix"}, "See list_documents."),
            ("run_status", {"run": "nix"}, "There is no run 'nix'"),
            ("start_run", {"requirement": " "}, "The requirement is empty."),
            ("start_run", {"requirement": "x", "sop": "nix"}, "There is no SOP 'nix'"),
            ("start_run", {"requirement": "x", "budget": -1}, "The limit cost is -1"),
        ):
            with pytest.raises(Refused, match=why):
                await call(tool, **arguments)


@pytest.mark.usefixtures("library")
async def test_the_person_says_what_a_run_may_use_at_most() -> None:
    async with client("--calls", "2", "--sandbox", "off") as call:
        first = {"requirement": "books: title, year", "wait": 60}
        more = await call("start_run", calls=1000, **first)
        assert (more["status"], more["calls"], more["sandbox"]) == ("limit", 2, "off")
        fewer = await call("start_run", calls=1, **first)
        assert (fewer["status"], fewer["calls"]) == ("limit", 1)
        same = await call("resume_run", run=fewer["run"], wait=60)
        assert (same["status"], same["calls"]) == ("limit", 1)
        raised = await call("resume_run", run=fewer["run"], calls=50, wait=60)
        assert (raised["status"], raised["calls"]) == ("limit", 2)
    async with client() as call:
        # The limit of the SOP stands where a person said nothing else.
        wish = {"requirement": "a word counter", "sop": "quick", "wait": 60}
        assert (await call("start_run", budget=1e6, **wish))["status"] == "done"
    begun = (await Log.open(Path("workspace/metaco.db")).runs())[-1].fact
    assert isinstance(begun, RunStarted)
    assert begun.limits["cost"] < 10


@pytest.mark.usefixtures("library")
def test_code_of_an_sop_runs_only_with_trust(metaco: Metaco) -> None:
    async def start() -> Any:
        async with client() as call:
            try:
                return await call("start_run", requirement="crash", sop=CREW, wait=60)
            except Refused as refused:
                return str(refused)

    assert "requires your trust for running crew_for_cli" in asyncio.run(start())
    assert metaco("trust", "--yes", CREW).code == 0
    crashed = asyncio.run(start())
    assert crashed["status"] == "failed"
    assert "the page caught fire" in crashed["failures"][0]["problem"]


@pytest.mark.usefixtures("library")
async def test_a_run_is_stopped_and_goes_on(metaco: Metaco, tmp_path: Path) -> None:
    assert metaco("trust", "--yes", CREW).code == 0
    async with client() as call:
        hangs = await call("start_run", requirement=f"hang:{tmp_path / 'here.txt'}", sop=CREW)
        assert hangs["status"] == "working"
        with pytest.raises(Refused, match="is working on the run"):
            await call("resume_run", run=hangs["run"])
        stopped = await call("stop_run", run=hangs["run"])
        assert stopped["status"] == "interrupted"
        (tmp_path / "here.txt.go").touch()
        done = await call("resume_run", run=hangs["run"], change="Short.", wait=60)
        assert (done["status"], done["accepted"]) == ("done", True)
        left = await call("start_run", requirement=f"hang:{tmp_path / 'there.txt'}", sop=CREW)
    end = await Log.open(Path("workspace/metaco.db")).last(left["run"], RunEnded)
    assert end
    assert end.status == "interrupted"  # as the client went


ASKING = """\
from metaco import Document, Requirement, Role, action


class Said(Document):
    text: str


class Asker(Role):
    @action
    async def find_out(self, requirement: Requirement) -> Said:
        return Said(text=await self.decide("Red or blue?", ["red", "blue"]))
"""


@pytest.fixture
def asking(metaco: Metaco) -> str:
    """An SOP that is trusted, and asks a person."""
    Path("asking.py").write_text(ASKING)
    Path("asking.yaml").write_text("name: asking\noutput: Said\nsteps: [asking:Asker.find_out]\n")
    assert metaco("trust", "--yes", "asking.yaml").code == 0
    return "asking.yaml"


@pytest.mark.usefixtures("library")
async def test_a_question_is_answered(asking: str) -> None:
    async with client() as call:
        asks = await call("start_run", requirement="x", sop=asking, wait=60)
        (question,) = asks["questions"]
        assert (question["text"], question["options"]) == ("Red or blue?", ["red", "blue"])
        with pytest.raises(Refused, match="'green' is no answer"):
            await call("answer", run="last", text="green")
        done = await call("answer", run="last", text="blue", wait=60)
        assert done["status"] == "done"
        assert (await call("read_document", run="last", id="Said"))["fields"] == {"text": "blue"}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("how", ["end of input", "signal"])
def test_stdout_holds_the_protocol_only_and_the_end_is_quick(spawn: Any, how: str) -> None:
    server = spawn("mcp", "-vv", stdin=subprocess.PIPE)

    def ask(n: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
        message = {"jsonrpc": "2.0", "id": n, "method": method, "params": params}
        server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        reply: dict[str, Any] = json.loads(server.stdout.readline())
        assert (reply["jsonrpc"], reply["id"]) == ("2.0", n)
        return dict(reply["result"])

    info = {"name": "test", "version": "1"}
    old = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info}
    assert ask(1, "initialize", old)["serverInfo"]["name"] == "metaco"
    run = {"name": "start_run", "arguments": {"requirement": "books: title, year"}}
    assert ask(2, "tools/call", run)["structuredContent"]["status"] == "working"
    if how == "signal":
        server.terminate()
    else:
        server.stdin.close()
    assert server.wait(20) == {"signal": 130, "end of input": 0}[how]
    assert server.stdout.read() == ""
    server.stdin.close()
    server.stdin = None


def test_without_the_library_a_command_says_what_to_install(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    done = metaco("mcp")
    assert (done.code, done.out) == (3, "")
    assert "pip install 'metaco[mcp]'" in done.err


def test_tools_lists_what_there_is_and_starts_nothing(metaco: Metaco) -> None:
    result = metaco("tools")
    assert (result.code, result.err) == (0, "")
    names = [row.split()[1] for row in result.out.splitlines()[1:]]
    assert {"read", "edit", "python", "shell", "fetch", "remember", "read_skill"} <= {*names}
    Path("metaco.toml").write_text('[mcp.web]\nurl = "http://127.0.0.1:9/mcp"\n')
    assert "metaco.toml requires your trust for mcp.web" in metaco("tools").err
    assert metaco("trust", "--yes", ".").code == 0
    result = metaco("tools")
    assert (result.code, "metaco tools --open" in result.err) == (0, True)
    assert "http://127.0.0.1:9/mcp, not started" in result.out.splitlines()[-1]


@pytest.mark.usefixtures("library")
def test_tools_of_servers_that_are_opened(metaco: Metaco) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text(f'{TABLE}[mcp.none]\ncommand = ["no-such-program"]\n')
    result = metaco("tools", "--open", "--json")
    assert (result.code, "no-such-program" in result.err) == (3, True)
    rows = {row["tool"]: row for row in map(json.loads, result.out.splitlines())}
    assert rows["test_add"]["from"] == "mcp.test"
    assert (rows["test_add"]["once"], rows["test_note"]["once"]) == (False, True)


def test_a_server_of_a_folder_is_shown_before_it_is_trusted(metaco: Metaco) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[mcp.a]\ncommand = ["mine"]\nenv = ["SECRET"]\n[mcp.b]\ncommand = ["b"]\n')
    assert [server.name for server in Settings.load().servers()] == ["a", "b"]
    Path("metaco.toml").write_text('[mcp.a]\ncommand = ["theirs", "--all"]\n')
    with pytest.raises(ConfigurationError, match=r"metaco\.toml requires your trust for mcp\.a"):
        Settings.load()
    shown = metaco("trust", "--yes", ".").out
    assert "mcp.a: command = ['theirs', '--all']; it is run with your permissions" in shown
    first, second = Settings.load().servers()
    assert (first.command, first.env) == (("theirs", "--all"), ())  # nothing of one's own server
    assert second.command == ("b",)
    Path("metaco.toml").write_text('[mcp.a]\ncommand = "theirs"\n')
    with pytest.raises(ConfigurationError, match=r"mcp\.a \(metaco\.toml\) cannot be used"):
        Settings.load()
