"""Where rules for tools come from: settings, SOP lines, the command line; and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from endpoint import completion, serving

from metaco.cli import main
from metaco.core.errors import ConfigurationError, SOPError
from metaco.core.permissions import Permission, Permissions
from metaco.settings import Settings
from metaco.sop.procedure import SOP
from metaco.tools import Fetch, Tool, ToolCall, Workbench, tools_by_name
from metaco.tools.permissions import kind_of

LINE = """
name: asking
steps:
  - library:Librarian.answer: {OPTIONS}
"""
MODULE = '''
from metaco import Document, Requirement, Role, action
from metaco.tools import Files, tool


class Answer(Document):
    """What was found out."""

    text: str


@tool(once=True)
def send(to: str) -> str:
    """Send a message."""
    return f"sent to {to}"


class Librarian(Role):
    """Answers questions."""

    @action
    async def answer(self, requirement: Requirement) -> Answer:
        """Answer it."""
        return await self.ask(Answer, requirement=requirement)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the module `library`, and a user with nothing configured."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (tmp_path / "library.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def load(folder: Path, given: dict[str, Any] | None = None) -> Settings:
    home = str(folder / "home")
    environment = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
    return Settings.load(given or {}, folder=folder, environment=environment)


# -- what is said


@pytest.mark.parametrize(
    ("answer", "permission"),
    [
        ("yes", Permission(True)),
        (" Y ", Permission(True)),
        ("yes -3", Permission(True, 2)),
        ("y -1", Permission(True)),
        ("y 0", Permission(True)),
        ("always", Permission(True, float("inf"))),
        ("no", Permission(False)),
        ("yes, but to Bob", Permission(False, feedback="yes, but to Bob")),
        ("", Permission(False)),
    ],
)
def test_answers_are_read(answer: str, permission: Permission) -> None:
    assert Permission.of(answer) == permission


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "not a table"),
        ({"permit": "x"}, "There is no permission 'permit'"),
        ({"allow": 3}, r"allow \(here\) is 3"),
        ({"allow": "shell("}, "is no rule"),
    ],
)
def test_what_is_wrong_is_said(table: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Permissions.of(table, "here")


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (ToolCall("shell", {"command": "git add . && git push; ls"}), "shell(git *), shell(ls *)"),
        (ToolCall("shell", {"command": "git log | $(rm x)"}), ""),
        (ToolCall("fetch", {"url": "HTTPS://a.example:443/b/c"}), "fetch(https://a.example/*)"),
        (ToolCall("read", {"path": "src/a.py"}), "read"),
        (ToolCall("read", {"path": "../a.py"}), ""),
    ],
)
def test_a_kind_is_no_more_than_what_can_be_read(call: ToolCall, kind: str) -> None:
    tools = tools_by_name([*Workbench({}, _no_sandbox).tools, *Fetch().tools])
    assert isinstance(call.arguments, dict)
    assert kind_of(tools[call.tool], call.arguments) == (kind or str(call))


async def _no_sandbox() -> Any:
    raise AssertionError("nothing runs here")


# -- settings


def test_rules_of_all_sources_count(folder: Path) -> None:
    (folder / "metaco.toml").write_text('[permissions]\ndeny = ["send(bob)"]\nask = ["read"]')
    (folder / "home" / "metaco").mkdir(parents=True)
    (folder / "home" / "metaco" / "metaco.toml").write_text('[permissions]\nallow = "send"')
    settings = load(folder, {"permissions": {"deny": ["shell"]}})
    assert set(settings.permissions.deny) == {"shell", "send(bob)"}
    assert settings.permissions.ask == ("read",)
    assert settings.permissions.allow == ("send",)


def test_a_file_of_a_folder_needs_trust_to_allow(folder: Path) -> None:
    file = folder / "metaco.toml"
    file.write_text('[permissions]\nallow = ["send"]')
    with pytest.raises(ConfigurationError, match=r"requires your trust for permissions"):
        load(folder)
    home = str(folder / "home")
    environment = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
    (claim,) = Settings.claims(folder, environment)
    assert claim.says == (
        "permissions: allow send; models may call these tools without asking you",
    )
    claim.trust(environment)
    assert load(folder).permissions.allow == ("send",)


# -- SOP lines


def sop(options: str) -> SOP:
    return SOP.parse(LINE.replace("OPTIONS", options), "asking.yaml")


def test_a_line_names_tools_and_rules(folder: Path) -> None:
    (step,) = sop("tools: library:send, allow: [look, send(a)], deny: send(b)").steps()
    assert [Tool.of(each).name for each in step.tools] == ["send"]
    assert step.permissions == Permissions(("look", "send(a)"), (), ("send(b)",))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("tools: send", "'send' names no tool"),
        ("tools: library:sent", "cannot be imported"),
        ("tools: libary:send", "cannot be imported"),
        ("allow: [[x]]", "Give rules"),
        ("ask: send(", "is no rule"),
    ],
)
def test_what_is_wrong_in_a_line_is_named(folder: Path, options: str, message: str) -> None:
    with pytest.raises(SOPError, match=message) as error:
        sop(options)
    assert "asking.yaml:4" in str(error.value)


# -- the command line


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    (folder / "asking.yaml").write_text(LINE.replace("OPTIONS", "tools: library:send"))

    def call(*words: str) -> tuple[int, str]:
        code = main(words)
        return code, "".join(capsys.readouterr())

    return call


def answer(handler: Any, body: dict[str, Any]) -> None:
    results = [each["content"] for each in body["messages"] if each["role"] == "tool"]
    if results:
        handler.send(200, completion('{"text": "' + results[0].replace('"', "'") + '"}'))
        return
    function = {"name": "send", "arguments": '{"to": "ada"}'}
    message = {"tool_calls": [{"id": "c1", "type": "function", "function": function}]}
    choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
    handler.send(200, completion() | {"choices": [choice]})


def test_a_run_waits_for_an_answer_in_another_process(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as endpoint:
        endpoint.answer = answer
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        assert run("trust", "--yes", "asking.yaml")[0] == 0
        code, told = run("run", "--sop", "asking.yaml", "--quiet", "a question")
        assert code == 6
        assert "May Librarian call" in told
        code, told = run("resume", "last", "--answer", "always", "--quiet")
        assert code == 0
        assert len(endpoint.bodies) == 2
        code, told = run("show", "last", "--prompts")
        assert '── call\nsend {"to": "ada"}' in told
        assert '── result of send {"to": "ada"}\nsent to ada' in told
        assert "── tools\nsend" in told


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (["--allow", "send"], "sent to ada"),
        (["--allow", "send", "--deny", "send(a*)"], "This call of send is not allowed"),
        (["--deny", "send(b*)", "--ask", "send(b*)", "--allow", "send(a*)"], "sent to ada"),
    ],
)
def test_rules_on_the_command_line(
    run: Callable[..., tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
    rules: list[str],
    text: str,
) -> None:
    with serving() as endpoint:
        endpoint.answer = answer
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        assert run("trust", "--yes", "asking.yaml")[0] == 0
        assert run("run", "--sop", "asking.yaml", "--quiet", "a question", *rules)[0] == 0
        assert text in str(endpoint.bodies[-1]["messages"][-1])


def test_what_is_no_rule_is_refused_before_anything_is_asked(
    run: Callable[..., tuple[int, str]],
) -> None:
    code, told = run("run", "a todo list", "--allow", "send(")
    assert code == 3
    assert "'send(' is no rule for tools." in told


def test_the_tools_of_a_line_are_code_that_needs_trust(run: Callable[..., tuple[int, str]]) -> None:
    Path("asking.yaml").write_text(
        "name: asking\nsteps:\n  - programmer.write: {tools: library:send}\n"
    )
    code, told = run("sop", "check", "asking.yaml")
    assert code == 3
    assert "library" in told
