"""Reading SOPs: what is right, and every way to be wrong, with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shop import shop

from metaco.core.document import Requirement
from metaco.core.errors import ConfigurationError, SOPError
from metaco.core.limits import Limits
from metaco.sop.procedure import SOP, built_in
from metaco.sop.steps import Repeat

GOOD = """\
name: play
about: Ein Stück in vier Akten – 戏剧.
input: Requirement
output: Passed
steps:
  - cast:Actor.begin: {gate: ask}
  - cast:Actor.tasks
  - shop:Writer.write: {parallel: 3}
  - shop:Tester.test
  - repeat:
      at_most: 2
      until: Passed
      steps: [shop:Writer.fix, shop:Tester.test]
limits: {cost: 1.5, tokens: 1000, calls: 7, minutes: 2}
"""


def test_a_good_one() -> None:
    text = GOOD.replace(
        "cast:Actor.tasks", "cast:Actor.tasks\n  - cast:Actor.plan: {after: [Task]}"
    )
    sop = SOP.parse(text, "play.yaml")
    assert [step.name for step in sop.steps()] == [
        "Actor.begin",
        "Actor.tasks",
        "Actor.plan",
        "Writer.write",
        "Tester.test",
        "Writer.fix",
        "Tester.test",
    ]
    steps = list(sop.steps())
    assert [step.line for step in steps] == [6, 7, 8, 9, 10, 14, 14]
    assert steps[0].gate
    assert steps[3].parallel == 3
    assert str(steps[3]) == "Writer.write(task: Task, plan: Plan) -> File"
    assert str(steps[4]) == "Tester.test(files: list[File]) -> Passed | Failed"
    assert [kind.__name__ for kind in steps[2].after] == ["Task"]
    repeat = sop.body.steps[-1]
    assert isinstance(repeat, Repeat)
    assert (repeat.at_most, repeat.until and repeat.until.__name__) == (2, "Passed")
    assert sop.limits == Limits(1.5, 1000, 7, 2)
    assert sop.about == "Ein Stück in vier Akten – 戏剧."
    assert sop.input is Requirement
    assert sop.warnings == []
    assert sop.hash == SOP.parse(text, "elsewhere.yaml").hash


@pytest.mark.parametrize("name", built_in())
def test_the_built_in_ones_are_right(name: str) -> None:
    sop = SOP.load(name)
    assert sop.warnings == []
    assert sop.about
    assert sop.name == name


HEAD = "input: Requirement\nsteps:\n  - cast:Actor.begin\n"

WRONG = {
    "empty": ("", "p.yaml: This is not an SOP. Write `name:`"),
    "a list": ("- a\n", "p.yaml: This is not an SOP."),
    "a comment": ("# nothing\n", "p.yaml: This is not an SOP."),
    "not YAML": ("steps: [a\n", "p.yaml:2: This is not YAML"),
    "a tab": ("steps:\n\t- cast:Actor.begin\n", "p.yaml:2: This is not YAML"),
    "two documents": ("steps: []\n---\nsteps: []\n", "p.yaml:2: This is not YAML"),
    "a control character": ("steps: \0", "p.yaml: This is not YAML"),
    "half a character": ("steps: \ud83d", "p.yaml: This is not YAML"),
    "no steps": ("name: x\n", "p.yaml:1: The SOP has no steps. Add a list"),
    "steps that are none": ("name: x\nsteps: 3\n", "The SOP has no steps."),
    "an empty list": ("name: x\nsteps: []\n", "p.yaml:2: The SOP has no steps."),
    "an unknown key": ("stepps: []\n", "p.yaml:1: Unknown key 'stepps'. Did you mean steps?"),
    "a key twice": (HEAD + "input: Order\n", "p.yaml:4: The key input appears twice."),
    "an alias": (
        "about: &a [x, x]\nname: [*a, *a]\n" + HEAD,
        "p.yaml:2: Aliases (`*name`) are not supported in SOPs. Write it out.",
    ),
    "itself": ("&a steps: &b [*b]\n", "p.yaml:1: Aliases"),
    "depth": ("steps:\n  - " + "[" * 100_000, "p.yaml:2: The SOP is nested too deeply."),
    "an unknown role": (
        "steps:\n  - architekt.write_design\n",
        "p.yaml:2: There is no role 'architekt'. Did you mean architect?",
    ),
    "an unknown module": (
        "steps:\n  - nowhere.at_all:Actor.begin\n",
        "p.yaml:2: There is no role 'nowhere.at_all:Actor'. Write module:Class",
    ),
    "an unknown class": (
        "steps:\n  - cast:Acter.begin\n",
        "p.yaml:2: cast has no role class Acter. Name a class that derives from metaco.Role.",
    ),
    "a class that is no role": ("steps:\n  - cast:Note.begin\n", "cast has no role class Note."),
    "a class that cannot be chosen": (
        "steps:\n  - cast:begin\n",
        "p.yaml:2: cast defines 2 role classes, and none was selected.",
    ),
    "an unknown action": (
        "steps:\n  - cast:Actor.beginn\n",
        "p.yaml:2: Actor has no action 'beginn'. Did you mean begin?",
    ),
    "a method that is no action": (
        "steps:\n  - cast:Actor.not_an_action\n",
        "p.yaml:2: Actor has no action 'not_an_action'.",
    ),
    "no action": ("steps:\n  - architect\n", "p.yaml:2: 'architect' names no action."),
    "nothing": ("steps:\n  -\n", "p.yaml:2: '' names no action."),
    "two steps in a line": (
        "steps:\n  - {cast:Actor.begin: , cast:Actor.again: }\n",
        "p.yaml:2: A line must be one step.",
    ),
    "a list in a line": ("steps:\n  - [cast:Actor.begin]\n", "p.yaml:2: A line must be one step."),
    "an unknown option": (
        "steps:\n  - cast:Actor.begin: {gates: ask}\n",
        "p.yaml:2: Unknown key 'gates'. Did you mean gate?",
    ),
    "options that are none": (
        "steps:\n  - cast:Actor.begin: ask\n",
        "p.yaml:2: A mapping is expected here. Allowed keys: gate, after, ",
    ),
    "a wrong gate": (
        "steps:\n  - cast:Actor.begin: {gate: maybe}\n",
        "p.yaml:2: gate is 'maybe'. Write ask or off.",
    ),
    "a wrong parallel": (
        "steps:\n  - cast:Actor.begin: {parallel: 0}\n",
        "p.yaml:2: parallel is 0. Give a whole number above 0.",
    ),
    "a wrong after": (
        HEAD + "  - cast:Actor.tasks: {after: [Nott]}\n",
        "p.yaml:4: No step reads or publishes a document 'Nott'. Did you mean Note?",
    ),
    "an unknown input": ("input: Wish\nsteps:\n  - cast:Actor.begin\n", "p.yaml:1: No step reads"),
    "an unknown output": (
        HEAD + "output: Wish\n",
        "p.yaml:4: No step reads or publishes a document 'Wish'.",
    ),
    "an output nobody makes": (
        HEAD + "output: Requirement\n",
        "p.yaml:4: No step publishes the output Requirement. They publish Note.",
    ),
    "a producer that is missing": (
        "steps:\n  - cast:Actor.tasks\n",
        "p.yaml:2: Actor.tasks reads Note, which no step above it publishes. Add the step",
    ),
    "reading from below": (
        HEAD + "  - cast:Actor.choose\n  - cast:Actor.tasks\n",
        "p.yaml:4: Actor.choose reads Task, which Actor.tasks publishes at or below this line. "
        "Move that step up, or put both into a `repeat`.",
    ),
    "reading from itself": (
        "input: Requirement\nsteps:\n  - cast:Actor.again\n",
        "p.yaml:3: Actor.again reads Note, which itself publishes at or below this line.",
    ),
    "a document that cannot be chosen": (
        HEAD + "  - cast:Actor.tasks\n  - cast:Actor.choose\n",
        "p.yaml:5: Actor.choose reads one Task as task, but there can be several. Make it list[",
    ),
    "two turns of one identity": (
        "steps:\n  - cast:Actor.begin: {after: []}\n  - cast:Actor.tasks\n  - cast:Actor.collide\n",
        "p.yaml:4: Actor.collide runs once per Task and publishes Tag, which has no key",
    ),
    "a list of one identity": (
        "steps:\n  - cast:Actor.notes\n",
        "p.yaml:2: Actor.notes returns a list of Note, which has no key",
    ),
    "a key below a head without": (
        "steps:\n  - cast:Actor.named\n",
        "p.yaml:2: NamedTag has a key and Tag, the root of its family, has none. Define `key`",
    ),
    "two documents of a name": (
        HEAD + "  - other_cast:begin\n",
        "p.yaml:4: Two kinds of document are called Note: cast and other_cast. Rename one",
    ),
    "a repeat without a body": ("steps:\n  - repeat\n", "p.yaml:2: A repeat needs a body."),
    "a repeat of a word": ("steps:\n  - repeat: often\n", "p.yaml:2: A repeat needs a body."),
    "a repeat of a list": ("steps:\n  - repeat: [a, b]\n", "p.yaml:2: A repeat needs a body."),
    "a repeat without end": (
        HEAD + "  - repeat:\n      steps: [cast:Actor.again]\n",
        "p.yaml:4: A repeat needs at_most: the largest number of rounds. Give 1 or more.",
    ),
    "a repeat of true rounds": (
        HEAD + "  - repeat: {at_most: true, steps: [cast:Actor.again]}\n",
        "p.yaml:4: A repeat needs at_most",
    ),
    "a repeat without steps": (
        HEAD + "  - repeat: {at_most: 2, steps: []}\n",
        "p.yaml:4: A repeat needs steps.",
    ),
    "a repeat until what it does not make": (
        HEAD + "  - repeat: {at_most: 2, until: Requirement, steps: [cast:Actor.again]}\n",
        "p.yaml:4: repeat until Requirement: no step in it publishes that.",
    ),
    "a limit of nothing": (HEAD + "limits: {cost: 0}\n", "p.yaml:4: The limit cost is 0. Give"),
    "a limit below": (HEAD + "limits: {minutes: -1}\n", "The limit minutes is -1."),
    "a limit that is none": (HEAD + "limits: {cost: .nan}\n", "The limit cost is nan."),
    "a limit without end": (HEAD + "limits: {cost: .inf}\n", "The limit cost is inf."),
    "half a call": (HEAD + "limits: {calls: 1.5}\n", "The limit calls is 1.5. Give a whole number"),
    "a limit in words": (HEAD + "limits: {calls: many}\n", "The limit calls is 'many'."),
    "a true limit": (HEAD + "limits: {tokens: true}\n", "The limit tokens is True."),
    "an unknown limit": (HEAD + "limits: {dollars: 1}\n", "Unknown key 'dollars'."),
    "limits that are none": (HEAD + "limits: 5\n", "p.yaml:4: A mapping is expected here."),
    "too many digits": (
        HEAD + f"limits: {{calls: {'9' * 5000}}}\n",
        "cannot be read as a value. Correct it.",
    ),
    "a tag that lies": (HEAD + "limits: {calls: !!int '[1'}\n", "'[1' cannot be read as a value."),
    "an action without parameters": (
        "steps:\n  - cast:Wrong.nothing\n",
        "Wrong.nothing reads nothing.",
    ),
    "an action without a result": (
        "steps:\n  - cast:Wrong.silent\n",
        "Wrong.silent does not declare what it publishes.",
    ),
    "a parameter that is no document": (
        "steps:\n  - cast:Wrong.numbers\n",
        "The parameter count of Wrong.numbers is not annotated with one kind of document.",
    ),
    "an action that is not async": ("steps:\n  - cast:Wrong.plain\n", "Wrong.plain is not async."),
    "an annotation that is not there": (
        "steps:\n  - cast:Wrong.unknown\n",
        "An annotation of Wrong.unknown cannot be resolved",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_have_a_location_and_a_remedy(name: str) -> None:
    text, message = WRONG[name]
    with pytest.raises(SOPError) as caught:
        SOP.parse(text, "p.yaml")
    assert message in str(caught.value)
    assert caught.value.location.startswith("p.yaml")
    assert caught.value.remedy


def test_a_module_that_cannot_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broken_cast.py").write_text("def (")
    (tmp_path / "needy_cast.py").write_text("import not_installed_anywhere")
    with pytest.raises(SOPError, match="broken_cast:A cannot be imported: SyntaxError"):
        SOP.parse("steps: [broken_cast:A.b]")
    with pytest.raises(SOPError, match="needs the module not_installed_anywhere"):
        SOP.parse("steps: [needy_cast:A.b]")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "play.yml"
    path.write_text(GOOD.replace("cast:Actor.tasks", "cast:Actor.tasks\n  - cast:Actor.plan"))
    assert SOP.load(path).origin == str(path)
    path.write_bytes(b"name: \xff\n")
    with pytest.raises(SOPError, match="cannot be read"):
        SOP.load(path)
    with pytest.raises(SOPError, match="cannot be read"):
        SOP.load(tmp_path / "none.yaml")
    with pytest.raises(SOPError, match="Did you mean software_company"):
        SOP.load("software_compny")
    with pytest.raises(SOPError, match="cannot be read"):
        SOP.load(tmp_path.with_suffix(".yaml"))


def test_a_document_that_nobody_reads_is_a_warning() -> None:
    sop = SOP.parse(HEAD + "  - cast:Actor.tasks\n  - cast:Actor.plan\noutput: Plan\n", "p.yaml")
    assert sop.warnings == [
        "p.yaml:4: Actor.tasks publishes Task, which no line below it reads. "
        "Add a line that does, or name it as the output."
    ]


def test_a_document_may_be_published_again_below() -> None:
    sop = SOP.parse(HEAD + "  - cast:Actor.again\n", "p.yaml")
    assert sop.warnings == []


def test_a_repeat_that_ends_with_an_unchecked_change_is_a_warning() -> None:
    text = GOOD.replace(
        "[shop:Writer.fix, shop:Tester.test]", "[shop:Tester.test, shop:Writer.fix]"
    )
    text = text.replace("cast:Actor.tasks", "cast:Actor.tasks\n  - cast:Actor.plan")
    (warning,) = SOP.parse(text, "p.yaml").warnings
    assert warning.startswith("p.yaml:14: Writer.fix changes File after Tester.test has checked")


def test_gates_are_named_by_step_action_or_document() -> None:
    sop = shop()

    def gated() -> list[str]:
        return [step.name for step in sop.steps() if step.gate]

    sop = sop.with_gates(["plan"])
    assert gated() == ["planner.plan"]
    sop = sop.with_gates(["none", "writer.write", "delivery"])
    assert gated() == ["writer.write", "tester.deliver"]
    sop = sop.with_gates(["all"])
    assert len(gated()) == 7
    sop = sop.with_gates(["none"])
    assert gated() == []
    with pytest.raises(ConfigurationError, match=r"Did you mean writer\.write"):
        sop = sop.with_gates(["writer.writ"])
    assert sop.find("Task").name == "planner.split"
    with pytest.raises(ConfigurationError, match="No step of shop is called 'x'"):
        sop.find("x")


# Pieces of SOPs put together at random come closer to the readers' corners than random letters.
_PIECES = st.sampled_from(
    [
        *"[]{}:,-&*!|>'\"#%@`?\n \t",
        *("\n  - ", "\n    ", "steps:", "name: ", "input: Requirement\n", "limits:", "- repeat:"),
        *("at_most: 2", "until: Note", "cast:Actor.begin", "cast:Actor.again", "architect."),
        *("!!int ", "!!map ", "!!python/object ", "&a ", "*a", "<<: ", "---\n", "...", ".nan"),
        *("{gate: ask}", "after: [Note]", "parallel: 1", "0x1F", "2001-01-01", "é", "\u2028"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=25).map("".join)))
@example("steps: [..a:b.c]")
@example("steps: [.:.]")
@example("steps: ['::.']")
@example("steps:\n- a/b.c")
@example("? [a]\n: b")
def test_no_text_is_too_strange(text: str) -> None:
    for whole in (text, HEAD + text, f"steps:\n  - {text}\n"):
        try:
            SOP.parse(whole)
        except SOPError as error:
            assert error.problem


def test_roles_have_limits_of_their_own() -> None:
    text = (
        "input: Order\nsteps: [shop:Planner.plan]\n"
        "limits: {cost: 2, roles: {Planner: {cost: 1, calls: 3}}}\n"
    )
    limits = SOP.parse(text).limits
    assert limits.dump() == {"cost": 2, "roles": {"Planner": {"cost": 1, "calls": 3}}}
    for wrong, problem in (
        ("{Nobody: {cost: 1}}", "Unknown key 'Nobody'"),
        ("{Planner: {minutes: 1}}", "Unknown key 'minutes'"),
        ("{Planner: {cost: -1}}", "The limit cost is -1"),
    ):
        with pytest.raises(SOPError, match=problem):
            SOP.parse(text.replace("{Planner: {cost: 1, calls: 3}}", wrong))
