"""Word, line and character counter with the most frequent words."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    readability = reading.says("readability", "reading time", "flesch", "text statistics")
    frequency = reading.says(
        "frequenc\\w*", "common", "frequent", "top", "occurrences?", "most used"
    )
    return {
        "name": "text_statistics"
        if readability
        else "word_frequency"
        if frequency
        else "word_counter",
        "top": number(
            reading, r"top (\d+)", r"(\d+) (?:most|top|commonest)", otherwise=10, most=1000
        ),
        "stopwords": reading.says("stop[ -]?words?", "ignor\\w+ common", "without common"),
        "case": reading.says("case[ -]sensitive\\w*"),
        "readability": readability,
        "shortest": number(
            reading,
            r"(?:at least|longer than|minimum(?: of)?) (\d+) (?:letters|characters)",
            otherwise=1,
            most=30,
        ),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(word|line|character|letter)s?\b[a-z ,]*\b(count(er|s|ing)?|frequenc\w*|statistics)\b",
        r"\bcount(s|ing)?\b[a-z ,]*\b(words|lines|characters|letters)\b",
        r"\b(frequenc\w+|most (common|frequent|used))\b.*\bwords?\b",
        r"\btext (statistics|analy[sz]er|analysis)\b",
        r"\breadability\b",
        r"^wc\b",
    ),
    hints=(r"\bwords?\b.*\btext\b",),
    names=r"w(?:ö|o)rt(?:er)?zähler|wörter zählen|compteur de mots|contador de palabras|字数统计|统计.{0,6}单词",  # noqa: E501
    choices=choices,
)
