"""Flashcards and vocabulary trainers: cards in Leitner boxes, learnt by repetition."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import json
from pathlib import Path

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.families.quiz.questions import topic_left
from metaco.roles.handbook.reading import Reading

__all__ = ["plan"]

HERE = Path(__file__).parent
_LANGUAGES = ("spanish", "french", "german", "italian")
_TOPICS = {
    "capitals": ("capitals?",),
    "python": ("about python", "python (?:syntax|terms|questions|flashcards)"),
    "science": ("science", "physics", "chemistry", "biology"),
    "history": ("history (?:dates|flash ?cards)", "about history", "historical"),
    "geography": ("geography",),
}


def plan(reading: Reading) -> Plan:
    """Return the plan of flashcards for `reading`."""
    questions: list[str] = []
    language = next((name for name in _LANGUAGES if reading.says(name)), "")
    topic = language or next((t for t, words in _TOPICS.items() if reading.says(*words)), "")
    vocabulary = bool(language) or reading.says("vocab\\w*", "words? trainer", "learn\\w* words")
    if not topic:
        other = topic_left(reading)
        topic = "spanish" if vocabulary else "general"
        shown = "Spanish words" if vocabulary else "general knowledge"
        if other:
            questions.append(
                f"Where do the cards about {other} come from? The handbook has none: the deck starts with {shown}, and "
                "`add` and `--deck` take cards of your own."
            )
        else:
            questions.append(
                f"What is on the cards? Assumed: {shown}; `add` and `--deck` take others."
            )
    rows = json.loads((HERE / "banks" / f"{topic}.json").read_text(encoding="utf-8"))
    deck = [
        {"front": row.get("front") or row["prompt"], "back": row.get("back") or row["answer"]}
        for row in rows
    ]
    total = wording.count(reading, "cards?", "words?", "questions?", "flash ?-?cards?") or 10
    total = wording.clamped(total, 1, 200, "Cards in a round", questions)
    boxes = wording.clamped(wording.count(reading, "boxes") or 5, 2, 9, "Boxes", questions)
    typed = vocabulary or reading.says("typ(?:e|ed|ing)", "spelling")
    language_name = language.capitalize() or ("Spanish" if topic == "spanish" else "")
    about = (
        f"{language_name} words"
        if language_name
        else {"general": "general knowledge", "python": "Python"}.get(topic, topic)
    )
    own = [
        Need("deck", "P0", f"The program brings a deck of {len(deck)} cards on {about}.", [
            "No front stands there twice and no side is empty.",
            "Another deck can be given as a JSON file; one that does not fit is refused, naming the card.",
        ]),
        Need("boxes", "P0", f"Cards wander through {boxes} boxes: a right answer moves a card on, a wrong one back to the first.", [
            "A new card lies in box 1; from the last box it goes no further.",
            "Cards of low boxes come first, and within a box those not seen for longest.",
        ]),
        Need("ask", "P0", "A card shows its front; the answer is " + ("typed." if typed else "turned over and judged by the learner."), [
            "Typed answers are compared without regard to case, accents and outer blanks.",
            "Turned cards show the back and ask whether it was known (y or n).",
            "`--reverse` asks from back to front.",
        ]),
        Need("keep", "P0", "What was learnt is kept between rounds.", [
            "Boxes survive the program; a broken file is named in one sentence and left as it is.",
        ]),
        Need("round", "P1", f"A round has {total} cards and ends with a summary.", [
            "The summary counts the known cards and lists the others with their backs.",
            "The state of all boxes can be shown with `--boxes`.",
        ]),
        Need("add", "P1", "Cards of one's own can be added to a deck file.", [
            "`--add FRONT BACK --deck FILE` writes the card; a front that is there already is refused.",
        ]),
    ]  # fmt: skip
    kind = "vocabulary" if vocabulary else "flashcards"
    return Plan(
        package=f"{topic}_vocabulary" if vocabulary else ("flashcards" if topic == "general" else f"{topic}_flashcards"),
        title=f"{about} vocabulary trainer" if vocabulary and not language_name else f"{kind} on {about}",
        summary=f"{'A vocabulary trainer' if vocabulary else 'Flashcards'} in the terminal on {about}: "
        f"{total} cards a round, learnt in {boxes} boxes.",
        folder=HERE / "sources" / "cards",
        files={
            "cards.json": "The deck that comes with the program: data, no code.",
            "deck.py": "Reads, checks and writes decks of cards.",
            "boxes.py": "Which box a card lies in, which comes next, and how that is kept.",
            "screen.py": "Boxes and summaries as text.",
            "play.py": "Leads through a round, asking and showing through functions handed in.",
            "cli.py": "Reads the options, runs the round, turns every ending into an exit code.",
            "__main__.py": "Makes `python -m` start the trainer.",
        },
        needs=needs(own, auto="answers as a learner who knows three cards of four"),
        values=values(
            "let a learner who knows three cards of four answer", scores=False, paths=True, keeps=True, about=about,
            entries=json.dumps(deck, ensure_ascii=False, indent=1), size=len(deck), total=total, boxes=boxes,
            typed=typed,
        ),
        goals=["Ten minutes a day are enough: what is known comes back seldom.", "Decks are plain JSON that anybody can write."],
        stories=[
            f"As a learner I go through {total} cards on {about} and see which I did not know.",
            "As a learner I come back the next day and start with what I missed.",
            "As a teacher I hand out a deck of my own.",
        ],
        rivals=[
            Rival("Paper cards in a box", ["no screen", "write by hand"], ["sorting by hand", "heavy"], 0.6, 0.6),
            Rival("Spaced-repetition desktop programs", ["fine schedules", "media"], ["a window", "much to learn"], 0.35, 0.8),
            Rival("Language apps", ["sound", "reminders"], ["subscriptions", "fixed courses"], 0.15, 0.4),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "deck", "read_deck(path)", "cards"),
            ("cli", "boxes", "read_progress(path)", "Progress"),
            ("cli", "play", "play_round(cards, progress, ask, say)", "missed cards"),
            ("play", "boxes", "Progress.learnt(card, known)", ""),
            ("cli", "boxes", "write_progress(path, progress)", ""),
        ],
        run=[
            "python -m {name} --help",
            "python -m {name} --auto --seed 7 --cards 5",
            "python -m {name} --boxes",
        ],
        ui=f"Card 1 of {total} (box 1)\n{deck[0]['front']}\n"
        + (f"Your answer: {deck[0]['back']}\nRight, on to box 2." if typed else f"Press Enter to turn.\n{deck[0]['back']}\nDid you know it (y/n)? y\nOn to box 2."),
        approach=(
            "The deck is data and never changes while learning; what is known lies beside it in a file of its own, so that "
            "a deck can be shared. The order is a rule (low boxes first, then what was not seen for longest, then chance), "
            "not a calendar, so that every round has cards. Files are replaced as a whole, never written halfway."
        ),
        conventions=["A card is known by its front; boxes are counted from 1."],
        questions=questions,
    )  # fmt: skip
