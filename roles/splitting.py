"""A task plan split into tasks: everything that the author of each file has to know."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from metaco.roles.documents import PRD, PlannedFile, SystemDesign, Task, TaskPlan

__all__ = ["split", "test_path"]


def split(plan: TaskPlan, design: SystemDesign, prd: PRD) -> list[Task]:
    """Return one task for each planned file that the design describes."""
    overview = [f"{file.path}: {file.purpose}" for file in design.files]
    described = {file.path: file for file in design.files}
    paths = [file.path for file in plan.files]
    tasks = []
    for file in plan.files:
        if file.path not in described:
            continue
        serves = described[file.path].requirements
        offers = design.interface(file.path)
        tasks.append(
            Task(
                path=file.path,
                tests=test_path(file.path, paths),
                package=design.package,
                summary=prd.summary,
                language=prd.language,
                conventions=plan.conventions,
                packages=plan.packages,
                files=overview,
                notes=file.notes,
                offers=offers,
                uses=_uses(design, file),
                depends_on=file.depends_on,
                requirements=[item for item in prd.requirements if item.id in serves],
                run=design.run,
                # Wording matters where it is printed; elsewhere it would mislead.
                screen=prd.ui_draft if any(o.startswith("def main(") for o in offers) else "",
            )
        )
    return tasks


def test_path(path: str, paths: list[str]) -> str:
    """Return where the tests of the file `path` stand: ``tests/test_storage.py``.

    Args:
        paths: all files of the program.
    """
    stem = PurePosixPath(path).stem.strip("_")
    same = [p for p in paths if PurePosixPath(p).stem.strip("_") == stem]
    if len(same) > 1:  # two files of one name: tell them apart by their folders
        stem = "_".join(part.strip("_") for part in PurePosixPath(path).with_suffix("").parts[1:])
    return f"tests/test_{stem}.py"


test_path.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name


def _uses(design: SystemDesign, file: PlannedFile) -> list[str]:
    """Return the interfaces of the files it depends on, and the types that these mention."""
    interfaces = {path: design.interface(path) for path in file.depends_on if path != file.path}
    complete = {file.path, *interfaces}
    text = "\n".join(
        stub for stubs in [design.interface(file.path), *interfaces.values()] for stub in stubs
    )
    for cls in design.classes:
        if cls.file not in complete and re.search(rf"\b{cls.name}\b", text):
            interfaces.setdefault(cls.file, []).extend(
                stub
                for stub in design.interface(cls.file)
                if re.search(rf"(?m)^class {cls.name}\b", stub)
            )
    return [
        "\n".join([f"# from {_module(path)} import ...", *stubs])
        for path, stubs in interfaces.items()
        if stubs
    ]


def _module(path: str) -> str:
    return ".".join(PurePosixPath(path).with_suffix("").parts)
