"""Nim with any heaps, both ways to end, and a computer that knows the theory."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a nim for `reading`."""
    questions: list[str] = []
    text = reading.text.lower()
    row = re.search(r"(?<!\w)(\d{1,3}(?:(?:\s*,\s*|\s+and\s+|-)+\d{1,3}){1,8})(?!\w)", text)
    number = wording.count(reading, "heaps?", "piles?", "rows?")
    pieces = wording.count(
        reading,
        "sticks?",
        "matches",
        "matchsticks?",
        "stones?",
        "coins?",
        "objects?",
        "pieces",
        "counters?",
    )
    if row:
        heaps = [int(n) for n in re.findall(r"\d+", row[1])]
    elif number:
        number = wording.clamped(number, 1, 9, "Heaps", questions)
        heaps = [pieces or 15] if number == 1 else list(range(3, 3 + number))
    elif pieces:
        heaps = [pieces]
    else:
        heaps = [3, 4, 5]
        questions.append("Which heaps are there? Assumed: 3, 4 and 5 (`--heaps`).")
    heaps = [wording.clamped(heap, 1, 50, "Pieces of a heap", questions) for heap in heaps]
    found = re.search(
        r"(?:up to|at most|max(?:imum)?(?: of)?|1 to|1-|one to) (\d{1,2}|two|three|four|five)\b",
        text,
    )
    spelled = {"two": 2, "three": 3, "four": 4, "five": 5}
    most = (spelled.get(found[1]) or int(found[1])) if found else 3 if len(heaps) == 1 else 0
    most = wording.clamped(most, 0, 50, "Pieces a take", questions)
    misere = (
        reading.says("mis[eè]re", "last (?:\\w+ )?loses", "(?:loses|avoid\\w*)(?: \\w+){0,4} last")
        or "misère" in text
    )
    if not misere and not reading.says("last"):
        questions.append(
            "Who takes the last piece? Assumed: the winner (`--misere` turns it round)."
        )
    two, undo = wording.two_players(reading), wording.wants_undo(reading)
    scores, level = wording.wants_scores(reading), wording.difficulty(reading)
    told = ", ".join(map(str, heaps))
    own = [
        Need("heaps", "P0", f"There are {len(heaps)} heaps with {told} pieces." if len(heaps) > 1 else f"There is one heap of {told} pieces.", [
            "`--heaps 1,9` begins with others; one to nine heaps of 1 to 50.",
        ]),
        Need("take", "P0", "A turn takes pieces from one heap: " + (f"1 to {most}." if most else "one or more."), [
            "An empty or unknown heap and too many pieces are refused and change nothing.",
        ]),
        Need("end", "P0", "Who takes the last piece " + ("loses." if misere else "wins."), [
            "The rule is told first; `--misere` and `--no-misere` choose it.",
        ]),
        Need("opponent", "P0", "The computer plays at three levels.", [
            "Easy plays by chance, hard never loses a won position, medium is in between.",
            "What it holds for won and lost agrees with trying everything.",
        ]),
        Need("players", "P1", "Two players can share the keyboard, or one plays the computer"
             f" (default: {'two players' if two else 'one'}).", ["`--opponent human` asks both in turn."]),
        Need("board", "P1", "Each heap is drawn as a line.", ["Pieces and their number are shown."]),
    ]  # fmt: skip
    if undo:
        own.append(Need("undo", "P1", "Takes can be taken back (`undo`).", [
            "`undo` puts back the player's last take with the computer's answer.",
        ]))  # fmt: skip
    return Plan(
        package="nim_game" + ("_duel" if two else ""),
        title="nim",
        summary=f"Nim in the terminal with heaps of {told}: who takes the last piece {'loses' if misere else 'wins'}.",
        folder=SOURCES / "nim",
        files=files("Heaps, takes, the end.", scores=scores, opponent="Chooses takes for the computer."),
        needs=needs(own, auto="plays both sides", scores="the takes a win needed" if scores else ""),
        values=values(
            "let the computer play both sides", scores=scores, best="lowest", unit="takes", heaps=heaps,
            most=most, misere=misere, two=two, undo=undo, level=level,
        ),
        goals=["The rules are told in one line.", "The hardest level plays perfectly and can be learned from."],
        stories=[
            "As a player I take pieces by typing two numbers.",
            "As two friends we play at one keyboard." if two else "As a beginner I win at the easy level.",
            "As a pupil I watch `--auto --level hard` and find the trick.",
        ],
        rivals=[
            Rival("Matches on a table", ["nothing to install"], ["needs a partner"], 0.6, 0.3),
            Rival("Web pages about nim", ["explain the theory"], ["need a browser", "fixed heaps"], 0.2, 0.45),
            Rival("Tutorial scripts", ["short"], ["one heap", "accept wrong numbers"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_game(game, movers, say)", "winner"),
            ("play", "engine", "Game.take(heap, number)", ""),
            ("play", "opponent", "choose(game, level, rng)", "heap and number"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --level hard"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui="1: | | | (3)\n2: | | | | (4)\n3: | | | | | (5)\nPlayer 1, heap and number: 1 2\nPlayer 2 (computer) takes 4 from heap 3.",
        approach=(
            "A game is a list of heaps. The computer leaves heaps whose binary sum is zero, with the known turn "
            "at the end when the last piece loses; the tests prove it against a search of all games with small heaps."
        ),
        conventions=["Heaps and players are counted from 0 inside, from 1 on the screen."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"(?:game of |mis[eè]re )nim",
        r"nim (?:game|clone|spiel|against|with|for|in|versus|vs)",
        r"nim(?=$|[,.:;])",
        "nimspiel",
        "(?:take the last|last) (?:stick|match|stone|coin)(?: game)?",
        "game of sticks",
    ),
    plan=plan,
)
