"""Recordings: what is written, that a replay is the run, and what is said where it cannot be."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from facts import call, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco import Company, Document, Limits, Reply, Request, Retry, Role, Settings, Usage, action
from metaco.cli.outcome import exit_code
from metaco.core.errors import ConfigurationError, RecordingMiss
from metaco.recording import Player, RecordedCall, Recorder, Recording, Scrubber, record
from metaco.recording.call import key_of
from metaco.run.entries import Entry
from metaco.run.log import Log
from metaco.run.result import Result
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Step
from metaco.testing import FunctionModel, Scripted

OFFLINE = Settings(model="offline")


class Order(Document):
    """What is wanted."""

    text: str
    files: int = 3


class Task(Document):
    """One file to write."""

    path: str

    @property
    def key(self) -> str:
        return self.path


class File(Document):
    """One file."""

    path: str
    text: str

    @property
    def key(self) -> str:
        return self.path

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.text}


class Book(Document):
    """Everything, with a title and who wrote it."""

    title: str
    texts: list[str]
    model: str

    def project(self) -> str:
        return "book"

    def artifacts(self) -> dict[str, str]:
        return {"book.md": "\n".join([self.title, *self.texts, self.model])}


class Planner(Role):
    """Plans."""

    @action
    async def split(self, order: Order) -> list[Task]:
        """Make a task of each file."""
        return [Task(path=f"pkg/F{n}.txt") for n in range(order.files)]


class Writer(Role):
    """Writes."""

    @action
    async def write(self, task: Task, order: Order) -> File:
        """Write the file, in two halves that are asked for alike."""
        halves = [await self.ask(str, wish=order.text, path=task.path) for _ in range(2)]
        return File(path=task.path, text="\n".join(halves))

    @action
    async def pick(self, task: Task) -> File:
        """Give it a motto; the prompt is the same for all."""
        return File(path=f"{task.path}.motto", text=await self.ask(str))


class Binder(Role):
    """Binds."""

    @action
    async def bind(self, files: list[File]) -> Book:
        """Find a title."""
        titles = await asyncio.gather(*(self.ask(str, n=len(files)) for _ in range(3)))
        title = await self.ask(str, files=files, titles=titles)
        return Book(title=title, texts=[f.text for f in files], model=self.context.model)


def press(*, twice: bool = True) -> SOP:
    lines = [Step(Planner, "split", role_name="planner"), Step(Writer, "write", role_name="writer")]
    lines += [Step(Writer, "pick", role_name="writer")] if twice else []
    return SOP(
        "press", [*lines, Step(Binder, "bind", role_name="binder")], input=Order, output=Book
    )


def company(folder: Path, model: Any = None, sop: SOP | None = None, **more: Any) -> Company:
    return Company(
        sop or press(),
        model=model or Scripted(),
        workspace=folder,
        settings=more.pop("settings", OFFLINE),
        retry=Retry(3, 0.0),
        **more,
    )


def counting() -> FunctionModel:
    """Return a model that says how many-th time it is asked the same."""
    repetitions: Counter[str] = Counter()

    def answer(request: Request) -> Reply:
        repetitions[request.digest()] += 1
        text = f"reply {repetitions[request.digest()]} to {request.digest()[:6]}"
        return Reply(text, Usage(100, 10, 20), "counting-2026-01-01")

    return FunctionModel(answer)


def shuffled(seed: int) -> FunctionModel:
    """Return a model whose replies come in an order of their own, whatever they are."""
    rng = random.Random(seed)
    waiting: list[asyncio.Event] = []

    async def answer(request: Request) -> str:
        turn = asyncio.Event()
        waiting.append(turn)
        for _ in range(20):  # let all others ask, then let one after the other go
            await asyncio.sleep(0)
        while waiting and not turn.is_set():
            waiting.pop(rng.randrange(len(waiting))).set()
            await asyncio.sleep(0)
        return f"about {request.digest()[:8]}"

    return FunctionModel(answer)


def tree(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, without hidden files and the log."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith((".", "metaco.db")) for part in path.relative_to(folder).parts)
    }


def problem(result: Result) -> str:
    assert result.status == "failed"
    return str(result.failures[0].problem)


# ---------------------------------------------------------------------- replay is the run


async def test_the_whole_company_is_replayed_to_the_byte_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_folder, second_folder = tmp_path / "here", tmp_path / "far" / "away"
    second_folder.mkdir(parents=True)
    text = "hangman"
    first = await Company(
        model="offline:one-bug", workspace=first_folder, record=tmp_path / "r"
    ).run(text)
    assert "08-engineer.fix_files.md" in tree(tmp_path / "r")
    monkeypatch.setenv("HOME", str(second_folder))
    monkeypatch.chdir(second_folder)
    second = await Company(workspace=second_folder, settings=Settings(), replay=tmp_path / "r").run(
        text
    )
    assert (first.status, second.status, second.failures) == ("done", "done", ())
    assert second.documents == first.documents  # also where they name the model
    assert tree(second_folder) == tree(first_folder)
    assert len(tree(second_folder)) > 20
    assert second.replayed.calls == first.cost.total.calls == second.cost.total.calls
    assert second.replayed.tokens == first.cost.total.tokens == second.cost.total.tokens
    assert first.replayed.calls == 0


@given(
    texts=st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=6),
    files=st.integers(1, 5),
    single=st.booleans(),
)
@settings(max_examples=8, deadline=None)
async def test_a_replay_is_the_run_whatever_was_replied(
    texts: list[str], files: int, single: bool
) -> None:
    calls: Counter[str] = Counter()

    def answer(request: Request) -> str:
        calls[""] += 1
        return texts[calls[""] % len(texts)]

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        order, rec = Order(text="x", files=files), root / ("r.md" if single else "r")
        first = await company(root / "a", FunctionModel(answer), record=rec).run(order)
        second = await company(root / "b", replay=rec).run(order)
        assert first.status == second.status == "done"
        assert second.documents == first.documents
        assert tree(root / "b") == tree(root / "a")
        again = record(await second_log(root / "b", second.run), root / "c", Scrubber())
        assert texts_of(again) == texts_of(Recording(rec))
        await Log.open(root / "a" / "metaco.db").close()


async def second_log(folder: Path, run: str) -> list[Entry]:
    return await Log.open(folder / "metaco.db").read(run)


def texts_of(recording: Recording) -> dict[str, tuple[str, str, int]]:
    return {n: (call.key, call.text, call.repetition) for n, call in recording.calls.items()}


async def test_money_was_recorded_and_is_not_spent(tmp_path: Path) -> None:
    model = Scripted({"*": Reply("x", Usage(1_000_000, 100, 400), "gpt-5-mini")})
    model.name = "openai:gpt-5-mini"
    first = await company(tmp_path / "a", model, record=tmp_path / "r").run(Order(text="x"))
    dear = Settings(model="offline", prices={"openai:gpt-5-mini": {"prompt": 99.0, "reply": 99.0}})
    again = company(tmp_path / "b", settings=dear, limits=Limits(cost=0.01), replay=tmp_path / "r")
    second = await again.run(Order(text="x"))
    assert first.cost.total.dollars > 1
    assert second.replayed.dollars == pytest.approx(first.cost.total.dollars)
    assert (second.replayed.prompt, second.replayed.cached) == (13_000_000, 5_200)
    assert second.cost.total.dollars == 0
    assert second.cost.total.prompt == first.cost.total.prompt
    assert list(second.cost.by_model) == ["openai:gpt-5-mini"]
    assert second.warnings == ()


@pytest.mark.parametrize("parallel", [1, 24])
async def test_equal_prompts_get_their_replies_in_order(tmp_path: Path, parallel: int) -> None:
    order = Order(text="x", files=24)
    first = await company(tmp_path / "a", counting(), record=tmp_path / "r").run(order)
    mottos = [d.text for d in first.documents if isinstance(d, File) and "motto" in d.path]
    assert len(set(mottos)) == 24  # all from the same prompt
    for n in range(2):
        workspace = tmp_path / f"b{n}"
        second = await company(workspace, replay=tmp_path / "r", parallel=parallel).run(order)
        assert second.documents == first.documents
        assert second.replayed.calls == 24 * 3 + 4


async def test_equal_prompts_about_other_documents_keep_their_replies(tmp_path: Path) -> None:
    def ask(path: str) -> Request:
        return Request("writer", "pick", "", "the same", inputs={"task": Task(path=path)})

    recording, key = Recording(tmp_path / "r"), key_of("writer", "pick", "", "the same", ())
    for n, path in enumerate("wxyz", 1):
        name, text = f"01-writer.pick-{path}", f"about {path}"
        recording.put(
            RecordedCall(name, "writer", "pick", path, "", "the same", (), key, n, text=text)
        )
    model = Player(Recording(tmp_path / "r"), Scrubber()).model("writer")
    replies = [(await model.complete(ask(path))).text for path in ("z", "unknown", "y", "x")]
    assert replies == ["about z", "about w", "about y", "about x"]
    with pytest.raises(RecordingMiss, match=r"contains 4 replies to this prompt of writer\.pick"):
        await model.complete(ask("x"))


async def test_the_nearest_prompt_is_that_of_the_same_document(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "r")
    for path, prompt in {"x": "one\ntwo", "y": "three\nfour"}.items():
        name = f"01-writer.pick-{path}"
        recording.put(RecordedCall(name, "writer", "pick", path, "", prompt, key=path, text=path))
    player = Player(recording, Scrubber())
    for about, prompt, nearest in (
        ({"task": Task(path="y")}, "one\nthree", "y"),
        ({"task": Task(path="new")}, "three\nand five", "y"),
        ({}, "zero\ntwo", "x"),
    ):
        miss = player.miss(Request("writer", "pick", "", prompt, inputs=about))
        assert f"closest is 01-writer.pick-{nearest}," in str(miss)


async def test_a_replay_that_was_interrupted_goes_on_behind_what_it_had(tmp_path: Path) -> None:
    order = Order(text="x", files=4)
    first = await company(tmp_path / "a", counting(), record=tmp_path / "r").run(order)
    team = company(tmp_path / "b", replay=tmp_path / "r", parallel=1)
    half = await interrupted(team, order, after=6)
    second = await company(tmp_path / "b", replay=tmp_path / "r").resume(half)
    assert second.documents == first.documents
    assert 0 < second.replayed.calls < 16


async def interrupted(team: Company, order: Order, after: int) -> str:
    """Run, and cancel when a number of replies is in the log; return the name of the run."""
    enough, name = asyncio.Event(), []
    replies = 0

    async def count(entry: Entry) -> None:
        nonlocal replies
        name.append(entry.run)
        replies += entry.kind == "reply"
        if replies >= after:
            enough.set()

    team.observers = [count]
    task = asyncio.create_task(team.run(order))
    await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return str(name[0])


# ---------------------------------------------------------------------- what is written


async def test_a_file_per_call_that_people_can_read(tmp_path: Path) -> None:
    code = "Here it is:\n\n```python\ndef f(x):\n    return 'ä' * x\n```\n"
    model = Scripted({"binder.bind": "Title", "*": code})
    await company(tmp_path / "a", model, record=tmp_path / "r").run(Order(text="hello", files=1))
    assert sorted(tree(tmp_path / "r")) == [
        "02-writer.write-pkg-F0.txt.md",
        "02-writer.write-pkg-F0.txt~2.md",
        "03-writer.pick-pkg-F0.txt.md",
        "04-binder.bind.md",
        "04-binder.bind~2.md",
        "04-binder.bind~3.md",
        "04-binder.bind~4.md",
        "run.md",
        *(systems := [name for name in sorted(tree(tmp_path / "r")) if "system-" in name]),
    ]
    assert len(systems) == 2  # of two roles
    page = (tmp_path / "r" / "02-writer.write-pkg-F0.txt~2.md").read_text()
    assert code in page
    assert "hello" in page
    for fact in ("role: writer", "action: write", "repetition: 2", "finish: stop"):
        assert f"\n{fact}\n" in page
    assert '"prompt": ' in page
    assert page.count("You ") <= 1  # the part that is the same for all is kept once


@pytest.mark.parametrize("form", ["r", "r.md"])
async def test_the_order_of_replies_leaves_no_trace(tmp_path: Path, form: str) -> None:
    pages = []
    for seed in range(3):
        root = tmp_path / str(seed)
        order = Order(text="x", files=24)
        await company(root, shuffled(seed), press(twice=False), record=root / form).run(order)
        recorded = tree(root / form) if form == "r" else {"": (root / form).read_bytes()}
        pages.append(recorded)
    assert pages[0] == pages[1] == pages[2]


async def test_a_log_gives_the_recording_that_was_made_at_once(tmp_path: Path) -> None:
    result = await company(tmp_path / "a", counting(), record=tmp_path / "r").run(Order(text="x"))
    entries = await second_log(tmp_path / "a", result.run)
    record(entries, tmp_path / "later", Scrubber(tmp_path / "a"))
    record(entries, tmp_path / "later", Scrubber(tmp_path / "a"))  # twice does no harm
    assert tree(tmp_path / "later") == tree(tmp_path / "r")


async def test_keys_addresses_and_paths_are_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, where = tmp_path / "people" / "jo", tmp_path / "somewhere"
    home.mkdir(parents=True)
    where.mkdir()
    canaries = {
        "FANCY_API_KEY": "canary-key-12345",
        "GITHUB_TOKEN": "canary_token_678",
        "OPENAI_BASE_URL": "https://canary.example/v1",
        "HOME": str(home),
    }
    for name, value in canaries.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(where)
    given = Settings(
        model="offline", api_key="canary-configured-9", base_url="http://canary.lan/v1"
    )
    secrets = [*canaries.values(), "canary-configured-9", "http://canary.lan/v1/chat"]
    secrets += [
        str(tmp_path / "ws" / "x.py"),
        f"{home}/.config",
        str(where / "y"),
        f"file://{home}",
    ]
    text = "\n".join(f"<{each}> and '{each}'" for each in secrets)
    order = Order(text=text, files=2)
    model = FunctionModel(lambda request: f"{text}\n{Path.cwd()}\\n")
    first = await company(tmp_path / "ws", model, settings=given, record=tmp_path / "r").run(order)
    assert first.status == "done"
    whole = b"".join([*tree(tmp_path / "r").values(), *map(str.encode, tree(tmp_path / "r"))])
    assert b"canary" not in whole
    assert str(tmp_path).encode() not in whole
    for mark in (b"<workspace>/x.py", b"<home>/.config", b"<cwd>/y", b"<key>", b"<base-url>/chat"):
        assert mark in whole


async def test_the_same_prompt_is_found_from_other_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def order(workspace: Path) -> Order:
        return Order(text=f"read {workspace}/notes.txt and {workspace.resolve()}", files=1)

    model = FunctionModel(lambda request: f"see {tmp_path}/a/notes.txt")
    await company(tmp_path / "a", model, record=tmp_path / "r").run(order(tmp_path / "a"))
    documents = []
    for name in ("b", "some where/else"):
        other = tmp_path / name
        result = await company(other, replay=tmp_path / "r").run(order(other))
        documents.append([d for d in result.documents if not isinstance(d, Order)])
    assert documents[0] == documents[1]
    assert "see <workspace>/notes.txt" in repr(documents[0])


TEXTS = st.one_of(
    st.text(),
    st.text("\r\n\\# <!->\u2028\x85\x00\ud800".replace("\ud800", "")),
    st.sampled_from(
        ["## Reply <!-- metaco -->", "\\## End <!-- metaco -->\n", "---\n", "\n\n", ""]
    ),
)


@given(texts=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), single=st.booleans())
@settings(max_examples=120, deadline=None)
def test_every_text_comes_back_as_it_was(texts: list[tuple[str, str, str]], single: bool) -> None:
    calls = {
        f"{n:02}-a.b": RecordedCall(
            f"{n:02}-a.b", "a", "b", s, s, p, ((p, r), (r, s)), "key", n, p, r, "stop", text=r
        )
        for n, (s, p, r) in enumerate(texts)
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("r.md" if single else "r")
        recording = Recording(path)
        recording.begin({"a": texts[0][0]})
        for call in calls.values():
            recording.put(call)
        assert Recording(path).calls == calls
        recording.tidy()
        tidied = Recording(path)
        assert tidied.calls == calls
        assert tidied.models == {"a": texts[0][0]}
        for file in [path] if single else path.iterdir():  # as some checkouts have it
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        assert Recording(path).calls == calls


# ---------------------------------------------------------------------- crashes and resumes


async def test_a_recording_of_a_resumed_run_holds_what_came_before(tmp_path: Path) -> None:
    order = Order(text="x", files=6)
    model = FunctionModel(lambda request: f"about {request.digest()}")
    whole = tmp_path / "whole"
    await company(tmp_path / "a", model, record=whole).run(order)
    for form in ("r", "r.md", "unrecorded"):
        root = tmp_path / f"b-{form}"
        path = None if form == "unrecorded" else root / form
        run = await interrupted(company(root, model, record=path, parallel=1), order, after=5)
        if path:
            assert 1 <= len(Recording(path).calls) < 22
        result = await company(root, model, record=root / form).resume(run)
        assert result.status == "done"
        assert texts_of(Recording(root / form)) == texts_of(Recording(whole))
        assert form == "r.md" or tree(root / form) == tree(whole)


def test_what_a_crash_left_at_the_end_is_passed_over_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "r.md"
    recording = Recording(path)
    for n in range(3):
        recording.put(RecordedCall(f"0{n}", "a", "b", "", "sys", f"p{n}", key=f"{n}", text=f"r{n}"))
    whole = path.read_bytes()
    end = b"## End <!-- metaco -->\n"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        torn = Recording(path)
        kept = [f"r{n}" for n in range(max(0, whole[:cut].count(end) - 1))]  # less the system
        assert [call.text for call in torn.calls.values()] == kept
        if cut % 9 == 0:
            torn.put(RecordedCall("09", "a", "b", "", "sys", "p", key="9", text="new"))
            assert [call.text for call in Recording(path).calls.values()] == [*kept, "new"]


# ---------------------------------------------------------------------- what is missing


async def test_pages_without_prompts_play_by_step_subject_and_number(tmp_path: Path) -> None:
    def page(name: str, text: str, **facts: object) -> None:
        head = "".join(f"{fact}: {json.dumps(value)}\n" for fact, value in facts.items())
        mark = " <!-- metaco -->\n"
        page = f"---\nrecording: 1\n{head}---\n## Reply{mark}\n{text}\n\n## End{mark}"
        (tmp_path / f"{name}.md").write_text(page)

    write = {"role": "writer", "action": "write"}
    page("a", "second", **write, subject="x", repetition=2)
    page("b", "first", **write, subject="x")
    page("c", "y", **write, subject="y")
    page("d", "any", role="writer", action="pick")
    player = Player(Recording(tmp_path), str)
    model = player.model("writer")
    assert model.name == f"recording:{tmp_path.name}"

    async def ask(action: str, path: str, prompt: str = "whatever") -> str:
        given = {"task": Task(path=path)}
        request = Request(role="writer", action=action, system="", prompt=prompt, inputs=given)
        return (await model.complete(request)).text

    assert [await ask("write", "x"), await ask("write", "y")] == ["first", "y"]
    assert [await ask("write", "x", "another"), await ask("pick", "z")] == ["second", "any"]
    with pytest.raises(
        RecordingMiss, match=r"contains 2 replies to writer\.write \(x\), but one more was"
    ):
        await ask("write", "x")
    with pytest.raises(RecordingMiss, match=r"no call of writer\.write \(z\)") as missed:
        await ask("write", "z")
    assert "--model" in missed.value.remedy


async def test_a_pace_lets_replies_come_one_after_the_other(tmp_path: Path) -> None:
    await company(tmp_path / "a", counting(), record=tmp_path / "r").run(Order(text="x"))
    began = time.monotonic()
    paced = company(tmp_path / "b", replay=tmp_path / "r", pace=0.05)
    result = await paced.run(Order(text="x"))
    assert result.status == "done"
    assert time.monotonic() - began >= result.replayed.calls * 0.05


async def test_a_miss_says_which_prompt_has_changed_and_how(tmp_path: Path) -> None:
    await company(tmp_path / "a", counting(), record=tmp_path / "r").run(Order(text="a red book"))
    result = await company(tmp_path / "b", replay=tmp_path / "r").run(Order(text="a blue book"))
    failures = {failure.subject: failure for failure in result.failures}
    assert set(failures) == {"pkg/F0.txt", "pkg/F1.txt", "pkg/F2.txt"}
    failure = failures["pkg/F1.txt"]
    assert failure.error == "RecordingMiss"
    assert failure.step == "writer.write"
    assert "writer.write" in failure.problem
    assert "02-writer.write-pkg-F1.txt" in failure.problem
    assert "-a red book\n" in failure.problem
    assert "+a blue book\n" in failure.problem
    assert "F0" not in failure.problem
    assert str(tmp_path) not in failure.problem
    assert "replay-or-call" in failure.remedy
    assert exit_code(result) == 4
    assert result.cost.total.failed == 3  # nobody tries again


async def test_a_miss_says_that_a_step_or_a_repetition_is_not_there(tmp_path: Path) -> None:
    order = Order(text="x", files=2)
    await company(tmp_path / "a", counting(), press(twice=False), record=tmp_path / "r").run(order)
    result = await company(tmp_path / "b", replay=tmp_path / "r").run(order)
    assert "contains no call of writer.pick" in problem(result)
    assert "binder.bind, writer.write" in problem(result)
    (tmp_path / "r" / "02-writer.write-pkg-F1.txt~2.md").unlink()
    result = await company(tmp_path / "c", None, press(twice=False), replay=tmp_path / "r").run(
        order
    )
    assert "contains 1 reply to this prompt of writer.write" in problem(result)
    assert "one more was requested" in problem(result)


async def test_what_is_missing_is_asked_once_and_kept(tmp_path: Path) -> None:
    rec, order = tmp_path / "r", Order(text="x", files=3)
    await company(tmp_path / "a", counting(), record=rec).run(order)
    before = tree(rec)
    more = Order(text="x", files=4)
    model = Scripted({"*": "new"})
    first = await company(tmp_path / "b", model, replay_or_call=rec).run(more)
    assert first.status == "done"
    calls = Counter(f"{request.role}.{request.action}" for request in model.requests)
    assert calls == {"writer.write": 2, "writer.pick": 1, "binder.bind": 4}
    assert first.replayed.calls == 9
    after = tree(rec)
    kept = [n for n in before if "binder" not in n]
    assert {n: after[n] for n in kept} == {n: before[n] for n in kept}
    assert set(after) - set(before) == {
        "02-writer.write-pkg-F3.txt.md",
        "02-writer.write-pkg-F3.txt~2.md",
        "03-writer.pick-pkg-F3.txt.md",
    }
    second = await company(tmp_path / "c", replay=rec).run(more)
    assert second.documents == first.documents
    third = Scripted()
    again = await company(tmp_path / "d", third, replay_or_call=rec).run(more)
    assert again.documents == first.documents
    assert third.requests == []
    assert tree(rec) == after


def test_a_reply_that_is_there_keeps_its_file_whatever_comes_before_it(tmp_path: Path) -> None:
    def entries(prompts: list[str], replies: list[str]) -> list[Entry]:
        started = [Entry("r", n, 0.0, f"{p}/1", call(p, prompt=p)) for n, p in enumerate(prompts)]
        received = [
            Entry("r", 9 + n, 0.0, p, reply(p, text=f"to {p}")) for n, p in enumerate(replies)
        ]
        return [*started, *received]

    record(entries(["old"], ["old"]), tmp_path / "r", Scrubber())
    before = tree(tmp_path / "r")
    recorder = Recorder(Recording(tmp_path / "r"), Scrubber())
    for entry in entries(["new", "old"], ["old", "new"]):
        recorder(entry)
    after = tree(tmp_path / "r")
    assert set(after) == {"01-a.b.md", "01-a.b~2.md"}
    assert before.items() <= after.items()
    assert b"to new" in after["01-a.b~2.md"]


async def test_there_may_be_nothing_yet_to_go_on_with(tmp_path: Path) -> None:
    model = counting()
    first = await company(tmp_path / "a", model, replay_or_call=tmp_path / "r").run(Order(text="x"))
    second = await company(tmp_path / "b", replay=tmp_path / "r").run(Order(text="x"))
    assert len(model.requests) == 13
    assert second.documents == first.documents


# ---------------------------------------------------------------------- what cannot be used


async def refused(folder: Path, **options: Any) -> str:
    model = Scripted()
    with pytest.raises(ConfigurationError) as caught:
        await company(folder, model, **options).run(Order(text="x"))
    assert model.requests == []
    return str(caught.value)


async def test_another_run_is_not_overwritten(tmp_path: Path) -> None:
    rec = tmp_path / "r"
    first = await company(tmp_path / "a", counting(), record=rec).run(Order(text="x"))
    before = tree(rec)
    assert "another run" in await refused(tmp_path / "b", record=rec)
    entries = await second_log(tmp_path / "a", first.run)
    with pytest.raises(ConfigurationError, match="another run"):
        record(entries[: len(entries) // 2], rec, Scrubber())
    assert tree(rec) == before


async def test_only_one_recording_that_is_there_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "README.md").write_text("# hello\n")
    (tmp_path / "empty").mkdir()
    assert "no recording in" in await refused(tmp_path / "w", replay=tmp_path / "none")
    assert "no recording in" in await refused(tmp_path / "w", replay=tmp_path / "empty")
    assert "but not a recording" in await refused(tmp_path / "w", record=tmp_path / "notes.txt")
    assert "another Markdown" in await refused(tmp_path / "w", record=tmp_path / "README.md")
    both = {"record": tmp_path / "r", "replay": tmp_path / "s"}
    assert "More than one" in await refused(tmp_path / "w", **both)
    assert (tmp_path / "README.md").read_text() == "# hello\n"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda page: page[: len(page) // 2], "its end is missing"),
        (lambda page: page.replace("finish: ", "fin: "), "'finish' is missing"),
        (lambda page: page.replace("recording: 1", "recording: 2"), "its format is 2"),
        (lambda page: page.replace("## Reply ", "## Answer "), "0 sections 'Reply'"),
        (lambda page: page.replace("repetition: 2", "repetition: no"), "invalid literal"),
        (lambda page: page.replace("role: writer", "<<<<<<< HEAD"), "is not a field"),
        (lambda page: page.replace("system: ", "system: x"), "is missing"),
    ],
)
async def test_a_damaged_file_is_named(
    tmp_path: Path, change: Callable[[str], str], reason: str
) -> None:
    await company(tmp_path / "a", counting(), record=tmp_path / "r").run(Order(text="x"))
    (tmp_path / "r" / "README.md").write_text("# Recordings\n")  # does no harm
    assert len(Recording(tmp_path / "r").calls) == 13
    page = tmp_path / "r" / "03-writer.pick-pkg-F1.txt.md"
    page.write_text(change(page.read_text()))
    message = await refused(tmp_path / "b", replay=tmp_path / "r")
    assert page.name in message
    assert reason in message


async def test_a_disk_that_is_full_costs_the_recording_not_the_run(tmp_path: Path) -> None:
    class Full(Recording):
        def put(self, call: RecordedCall) -> None:
            raise ConfigurationError("The recording cannot be written: full.", "Free some.")

    recorder = Recorder(Full(tmp_path / "r"), Scrubber())
    result = await company(tmp_path / "a", counting(), observers=[recorder]).run(Order(text="x"))
    assert result.status == "done"
    assert any("Recorder failed" in warning and "full" in warning for warning in result.warnings)


# ---------------------------------------------------------------------- scrubbing


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("/home/jo/ws/x and /home/jo/x", "<workspace>/x and <home>/x"),
        ("/home/john /home/jo-2 /home/jo.", "/home/john /home/jo-2 <home>."),
        ("/app/x /tmp/y /tmpfoo", "/app/x /tmp/y /tmpfoo"),
        ('{"path": "/home/jo/ws"}', '{"path": "<workspace>"}'),
        ("a-very-secret-1 and expenses", "<key> and expenses"),
        ("http://localhost:99/v1/chat", "<base-url>/chat"),
        ("half a \ud800", "half a ?"),
    ],
)
def test_only_what_belongs_to_the_machine_goes(text: str, clean: str) -> None:
    environment = {
        "MY_API_KEY": "a-very-secret-1",
        "SORT_KEY": "expenses",
        "PIN_TOKEN": "1234",
        "LAB_BASE_URL": "http://localhost:99/v1/",
    }
    scrub = Scrubber(
        "/home/jo/ws", environment=environment, home="/home/jo", cwd="/app", tmp="/tmp"
    )
    assert scrub(text) == clean
    assert scrub(scrub(text)) == clean


def test_a_short_path_goes_only_where_it_is_one() -> None:
    scrub = Scrubber("/ws/of/jo", environment={}, home="/home/jo", cwd="/data/site", tmp="/var/t/x")
    text = "/data/site/a src/data/site.py -I/home/jo/lib -L/ws/of/jo/lib /data/sitely"
    assert scrub(text) == "<cwd>/a src/data/site.py -I<home>/lib -L<workspace>/lib /data/sitely"


async def test_names_of_files_are_good_everywhere(tmp_path: Path) -> None:
    class Namer(Role):
        """Names."""

        @action
        async def split(self, order: Order) -> list[Task]:
            """Make a task of each name."""
            return [Task(path=path) for path in order.text.split()]

    names = ["a/B.txt", "A/b.txt", "a?b.txt", "../x", "字" * 150, "字" * 149, "con|"]
    lines: list[Node] = [
        Step(Namer, "split", role_name="namer"),
        Step(Writer, "pick", role_name="writer"),
    ]
    sop = SOP("names", lines, input=Order)
    await company(tmp_path / "a", counting(), sop, record=tmp_path / "r").run(" ".join(names))
    written = [name.casefold() for name in tree(tmp_path / "r")]
    assert len(set(written)) == len(names) + 2
    assert all(len(name.encode()) < 200 for name in written)
    assert all(re.fullmatch(r"[\w.~-]+", name) for name in written)
    assert {call.subject for call in Recording(tmp_path / "r").calls.values()} == set(names)


def test_the_home_of_root_goes_but_not_what_only_begins_so() -> None:
    scrub = Scrubber(None, environment={}, home="/root", cwd="/", tmp="/tmp")
    assert scrub("/root/x /rootfs /a/root file:///root") == "<home>/x /rootfs /a/root file://<home>"


# ---------------------------------------------------------------------- the command line


def metaco(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "METACO_"))}
    return subprocess.run(
        [sys.executable, "-m", "metaco", *words],
        cwd=folder,
        env={**keep, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_from_the_command_line(tmp_path: Path) -> None:
    text, rec = "convert miles to kilometers", str(tmp_path / "r")
    quick = ["run", "--sop", "quick", "--json"]
    first = metaco(tmp_path / "a", *quick, text, "--record", rec)
    assert first.returncode == 0, first.stderr
    second = metaco(tmp_path / "b", *quick, text, "--replay", rec)
    assert second.returncode == 0, second.stderr
    assert second.stderr == ""  # it is no matter that there is no key
    assert tree(tmp_path / "b") == tree(tmp_path / "a")
    summary = json.loads(second.stdout.splitlines()[-1])
    assert summary["replayed"] == {"calls": summary["calls"], "cost": 0.0}

    made = metaco(tmp_path / "a", "record", "--out", str(tmp_path / "later"))
    assert made.stdout.strip() == str(tmp_path / "later")
    assert tree(tmp_path / "later") == tree(tmp_path / "r")

    missed = metaco(
        tmp_path / "d", "run", "--sop", "quick", "-q", f"please {text}", "--replay", rec
    )
    assert missed.returncode == 4
    assert f"    -{text}\n    +please {text}\n" in missed.stdout
    resumed = metaco(tmp_path / "d", "resume", "-q", "--model", "offline", "--replay-or-call", rec)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    again = metaco(tmp_path / "e", "run", "--sop", "quick", "-q", f"please {text}", "--replay", rec)
    assert again.returncode == 0, again.stdout
    assert "of the calls replayed, $0 as recorded, not spent" in again.stdout
