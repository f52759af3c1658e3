"""Replaces one place of a text, found although a model quotes it not quite exactly.

The layers, of which the first that finds something decides: as it is; but for white space at the
ends of lines; but for an indentation that is shifted as a whole; and last, lines of which at least
half are the same and the others nearly so. Where a layer finds two places, nothing is replaced:
which of them was meant cannot be known.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass

from metaco.core.errors import ToolError

__all__ = ["Edit", "edited"]

_ALIKE = 0.8  # of two lines that differ
_MOST_LINES = 200  # of a quotation that is looked for by likeness
_RARE = 50  # a line that occurs more often says nothing of where a place is


@dataclass(frozen=True, slots=True)
class Edit:
    """A text after the replacement, the first line of the new part, and how it was found."""

    text: str
    line: int
    how: str = ""


def edited(text: str, search: str, replace: str) -> Edit:
    """Return `text` with the only place that is `search` replaced.

    Raises:
        ToolError: there is none, or more than one; the message quotes lines with their numbers.
    """
    if not search.strip():
        raise ToolError("The text to replace is empty.", "Quote the lines that are to change.")
    windows = 0 < text.count("\r\n") == text.count("\n")
    search, replace = search.replace("\r\n", "\n"), replace.replace("\r\n", "\n")
    edit = _edited(text.replace("\r\n", "\n") if windows else text, search, replace)
    return Edit(edit.text.replace("\n", "\r\n"), edit.line, edit.how) if windows else edit


def _edited(text: str, search: str, replace: str) -> Edit:
    at = text.find(search)
    if at >= 0:
        if (again := text.find(search, at + 1)) >= 0:
            raise _ambiguous([text.count("\n", 0, each) for each in (at, again)])
        whole = text[:at] + replace + text[at + len(search) :]
        return Edit(whole, text.count("\n", 0, at) + 1)
    lines, wanted = text.split("\n"), search.strip("\n").split("\n")
    for places, how in (
        (_places([x.rstrip() for x in lines], [x.rstrip() for x in wanted]), "but for white space"),
        (_shifted(lines, wanted), "but for the indentation"),
        (_alike(lines, wanted), "nearly"),
    ):
        if len(places) > 1:
            raise _ambiguous(places)
        if places:
            (start,) = places
            old = lines[start : start + len(wanted)]
            new = _indented(replace.strip("\n").split("\n"), _shift(old, wanted) or ("", ""))
            new = new if replace else []
            whole = "\n".join([*lines[:start], *new, *lines[start + len(wanted) :]])
            quoted = set(_strip(wanted))
            shown = [f"{each.strip()!r}" for each in old if each.strip() not in quoted]
            said = f"Found {how}" + (f"; replaced also {', '.join(shown)[:500]}" if shown else "")
            return Edit(whole, start + 1, f"{said}.")
    numbered = all(re.match(r"\s*\d+\s", line) for line in wanted if line.strip())
    why = " Quote it without the numbers of lines." if numbered else ""
    raise ToolError(f"The text to replace is not there.{why} {_nearest(lines, wanted)}")


def _ambiguous(places: list[int]) -> ToolError:
    shown = " and ".join(f"line {place + 1}" for place in places[:3])
    return ToolError(
        f"The text to replace is there more than once, as at {shown}.",
        "Quote more lines around the one you mean.",
    )


def _strip(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines]


def _places(lines: list[str], wanted: list[str], most: int = 2) -> list[int]:
    """Return where `wanted` stands in `lines`; found as text, which takes linear time."""
    text, sought = "\n".join(["", *lines, ""]), "\n".join(["", *wanted, ""])
    places: list[int] = []
    at = text.find(sought)
    while at >= 0 and len(places) < most:
        places.append(text.count("\n", 0, at))
        at = text.find(sought, at + 1)
    return places


def _shifted(lines: list[str], wanted: list[str]) -> list[int]:
    found = _places(_strip(lines), _strip(wanted), most=20)
    return [at for at in found if _shift(lines[at : at + len(wanted)], wanted) is not None]


def _shift(lines: list[str], wanted: list[str]) -> tuple[str, str] | None:
    """Return what to take off the lines that are wanted, and what to put before them.

    None where it is not the same for all of them that are the same otherwise.
    """
    shifts = set()
    for line, want in zip(lines, wanted, strict=True):
        if line.strip() and line.strip() == want.strip():
            has, wants = (each[: len(each) - len(each.lstrip())] for each in (line, want))
            if has.endswith(wants):
                shifts.add(("", has[: len(has) - len(wants)]))
            elif wants.endswith(has):
                shifts.add((wants[: len(wants) - len(has)], ""))
            else:
                return None
    return shifts.pop() if len(shifts) == 1 else None


def _indented(lines: list[str], shift: tuple[str, str]) -> list[str]:
    off, on = shift
    return [f"{on}{line.removeprefix(off)}" if line.strip() else line for line in lines]


def _alike(lines: list[str], wanted: list[str]) -> list[int]:
    """Return where most lines are the same, with the same shift, and the others are alike."""
    if not 3 <= len(wanted) <= _MOST_LINES:
        return []
    found = []
    full = sum(map(bool, _strip(wanted)))
    for at, same in _candidates(lines, wanted).most_common(10):
        window = lines[at : at + len(wanted)]
        if (
            len(window) == len(wanted)
            and same * 2 >= full
            and _shift(window, wanted) is not None
            and all(map(_similar, window, wanted))
        ):
            found.append(at)
    return sorted(found)


def _candidates(lines: list[str], wanted: list[str]) -> Counter[int]:
    """Return at which lines `wanted` may begin, with how many of its lines would be the same."""
    where: dict[str, list[int]] = {}
    for at, line in enumerate(_strip(lines)):
        where.setdefault(line, []).append(at)
    votes: Counter[int] = Counter()
    for n, want in enumerate(_strip(wanted)):
        places = where.get(want, []) if want else []
        if len(places) <= _RARE:
            votes.update(at - n for at in places if at >= n)
    return votes


def _similar(one: str, other: str) -> bool:
    one, other = one.strip(), other.strip()
    if one == other:
        return True
    if max(len(one), len(other)) > 300:
        return False
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _nearest(lines: list[str], wanted: list[str]) -> str:
    """Quote the lines that come nearest to what was looked for."""
    votes = _candidates(lines, wanted).most_common(1)
    if votes:
        start, end = votes[0][0], votes[0][0] + len(wanted)
    else:
        longest = max(_strip(wanted), key=len)[:200]
        some = [line[:200] for line in _strip(lines[:2000])]
        close = difflib.get_close_matches(longest, some, 1, 0.5)
        if not close:
            return "No line is like it; read the file again."
        start = some.index(close[0])
        end = start + 1
    start = max(start - 1, 0)
    shown = [
        f"{n:>6}  {line[:200]}" for n, line in enumerate(lines[start : end + 1][:20], start + 1)
    ]
    return "The nearest lines are:\n" + "\n".join(shown)
