"""The loop around a model that calls tools: alone, in runs, killed and resumed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import agent as agents
import pytest
from agent import Agent, Answer, agent, company
from endpoint import completion, serving
from facts import facts
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco import Company, Entry, Limits, Requirement, Result, action
from metaco.core.errors import ConfigurationError
from metaco.core.model import Exchange, Reply, Request, ToolCall
from metaco.core.permissions import Permissions
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider
from metaco.run.entries import CallStarted, EffectEnded, EffectStarted, ReplyReceived
from metaco.run.gates import questions
from metaco.run.state import State
from metaco.testing import FunctionModel, Scripted, act
from metaco.tools import Files, Tool, Workbench, tool

WISH = Requirement(text="a question")
DONE = Answer(text="done")


def look(place: str) -> str:
    """Look at a place."""
    return f"nothing {place}"


def called(name: str, /, **arguments: Any) -> ToolCall:
    return ToolCall(name, arguments)


def told(request: Request) -> list[str]:
    return [each.result for each in request.exchanges]


async def ask(role: type[Agent], *script: Any) -> tuple[Any, list[Request], list[str]]:
    """Return what a scripted model leads to, what it was asked, and the findings."""
    model, findings = Scripted(list(script)), list[str]()
    answer = await act(role, "answer", WISH, model=model, findings=findings)
    return answer, model.requests, findings


# -- one conversation


async def test_calls_are_made_and_the_model_is_told() -> None:
    answer, (first, second, third), findings = await ask(
        agent(look), called("look", place="here"), called("look", place="there"), DONE
    )
    assert (answer, findings) == (DONE, [])
    assert [each.name for each in first.tools] == ["look"]
    assert (told(first), told(second)) == ([], ["nothing here"])
    assert told(third) == ["nothing here", "nothing there"]
    assert third.newest == (
        {"tool": "look", "arguments": {"place": "there"}, "result": "nothing there"},
    )
    assert first.digest() != second.digest() != third.digest()


async def test_without_tools_a_request_is_what_it_was() -> None:
    _, (request,), _ = await ask(agent(), DONE)
    assert (request.tools, request.exchanges, request.lean) == ((), (), False)


async def test_the_calls_of_a_reply_are_made_at_the_same_time_and_told_in_their_order() -> None:
    both = asyncio.Barrier(3)
    order = []

    async def meet(name: str, after: int) -> str:
        """Meet the others."""
        await both.wait()
        for _ in range(after):
            await asyncio.sleep(0)
        order.append(name)
        return name

    calls = [called("meet", name=name, after=9 - 3 * n) for n, name in enumerate("abc")]
    async with asyncio.timeout(10):
        _, (_, second), _ = await ask(agent(meet), calls, DONE)
    assert order == ["c", "b", "a"]
    assert told(second) == ["a", "b", "c"]
    assert {each.reply for each in second.exchanges} == {1}


async def test_calls_of_a_tool_with_state_take_turns_in_their_order() -> None:
    files = Files({})
    calls = [called("write", path="a", text=str(n)) for n in range(5)]
    for script in ([*calls], [*calls[::-1]]):
        await ask(agent(files), script, DONE)
        assert files.tree["a"] == script[-1].dump()["arguments"]["text"]


async def test_errors_are_told() -> None:
    def fails(place: str) -> str:
        """Fail."""
        raise ValueError(f"no {place}")

    calls = [called("fails", place="x"), called("lock"), ToolCall("look", '{"pla'), called("look")]
    _, (_, second), _ = await ask(agent(look, fails), calls, DONE)
    assert told(second) == [
        "fails failed. ValueError: no x",
        "There is no tool 'lock'. Did you mean look?",
        "The arguments of look are no JSON object. Send an object.",
        "The arguments of look are wrong: place is missing.",
    ]


async def test_after_so_many_replies_with_calls_it_has_to_answer() -> None:
    calls = [called("look", place=str(n)) for n in range(9)]
    _, requests, findings = await ask(agent(look, at_most=3), *calls[:3], DONE)
    assert [bool(request.tools) for request in requests] == [True, True, True, False]
    assert told(requests[-1])[-1].endswith("Answer now, with what you know.")
    assert not any("Answer now" in text for request in requests[:-1] for text in told(request))
    assert findings == []


async def test_the_same_again_gets_a_hint_and_then_ends_the_loop() -> None:
    again = called("look", place="here")
    _, requests, findings = await ask(agent(look), again, again, again, DONE)
    assert "the same call before" in told(requests[2])[1]
    assert [bool(request.tools) for request in requests] == [True, True, True, False]
    assert findings == ["look was called 3 times with the same result."]


async def test_an_answer_that_cannot_be_read_goes_back_and_tools_stay() -> None:
    answer, requests, _ = await ask(
        agent(look), called("look", place="a"), "no JSON", called("look", place="b"), DONE
    )
    assert answer == DONE
    assert told(requests[-1]) == ["nothing a", "nothing b"]
    assert requests[-1].rejected_replies[0][0] == "no JSON"
    assert [bool(request.tools) for request in requests] == [True] * 4


async def test_a_reply_that_repeats_itself_calls_nothing() -> None:
    loop = Reply("", finish="repetition", calls=(called("look", place="a"),) * 50)
    answer, requests, _ = await ask(agent(look), loop, DONE)
    assert (answer, requests[-1].exchanges) == (DONE, ())
    assert "repeated itself" in requests[-1].rejected_replies[0][1]


async def test_objects_with_tools_are_tools() -> None:
    bench = Workbench({"a.txt": "one\n"})
    role = agent(bench, look, Tool.of(peek))
    _, requests, _ = await ask(role, called("write", path="b.txt", text="two"), DONE)
    names = [each.name for each in requests[0].tools]
    assert names == ["list", "read", "search", "write", "edit", "look", "peek"]
    assert bench.files.tree == {"a.txt": "one\n", "b.txt": "two"}


def peek() -> str:
    """Peek."""
    return ""


async def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="Two tools are called look"):
        await ask(agent(look, look), DONE)


async def test_words_beside_native_calls_are_kept_and_calls_in_words_are_not_said_twice() -> None:
    native = Reply("I look.", calls=(ToolCall("look", {"place": "a"}, "c1"),))
    words = Reply("I look: {...}", calls=(called("look", place="b"),))
    _, requests, _ = await ask(agent(look), native, words, DONE)
    assert [each.text for each in requests[-1].exchanges] == ["I look.", ""]


async def test_a_long_conversation_is_made_to_fit_always_in_the_same_way(tmp_path: Path) -> None:
    def long(n: int) -> str:
        """Return much."""
        return f"<{n}>" + "x" * 15_000

    def reply(request: Request) -> Any:
        last = request.exchanges[-1].call.dump()["arguments"]["n"] if request.exchanges else 0
        return called("long", n=last + 1) if last < 30 else DONE

    sizes, digests = [], []
    for folder in ("a", "b"):
        model = FunctionModel(reply)
        team = company(tmp_path / folder, agent(long, at_most=40), model)
        result = await team.run("a question")
        assert result.ok
        sizes += [len(request.text) for request in model.requests]
        digests.append([request.digest() for request in model.requests])
        entries = await team.log.read(result.run)
        # A loop of n replies is in the log once, not n times.
        assert sum(len(str(entry.fact)) for entry in entries) < 30 * 60_000
        await team.log.close()
    assert max(sizes) < 4 * 100_000
    assert digests[0] == digests[1]


# -- runs


async def test_a_run_remembers_replies_and_results(tmp_path: Path) -> None:
    class Broken(Agent):
        tools = (look, Files({}))

        async def ask(self, *args: Any, **more: Any) -> Any:
            answer = await super().ask(*args, **more)
            if not seen:
                seen.append(answer)
                raise RuntimeError("the first time it breaks after all")
            return answer

    seen: list[Any] = []
    calls = [called("write", path="a", text="1"), called("look", place="here")]
    model = Scripted([calls, called("read", path="a"), DONE])
    Broken.__module__ = agents.__name__
    team = company(tmp_path, Broken, model)
    result = await team.run("a question")
    assert result.status == "failed"
    result = await team.resume(result.run)
    assert result.ok
    assert len(model.requests) == 3
    entries = await team.log.read(result.run)
    effects = [effect.name for effect in facts(entries, EffectStarted)]
    assert Counter(effects) == {"write": 1, "look": 1, "read": 1}
    first, second, third = facts(entries, CallStarted)
    assert first.tools == ("look", "list", "read", "search", "write", "edit")
    assert [each["tool"] for each in second.results] == ["write", "look"]
    assert [each["tool"] for each in third.results] == ["read"]
    assert facts(entries, ReplyReceived)[0].calls[0] == {
        "tool": "write", "arguments": {"path": "a", "text": "1"},
    }  # fmt: skip
    await team.log.close()


async def test_what_the_log_holds_is_there_before_another_call_begins(tmp_path: Path) -> None:
    benches: list[Files] = []
    is_written = asyncio.Event()

    def watch(entry: Entry) -> None:
        if isinstance(entry.fact, EffectEnded) and entry.fact.name == "write":
            is_written.set()

    async def count() -> str:
        """Count the files."""
        if len(benches) == 1:
            await is_written.wait()
            raise asyncio.CancelledError
        return str(len(benches[-1].tree))

    class Counter_(Agent):
        @property
        def tools(self) -> Any:  # type: ignore[override]
            benches.append(Files({}))
            return [count, benches[-1]]

    Counter_.__module__ = agents.__name__
    calls = [called("count"), called("write", path="a", text="1")]
    model = FunctionModel(lambda request: DONE if request.exchanges else calls)
    team = company(tmp_path, Counter_, model, observers=[watch])
    result = await team.run("a question")
    assert result.status == "failed"
    result = await team.resume(result.run)
    assert told(model.requests[-1])[0] == "1"
    await team.log.close()


async def test_where_one_call_ends_the_turn_the_others_end() -> None:
    ended = []

    async def wait() -> None:
        """Wait for ever."""
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("wait")

    async def fail() -> None:
        """Find that something has to be configured."""
        raise ConfigurationError("There is nothing.")

    async with asyncio.timeout(10):
        with pytest.raises(ConfigurationError):
            await ask(agent(wait, fail), [called("wait"), called("fail")])
    assert ended == ["wait"]


async def test_where_one_call_ends_the_turn_what_is_done_once_comes_to_its_end(
    tmp_path: Path,
) -> None:
    failed = asyncio.Event()
    sent: list[str] = []

    @tool(once=True)
    async def send() -> str:
        """Send."""
        await failed.wait()
        sent.append("sent")
        return "sent"

    async def fail() -> str:
        """Find that something has to be configured, the first time."""
        if failed.is_set():
            return "fine"
        failed.set()
        raise ConfigurationError("There is nothing.")

    model = Scripted([[called("send"), called("fail")], DONE])
    team = company(tmp_path, agent(send, fail), model, permissions=Permissions(allow=("send",)))
    result = await team.run("a question")
    assert result.status == "failed"
    assert (await team.resume(result.run)).ok
    assert sent == ["sent"]  # and nobody is asked whether it was
    await team.log.close()


async def test_small_models_and_small_windows_are_heeded(tmp_path: Path) -> None:
    def long(n: int) -> str:
        """Return much."""
        return "x" * 15_000

    def reply(request: Request) -> Any:
        done = len(model.requests)
        return called("long", n=done) if done < 9 else DONE

    model = FunctionModel(reply)
    model.provider = Provider("function", local=True, window=8_000)  # type: ignore[attr-defined]
    team = company(tmp_path, agent(long), model, lean="function")
    assert (await team.run("a question")).ok
    assert all(request.lean for request in model.requests)
    assert max(len(request.text) for request in model.requests) < 4 * 8_000
    await team.log.close()


async def test_two_conversations_at_once_keep_their_results_apart(tmp_path: Path) -> None:
    seen: list[Any] = []

    class Both(Agent):
        @action
        async def answer(self, requirement: Requirement) -> Answer:
            """Answer it."""
            names = ["a", "b"] if not seen else ["b", "a"]  # whichever is faster this time
            found = await asyncio.gather(
                *(self.ask(Answer, who=name, tools=[Files({"x": name}), look]) for name in names)
            )
            if not seen:
                seen.append(found)
                raise RuntimeError("the first time it breaks after all")
            return Answer(text=" ".join(sorted(each.text for each in found)))

    def reply(request: Request) -> Any:
        if not request.exchanges:
            return called("read", path="x")
        return Answer(text=f"{request.inputs['who']}:{request.exchanges[0].result[-1]}")

    Both.__module__ = agents.__name__
    model = FunctionModel(reply)
    team = company(tmp_path, Both, model)
    result = await team.run("a question")
    result = await team.resume(result.run)
    assert result.output == Answer(text="a:a b:b")
    assert len(model.requests) == 4
    await team.log.close()


async def test_a_recording_holds_the_calls(tmp_path: Path) -> None:
    script: list[Any] = [
        called("look", place="here"),
        [called("look", place="a"), called("lock")],
        DONE,
    ]
    for how in ("record", "replay"):
        model = Scripted(script) if how == "record" else Scripted()
        team = company(tmp_path / how, agent(look), model, **{how: tmp_path / "replies"})
        result = await team.run("a question")
        assert (result.output, len(model.requests)) == (DONE, 3 if how == "record" else 0)
        await team.log.close()

    def look_(place: str) -> str:
        """Look at a place."""
        return "something else"

    look_.__name__ = "look"
    team = company(tmp_path / "other", agent(look_), Scripted(), replay=tmp_path / "replies")
    assert (await team.run("a question")).failures[0].error == "RecordingMiss"
    await team.log.close()
    pages = sorted(page.name for page in (tmp_path / "replies").glob("0*"))
    assert len(pages) == 3
    assert '"tool": "look"' in (tmp_path / "replies" / pages[0]).read_text()


async def test_limits_count_as_for_every_call(tmp_path: Path) -> None:
    calls = [called("look", place=str(n)) for n in range(9)]
    model = Scripted([*calls, DONE])
    team = company(tmp_path, agent(look), model, limits=Limits(calls=4))
    result = await team.run("a question")
    assert (result.status, len(model.requests)) == ("limit", 4)
    await team.log.close()
    more = company(tmp_path, agent(look), model, limits=Limits(calls=20))
    result = await more.resume(result.run)
    assert (result.status, len(model.requests)) == ("done", 10)
    await more.log.close()


async def test_an_endpoint_that_has_no_tools_is_told_in_words(tmp_path: Path) -> None:
    def answer(handler: Any, body: dict[str, Any]) -> None:
        if "tools" in body:
            handler.send(400, {"error": {"message": "tiny does not support tools"}})
            return
        first = not any(message["role"] == "assistant" for message in body["messages"])
        call = '```json\n{"tool": "look", "arguments": {"place": "here"}}\n```'
        handler.send(200, completion(call if first else '{"text": "done"}'))

    with serving() as endpoint:
        endpoint.answer = answer
        model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url)
        team = company(tmp_path, agent(look), model)
        result = await team.run("a question")
        assert result.output == DONE
        assert endpoint.bodies[-1]["messages"][-1]["content"] == "Result of look:\nnothing here"
        await model.aclose()
        await team.log.close()


@pytest.mark.parametrize(
    "arguments",
    ['{"n": NaN}', '{"n": 1e999}', '{"n": "\\ud800"}', '{"n": 1' + "0" * 400 + "}", "[" * 900],
)
async def test_whatever_the_arguments_are_the_run_goes_on(tmp_path: Path, arguments: str) -> None:
    def count(n: int) -> int:
        """Count."""
        return n

    def answer(handler: Any, body: dict[str, Any]) -> None:
        if any(message["role"] == "tool" for message in body["messages"]):
            handler.send(200, completion('{"text": "done"}'))
            return
        function = {"name": "count", "arguments": arguments}
        calls = [{"id": "c", "type": "function", "function": function}]
        choice = {"index": 0, "finish_reason": "stop", "message": {"tool_calls": calls}}
        handler.send(200, completion() | {"choices": [choice]})

    with serving() as endpoint:
        endpoint.answer = answer
        model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url)
        team = company(tmp_path, agent(count), model)
        result = await team.run("a question")
        assert result.output == DONE, result.failures
        await model.aclose()
        await team.log.close()


# -- killed


@pytest.mark.parametrize("deadly", ["look", "send"])
def test_killed_in_the_middle_of_a_tool_it_goes_on(tmp_path: Path, deadly: str) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, agents.__file__, str(tmp_path), deadly]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert run().returncode == -9
    done = run()
    assert "done text='done'" in done.stdout, done.stderr
    ledger = Counter((tmp_path / "ledger").read_text().splitlines())
    assert all(ledger[f"reply {n}"] == 1 for n in (1, 2, 3, 4))  # paid once
    assert ledger["send hello"] == 1  # never again
    if deadly == "send":
        assert "send -> send was begun with" in done.stdout  # and the model is told
        assert ledger["look here"] == ledger["write ['a.txt']"] == 1
        assert "1  one" in done.stdout  # what the log holds of the tree is there again
    else:
        assert ledger["look here"] == 2
        assert "send -> sent" in done.stdout
    assert ledger["write ['a.txt']"] == 1


# -- permissions


@tool(once=True)
def send(to: str) -> str:
    """Send a message."""
    return f"sent to {to}"


def sends(*names: str) -> list[Any]:
    return [*(called("send", to=name) for name in names), DONE]


async def waiting(team: Company, result: Result) -> list[str]:
    state = State(team.sop, result.run, await team.log.read(result.run))
    return [question.text for question in questions(state)]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Company]]:
    yield lambda role, script, **more: company(tmp_path, role, Scripted(script), **more)


async def test_what_changes_something_outside_is_asked_about(
    opened: Callable[..., Company],
) -> None:
    team = opened(agent(send, look), [[called("look", place="x"), called("send", to="ada")], DONE])
    result = await team.run("a question")
    assert result.status == "waiting"
    (question,) = await waiting(team, result)
    assert question.startswith('May agent call send {"to": "ada"}?')
    result = await team.resume(result.run, answers={"": "yes"})
    assert result.ok
    entries = await team.log.read(result.run)
    assert "sent to ada" in str(facts(entries, EffectEnded))
    assert len(facts(entries, CallStarted)) == 2  # nothing was asked or paid again
    await team.log.close()


@pytest.mark.parametrize(
    ("answer", "parked"),
    [("yes", 3), ("y -2", 2), ("yes -3", 1), ("Y 9", 1), ("always", 1), ("no", 3), ("nope", 3)],
)
async def test_an_answer_may_be_about_more_calls(
    opened: Callable[..., Company], answer: str, parked: int
) -> None:
    team = opened(agent(send), sends("ada", "bob", "cyd"))
    result = await team.run("a question")
    times = 0
    while result.status == "waiting":
        times += 1
        result = await team.resume(result.run, answers={"": answer})
    assert times == parked
    entries = await team.log.read(result.run)
    done = [effect.name for effect in facts(entries, EffectStarted)].count("send")
    assert done == (0 if answer.startswith("n") else 3)
    if answer == "nope":
        assert "A person did not allow this call and says: nope" in str(facts(entries, CallStarted))
    await team.log.close()


async def test_what_an_answer_allowed_is_counted_in_the_log(tmp_path: Path) -> None:
    def team(most: int) -> Company:
        script = sends("ada", "bob", "cyd")
        model = FunctionModel(lambda request: script[len(request.exchanges)])
        return company(tmp_path, agent(send), model, limits=Limits(calls=most))

    first = team(2)
    result = await first.run("a question")
    result = await first.resume(result.run, answers={"": "yes -2"})
    assert result.status == "limit"  # the second call is made, and the answer used up
    await first.log.close()
    second = team(9)
    result = await second.resume(result.run)
    assert 'May agent call send {"to": "cyd"' in result.questions[0].text
    await second.log.close()


async def test_tools_can_ask_to_be_asked_about(tmp_path: Path) -> None:
    @tool(ask="yes")
    def peer() -> str:
        """Peer."""
        return ""

    bench = Workbench({}, _unused)
    for offered, call in ((peer, called("peer")), (bench, called("python", code="print(1)"))):
        team = company(tmp_path, agent(offered), Scripted([call, DONE]), sandbox="off")
        assert (await team.run("a question")).status == "waiting"
        await team.log.close()


async def _unused() -> Any:
    raise AssertionError("nothing runs here")


@pytest.mark.parametrize("name", ["search", "mcp", "mcp.", "mcp.nowhere"])
async def test_a_name_that_stands_for_no_server_is_said(
    opened: Callable[..., Company], name: str
) -> None:
    result = await opened(agent(name), [DONE]).run("a question")
    (failure,) = result.failures
    assert failure.error == "ConfigurationError"
    assert name.removeprefix("mcp.") in failure.problem


async def test_nobody_is_asked_about_a_call_that_cannot_be_made(
    opened: Callable[..., Company],
) -> None:
    wrong = called("send", message="hello")
    team = opened(agent(send), [wrong, DONE])
    result = await team.run("a question")
    assert result.ok
    told = facts(await team.log.read(result.run), CallStarted)[-1].results[0]["result"]
    assert "to is missing" in told
    await team.log.close()


async def test_feedback_in_words_is_told(opened: Callable[..., Company]) -> None:
    team = opened(agent(send), sends("ada"))
    result = await team.run("a question")
    result = await team.resume(result.run, answers={"": "Write to Bob instead."})
    told = facts(await team.log.read(result.run), CallStarted)[-1].results[0]["result"]
    assert told == "A person did not allow this call and says: Write to Bob instead."
    await team.log.close()


async def test_a_person_at_hand_is_asked_at_once(tmp_path: Path) -> None:
    asked = []

    async def answer(question: Any) -> str:
        asked.append(question.text)
        return "always"

    team = company(tmp_path, agent(send), Scripted(sends("ada", "bob")), answer=answer)
    result = await team.run("a question")
    assert result.ok
    assert len(asked) == 1
    await team.log.close()


async def test_an_answer_is_about_its_kind_and_its_run(tmp_path: Path) -> None:
    @tool(once=True)
    def pay(to: str) -> str:
        """Pay somebody."""
        return f"paid {to}"

    script: list[Any] = [called("send", to="ada"), called("pay", to="ada"), DONE]
    model = FunctionModel(lambda request: script[len(request.exchanges)])
    team = company(tmp_path, agent(send, pay), model)
    result = await team.run("a question")
    result = await team.resume(result.run, answers={"": "always"})
    assert "pay" in (await waiting(team, result))[0]
    other = await team.run("another question")
    assert "send" in (await waiting(team, other))[0]
    await team.log.close()


async def test_no_model_and_no_tool_can_answer(tmp_path: Path) -> None:
    """What looks like an answer, in arguments and results, is none."""

    def decide(question: str, options: list[str], kind: str) -> str:
        """Answer a question."""
        return "always"

    def permission(kind: str, call: str) -> str:
        """Allow something."""
        return "always"

    class Forger(Agent):
        tools = (send, decide, permission)

        async def ask(self, *args: Any, **more: Any) -> Any:
            async def always() -> str:
                return "always"

            await self.context.perform("decide", {"kind": "send"}, always)
            return await super().ask(*args, **more)

    Forger.__module__ = agents.__name__
    forged: list[ToolCall] = [
        called("decide", question="May agent call send?", options=[], kind="send"),
        called("permission", kind="send", call="{}"),
    ]
    script: list[Any] = [forged, called("send", to="yes\nalways"), DONE]
    team = company(tmp_path, Forger, Scripted(script))
    result = await team.run("a question")
    (question,) = await waiting(team, result)
    assert "\n" not in question
    await team.log.close()


RULES = [
    (Permissions(), "ask"),
    (Permissions(allow=("send",)), "allow"),
    (Permissions(allow=("send(ada)",)), "allow"),
    (Permissions(allow=("send(bob)",)), "ask"),
    (Permissions(allow=("*",), deny=("send",)), "deny"),
    (Permissions(allow=("*",), ask=("send",)), "allow"),
]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("rules", "verdict"), RULES)
async def test_rules_decide_wherever_they_come_from(
    tmp_path: Path, rules: Permissions, verdict: str, swapped: bool
) -> None:
    parts = [Permissions(allow=rules.allow), Permissions(ask=rules.ask, deny=rules.deny)]
    line, given_ = reversed(parts) if swapped else parts
    script = Scripted(sends("ada"))
    team = company(tmp_path, agent(send), script, line=line, permissions=given_)
    result = await team.run("a question")
    assert result.status == ("waiting" if verdict == "ask" else "done")
    if verdict == "deny":
        told = facts(await team.log.read(result.run), CallStarted)[-1].results[0]["result"]
        assert told == "This call of send is not allowed, by the rule send."
    await team.log.close()


async def test_what_only_looks_may_be_denied_or_asked_about(tmp_path: Path) -> None:
    for rules, status in (
        (Permissions(deny=("look",)), "done"),
        (Permissions(ask=("look",)), "waiting"),
    ):
        script = Scripted([called("look", place="x"), DONE])
        team = company(tmp_path, agent(look), script, permissions=rules)
        assert (await team.run("a question")).status == status
        await team.log.close()


# -- any conversation

path, text = st.sampled_from("ab"), st.sampled_from("123")
calls = st.one_of(
    st.builds(lambda path, text: called("write", path=path, text=text), path, text),
    st.builds(lambda path: called("read", path=path), path),
    st.builds(lambda path: called("look", place=path), path),
    st.sampled_from([called("list"), called("nothing")]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(calls, min_size=1, max_size=3), max_size=5), st.data())
async def test_a_conversation_that_is_interrupted_anywhere_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, script: list[list[ToolCall]], data: st.DataObject
) -> None:
    stop = data.draw(st.integers(0, 12))

    async def talk(folder: Path, most: int) -> tuple[list[tuple[Exchange, ...]], dict[str, Any]]:
        left = [most]
        trees: list[Files] = []

        class Stopped(BaseException):
            pass

        def count() -> None:
            left[0] -= 1
            if left[0] == 0:
                raise asyncio.CancelledError

        class Talker(Agent):
            @property
            def tools(self) -> Any:  # type: ignore[override]
                trees.append(Files({}))
                return [trees[-1], look_and_count]

        async def look_and_count(place: str) -> str:
            """Look."""
            count()
            return place

        look_and_count.__name__ = "look"

        def reply(request: Request) -> Any:
            asked.append(request.exchanges)
            done = len({each.reply for each in request.exchanges})
            count()
            return script[done] if done < len(script) and request.tools else DONE

        asked: list[tuple[Exchange, ...]] = []
        Talker.__module__ = agents.__name__
        team = company(folder, Talker, FunctionModel(reply))
        result = await team.run("a question")
        while result.status != "done":
            result = await team.resume(result.run)
        await team.log.close()
        return asked, trees[-1].tree

    whole = await talk(tmp_path_factory.mktemp("whole"), 0)
    broken = await talk(tmp_path_factory.mktemp("broken"), stop)
    assert broken[1] == whole[1]
    assert list(dict.fromkeys(map(str, broken[0]))) == list(dict.fromkeys(map(str, whole[0])))
