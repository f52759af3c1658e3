"""The PRD by the book: what the handbook reads out of the requirement."""

from __future__ import annotations

from metaco.core.document import Requirement
from metaco.roles.documents import PRD, Axis, Competitor, Point, RequirementItem
from metaco.roles.handbook.shelf import find

__all__ = ["write_prd"]


def write_prd(requirement: Requirement) -> PRD:
    """Take the PRD from the program that the handbook has for this requirement.

    Raises:
        ConfigurationError: it has none.
    """
    program = find(requirement.text)
    return PRD(
        project_name=program.name,
        # The requirement itself, so that everybody further down reads the same program out of it.
        summary=requirement.text,
        language="en",
        goals=program.goals,
        user_stories=program.stories,
        competitors=[
            Competitor(
                name=rival.name,
                strengths=rival.strengths,
                weaknesses=rival.weaknesses,
                place=Point(x=rival.x, y=rival.y),
            )
            for rival in program.rivals
        ],
        x_axis=Axis(low=program.x_axis[0], high=program.x_axis[1]),
        y_axis=Axis(low=program.y_axis[0], high=program.y_axis[1]),
        place=Point(x=program.place[0], y=program.place[1]),
        requirements=[
            RequirementItem(
                id=item.id, priority=item.priority, text=item.text, acceptance=item.acceptance
            )
            for item in program.items
        ],
        ui_draft=program.ui,
        open_questions=program.questions,
        losses=program.losses,
    )
