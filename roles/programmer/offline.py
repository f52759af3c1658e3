"""Small jobs by the book: the same program that the whole company would make, in one go."""

from __future__ import annotations

from metaco.core.document import Requirement
from metaco.models.offline import Manner
from metaco.roles.documents import (
    Outline,
    OutlinedFile,
    RequirementItem,
    SourceFile,
    TestFile,
    TestsFailed,
)
from metaco.roles.engineer.offline import fenced, with_mistake
from metaco.roles.handbook.shelf import find
from metaco.roles.splitting import test_path

__all__ = ["fix_program", "outline", "write_program"]


def outline(requirement: Requirement) -> Outline:
    """Take the outline from the program that the handbook has for this requirement.

    Raises:
        ConfigurationError: it has none.
    """
    program = find(requirement.text)
    return Outline(
        project_name=program.name,
        summary=requirement.text,
        requirements=[
            RequirementItem(
                id=item.id, priority=item.priority, text=item.text, acceptance=item.acceptance
            )
            for item in program.items
        ],
        files=[
            OutlinedFile(path=s.path, purpose=s.purpose, requirements=s.requirements)
            for s in program.sources
        ],
        packages=[],
        run=program.run,
        open_questions=program.questions,
        losses=program.losses,
    )


def write_program(outline: Outline, manner: Manner = "plain") -> str:
    """Take all files and their tests from the handbook."""
    program = find(outline.summary)
    paths = [source.path for source in program.sources]
    code = with_mistake(program) if manner != "plain" else {}
    parts = [fenced(s.path, code.get(s.path, s.content)) for s in program.sources]
    parts += [
        fenced(test_path(source.path, paths), source.tests)
        for source in program.sources
        if source.path.endswith(".py")
    ]
    return "\n\n".join(parts)


def fix_program(
    outline: Outline,
    files: list[SourceFile],
    tests: list[TestFile],
    report: TestsFailed,
    manner: Manner = "plain",
) -> str:
    """Put back what the handbook says; stubborn, hand in the same file again."""
    right = {source.path: source.content for source in find(outline.summary).sources}
    wrong = [file for file in files if right.get(file.path) != file.content]
    if manner == "stubborn" or not wrong:
        return fenced(files[0].path, files[0].content)
    return "\n\n".join(fenced(file.path, right[file.path]) for file in wrong)
