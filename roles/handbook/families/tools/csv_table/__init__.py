"""CSV files: summary of columns, filter, sort, groups."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    group = reading.says("group\\w*", "pivot\\w*", "aggregat\\w*", "per category", "by category")
    summary = reading.says(
        "summar\\w+", "statistics", "analy[sz]\\w+", "profil\\w+", "describe\\w*", "stats"
    )
    narrow = reading.says("filter\\w*", "quer\\w+", "search\\w*", "select\\w*", "where")
    return {
        "name": "csv_filter" if narrow and not summary else "csv_analyzer",
        "group": group,
        "distinct": reading.says("duplicates?", "unique", "distinct", "dedup\\w*"),
        "json": reading.says("json"),
        "understood": "csv summary summarize summarizer summarise statistics stats analyse analyze "
        "analyzer analyser analysis profile profiler describe filter filtering query querying search "  # noqa: E501
        "select columns column rows row where sort sorting group grouping pivot aggregate "
        "aggregation category duplicates duplicate unique distinct remove file files viewer data",
    }


kind = Kind(
    __file__,
    asks=(
        r"\bcsv\b( files?| data)?( \w+)? (summar|analy[sz]|filter|quer|profil|describ|explor|view|process|inspect|sort|tool|statistic|report|pivot|reader)",  # noqa: E501
        r"\b(summari[sz]|analy[sz]|filter|quer|profil|describ|explor|sort|aggregat|group|search)\w*\b( \w+){0,5} csv\b",  # noqa: E501
    ),
    names=r"csv.{0,8}(?:auswert|analys|filtern|zusammenfass)\w*|(?:analyseur|analizador|filtro) (?:de )?csv|csv.{0,4}(?:分析|筛选)",  # noqa: E501
    choices=choices,
    despite="record",
)
