"""How fast the company is and how much it says: a project of N files, one second per reply.

    python tests/bench/company.py [SECONDS_PER_REPLY]

Prints, for 6 and 12 files: wall time against the critical path, replies on it, prompt tokens
(characters / 4), the share of the prompts that is a byte-identical prefix of an earlier prompt, and
the tokens when such a prefix counts a quarter, as providers charge it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time

from metaco import Company, Reply, Request
from metaco.roles.documents import (
    PRD,
    Axis,
    Class,
    Competitor,
    FilePlan,
    FlowStep,
    Function,
    PlannedFile,
    Point,
    Relation,
    RequirementItem,
    SystemDesign,
    TaskPlan,
)
from metaco.testing import FunctionModel

VERBS = ("add", "find", "change", "remove")


class Project:
    """A made-up project of `n` files, as wordy as real ones are."""

    def __init__(self, n: int, latency: float) -> None:
        self.n, self.latency = n, latency
        self.prompts: list[str] = []
        self.flying = self.most = 0

    async def answer(self, request: Request) -> Reply:
        self.prompts.append(f"{request.system}\n\n{request.prompt}")
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.flying -= 1
        made = getattr(self, request.action)(**request.inputs)
        return Reply(made if isinstance(made, str) else made.model_dump_json(), model="bench")

    def names(self) -> list[str]:
        parts = "books members loans fines shelves orders reports users events notices rooms tags"
        return parts.split()[: self.n - 1]

    def write_prd(self, requirement: object) -> PRD:
        items = [
            RequirementItem(
                id=f"R{i}",
                priority="P0" if i < 5 else "P1",
                text=f"The librarian can add, find, change and remove {name} with all fields.",
                acceptance=[
                    f"Adding one of {name} with a name returns it with a new id, counted from 1.",
                    f"Finding one of {name} by an unknown id raises KeyError with the id in it.",
                    f"Removing one of {name} twice raises KeyError the second time.",
                ],
            )
            for i, name in enumerate(self.names(), 1)
        ]
        return PRD(
            project_name="library",
            summary="A command-line program with which a small library keeps its books, members "
            "and loans. It runs offline on one machine and stores everything in one SQLite file.",
            language="en",
            goals=["No loan is ever lost", "A loan takes one line to record"],
            user_stories=[f"As a librarian, I want to see all {n}." for n in self.names()[:5]],
            competitors=[
                Competitor(
                    name=f"Product {i}",
                    strengths=["Known to everybody", "Costs nothing"],
                    weaknesses=["Needs a server", "Hard to learn"],
                    position=Point(x=0.1 * i, y=0.9 - 0.1 * i),
                )
                for i in range(1, 6)
            ],
            x_axis=Axis(low="hard to set up", high="ready at once"),
            y_axis=Axis(low="few features", high="many features"),
            position=Point(x=0.8, y=0.6),
            requirements=items,
            ui_draft="library books add 'Dune'\n1 Dune\nlibrary loans list --overdue\nNo loans.",
            open_questions=["How long a loan lasts is not said; 28 days are assumed."],
        )

    def write_design(self, prd: PRD) -> SystemDesign:
        classes, files = [], []
        for i, name in enumerate(self.names(), 1):
            kind = name.capitalize()
            path = f"library/{name}.py"
            purpose = f"Keeps the {name} of the library and checks what is entered."
            files.append(FilePlan(path=path, purpose=purpose, requirements=[f"R{i}"]))
            classes.append(
                Class(
                    name=f"{kind}Item",
                    file=path,
                    purpose=f"One of the {name}, as it is stored.",
                    attributes=["id: int", "name: str", "note: str = ''", "active: bool = True"],
                    methods=[],
                )
            )
            methods = [f"{verb}(self, name: str, note: str = '') -> {kind}Item" for verb in VERBS]
            classes.append(
                Class(
                    name=f"{kind}Store",
                    file=path,
                    purpose=f"All {name}; raises KeyError for an unknown id.",
                    attributes=[f"items: list[{kind}Item]"],
                    methods=["__init__(self, path: str) -> None", *methods],
                )
            )
        files.append(FilePlan(path="library/__main__.py", purpose="Starts it.", requirements=[]))
        main = "main(argv: list[str] | None = None) -> int"
        return SystemDesign(
            package="library",
            approach="Each kind of thing has a module with its data class and its store. " * 3,
            packages=[],
            files=files,
            classes=classes,
            functions=[Function(file="library/__main__.py", signature=main, purpose="Runs it.")],
            relations=[
                Relation(
                    source=f"{n.capitalize()}Store", target=f"{n.capitalize()}Item", kind="owns"
                )
                for n in self.names()
            ],
            flow=[FlowStep(caller="main", callee="BooksStore", call="add(name)", returns="item")],
            run=["python -m library --help"],
            open_questions=[],
        )

    def plan_tasks(self, design: SystemDesign, prd: PRD) -> TaskPlan:
        names = self.names()
        return TaskPlan(
            package="library",
            packages=[],
            conventions=[
                "Dates are ISO 8601 in and out.",
                "Errors are one sentence and end with a full stop.",
                "Exit code 0 is success, 1 a failure, 2 wrong usage.",
                "Ids are whole numbers, counted from 1.",
            ],
            files=[
                *(
                    PlannedFile(
                        path=f"library/{n}.py",
                        depends_on=[f"library/{names[i - 1]}.py"] if i else [],
                        notes="Keep the order in which things were added.",
                    )
                    for i, n in enumerate(names)
                ),
                PlannedFile(
                    path="library/__main__.py", depends_on=[f"library/{n}.py" for n in names[:3]]
                ),
            ],
        )

    def write_file(self, task: object) -> str:
        path = task.path  # type: ignore[attr-defined]
        if path.endswith("__main__.py"):
            body = "def main(argv: list[str] | None = None) -> int:\n    return 0\n"
        else:
            kind = path.rpartition("/")[2][:-3].capitalize()
            item = (
                f"@dataclass\nclass {kind}Item:\n    id: int\n    name: str\n"
                "    note: str = ''\n    active: bool = True\n"
            )
            methods = "".join(
                f"    def {verb}(self, name, note=''):\n        return {kind}Item(1, name)\n"
                for verb in VERBS
            )
            store = f"class {kind}Store:\n    def __init__(self, path):\n        self.items = []\n"
            body = f"{item}\n\n{store}\n{methods}"
        return f"{path}\n```python\n{body}```"

    def write_tests(self, task: object) -> str:
        ids = "_".join(item.id.lower() for item in task.requirements)  # type: ignore[attr-defined]
        name = f"test_{ids}_holds" if ids else "test_holds"
        return f"```python\ndef {name}():\n    assert True\n```"


def shared(prompts: list[str]) -> int:
    """Return how many characters are a prefix that an earlier prompt had too."""
    total = 0
    for i, text in enumerate(prompts):
        best = 0
        for earlier in prompts[:i]:
            n = next(
                (k for k, (a, b) in enumerate(zip(text, earlier, strict=False)) if a != b), None
            )
            best = max(best, min(len(text), len(earlier)) if n is None else n)
        total += best
    return total


async def measure(n: int, latency: float) -> float:
    project = Project(n, latency)
    model = FunctionModel(project.answer)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        company = Company(model=model, workspace=folder, sandbox="auto")
        result = await company.run("A library program")
        wall = time.perf_counter() - began
    assert result.ok, (result.status, result.failures, result.output)
    path = 4  # PRD, design, plan, files beside tests
    chars, prefix = sum(map(len, project.prompts)), shared(project.prompts)
    charged = (chars - prefix + prefix / 4) / 4
    print(
        f"{n:3} files: {len(project.prompts)} calls, at most {project.most} at once; "
        f"wall {wall:.2f} s = {wall / (path * latency):.2f} x the critical path of {path} replies; "
        f"{chars / 4 / 1000:.1f}k prompt tokens, {prefix / chars:.0%} shared prefix, "
        f"{charged / 1000:.1f}k charged"
    )
    return charged


async def main() -> None:
    latency = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    six, twelve = await measure(6, latency), await measure(12, latency)
    print(f"twice the files: {twelve / six:.2f} x the charged tokens")


if __name__ == "__main__":
    asyncio.run(main())
