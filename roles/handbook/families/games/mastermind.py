"""Mastermind: a secret code, black and white pegs."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a mastermind for `reading`."""
    questions: list[str] = []
    digits = reading.says("bulls (?:and|&) cows", "digits?", "numbers?")
    level = wording.difficulty(reading)
    length = wording.count(reading, "pegs?", "positions?", "places?", "holes?", "digits?") or (
        5 if level == "hard" else 4
    )
    length = wording.clamped(length, 2, 6, "Places of the code", questions)
    kinds = wording.count(reading, "colou?rs?", "symbols?", "letters?") or (
        10 if digits else {"easy": 5, "medium": 6, "hard": 8}[level]
    )
    kinds = wording.clamped(kinds, 2, 10, "Signs", questions)
    signs = ("0123456789" if digits else "ABCDEFGHIJ")[:kinds]
    tries = (
        wording.count(reading, "tries", "attempts?", "guesses", "turns", "chances", "rounds?") or 10
    )
    tries = wording.clamped(tries, 1, 30, "Guesses", questions)
    unique = reading.says("no (?:repeats?|repetitions?|duplicates?)", "without (?:repeats?|repetitions?|duplicates?)",
                          "different digits", "unique", "bulls (?:and|&) cows")  # fmt: skip
    unique = unique and kinds >= length
    scores, hints = wording.wants_scores(reading), wording.wants_hints(reading)
    if not reading.says("colou?rs?", "pegs?", "digits?", "letters?"):
        questions.append(
            f"How hard is the code? Assumed: {length} places, {kinds} signs, {tries} guesses."
        )
    own = [
        Need("code", "P0", f"The secret code has {length} places with signs of {signs}"
             + (", each at most once." if unique else "; signs may repeat."), [
            "Every code follows these rules, and every sign can come in every place.",
        ]),
        Need("marks", "P0", "A guess is marked: black for a right sign in its place, white for one elsewhere.", [
            "Each sign of the code answers for at most one mark.",
            "Marks do not depend on which of the two codes is the secret.",
        ]),
        Need("guess", "P0", "A guess that is no code is refused and costs nothing.", [
            "Wrong lengths and unknown signs are explained; case and blanks do not matter.",
        ]),
        Need("end", "P0", f"The code is to be found in {tries} guesses.", [
            "All black wins; the last guess loses and the code is told.",
        ]),
        Need("board", "P1", "All guesses stay in sight with their marks.", ["The board lists guesses in order with black and white marks."]),
    ]  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may ask how many codes are still possible, with an example.", [
            "The example fits all marks given so far; the count is exact.",
        ]))  # fmt: skip
    return Plan(
        package="bulls_and_cows" if reading.says("bulls") else "mastermind",
        title="bulls and cows" if reading.says("bulls") else "mastermind",
        summary=f"{'Bulls and cows' if reading.says('bulls') else 'Mastermind'} in the terminal: find a code of {length} "
        f"places and {kinds} signs in {tries} guesses.",
        folder=SOURCES / "mastermind",
        files=files("Codes, marks and the state of a game.", scores=scores, breaker="Finds codes that fit all marks."),
        needs=needs(own, auto="breaks the code", scores="how few guesses were needed" if scores else ""),
        values=values(
            "let the computer break the code", scores=scores, best="lowest", unit="guesses",
            length=length, signs=signs, tries=tries, unique=unique, hints=hints,
        ),
        goals=["The marks are exact, also where signs repeat.", "A guess is typed in a second."],
        stories=[
            f"As a player I find a code of {length} signs by thinking.",
            "As a learner I watch `--auto` rule out codes.",
        ],
        rivals=[
            Rival("The board game", ["pegs to hold"], ["a partner has to mark without mistakes"], 0.5, 0.35),
            Rival("Phone versions", ["colours"], ["advertisements", "fixed sizes"], 0.15, 0.4),
            Rival("Tutorial scripts", ["short"], ["wrong marks for repeated signs"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "break_by_hand(game, ask, say)", "guesses or None"),
            ("play", "engine", "Game.guess(text)", "Marks"),
            ("cli", "breaker", "fitting(game)", "codes"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=f"  1.  {' '.join((signs * 6)[:length])}   xo\n  2.  {' '.join((signs[::-1] * 6)[:length])}   xx\n\nGuess 3 of {tries}: ",
        approach=(
            "Marks count signs as multisets, which is right for repeated signs and needs no bookkeeping of places. The "
            "breaker keeps all codes that fit the marks and takes one of them, which needs few guesses and "
            "never repeats itself."
        ),
        conventions=["x is a black mark (right place), o a white one (elsewhere)."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=("master ?mind", r"bulls (?:and|&) cows", r"code[ -]?breaker(?: game)?"),
    plan=plan,
)
