"""JSON formatter, validator and query."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    query = reading.says("quer\\w+", "extract\\w*", "filter\\w*", "path", "select\\w*", "jq")
    return {
        "name": "json_query" if query and not reading.says("format\\w*", "pretty") else "json_tool",
        "query": query,
        "sort": reading.says("sort\\w*"),
        "indent": number(
            reading, r"(\d+)[ -]spaces?", r"indent\w* (?:of |by |with )?(\d+)", otherwise=2, most=8
        ),
        "minify": reading.says("minif\\w+", "compact\\w*", "compress\\w*"),
        "compare": reading.says("compar\\w+", "diff\\w*", "differences?"),
        "json": False,
        "understood": "json pretty printer print printing prettify beautify beautifier format "
        "formatter formatting validate validator validation lint linter check syntax query querying "  # noqa: E501
        "jq extract path minify minifier compact compare diff difference sort sorted keys indent "
        "viewer error errors",
    }


kind = Kind(
    __file__,
    asks=(
        r"\bjson\b( \w+)? ?(pretty|format|validat|lint|beautif|quer|minif|view|check|diff|pars|tool|explor|processor)",  # noqa: E501
        r"\b(pretty|format|validat|lint|beautif|quer|minif|diff|pars)\w*\b( ?-?print\w*)?( \w+){0,3} json\b",  # noqa: E501
        r"\bjq\b",
    ),
    names=r"json.{0,6}(?:formatierer|formatieren|prüf\w*|格式化|校验)|(?:formateur|validateur|formateador|validador) (?:de )?json|格式化.{0,3}json",  # noqa: E501
    choices=choices,
)
