"""Guess the number: higher, lower, found."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_HIGHS = {"easy": 20, "medium": 100, "hard": 1000}


def _range(reading: Reading, level: str, questions: list[str]) -> tuple[int, int]:
    """Return the lowest and the highest number that may be the secret."""
    text = reading.text.lower()
    found = re.search(r"(\d{1,9})\s*(?:-|–|to|and|until|through|\.\.)\s*(\d{1,9})", text)
    up = re.search(r"(?:up to|below|under|max(?:imum)?(?: of)?)\s+(\d{1,9})", text)
    if found and int(found[1]) < int(found[2]):
        return int(found[1]), int(found[2])
    if up and int(up[1]) > 1:
        return 1, int(up[1])
    questions.append(f"Which numbers may be the secret? Assumed: 1 to {_HIGHS[level]}.")
    return 1, _HIGHS[level]


def plan(reading: Reading) -> Plan:
    """Return the plan of a number guessing game for `reading`."""
    questions: list[str] = []
    low, high = _range(reading, wording.difficulty(reading), questions)
    enough = (high - low + 1).bit_length()
    tries = wording.count(reading, "tries", "attempts?", "guesses", "chances", "turns") or 0
    if not tries:
        tries = enough + 2
        questions.append(
            f"How many guesses are there? Assumed: {tries}, two more than halving needs."
        )
    tries = wording.clamped(tries, 1, 99, "Guesses", questions)
    scores, hints = wording.wants_scores(reading), wording.wants_hints(reading)
    reverse = reading.says(
        "computer guesses", r"guess(?:es)? my number", r"computer (?:has to|must|tries to) guess",
        "ai guesses", "reverse",
    )  # fmt: skip
    own = [
        Need("secret", "P0", f"The secret is a whole number from {low} to {high}.", [
            "The secret lies within the range and every number of the range can come.",
            "A range whose end is below its start is refused in one sentence.",
        ]),
        Need("answer", "P0", "Each guess is answered with too low, too high or found.", [
            "Below the secret is too low, above is too high, the secret itself ends the game.",
            "What is not a number of the range is refused and costs no guess.",
        ]),
        Need("tries", "P0", f"There are {tries} guesses; the last wrong one loses and tells the secret.", [
            "The game is lost after the last wrong guess and names the secret.",
        ]),
        Need("range", "P1", "The range that is still possible is shown before each guess.", [
            "After each answer the range narrows to what the answers allow.",
        ]),
    ]  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may ask for a hint.", [
            "`hint` tells whether the secret is even or odd, then a number that divides it or does "
            "not; a hint costs no guess.",
        ]))  # fmt: skip
    if reverse:
        own.append(Need("reverse", "P0", "The computer guesses a number the player thinks of.", [
            "It needs no more guesses than halving the range needs.",
            "Answers that contradict each other are pointed out.",
        ]))  # fmt: skip
    return Plan(
        package="mind_reader" if reverse else f"guess_{low}_to_{high}",
        title="the number guessing game",
        summary=f"Number guessing in the terminal: find the secret from {low} to {high} in {tries} guesses."
        + (" The computer can guess yours, too." if reverse else ""),
        folder=SOURCES / "number_guessing",
        files=files("The secret, the guesses and what they tell.", scores=scores),
        needs=needs(own, auto="guesses by halving the range", scores="how few guesses were needed" if scores else ""),
        values=values(
            "let the computer guess, by halving the range", scores=scores, best="lowest", unit="guesses",
            low=low, high=high, tries=tries, hints=hints, reverse=reverse,
        ),
        goals=[
            "A game is understood from its first line and takes two minutes.",
            "The player learns why halving wins: the remaining range is always in sight.",
        ],
        stories=[
            f"As a player I guess a number from {low} to {high} and learn whether it is too low or too high.",
            "As a teacher I set the range to what the class can count to.",
            "As a learner I watch `--auto` find any number by halving.",
        ],
        rivals=[
            Rival("First-lesson scripts", ["everybody knows them"], ["crash on letters", "fixed range"], 0.9, 0.15),
            Rival("Browser mini games", ["nothing to install"], ["advertisements", "need a browser"], 0.2, 0.35),
            Rival("Guessing with a friend", ["company"], ["somebody has to keep score honestly"], 0.6, 0.5),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "guess_the_secret(game, ask, say)", "guesses used or None"),
            ("play", "engine", "Game.guess(number)", "Answer"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            f"I think of a number from {low} to {high}.\n"
            f"{low} [{'.' * 40}] {high}   {tries} guesses left\nYour guess: {(low + high) // 2}\nToo low."
        ),
        approach=(
            "The game object holds the secret, the guesses and the range that is still possible; it "
            "answers with an enum, never with text. A guess outside the range is an error that costs "
            "nothing. The automatic player only uses what a person sees, so its run is an honest test."
        ),
        conventions=["Ranges include both ends, in text as in code."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=("zahlenraten", r"zahlen ?ratespiel", r"devine\w* (?:le|un) nombre", r"adivina\w* (?:el|un) n[uú]mero", "猜数字",
        r"(?:number|numbers)[ -]guess\w*", r"guess\w*[ -](?:the|a|my|secret|of a)?[ -]?(?:secret )?numbers?",
        r"guess\w* games?", r"(?:higher|hi)[ -](?:or[ -])?(?:lower|lo)", r"guesses (?:my|a|the) number",
    ),
    plan=plan,
)  # fmt: skip
