"""2048 on a board of any size."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a 2048 for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    size = wording.clamped(asked[0] if asked else 4, 3, 8, "Board size", questions)
    goals = [n for n in reading.numbers if n in {2**e for e in range(5, 17)}]
    found = re.search(
        r"(?:goal|target|reach\w*|up to|win at) (?:of |tile )?(\d+)", reading.text.lower()
    )
    goal = (
        int(found[1])
        if found and int(found[1]) in goals
        else (2048 if 2048 in goals or not goals else goals[0])
    )
    if not asked:
        questions.append("How large is the board? Assumed: 4 x 4 (`--size`).")
    scores, undo = wording.wants_scores(reading), wording.wants_undo(reading)
    own = [
        Need("slide", "P0", "All tiles slide as far as they can; equal neighbours merge once.", [
            "2 2 4 to the left becomes 4 4, and 2 2 2 2 becomes 4 4, not 8.",
            "All four directions follow the same rule.",
        ]),
        Need("new", "P0", "After each move that changes the board a new tile appears on a free place.", [
            "A new tile is a 2, one time in ten a 4; a move that changes nothing brings none.",
        ]),
        Need("points", "P0", "Merging counts the value of the new tile.", [
            "Two merges into 4 and 8 count 12 points.",
        ]),
        Need("end", "P0", f"A tile of {goal} wins; a full board without equal neighbours loses.", [
            "The goal is reported once and the game may go on.",
            "A full board with a possible merge is not the end.",
        ]),
        Need("board", "P1", f"The board of {size} x {size} is drawn with tiles of equal width.", [
            "All rows have the same width whatever the numbers.",
        ]),
    ]  # fmt: skip
    if undo:
        own.append(Need("undo", "P1", "Moves can be taken back (`undo`).", [
            "`undo` restores tiles and points of the move before, as often as there were moves.",
        ]))  # fmt: skip
    return Plan(
        package=f"game_{goal}" + (f"_{size}x{size}" if asked else ""),
        title=str(goal),
        summary=f"{goal} in the terminal: slide and merge numbers on a board of {size} x {size}.",
        folder=SOURCES / "twenty_forty_eight",
        files=files("The board: sliding, merging, points, the end.", scores=scores,
                    pilot="Chooses moves for the computer."),
        needs=needs(own, auto="plays by looking a move ahead", scores="the points" if scores else ""),
        values=values(
            "let the computer play", scores=scores, size=size, goal=goal, undo=undo,
            auto_options=', "--size", "3"',
        ),
        goals=["A move is one letter.", "The rules of merging are exactly those of the well-known game."],
        stories=[
            f"As a player I slide tiles with w, a, s, d until one shows {goal}.",
            "As a player I take back a slip." if undo else "As a player I choose a smaller board for a short game.",
        ],
        rivals=[
            Rival("The browser original", ["animations", "free"], ["needs a browser"], 0.2, 0.35),
            Rival("Phone clones", ["touch"], ["advertisements"], 0.1, 0.25),
            Rival("Curses ports", ["in the terminal"], ["fixed size", "rules and screen in one file"], 0.8, 0.4),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_by_hand(game, ask, say)", "points"),
            ("play", "engine", "Game.move(direction)", "bool"),
            ("engine", "engine", "merged(line)", "line and points"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --size 3"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui="+------+------+------+\n|    2 |      |    4 |\n+------+------+------+\n|      |   16 |    2 |\n"
        "+------+------+------+\n Points: 36\n\nYour move (w a s d): ",
        approach=(
            "Sliding is one function on one line; directions only say which lines are read in which order, so that "
            "one rule serves all four. The computer tries each move and prefers free places and large "
            "tiles in a corner."
        ),
        conventions=["A free place is 0; rows are counted from the top."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"2048(?![- ]?(?:bits?|bytes?|px|pixels?|kb|mb))",
        "twenty forty[ -]?eight",
        "1024 game",
        "4096 game",
    ),
    plan=plan,
)
