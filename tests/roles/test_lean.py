"""Short prompts for small models: they render, are short, keep what counts, and their examples
are answers that may not be copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import metaco.roles
from metaco import Company, Role
from metaco.core.document import Document
from metaco.core.errors import ReplyError
from metaco.core.model import Reply, Request
from metaco.models.prices import estimate
from metaco.reply import parse
from metaco.role import Context
from metaco.roles.architect import Architect
from metaco.roles.documents import PRD, Outline, OutlinedFile, SystemDesign, Task
from metaco.roles.engineer import Engineer
from metaco.roles.product_manager import ProductManager
from metaco.roles.programmer import Programmer
from metaco.roles.project_manager import ProjectManager
from metaco.roles.qa_engineer import QAEngineer
from metaco.settings import Settings
from metaco.testing import Scripted
from tests.roles import example

ROLES = Path(next(iter(metaco.roles.__path__)))


OUTLINE = Outline(
    project_name="expenses",
    summary=example.PRD_.summary,
    requirements=example.PRD_.requirements,
    files=[OutlinedFile(path="expenses/__main__.py", purpose="all of it", requirements=["R1"])],
    packages=[],
    run=["python -m expenses --help"],
    open_questions=[],
)


class Enough(Exception):
    """The request was made; no answer is needed."""


async def asked(role: type[Role], action: str, *about: Any, lean: bool) -> Request:
    """Return what the role asks of its model."""
    seen: list[Request] = []

    async def call(request: Request) -> Reply:
        seen.append(request)
        raise Enough

    context = Context("someone", action, call, sandbox=None, lean=lean)  # type: ignore[arg-type]
    with pytest.raises(Enough):
        await getattr(role(context), action)(*about)
    return seen[0]


async def tasks() -> list[Task]:
    context = Context("project_manager", "split", call=None, sandbox=None)  # type: ignore[arg-type]
    return list(await ProjectManager(context).split(example.PLAN, example.DESIGN, example.PRD_))


async def everything() -> dict[str, tuple[type[Role], str, tuple[Any, ...]]]:
    """Return every action that has a lean prompt, with documents to ask about."""
    made = await tasks()
    task = next(t for t in made if t.requirements and t.uses)
    return {
        "write_prd": (ProductManager, "write_prd", (example.REQUIREMENT,)),
        "write_design": (Architect, "write_design", (example.PRD_,)),
        "write_file": (Engineer, "write_file", (task,)),
        "fix_files": (
            Engineer,
            "fix_files",
            (example.FAILED, example.SOURCES, example.TESTS, made),
        ),
        "write_tests": (QAEngineer, "write_tests", (task,)),
        "outline": (Programmer, "outline", (example.REQUIREMENT,)),
        "fix_program": (
            Programmer,
            "fix_program",
            (example.FAILED, OUTLINE, example.SOURCES, example.TESTS),
        ),
    }


ACTIONS = [
    "write_prd",
    "write_design",
    "write_file",
    "fix_files",
    "write_tests",
    "outline",
    "fix_program",
]


def test_every_lean_prompt_is_tested_here() -> None:
    lean_actions = {path.name.partition(".")[0] for path in ROLES.glob("*/prompts/*.lean.md.j2")}
    assert lean_actions - {"software_team"} == set(ACTIONS)  # the system prompt they share


@pytest.mark.parametrize("name", ACTIONS)
async def test_it_renders_and_is_shorter(name: str) -> None:
    role, action, about = (await everything())[name]
    full = await asked(role, action, *about, lean=False)
    lean = await asked(role, action, *about, lean=True)
    assert lean.prompt != full.prompt
    assert estimate(lean.system) * 3 < estimate(full.system)
    # The documents are the same in both; what is said around them is not.
    assert estimate(lean.prompt) < estimate(full.prompt)
    assert estimate(full.text) - estimate(lean.text) > 250
    assert "{{" not in lean.text.replace("{{}}", "")
    assert "\n\n\n\n" not in lean.prompt


@pytest.mark.parametrize("name", ["write_file", "write_tests"])
async def test_it_asks_for_one_file_and_says_what_it_has_to_know(name: str) -> None:
    role, action, about = (await everything())[name]
    lean = await asked(role, action, *about, lean=True)
    task = next(t for t in await tasks() if t.requirements and t.uses)
    assert task.path in lean.prompt
    assert task.requirements[0].text in lean.prompt
    assert task.requirements[0].acceptance[0] in lean.prompt
    assert "one code block" in lean.prompt
    assert all(stub in lean.prompt for stub in [*task.offers, *task.uses])
    assert lean.prompt.endswith(task.path if name == "write_file" else task.tests)


@pytest.mark.parametrize("name", ["fix_files", "fix_program"])
async def test_one_file_is_mended_at_a_time(name: str) -> None:
    role, action, about = (await everything())[name]
    lean = await asked(role, action, *about, lean=True)
    failed = next(o for o in example.FAILED.outcomes if o.outcome == "failed")
    assert failed.message in lean.prompt
    assert failed.test.split("::")[0] in lean.prompt
    assert "Mend one file" in lean.prompt


EXAMPLES: list[tuple[str, type[Document], str]] = [
    ("product_manager", PRD, "write_prd"),
    ("architect", SystemDesign, "write_design"),
    ("programmer", Outline, "outline"),
]


@pytest.mark.parametrize(("role", "kind", "action"), EXAMPLES)
def test_an_example_is_a_whole_answer_and_no_answer(
    role: str, kind: type[Document], action: str
) -> None:
    text = (ROLES / role / "prompts" / f"{action}.example.json").read_text()
    document = parse(kind, text)
    needed = {name for name, info in kind.model_fields.items() if info.is_required()}
    assert json.loads(text).keys() >= needed
    with pytest.raises(ReplyError, match="the example"):
        parse(kind, document.model_dump_json(), examples=[json.loads(text)])


@pytest.mark.parametrize("renamed", [False, True])
async def test_a_model_that_copies_the_example_is_asked_again(renamed: bool) -> None:
    copied = json.loads((ROLES / "product_manager/prompts/write_prd.example.json").read_text())
    if renamed:
        copied["project_name"] = "expenses"
    replies = [json.dumps(copied), example.PRD_.model_dump_json()]
    seen: list[Request] = []

    async def call(request: Request) -> Reply:
        seen.append(request)
        return Reply(replies[len(seen) - 1])

    context = Context("pm", "write_prd", call, sandbox=None, lean=True)  # type: ignore[arg-type]
    assert await ProductManager(context).write_prd(example.REQUIREMENT) == example.PRD_
    assert "knit_counter" in seen[0].prompt
    assert "repeats the example" in seen[1].rejected_replies[0][1]


async def test_the_example_is_not_in_the_full_prompt() -> None:
    full = await asked(ProductManager, "write_prd", example.REQUIREMENT, lean=False)
    assert "knit_counter" not in full.text


async def test_an_action_without_a_lean_prompt_gets_its_own() -> None:
    about = (example.DESIGN, example.PRD_)
    lean = await asked(ProjectManager, "plan_tasks", *about, lean=True)
    full = await asked(ProjectManager, "plan_tasks", *about, lean=False)
    assert lean.prompt == full.prompt
    assert lean.system != full.system


@pytest.mark.parametrize(
    ("setting", "model", "lean"),
    [
        ("", "ollama:qwen2.5:7b", False),
        ("ollama:*", "ollama:qwen2.5:7b", True),
        ("ollama:*", "openai:gpt-5", False),
        ("openai:gpt-5-nano, ollama:*", "OpenAI:gpt-5-nano", True),
        ("ollama:*", "ollama:llama3,openai:gpt-5", True),
        ("*", "anything", True),
    ],
)
def test_the_setting_names_models(setting: str, model: str, lean: bool, tmp_path: Path) -> None:
    settings = Settings.load(folder=tmp_path, environment={"METACO_LEAN": setting})
    assert settings.is_lean(model) is lean


@pytest.mark.parametrize("lean", ["", "scripted"])
async def test_a_company_gives_its_models_what_the_setting_says(tmp_path: Path, lean: str) -> None:
    model = Scripted({"product_manager.write_prd": example.PRD_})
    company = Company(model=model, workspace=tmp_path, settings=Settings(lean=lean))
    await company.run("Write a CLI expense tracker")
    assert ("knit_counter" in model.requests[0].prompt) == bool(lean)
