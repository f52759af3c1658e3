"""Replies as they really come, through `Role.ask`: read, sent back with what is wrong, or kept."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ConfigDict

from metaco.core.document import Document, Requirement
from metaco.core.errors import ConfigurationError, ReplyError
from metaco.core.model import Reply, Request
from metaco.core.sampling import Sampling
from metaco.reply import fenced, files, json_schema, one_of
from metaco.role import Context, Role, action, role_class
from metaco.sop.procedure import SOP
from metaco.testing import Scripted
from tests.reply import test_fences, test_parse
from tests.reply.test_fences import CODE, OTHER, P, block
from tests.reply.test_parse import ONE, PLAN, TEXT, Plan, Review, Verdict


class Author(Role):
    """Writes what is asked for."""

    @action
    async def write(self) -> Plan:
        """Write it."""
        raise NotImplementedError


class Asked:
    """What a role asked, of a model that gives these replies in turn."""

    def __init__(self, *replies: str | Reply) -> None:
        self.replies = [r if isinstance(r, Reply) else Reply(r) for r in replies]
        self.requests: list[Request] = []

    async def call(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.replies[len(self.requests) - 1]

    async def ask(self, kind: Any, check: Any = None, **about: Any) -> Any:
        context = Context("author", "write", self.call, sandbox=None)  # type: ignore[arg-type]
        answer = await Author(context).ask(kind, check=check, **about)
        self.findings = context.findings
        return answer

    @property
    def complaints(self) -> list[str]:
        """What was said of the reply before, at each request but the first."""
        return [request.rejected_replies[-1][1] for request in self.requests[1:]]


def cut(text: str) -> Reply:
    return Reply(text, finish="length")


def code(text: str) -> str:
    return fenced(text, P)


def filtered(text: str) -> Reply:
    return Reply(text, finish="content_filter")


SNAKE: dict[str, Any] = {
    "name": "snake",
    "goals": ["The snake grows when it eats", "The game ends at a wall"],
    "steps": ["draw the board on the screen", "move the snake every tick"],
}


class Shown(Document):
    model_config = ConfigDict(json_schema_extra={"examples": [SNAKE]})
    name: str
    goals: list[str]
    steps: list[str]


CHESS = {"name": "chess", "goals": ["Mate is seen"], "steps": ["draw the board on the screen"]}
SORRY = "I'm sorry, but I can't help with that."
Kind = type[Document] | Callable[[str], Any]

# What is asked for, the replies in turn, what comes of them, and what is said of all but the last.
MENDED: list[tuple[str, Kind, list[str | Reply], Any, str]] = [
    ("a refusal, then the answer", Review, [SORRY, json.dumps(ONE)], ONE, "I'm sorry"),
    ("a refusal in JSON", Review, ['{"error": "I cannot do that"}', json.dumps(ONE)], ONE,
     "findings: is missing"),
    ("withheld, then the answer", Review, [filtered(""), json.dumps(ONE)], ONE, "content filter"),
    ("empty, then the answer", Review, [" \n", json.dumps(ONE)], ONE, "empty"),
    ("cut off in JSON", Plan, [cut(TEXT[:-40]), TEXT], PLAN, "cut off at the output limit"),
    ("cut off, and still looks whole", Plan, [cut(TEXT), TEXT], PLAN, "cut off"),
    ("cut off without the provider saying so", Plan, [TEXT[:-9], TEXT], PLAN, "ends within"),
    ("cut off in a file", code, [cut(block(CODE)[:-20]), block(CODE)], CODE, "cut off"),
    ("cut off, and the file looks whole", code, [cut(block(CODE)), block(CODE)], CODE, "cut off"),
    ("the schema echoed", Review,
     [json.dumps(Review.model_json_schema()), json.dumps(ONE)], ONE, "repeats the schema"),
    ("the example copied", Shown, [json.dumps(SNAKE), json.dumps(CHESS)], CHESS, "the example"),
    ("the example copied under another name", Shown,
     [json.dumps(SNAKE | {"name": "chess"}), json.dumps(CHESS)], CHESS, "the example"),
    ("the example copied with one line changed", Shown,
     [json.dumps(SNAKE | {"goals": ["The snake grows when it eats", "Mate is seen"]}),
      json.dumps(CHESS)], CHESS, "the example"),
    ("the wrong file", code, [f"`todo/models.py`\n{block(OTHER)}", block(CODE)], CODE,
     "contains todo/models.py, but todo/cli.py was requested"),
    ("prose for a file", code, ["It would print hi.", block(CODE)], CODE, "one fenced block"),
    ("only a command for a file", code, [test_fences.BASH, block(CODE)], CODE, "no code"),
    ("files without names", files, [block(CODE), f"{P}\n{block(CODE)}"], {P: CODE}, "no file"),
    ("a wrong value", Plan, [test_parse.plan(count="many"), TEXT], PLAN, "- count: Input should"),
    ("a verdict that is none", Verdict, ["## Verdict: maybe", "## Verdict: passed"],
     {"verdict": "passed", "reason": ""}, "'passed' or 'failed', got \"maybe\""),
    ("a list of answers", Review, [json.dumps([ONE, ONE]), json.dumps(ONE)], ONE, "a list of 2"),
]  # fmt: skip

# What is taken as it is.
TAKEN: list[tuple[str, Kind, str, Any]] = [
    ("several files, one of them asked for", code,
     f"`todo/a.py`\n{block(OTHER)}\n`{P}`\n{block(CODE)}", CODE),
    ("a file in the wrong fence", code, f"### {P}\n{block(CODE, 'text')}", CODE),
    ("a file under a shorter name", code, f"cli.py\n{block(CODE)}", CODE),
    ("several files", files, f"a.py\n{block(CODE)}\nb/c.py\n{block(OTHER)}",
     {"a.py": CODE, "b/c.py": OTHER}),
    ("a verdict on the line of its heading", Verdict, "## Verdict: PASSED\n",
     {"verdict": "passed", "reason": ""}),
    ("two of them", Verdict, "## Verdict: failed\n## Reason: no test ran\n",
     {"verdict": "failed", "reason": "no test ran"}),
    ("a heading with a verdict and text below", Verdict,
     "## Verdict: FAILED\n\n## Reason\nNo test ran.\n",
     {"verdict": "failed", "reason": "No test ran."}),
    ("a verdict in bold", Verdict, "## Verdict: **PASSED**\n## Reason: none needed",
     {"verdict": "passed", "reason": "none needed"}),
    ("a bold heading with a verdict", Verdict, "**Verdict:** passed\n**Reason:** all ran",
     {"verdict": "passed", "reason": "all ran"}),
    ("a verdict behind a dash", Verdict, "### Verdict - failed\nReason: no test ran\n",
     {"verdict": "failed", "reason": "no test ran"}),
    ("a verdict behind prose", Verdict, "Here is my review.\n\n## Verdict: passed",
     {"verdict": "passed", "reason": ""}),
    ("lines with names", Verdict, "Verdict: passed\nReason: all ran",
     {"verdict": "passed", "reason": "all ran"}),
    ("thoughts, prose, a fence and commas", Plan,
     f"<think>Hm {{</think>Sure:\n```json\n{TEXT[:-1]},}}\n```\nBye", PLAN),
    ("an answer that shares a little with the example", Shown, json.dumps(CHESS), CHESS),
]  # fmt: skip

# What is no answer, however often it is asked for.
LOST: list[tuple[str, Kind, str | Reply, str]] = [
    ("refused", Review, SORRY, "contains no JSON object"),
    ("withheld", Review, filtered("I may not."), "content filter"),
    ("empty", Review, "", "empty"),
    ("cut off", Plan, cut(TEXT), "cut off"),
    ("cut off in a file", code, cut(block(CODE)), "cut off"),
    ("echoed", Plan, json.dumps(Plan.model_json_schema()), "repeats the schema"),
    ("copied", Shown, json.dumps(SNAKE), "the example"),
    ("another file", code, f"`todo/models.py`\n{block(OTHER)}", "todo/models.py"),
    ("no files", files, SORRY, "contains no file"),
    ("the wrong type", Plan, test_parse.plan(count="many"), "count"),
]  # fmt: skip


def plain(answer: Any) -> Any:
    return answer.model_dump() if isinstance(answer, Document) else answer


def names(cases: list[Any]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("kind", "replies", "answer", "complaint"), [c[1:] for c in MENDED],
                         ids=names(MENDED))  # fmt: skip
async def test_goes_back_to_its_author_once_with_what_is_wrong(
    kind: Kind, replies: list[str | Reply], answer: Any, complaint: str
) -> None:
    asked = Asked(*replies)
    assert plain(await asked.ask(kind)) == answer
    assert len(asked.requests) == 2
    assert complaint in asked.complaints[0]
    assert asked.findings == []
    (quoted, _), *more = asked.requests[1].rejected_replies
    assert not more
    first = asked.replies[0]
    assert quoted == ("(cut off)" if first.finish == "length" else first.text or "(empty)")
    assert asked.requests[1].prompt == asked.requests[0].prompt  # so that caches serve it


@pytest.mark.parametrize(("kind", "text", "answer"), [c[1:] for c in TAKEN], ids=names(TAKEN))
async def test_is_taken_without_a_further_call(kind: Kind, text: str, answer: Any) -> None:
    asked = Asked(text)
    assert plain(await asked.ask(kind)) == answer
    assert len(asked.requests) == 1


@pytest.mark.parametrize(("kind", "reply", "problem"), [c[1:] for c in LOST], ids=names(LOST))
async def test_is_a_failure_that_keeps_the_paid_text(
    kind: Kind, reply: str | Reply, problem: str
) -> None:
    asked = Asked(reply, reply)
    with pytest.raises(ReplyError) as caught:
        await asked.ask(kind)
    assert len(asked.requests) == 2
    assert problem in caught.value.problem
    assert caught.value.text == asked.replies[1].text


async def test_every_readable_reply_of_the_corpus_costs_one_call() -> None:
    for name, kind, text, expected in test_parse.GOOD:
        asked = Asked(text)
        assert plain(await asked.ask(kind)) == expected, name
        assert len(asked.requests) == 1, name
    for name, text, path, expected_code in test_fences.GOOD:
        asked = Asked(text)
        assert await asked.ask(partial(fenced, path=path)) == expected_code, name
        assert len(asked.requests) == 1, name


async def test_every_other_one_goes_back_with_the_exact_errors_and_then_fails() -> None:
    cases: list[tuple[str, Kind, str, str]] = list(test_parse.BAD)
    for name, text, path, problem in test_fences.BAD:
        cases.append((name, partial(fenced, path=path), text, problem))
    for name, kind, text, problem in cases:
        asked = Asked(text, text)
        with pytest.raises(ReplyError) as caught:
            await asked.ask(kind)
        assert len(asked.requests) == 2, name
        assert caught.value.text == text, name
        if text.strip():
            assert problem in asked.complaints[0], name
            assert caught.value.problem in asked.complaints[0], name
        else:
            assert "empty" in asked.complaints[0]


def test_the_corpus_is_large(capsys: pytest.CaptureFixture[str]) -> None:
    dialogues = len(MENDED) + len(TAKEN) + len(LOST)
    documents = len(test_parse.GOOD) + len(test_parse.BAD)
    code = len(test_fences.GOOD) + len(test_fences.BAD)
    with capsys.disabled():
        print(
            f"\nreplies with outcomes: {documents} documents, {code} files, {dialogues} dialogues"
        )
    assert documents >= 120
    assert code >= 60
    assert dialogues >= 40
    assert documents + code + dialogues >= 150


# -- what is read, and then found wrong


class Finder:
    """Finds something wrong with all answers before the last good one."""

    wanted: ClassVar[list[str]] = ["no limit"]

    def __call__(self, review: Review) -> list[str]:
        return [f"Name {w}." for w in self.wanted if w not in review.findings]


async def test_a_finding_goes_back_once_and_is_mended() -> None:
    asked = Asked(json.dumps(ONE), json.dumps({"findings": ["no limit"]}))
    assert (await asked.ask(Review, Finder())).findings == ["no limit"]
    assert "- Name no limit." in asked.complaints[0]
    assert asked.findings == []


async def test_a_finding_that_is_not_mended_is_kept_with_the_answer() -> None:
    asked = Asked(json.dumps(ONE), json.dumps({"findings": ["still none"]}))
    assert (await asked.ask(Review, Finder())).findings == ["still none"]
    assert asked.findings == ["Name no limit."]


@pytest.mark.parametrize("second", [SORRY, cut(json.dumps(ONE)), ""])
async def test_a_readable_answer_is_not_lost_to_an_unreadable_mending(second: str | Reply) -> None:
    asked = Asked(json.dumps(ONE), second)
    assert (await asked.ask(Review, Finder())).findings == ["no password"]
    assert asked.findings == ["Name no limit."]


async def test_unreadable_then_wrong_then_right() -> None:
    asked = Asked(SORRY, json.dumps(ONE), json.dumps({"findings": ["no limit"]}))
    assert (await asked.ask(Review, Finder())).findings == ["no limit"]
    assert ["I'm sorry" in asked.complaints[0], "- Name no limit." in asked.complaints[1]] == [
        True,
        True,
    ]


async def test_what_a_role_reads_itself_is_sent_back_too() -> None:
    def review(text: str) -> Review:
        return Review.model_validate({"findings": text if text == "none" else [text]})

    def picky(text: str) -> str:
        raise ReplyError("It does not rhyme.")

    asked = Asked("none", "no password")
    assert (await asked.ask(review)).findings == ["no password"]
    assert "findings: Input should be a valid" in asked.complaints[0]
    asked = Asked("a", "b")
    with pytest.raises(ReplyError, match="rhyme") as caught:
        await asked.ask(picky)
    assert caught.value.text == "b"


# ------------------------------------------------------------------ how a reply is drawn


async def test_a_reply_that_repeated_itself_is_drawn_in_another_way() -> None:
    loop = Reply("and so on and so on", finish="repetition")
    asked = Asked(loop, json.dumps(ONE))
    drawn = Sampling(temperature=0.2, seed=3)
    assert await asked.ask(Review, sampling=drawn) == Review.model_validate(ONE)
    first, second = asked.requests
    assert first.sampling == drawn
    assert second.sampling == drawn.varied() != drawn
    assert second.rejected_replies[0][0] == "(cut off)"
    assert "repeated itself" in asked.complaints[0]


async def test_a_reply_with_a_mistake_is_corrected_as_it_was_drawn() -> None:
    asked = Asked("I cannot.", json.dumps(ONE))
    await asked.ask(Review, sampling=Sampling(temperature=0.2))
    assert [request.sampling.temperature for request in asked.requests] == [0.2, 0.2]


# ------------------------------------------------------------------ one of several documents


class Talk(Document):
    """Words for a person."""

    text: str


class Walk(Document):
    """A way to go."""

    steps: list[str]


class Run(Walk):
    """The same, faster."""


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"Talk": {"text": "hello"}}', Talk(text="hello")),
        ('{"Walk": {"steps": ["left"]}}', Walk(steps=["left"])),
        ('{"Run": {"steps": ["left"]}}', Run(steps=["left"])),
        ('{"Talk": null, "Walk": null, "Run": {"steps": ["left"]}}', Run(steps=["left"])),
        ('{"answer": {"Walk": {"steps": ["left"]}}}', Walk(steps=["left"])),
        ('Sure:\n```json\n{"walk": {"steps": "left"}}\n```', Walk(steps=["left"])),
        ('{"text": "hello"}', Talk(text="hello")),  # it can only be of one kind
    ],
)
async def test_a_union_is_answered_as_one_of_its_documents(text: str, answer: Document) -> None:
    asked = Asked(text)
    assert await asked.ask(Talk | Walk | Run) == answer
    (request,) = asked.requests
    assert '{"Talk": {"text": text}} or {"Walk": ' in request.prompt


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"steps": ["left"]}', "exactly one of Talk, Walk, Run, not 0"),
        ('{"Talk": {"text": "a"}, "Walk": {"steps": ["b"]}}', "exactly one of Talk, Walk, Run"),
        ("{}", "exactly one"),
        ('{"Talk": {"words": 3}}', "Talk.text: is missing"),
    ],
)
async def test_what_is_none_or_several_of_them_goes_back(text: str, problem: str) -> None:
    asked = Asked(text, '{"Talk": {"text": "hello"}}')
    assert await asked.ask(Talk | Walk | Run) == Talk(text="hello")
    assert problem in asked.complaints[0]


def test_a_union_has_a_strict_schema() -> None:
    schema = json_schema(one_of((Talk, Walk)))
    assert schema is not None
    assert schema["required"] == ["answer"]
    either = schema["properties"]["answer"]["anyOf"]
    assert [one["required"] for one in either] == [["Talk"], ["Walk"]]
    assert either[1]["properties"] == {"Walk": {"$ref": "#/$defs/Walk"}}


async def test_a_double_answers_a_union_with_a_document() -> None:
    model = Scripted([Run(steps=["left"])])
    context = Context("author", "write", model.complete, sandbox=None)  # type: ignore[arg-type]
    assert await Author(context).ask(Walk | Run) == Run(steps=["left"])


@pytest.mark.parametrize("kind", [int | str, Talk | None, Talk | str])
async def test_a_union_of_other_things_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="document classes only"):
        await Asked("x").ask(kind)


# ------------------------------------------------------------------ prompts


STUDIO = """
from metaco import Document, Requirement, Role, action


class Text(Document):
    text: str


class Painter(Role):
    "Paints."

    @action
    async def make(self, requirement: Requirement) -> Text:
        "Make it."
        first = await self.ask(str, requirement=requirement)
        return Text(text=first + await self.ask(str, prompt="frame", first=first))


class Potter(Role):
    "Makes pots."

    @action
    async def make(self, requirement: Requirement) -> Text:
        "Make it of clay."
        return Text(text=await self.ask(str, requirement=requirement, prompt=requirement.text))
"""


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module with two roles that have an action of one name, and its prompts."""
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "__init__.py").write_text(STUDIO)
    prompts = tmp_path / "studio" / "prompts"
    prompts.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield prompts
    for name in [name for name in sys.modules if name.partition(".")[0] == "studio"]:
        del sys.modules[name]


async def prompts_of(role: str, text: str = "", **more: Any) -> list[Request]:
    cls = getattr(importlib.import_module("studio"), role)
    asked = Asked("one ", "two")
    context = Context("artist", "make", asked.call, sandbox=None, **more)  # type: ignore[arg-type]
    await cls(context).make(Requirement(text=text))
    return asked.requests


async def test_a_prompt_is_that_of_its_role_and_else_of_its_action(studio: Path) -> None:
    (studio / "make.md.j2").write_text("Make something.")
    (studio / "Painter.make.md.j2").write_text("Paint {{ requirement.text }}.")
    (studio / "frame.md.j2").write_text("Frame {{ first }}")
    first, second = await prompts_of("Painter", "a horse")
    assert first.prompt.startswith("Paint a horse.")
    assert second.prompt.startswith("Frame one")
    (pots,) = await prompts_of("Potter")
    assert pots.prompt.startswith("Make something.")
    (studio / "Painter.make.lean.md.j2").write_text("Paint.")
    (lean, _), (other,) = await prompts_of("Painter", lean=True), await prompts_of("Potter")
    assert lean.prompt.startswith("Paint.")
    assert other.prompt.startswith("Make something.")


async def test_a_prompt_that_is_not_there_is_named(studio: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no prompt 'vase' in .*prompts") as caught:
        await prompts_of("Potter", "vase")
    assert "vase.md.j2" in caught.value.remedy


async def test_the_system_prompt_is_that_of_the_sop_else_of_the_role_else_the_usual(
    studio: Path,
) -> None:
    (usual,) = await prompts_of("Potter")
    assert usual.system.endswith("# Your role\n\nMakes pots.")
    assert not re.search("python|software|project", usual.system, re.I)
    (lean,) = await prompts_of("Potter", lean=True)
    assert len(lean.system) * 2 < len(usual.system)
    assert lean.system.endswith("Makes pots.")
    assert not re.search("python|software|type annotation", lean.system, re.I)
    (studio / "system.md.j2").write_text("You work in a studio.")
    (studio / "Potter.system.md.j2").write_text("You work with clay.")
    (studio / "frame.md.j2").write_text("Frame it.")
    assert (await prompts_of("Potter"))[0].system == "You work with clay."
    assert (await prompts_of("Painter"))[0].system == "You work in a studio."
    (team,) = await prompts_of("Potter", system="You are all artists.\n")
    assert team.system == "You are all artists.\n\nMakes pots."


@pytest.mark.usefixtures("studio")
def test_an_sop_says_its_system_prompt() -> None:
    text = "system: You are all artists.\nsteps: [studio:Potter.make]\n"
    assert [step.system for step in SOP.parse(text, "p.yaml").steps()] == ["You are all artists."]


def test_debates_are_told_nothing_of_software() -> None:
    for role in ("debater", "moderator"):
        cls = role_class(importlib.import_module(f"metaco.roles.{role}"))
        for lean in (False, True):
            context = Context(role, "speak", Asked().call, sandbox=None, lean=lean)  # type: ignore[arg-type]
            system = cls(context)._prompts.system("")
            assert system.startswith("You take part in a debate")
            assert not re.search("python|software|file|code", system, re.I)
