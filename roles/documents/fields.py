"""Types of fields that several documents share: names of packages, ids of requirements, paths."""

from __future__ import annotations

import keyword
import re
import sys
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

from metaco.core.paths import safe_path
from metaco.roles.documents.notation import distributions

__all__ = [
    "Distributions",
    "Losses",
    "PackageName",
    "RequirementId",
    "SafePath",
    "package_name",
]


def package_name(name: str) -> str:
    """Return `name` as a Python package can be called, for pydantic to check fields with.

    Capitals, spaces and hyphens are corrected: ``Expense Tracker`` becomes ``expense_tracker``.

    Raises:
        ValueError: it cannot be the name of a package, or would hide a module of that name.
    """
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", plain) or keyword.iskeyword(plain):
        raise ValueError("must be a Python package name in snake_case, at most 40 characters")
    if plain in sys.stdlib_module_names or plain in ("tests", "docs", "pytest"):
        raise ValueError(f"{plain} would hide a module of that name; call it {plain}_app or so")
    return plain


def _requirement_id(text: object) -> object:
    """Return the id that `text` begins with: models write ``r1`` and ``R1: add a task`` too."""
    match = (
        re.match(r"[\s`'\"\[(]*[Rr]-?0*([1-9][0-9]*)\b", text) if isinstance(text, str) else None
    )
    return f"R{match[1]}" if match else text


PackageName = Annotated[str, AfterValidator(package_name)]
RequirementId = Annotated[
    str,
    BeforeValidator(_requirement_id),
    Field(pattern=r"^R[1-9][0-9]*$", description="R1, R2, ..."),
]
SafePath = Annotated[str, AfterValidator(safe_path)]
Distributions = Annotated[list[str], AfterValidator(distributions)]

# Left out of the schema: no model is asked for it, code fills it in.
Losses = SkipJsonSchema[list[str]]
"""What the requirement asks for and is left out, in its words."""
