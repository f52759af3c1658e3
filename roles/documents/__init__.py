"""All documents that the built-in roles write and read, by the role that writes them.

Roles import documents and the modules beside them in `metaco.roles`, never one another. The pages a
person reads of a document stand in ``pages/``, the parts of prompts that show one in ``prompts/``.
"""

from __future__ import annotations

from metaco.roles.documents.debate import (
    Exhausted,
    Minutes,
    Motion,
    Open,
    Speech,
    Standing,
    WeighedPoint,
)
from metaco.roles.documents.delivery import Coverage, Delivery
from metaco.roles.documents.design import (
    Class,
    FilePlan,
    FlowStep,
    Function,
    Relation,
    SystemDesign,
)
from metaco.roles.documents.inspection import Check, Inspection
from metaco.roles.documents.outline import Outline, OutlinedFile
from metaco.roles.documents.prd import PRD, Axis, Competitor, Point, RequirementItem
from metaco.roles.documents.program import SourceFile, TestFile
from metaco.roles.documents.report import (
    TestOutcome,
    TestReport,
    TestsFailed,
    TestsNotRun,
    TestsPassed,
)
from metaco.roles.documents.tasks import PlannedFile, Task, TaskPlan

__all__ = [
    "PRD",
    "Axis",
    "Check",
    "Class",
    "Competitor",
    "Coverage",
    "Delivery",
    "Exhausted",
    "FilePlan",
    "FlowStep",
    "Function",
    "Inspection",
    "Minutes",
    "Motion",
    "Open",
    "Outline",
    "OutlinedFile",
    "PlannedFile",
    "Point",
    "Relation",
    "RequirementItem",
    "SourceFile",
    "Speech",
    "Standing",
    "SystemDesign",
    "Task",
    "TaskPlan",
    "TestFile",
    "TestOutcome",
    "TestReport",
    "TestsFailed",
    "TestsNotRun",
    "TestsPassed",
    "WeighedPoint",
]
