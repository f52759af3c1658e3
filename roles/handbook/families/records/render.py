"""The files of a program, filled in from its templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.roles.handbook.families.records.field_view import article
from metaco.roles.handbook.families.records.tidy import tidy

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["listed", "rendered"]


def listed(items: Any, last: str = "and") -> str:
    """Return the texts as "a, b and c"."""
    texts = list(items)
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["listed"] = listed
    environment.filters["with_article"] = article
    return environment


def rendered(template: str, context: dict[str, Any]) -> str:
    """Return a file made of ``templates/<template>.py.j2``."""
    return tidy(_environment().get_template(f"{template}.py.j2").render(context))
