"""What the crew answers without a model."""

from crew_for_cli import Page
from metaco import Requirement

__all__ = ["write_page"]


def write_page(requirement: Requirement) -> Page:
    title = "\x1b[31mred\x1b[0m" if "evil" in requirement.text else "A page"
    return Page(title=title, lines=[requirement.text])
