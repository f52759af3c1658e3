"""Requirements as people write them down, made into plain sentences.

Markdown headings and bullets, user stories and lines without full stops become sentences that the
rules of the other modules can read; the words stay what they were.
"""

# ruff: noqa: E501 - long patterns read better unbroken

from __future__ import annotations

import re

__all__ = ["count_of", "flat", "sentences"]

_BULLET = re.compile(r"^\s*(?:[-*•+–]|\d{1,2}[.)])\s+(?:\[[ xX]?\]\s*)?(.+)$")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s*(.+?)\s*#*|\*\*(.+?)\*\*:?)\s*$")
_FIELDS = re.compile(
    r"(?:^|\b)(?:fields?|attributes?|columns?|properties|data(?: model)?|what (?:i|we) (?:record|keep|store|track))\b",
    re.I,
)
_REPORTS = re.compile(r"\b(?:reports?|reporting|statistics|stats|views?|queries|output)\b", re.I)
_OTHER = re.compile(
    r"\b(?:rules?|constraints?|validations?|requirements?|features?|exports?|imports?|overview|goals?|"
    r"description|background|context|actions?|stories|story|notes|must|should|scope|acceptance|"
    r"functional|introduction|about|purpose|summary)\b",
    re.I,
)
_STORY = re.compile(
    r"\bAs (?:an?|the) [^,.;]{1,40}?,?\s+I (?:want|need|would like|wish|can|have)(?: to)?\b", re.I
)
_NUMBERS = {
    word: number
    for number, words in {
        2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine",
        10: "ten", 11: "eleven", 12: "twelve dozen", 14: "fourteen", 15: "fifteen", 20: "twenty",
        25: "twenty-five", 30: "thirty", 50: "fifty", 100: "hundred",
    }.items()
    for word in words.split()
}  # fmt: skip


def count_of(word: str) -> int:
    """Return the number that a word or digits write; 0 if they write none below 10,000."""
    word = word.lower().strip()
    if re.fullmatch(r"[0-9]{1,4}", word):
        return int(word)
    return _NUMBERS.get(word, 0)


def _bare(text: str) -> str:
    return re.sub(r"[*_`]{1,2}(\S(?:.*?\S)?)[*_`]{1,2}", r"\1", text).strip()


def flat(text: str) -> str:
    """Return the text as sentences on one line: headings, bullets and stories made plain."""
    lines = text.replace("\r", "\n").split("\n")
    marked = any(_BULLET.match(line) or _HEADING.match(line) for line in lines) and len(lines) > 1
    result = _of_markdown(lines) if marked else _of_lines(lines)
    return _STORY.sub("I want to", result)


def _of_lines(lines: list[str]) -> str:
    parts: list[str] = []
    apart = False  # a blank line ends a sentence
    for line in (line.strip() for line in lines):
        if not line:
            apart = True
            continue
        begins = apart or line[0].isupper()
        apart = False
        if parts and begins and parts[-1][-1] not in ".,;:!?(-":
            parts[-1] += "."
        parts.append(line)
    return " ".join(parts)


def _of_markdown(lines: list[str]) -> str:
    """Return markdown as sentences; bullets under a heading of fields become one list."""
    parts: list[str] = []
    listing = ""  # what the bullets that follow belong to: "fields", an owner, "reports" or nothing
    bullets: list[str] = []

    def close() -> None:
        nonlocal listing
        if bullets and listing == "reports":
            parts.extend(
                f"Show {re.sub(r'^(?:show|list) ', '', one, flags=re.I)}." for one in bullets
            )
        elif bullets and listing:
            parts.append(f"{listing}: {', '.join(bullets)}.")
        else:
            parts.extend(one if one[-1] in ".!?" else f"{one}." for one in bullets)
        bullets.clear()

    for line in lines:
        heading, bullet = _HEADING.match(line), _BULLET.match(line)
        if heading:
            close()
            title = _bare(heading[1] or heading[2]).rstrip(":")
            if _FIELDS.search(title):
                owner = _FIELDS.sub("", title).strip(" :-of") if title.lower() != "data" else ""
                listing = f"{owner} fields" if re.fullmatch(r"[\w -]{2,30}", owner) else "Fields"
            elif _REPORTS.search(title):
                listing = "reports"
            elif _OTHER.search(title):
                listing = ""
            elif line.lstrip().startswith("# ") or not parts:
                listing = ""
                parts.append(f"{title}.")
            else:
                listing = title
        elif bullet:
            text = _bare(bullet[1])
            if text:
                bullets.append(text)
        elif line.strip():
            text = _bare(line)
            if bullets and line[0].isspace():
                bullets[-1] += f" {text}"
                continue
            close()
            if text.endswith(":"):
                asks = re.search(r"\b(?:can|must|should|want|need)\b[^:]*:$", text)
                lists = re.search(r"(?:fields|with|has|have|track|record|store|keep)\s*:$", text)
                listing = "" if _OTHER.search(text) or (asks and not lists) else text[:-1]
                if _REPORTS.search(text):
                    listing = "reports"
            else:
                parts.append(text if text[-1] in ".!?;," else f"{text}.")
                listing = ""
        else:
            close() if bullets else None
    close()
    return " ".join(parts)


def sentences(text: str) -> list[tuple[int, str]]:
    """Return the sentences with where they begin; full stops in brackets and numbers end none."""
    found: list[tuple[int, str]] = []
    start = 0
    for stop in re.finditer(r"[!?]+|[.;](?=\s|$)(?![^(]{0,200}\))", text):
        found.append((start, text[start : stop.start()]))
        start = stop.end()
    found.append((start, text[start:]))
    return [(at, part) for at, part in found if part.strip()]
