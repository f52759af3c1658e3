"""Log analyser: levels, entries per hour or day, top messages."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    access = reading.says("access", "nginx", "apache", "https?", "web ?server", "status codes?")
    return {
        "name": "access_log_analyzer" if access else "log_analyzer",
        "access": access,
        "by": "day"
        if reading.says("per day", "by day", "each day", "daily") and not reading.says("hour\\w*")
        else "hour",
        "level": "WARNING" if reading.says("warnings?") else "ERROR",
        "top": number(
            reading,
            r"top (\d+)",
            r"(\d+) (?:most|top|commonest)",
            otherwise=10,
            most=1000,
        ),
        "span": reading.says("since", "until", "time ?range", "date ?range", "between", "period"),
        "understood": "log logs file analyse analyze parse parser analyser count counts "
        "summarize summary apache nginx http status codes web server time date range period hourly "
        "daily common frequent per",
    }


kind = Kind(
    __file__,
    asks=(
        r"\blog( ?files?|s)?( (?!with|and|for|that)\w+)? (analy[sz]|pars|statistic|summar|inspect|scan|monitor|filter|report)",  # noqa: E501
        r"\b(analy[sz]|pars|summari[sz]|scan|inspect)\w*\b( \w+){0,4} logs?( ?files?)?\b",
        r"\berrors? per (hour|day|minute)\b",
        r"\bcount\w*\b.*\b(errors|warnings|levels)\b.*\blogs?\b",
    ),
    names=r"log-?(?:datei)?-?(?:analyse|auswert)\w*|analyseur de (?:logs|journaux)|analizador de (?:logs|registros)|日志分析|分析.{0,4}日志",  # noqa: E501
    choices=choices,
    despite="record",
)
