"""Matrix calculator with exact fractions."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "matrix_calculator",
        "solve": reading.says("solv\\w+", "equations?", "linear systems?", "gauss\\w*"),
        "steps": reading.says("steps?", "step[ -]by[ -]step", "explain\\w*", "elimination"),
        "decimals": number(reading, r"(\d+) (?:decimals?|digits|places)", otherwise=0, most=12),
        "understood": "matrix matrices add addition subtract subtraction multiply multiplication "
        "product determinant determinants inverse inversion transpose transposition rank trace power "  # noqa: E501
        "linear equations system systems solver gaussian elimination steps step explain decimals "
        "algebra",
    }


kind = Kind(
    __file__,
    asks=(
        r"\bmatri(x|ces)\b( \w+){0,2} (calculat|operation|multipl|invers|algebra|tool|solver|determinant|arithmetic)",  # noqa: E501
        r"\b(multipl|invert|transpos|calculat|comput|add)\w*\b.*\bmatri(x|ces)\b",
        r"\b(determinants?|gaussian elimination)\b",
        r"\b(linear (equations?|systems?)|systems? of (linear )?equations?)\b.*\bsolv|\bsolv\w*\b.*\b(linear (equations?|systems?)|systems? of (linear )?equations?)\b",  # noqa: E501
        r"^linear algebra\b",
    ),
    names=r"matri(?:zen|x)rechner|calculadora de matrices|calculat\w+ (?:de matrices|matriciel\w*)|矩阵计算",  # noqa: E501
    choices=choices,
)
