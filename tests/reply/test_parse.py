"""Replies as models write them, and what is made of each."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from metaco.core.document import Document
from metaco.core.errors import ReplyError
from metaco.reply import fenced, files, json_schema, parse, schema


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(Part):
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class Item(Part):
    id: str = Field(pattern=r"^R[1-9][0-9]*$", description="R1, R2, ...")
    priority: Literal["P0", "P1"] = Field(description="P0 must, P1 may")
    acceptance: list[str] = Field(min_length=1, description="checks that can be automated")


class Plan(Document):
    project_name: str
    goals: list[str]
    items: list[Item] = Field(min_length=1)
    position: Point = Field(description="where it stands")
    count: int
    ready: bool
    note: str = ""
    owner: str | None = None


class Review(Document):
    """Weaknesses of a design, worst first."""

    findings: list[str] = Field(description="one sentence each")


class Verdict(Document):
    verdict: Literal["passed", "failed"]
    reason: str = ""


class Shown(Document):
    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Snake", "stars": 3}]})
    title: str
    stars: int


PLAN: dict[str, Any] = {
    "project_name": "todo",
    "goals": ["add tasks", "never lose one"],
    "items": [{"id": "R1", "priority": "P0", "acceptance": ["add prints the id"]}],
    "position": {"x": 0.25, "y": 0.75},
    "count": 3,
    "ready": True,
    "note": "",
    "owner": None,
}
TEXT = json.dumps(PLAN)
NICE = json.dumps(PLAN, indent=2)


def plan(**changes: Any) -> str:
    return json.dumps(PLAN | changes)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in PLAN.items() if name not in names}


def renamed(**names: str) -> str:
    return json.dumps({names.get(name, name): value for name, value in PLAN.items()})


ITEM = PLAN["items"][0]
ONE = {"findings": ["no password"]}
TWO = {"findings": ["no password", "no limit"]}

# What a model wrote, and the document that is in it.
GOOD: list[tuple[str, type[Document], str, dict[str, Any]]] = [
    # normal form
    ("plain", Plan, TEXT, PLAN),
    ("indented", Plan, NICE, PLAN),
    ("spaces and lines around", Plan, f"\n\n  {TEXT} \n", PLAN),
    ("a byte order mark", Plan, f"\ufeff{TEXT}", PLAN),
    ("defaults left out", Plan, json.dumps(without("note", "owner")), PLAN),
    ("real line ends in a string", Review, '{"findings": ["no\npassword"]}',
     {"findings": ["no\npassword"]}),
    ("tags in a string stay", Review, '{"findings": ["<think>no</think>"]}',
     {"findings": ["<think>no</think>"]}),
    # around it
    ("a fence", Plan, f"```json\n{NICE}\n```", PLAN),
    ("a bare fence", Plan, f"```\n{NICE}\n```", PLAN),
    ("a tilde fence", Plan, f"~~~json\n{NICE}\n~~~", PLAN),
    ("an unclosed fence", Plan, f"```json\n{NICE}\n", PLAN),
    ("a fence in a fence", Plan, f"````\n```json\n{NICE}\n```\n````", PLAN),
    ("a fence with tags in a string", Review, '```json\n{"findings": ["<think>a</think>b"]}\n```',
     {"findings": ["<think>a</think>b"]}),
    ("prose around", Plan, f"Sure! Here is the plan:\n\n{NICE}\n\nShall I go on?", PLAN),
    ("prose with braces around", Plan, f"The set {{a, b}} and f'{{x}}':\n{TEXT}\nUse {{}}s.", PLAN),
    ("prose with an open brace", Plan, f"Begin with {{ and mind it.\n{TEXT}", PLAN),
    ("prose and fence", Plan, f"Here:\n```json\n{NICE}\n```\nI chose P0 as [1] says so.", PLAN),
    ("code before", Plan, f"```python\nd = {{'a': 1}}\n```\n\n{TEXT}", PLAN),
    ("CONTENT tags", Plan, f"[CONTENT]\n{NICE}\n[/CONTENT]", PLAN),
    ("answer tags", Plan, f"<answer>{TEXT}</answer>", PLAN),
    ("an assignment", Plan, f"plan = {TEXT};", PLAN),
    ("a list of one", Plan, f"[{TEXT}]", PLAN),
    # thoughts
    ("think tags", Plan, f"<think>Well, a plan.</think>\n{TEXT}", PLAN),
    ("a draft in thoughts", Review, f"<think>{json.dumps(TWO)}</think>{json.dumps(ONE)}", ONE),
    ("a broken draft in thoughts", Review, f'<think>{{"findings": [</think>{json.dumps(ONE)}', ONE),
    ("thoughts opened by the template", Review,
     f"Maybe {json.dumps(TWO)}?\n</think>\n{json.dumps(ONE)}", ONE),
    ("a broken draft in such thoughts", Review,
     f'So {{"findings": ["a"\n</think>\n{json.dumps(ONE)}', ONE),
    ("thoughts with attributes", Review, f'<reasoning a="1">x</reasoning>{json.dumps(ONE)}', ONE),
    ("the answer in unclosed thoughts", Review, f"<think>It is {json.dumps(ONE)}", ONE),
    # several objects
    ("another object first", Plan, f'{{"status": "ok"}}\n{TEXT}', PLAN),
    ("another object last", Plan, f'{TEXT}\n{{"status": "ok", "tokens": 12}}', PLAN),
    ("an invalid draft, then the answer", Plan, f"{plan(count='many')}\nBetter:\n{TEXT}", PLAN),
    ("the answer, then an invalid one", Plan, f"{TEXT}\nWorse:\n{plan(count='many')}", PLAN),
    ("two valid ones: the corrected", Review,
     f"{json.dumps(TWO)}\nNo, wait:\n{json.dumps(ONE)}", ONE),
    ("the schema echoed, then the answer", Plan,
     f"{json.dumps(Plan.model_json_schema())}\n\n{TEXT}", PLAN),
    ("our own schema echoed, then the answer", Review,
     f"{schema(Review)}\n\n{json.dumps(ONE)}", ONE),
    ("given up, begun anew", Review,
     f'{{"findings": ["no\n\nSorry.\n```json\n{json.dumps(ONE)}\n```', ONE),
    ("the example, then the answer", Shown,
     '{"title": "Snake", "stars": 3} {"title": "Chess", "stars": 5}',
     {"title": "Chess", "stars": 5}),
    # wrapped
    ("wrapped by its name", Plan, json.dumps({"Plan": PLAN}), PLAN),
    ("wrapped as a result", Plan, json.dumps({"status": "ok", "result": PLAN}), PLAN),
    ("wrapped as a call", Plan, json.dumps({"name": "Plan", "arguments": PLAN}), PLAN),
    ("wrapped as text", Plan, json.dumps({"name": "Plan", "arguments": TEXT}), PLAN),
    ("wrapped in a list", Plan, json.dumps({"plans": [PLAN]}), PLAN),
    ("values below properties", Plan, json.dumps({"type": "object", "properties": PLAN}), PLAN),
    ("a JSON string", Plan, json.dumps(TEXT), PLAN),
    ("escaped quotes", Plan, TEXT.replace('"', '\\"'), PLAN),
    # nearly JSON
    ("trailing commas", Plan, re.sub(r"([}\]])", r",\1", TEXT), PLAN),
    ("single quotes", Plan, repr(without("note", "owner")), PLAN),
    ("Python constants", Plan, repr(PLAN), PLAN),
    ("an apostrophe in double quotes", Review, "{'findings': [\"it's\", 'don\\'t']}",
     {"findings": ["it's", "don't"]}),
    ("keys without quotes", Plan, re.sub(r'"(\w+)":', r"\1:", TEXT), PLAN),
    ("curly quotes", Review, "{“findings”: [“no password”]}", ONE),
    ("comments", Review, '{\n  // worst first\n  "findings": ["no password"] /* one */\n}', ONE),
    ("hash comments", Review, '{\n  "findings": [  # don\'t {\n    "no password"\n  ]\n}', ONE),
    ("a comment with a quote", Review, '{\n  "findings": ["no password"] // don"t\n}', ONE),
    ("missing commas", Review, '{"findings": ["no password" "no limit"]}', TWO),
    ("missing commas between lines", Verdict, '{"verdict": "passed"\n"reason": "ok"}',
     {"verdict": "passed", "reason": "ok"}),
    ("quotes within", Review, '{"findings": ["He said "hi" to me"], }',
     {"findings": ['He said "hi" to me']}),
    ("one quote within", Verdict, '{"verdict": "passed", "reason": "a 5" disk"}',
     {"verdict": "passed", "reason": 'a 5" disk'}),
    ("quotes within and a missing comma", Verdict, '{"verdict": "passed" "reason": "the "b" one"}',
     {"verdict": "passed", "reason": 'the "b" one'}),
    ("quotes within that end a clause", Review, '{"findings": ["It says "no", and ends."]}',
     {"findings": ['It says "no", and ends.']}),
    ("an odd quote before what looks like a comment", Verdict,
     '{"verdict": "passed", "reason": "a " b // c"}',
     {"verdict": "passed", "reason": 'a " b // c'}),
    ("bad escapes", Review, r'{"findings": ["a \d in it\'s"]}', {"findings": [r"a \d in it's"]}),
    ("a forgotten bracket", Review, '{"findings": ["no password"}', ONE),
    ("three quotes", Review, '{"findings": """no password\nno limit"""}', TWO),
    ("backticks", Verdict, '{"verdict": `passed`, "reason": `a "b"`}',
     {"verdict": "passed", "reason": 'a "b"'}),
    ("an url is no comment", Review, '{"findings": ["see http://x.org/#a"],}',
     {"findings": ["see http://x.org/#a"]}),
    ("escaped letters in broken JSON", Review, r'{"findings": ["\u6ca1\u6709\u5bc6\u7801"],}',
     {"findings": ["没有密码"]}),
    ("half a character", Review, '{"findings": ["a\\ud83d"]}', {"findings": ["a\ufffd"]}),
    # keys
    ("another case", Plan, renamed(project_name="PROJECT_NAME", goals="Goals"), PLAN),
    ("camelCase", Plan, renamed(project_name="projectName"), PLAN),
    ("spaces", Plan, renamed(project_name="Project Name", goals="Goals "), PLAN),
    ("dashes", Plan, renamed(project_name="project-name"), PLAN),
    ("singular", Plan, renamed(goals="goal", items="Item"), PLAN),
    ("a longer name", Plan, renamed(project_name="project_name_snake_case"), PLAN),
    ("a shorter name", Plan, renamed(project_name="project"), PLAN),
    ("unknown keys", Plan, plan(reasoning="because", items=[ITEM | {"title": "x"}]), PLAN),
    ("an unknown key like a known one", Plan, plan(Goals=["other"]), PLAN),
    # types
    ("lines for a list", Plan, plan(goals="add tasks\nnever lose one"), PLAN),
    ("bullets for a list", Plan, plan(goals="- add tasks\n- never lose one\n"), PLAN),
    ("numbers for a list", Plan, plan(goals="1. add tasks\n2) never lose one"), PLAN),
    ("a text for a list of one", Review, '{"findings": "no password"}', ONE),
    ("a comma does not split a sentence", Review, '{"findings": "first, second"}',
     {"findings": ["first, second"]}),
    ("JSON in a string for a list", Plan, plan(goals='["add tasks", "never lose one"]'), PLAN),
    ("Python in a string for a list", Review, '{"findings": "[\'no password\']"}', ONE),
    ("brackets in a sentence", Review, '{"findings": "[later] a lock [maybe]"}',
     {"findings": ["[later] a lock [maybe]"]}),
    ("none for a list", Review, '{"findings": "None."}', {"findings": []}),
    ("null for a list", Review, '{"findings": null}', {"findings": []}),
    ("objects for texts", Review, '{"findings": [{"finding": "no password"}]}', ONE),
    ("numbers for texts", Review, '{"findings": [1, 2.5]}', {"findings": ["1", "2.5"]}),
    ("one object for a list", Plan, plan(items=ITEM), PLAN),
    ("objects by name for a list", Plan,
     plan(items={"R1": {"priority": "P0", "acceptance": ["add prints the id"]}}), PLAN),
    ("an object as a string", Plan, plan(position='{"x": 0.25, "y": 0.75}'), PLAN),
    ("a point as a list", Plan, plan(position=[0.25, 0.75]), PLAN),
    ("numbers as texts", Plan, plan(count="3", position={"x": "0.25", "y": "0,75"}), PLAN),
    ("a number as a word", Plan, plan(count="Three"), PLAN),
    ("a larger number as words", Plan, plan(count="twenty-one"), PLAN | {"count": 21}),
    ("a number with a thousands comma", Plan, plan(count="1,200"), PLAN | {"count": 1200}),
    ("yes", Plan, plan(ready="Yes"), PLAN),
    ("true as a text", Plan, plan(ready=" true "), PLAN),
    ("lists of texts for a text", Plan, plan(note=["a", "b"]), PLAN | {"note": "a\nb"}),
    ("null for a default", Plan, plan(note=None), PLAN),
    ("a choice in another case", Verdict, '{"verdict": "PASSED"}',
     {"verdict": "passed", "reason": ""}),
    ("a choice and a remark", Plan, plan(items=[ITEM | {"priority": "P0 (must have)"}]), PLAN),
    ("not a number is nothing", Verdict, '{"verdict": "passed", "reason": NaN}',
     {"verdict": "passed", "reason": ""}),
    # Markdown instead of JSON
    ("headings", Review, "## Findings\n- no password\n- no limit\n", TWO),
    ("bold headings", Verdict, "**Verdict**: passed\n**Reason**: all ran",
     {"verdict": "passed", "reason": "all ran"}),
    ("a verdict on the line of its heading", Verdict, "## Verdict: PASSED\n",
     {"verdict": "passed", "reason": ""}),
]  # fmt: skip

# What a model wrote that holds no document, and what is said of it.
BAD: list[tuple[str, type[Document], str, str]] = [
    ("nothing", Plan, "", "contains no JSON object for a Plan; it is empty"),
    ("a refusal", Plan, "I'm sorry, I can't help.", "begins with \"I'm sorry, I can't help.\""),
    ("only thoughts", Review, f"<think>{json.dumps(ONE)}</think>\n", "it is empty"),
    ("thoughts and a refusal", Review, f"<think>{json.dumps(ONE)}</think>I can't.", "I can't"),
    ("a draft, the end of thoughts and a refusal", Review,
     f"{json.dumps(ONE)}\n</think>\nI can't.", "I can't"),
    ("prose with braces", Plan, "The set {a, b} is fine.", "contains no JSON object"),
    ("a number", Plan, "42", "contains no JSON object"),
    ("an empty object", Plan, "{}", "- project_name: is missing"),
    ("cut off", Plan, TEXT[:-40], "ends within the JSON object"),
    ("cut off in a string", Plan, TEXT[:70], "ends within the JSON object"),
    ("cut off before the last brace", Plan, TEXT[:-1], "ends within the JSON object"),
    ("cut off in a fence", Plan, f"```json\n{NICE[:-30]}\n```", "ends within the JSON object"),
    ("cut off in code that ends like JSON", Verdict, '{"verdict": "passed", "reason": "d = {}',
     "ends within the JSON object"),
    ("cut off in code that closes a brace", Verdict, '{"verdict": "passed", "reason": "d = }',
     "ends within the JSON object"),
    ("cut off behind a whole part", Review, '{"drafts": [{"findings": ["a"]}, {"findings": ["b',
     "ends within the JSON object"),
    ("several, one is wanted", Review, json.dumps([ONE, TWO]), "a list of 2 objects; one Review"),
    ("the schema echoed", Plan, json.dumps(Plan.model_json_schema()), "repeats the schema"),
    ("the schema echoed in a fence", Review,
     f"```json\n{json.dumps(json_schema(Review))}\n```", "repeats the schema"),
    ("our own schema echoed", Review, schema(Review), "repeats the description"),
    ("types for values", Review, '{"findings": ["string"]}', "repeats the description"),
    ("descriptions for values", Review, '{"findings": ["one sentence each"]}',
     "repeats the description"),
    ("the example echoed", Shown, '{"title": "Snake", "stars": "3"}', "repeats the example"),
    ("other keys", Review, '{"score": 3}', "- findings: is missing\nNot asked for: score"),
    ("a missing field", Plan, json.dumps(without("goals")), "- goals: is missing"),
    ("a key that is too short to be meant", Plan, renamed(goals="g"), "- goals: is missing"),
    ("two keys that could be meant", Plan, renamed(goals="goal_a") [:-1] + ', "goal_b": []}',
     "- goals: is missing"),
    ("texts by name where objects are wanted", Plan, plan(items={"R1": "x"}),
     "- items: Input should be a valid array, got an object"),
    ("a wrong id", Plan, plan(items=[ITEM | {"id": "1"}]),
     "- items[0].id: String should match pattern '^R[1-9][0-9]*$', got \"1\""),
    ("no choice", Plan, plan(items=[ITEM | {"priority": "high"}]),
     "- items[0].priority: Input should be 'P0' or 'P1', got \"high\""),
    ("two choices", Plan, plan(items=[ITEM | {"priority": "P0 or P1"}]), "- items[0].priority:"),
    ("percent for a share", Plan, plan(position=[25, 75]),
     "- position.x: Input should be less than or equal to 1, got 25"),
    ("no number", Plan, plan(count="many"), "- count: Input should be a valid integer"),
    ("infinity", Plan, plan(position={"x": 0.5, "y": float("inf")}), "- position.y:"),
    ("an empty list where one is wanted", Plan, plan(items=[]),
     "- items: List should have at least 1 item"),
    ("everything is wrong", Plan, json.dumps({"items": [{}] * 9, "position": []}), "- and "),
    ("too deep", Plan, '{"a":' * 5000 + "1" + "}" * 5000, "nested too deeply"),
    ("too deep and broken", Plan, "{'a':" * 5000 + "1" + "}" * 5000, "contains no JSON object"),
    ("a number beyond reading", Plan, plan(count=1)[:-1] + ', "count": ' + "9" * 5000 + "}", ""),
    ("a part would be lost", Review,
     '{"findings": ["a"], "findings": ["a long text that would vanish"],}', "contains no JSON"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "expected"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD]
)
def test_reads_what_was_meant(kind: type[Document], text: str, expected: dict[str, Any]) -> None:
    assert parse(kind, text).model_dump() == expected


@pytest.mark.parametrize(
    ("kind", "text", "problem"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_says_what_is_wrong(kind: type[Document], text: str, problem: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse(kind, text)
    assert problem in caught.value.problem
    assert len(caught.value.problem) < 2500
    assert caught.value.text == text  # it is paid for


def test_examples_of_the_prompt_are_no_answers() -> None:
    assert parse(Review, json.dumps(ONE)).findings == ["no password"]
    with pytest.raises(ReplyError, match="repeats the example"):
        parse(Review, json.dumps(ONE), examples=[ONE])
    both = f"{json.dumps(TWO)}\n{json.dumps(ONE)}"
    assert parse(Review, both, examples=[ONE]).model_dump() == TWO


def test_only_what_was_said_is_in_the_problem_and_not_all_of_it() -> None:
    with pytest.raises(ReplyError) as caught:
        parse(Plan, plan(count="x" * 5000, ready="y" * 5000))
    assert len(caught.value.problem) < 600


def test_other_kinds_of_fields() -> None:
    class Small(Part):
        name: str
        size: int = 0

    class Large(Part):
        name: str
        volume: float

    class Many(Document):
        sizes: dict[str, int]
        pair: tuple[int, str]
        any_of: Small | Large
        marks: list[Literal["a", "b"]]
        free: Any
        exact: Annotated[int, Field(ge=1)] = 1
        labels: list[Small] = Field(default=[])
        alias: str = Field(default="", alias="as")

    text = """{"sizes": {"a": "two"}, "pair": ["1", 2], "anyOf": {"name": "x", "volume": "1,5"},
        "marks": "A, b", "free": {"x": [1]}, "exact": "three", "labels": ["l"], "as": "z"}"""
    assert parse(Many, text).model_dump() == {
        "sizes": {"a": 2},
        "pair": (1, "2"),
        "any_of": {"name": "x", "volume": 1.5},
        "marks": ["a", "b"],
        "free": {"x": [1]},
        "exact": 3,
        "labels": [{"name": "l", "size": 0}],
        "alias": "z",
    }


def test_a_document_of_defaults_may_be_empty_but_not_about_something_else() -> None:
    class Easy(Document):
        remarks: list[str] = Field(default=[])

    assert parse(Easy, "```json\n{}\n```").remarks == []
    with pytest.raises(ReplyError, match="none of the keys of a Easy: score"):
        parse(Easy, '{"score": 1}')


# -- what is always so

names = st.text(min_size=1, max_size=20).filter(str.strip)
points = st.floats(0, 1).map(lambda x: round(x, 3))
items = st.builds(
    Item,
    id=st.integers(1, 99).map("R{}".format),
    priority=st.sampled_from(["P0", "P1"]),
    acceptance=st.lists(st.text(max_size=30), min_size=1, max_size=3),
)
plans = st.builds(
    Plan,
    project_name=st.sampled_from(["todo", "snake", "没有"]),
    goals=st.lists(st.text(max_size=40), max_size=4),
    items=st.lists(items, min_size=1, max_size=3),
    position=st.builds(Point, x=points, y=points),
    count=st.integers(-1000, 1000),
    ready=st.booleans(),
    note=st.text(max_size=60),
    owner=st.none() | names,
)
prose = st.text(
    alphabet=st.sampled_from("abc xyz.,:;!?()-*#'\n0123{}[]<>=éß你"), max_size=80
).filter(lambda text: not re.search(r"\{\s*[A-Za-z_'}#/]|\[\s*$|^\s*,", text))


def clean(value: Any) -> Any:
    """Return what is left of a text that no file could hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: clean(one) for key, one in value.items()}
    return [clean(one) for one in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(plans, prose, prose, st.sampled_from(["", "```json\n", "```\n", "~~~\n", "[CONTENT]\n"]))
def test_a_valid_reply_reads_the_same_in_prose_and_fences(
    document: Plan, before: str, after: str, fence: str
) -> None:
    text = document.model_dump_json(indent=2)
    end = {"": "", "[CONTENT]\n": "\n[/CONTENT]"}.get(fence, "\n" + fence[:3])
    wrapped = f"{before}\n\n{fence}{text}{end}\n\n{after}"
    assert parse(Plan, wrapped) == document == parse(Plan, text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans, st.data())
def test_a_damaged_reply_is_read_or_refused_with_a_reply_error(
    document: Plan, data: st.DataObject
) -> None:
    text = document.model_dump_json(indent=data.draw(st.sampled_from([None, 2])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(len(text), at + 8)))
        put = data.draw(st.sampled_from([*"{}[]\"',:\\`\n<>/#", "```", "</think>", "null"]))
        text = text[:at] + put + text[until:]
    try:
        assert isinstance(parse(Plan, text), Plan)
    except ReplyError as error:
        assert error.problem


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (lambda: parse(Review, text), lambda: fenced(text, "a.py"), lambda: files(text)):
        try:
            assert read()
        except ReplyError as error:
            assert error.problem


braces = st.text(alphabet='{}[]",:1e \\é', max_size=8)  # what confuses a reader of braces


class Shelf(Document):
    """Has a whole object, then fields that may be missing: cut off, it can look complete."""

    first: Item
    note: str = ""
    ready: bool = False


shelves = st.builds(
    Shelf,
    first=st.builds(
        Item,
        id=st.just("R1"),
        priority=st.just("P0"),
        acceptance=st.lists(braces, min_size=1, max_size=2),
    ),
    note=braces,
    ready=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(plans, shelves), st.sampled_from([None, 2]), st.data())
def test_a_reply_that_is_cut_off_is_never_read_as_a_whole(
    document: Document, indent: int | None, data: st.DataObject
) -> None:
    text = document.model_dump_json(indent=indent)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    with pytest.raises(ReplyError):
        parse(type(document), cut)


@pytest.mark.parametrize("text", ["}", "1}", "true}", 'say \\"hi\\"}', "\\u00e9}", "1} \\u00"])
def test_a_brace_in_the_string_where_a_reply_is_cut_off_does_not_end_it(text: str) -> None:
    item = '{"id": "R1", "priority": "P0", "acceptance": ["a"]}'
    with pytest.raises(ReplyError, match="ends within"):
        parse(Shelf, f'{{"first": {item}, "note": "{text}')


def test_a_brace_in_an_earlier_string_does_not_end_a_reply_that_is_cut_off() -> None:
    item = '{"id": "R1", "acceptance": ["}"], "priority": "P0"}'
    with pytest.raises(ReplyError, match="ends within"):
        parse(Shelf, f'{{"first": {item}, "ready": tr')


# -- what a model is told


def test_the_schema_for_the_prompt_names_fields_types_and_remarks() -> None:
    assert schema(Plan) == (
        "{\n"
        '  "project_name": text,\n'
        '  "goals": [text, ...],\n'
        '  "items": [{  // at least 1\n'
        '    "id": text,  // R1, R2, ...; matches ^R[1-9][0-9]*$\n'
        '    "priority": "P0" | "P1",  // P0 must, P1 may\n'
        '    "acceptance": [text, ...]  // checks that can be automated; at least 1\n'
        "  }, ...],\n"
        '  "position": {  // where it stands\n'
        '    "x": number,  // >= 0; <= 1\n'
        '    "y": number  // >= 0; <= 1\n'
        "  },\n"
        '  "count": whole number,\n'
        '  "ready": true or false,\n'
        '  "note": text,  // optional\n'
        '  "owner": text or null  // optional\n'
        "}"
    )
    assert len(schema(Plan)) < len(json.dumps(Plan.model_json_schema())) / 2


class Tree(Document):
    name: str
    below: list[Tree] = Field(default=[])


def test_parts_that_contain_themselves_have_a_name() -> None:
    text = schema(Tree)
    assert text.splitlines()[0] == "{"
    assert '"below": [Tree, ...]  // optional' in text
    assert "Tree = {" in text
    nested = {"name": "a", "below": [{"name": "b", "below": [{"name": "c", "below": []}]}]}
    assert parse(Tree, json.dumps(nested)).model_dump() == nested


def walk(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(inner for value in node.values() for inner in walk(value))]
    return [inner for value in node for inner in walk(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("kind", [Plan, Review, Verdict, Tree])
def test_the_strict_schema_keeps_the_rules_of_strict_mode(kind: type[Document]) -> None:
    strict = json_schema(kind)
    assert strict is not None
    assert strict["type"] == "object"
    for node in walk(strict):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        if isinstance(node.get("$ref"), str):
            assert node.keys() == {"$ref"}
            assert node["$ref"].removeprefix("#/$defs/") in strict["$defs"]
        if isinstance(node.get("type"), str):
            allowed = {"type", "description", "enum", "properties", "required", "items"}
            assert node.keys() <= allowed | {"additionalProperties", "$defs"}


def test_what_strict_mode_cannot_say_has_no_strict_schema() -> None:
    class Free(Document):
        sizes: dict[str, int]

    class Loose(Document):
        value: Any

    class Fixed(Document):
        pair: tuple[int, str]

    assert [json_schema(kind) for kind in (Free, Loose, Fixed)] == [None, None, None]
    assert "{text: whole number, ...}" in schema(Free)
    assert '"value": any' in schema(Loose)
    assert "[whole number, text]" in schema(Fixed)
