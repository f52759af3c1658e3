"""Counts of a text, the frequencies of its words and how easy it is to read."""

import re
from collections import Counter
from dataclasses import dataclass

TOP = 10  # words that are listed
SHORTEST = 1  # letters of the shortest word that is listed
IGNORE_CASE = True  # The and the are one word
COMMON_WORDS = True  # list the, of, and ... too
WORDS_PER_MINUTE = 200  # reading speed

_COMMON = (
    "a about after all also an and any are as at be been but by can could did do does for from had"
    " has have he her his how i if in into is it its just me more my no not of on one or our out"
    " she so some than that the their them then there these they this to up was we were what when"
    " which who will with would you your"
)
COMMON = frozenset(_COMMON.split())
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+|(?<=\d)[.,:]\d+)*")


@dataclass(frozen=True)
class Counts:
    """How long a text is."""

    lines: int
    words: int
    characters: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.lines + other.lines,
            self.words + other.words,
            self.characters + other.characters,
        )


def words(text: str) -> list[str]:
    """Return the words of a text in order, as they are written."""
    return _WORD.findall(text)


def count(text: str) -> Counts:
    """Count lines, words and characters; a last line without a line end is a line too."""
    lines = text.count("\n") + (text != "" and not text.endswith("\n"))
    return Counts(lines, len(words(text)), len(text))


def frequencies(text: str, ignore_case: bool = IGNORE_CASE) -> Counter[str]:
    """Return how often each word occurs."""
    return Counter(words(text.casefold() if ignore_case else text))


def most_frequent(
    numbers: Counter[str],
    top: int = TOP,
    shortest: int = SHORTEST,
    common_words: bool = COMMON_WORDS,
) -> list[tuple[str, int]]:
    """Return the most frequent words with their numbers, equals in alphabetical order."""
    listed = [
        (word, number)
        for word, number in numbers.items()
        if len(word) >= shortest and (common_words or word.casefold() not in COMMON)
    ]
    return sorted(listed, key=lambda pair: (-pair[1], pair[0]))[:top]


def sentences(text: str) -> int:
    """Count sentences: each ends in . ! or ?, the last one may end without."""
    return sum(bool(words(part)) for part in re.split(r"[.!?]+(?!\w)", text))


def paragraphs(text: str) -> int:
    """Count paragraphs: blank lines lie between them."""
    return sum(bool(words(part)) for part in re.split(r"\n\s*\n", text))


def syllables(word: str) -> int:
    """Estimate the syllables of an English word, at least one."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent_e = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(1, groups - silent_e)


def reading_minutes(text: str, speed: int = WORDS_PER_MINUTE) -> float:
    """Return the minutes it takes to read a text at a number of words a minute."""
    return len(words(text)) / speed


def reading_ease(text: str) -> float | None:
    """Return the Flesch reading ease (0 difficult, 100 easy), None for a text without words."""
    all_words = words(text)
    if not all_words:
        return None
    per_sentence = len(all_words) / sentences(text)
    per_word = sum(map(syllables, all_words)) / len(all_words)
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word
