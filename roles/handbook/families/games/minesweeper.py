"""Minesweeper whose first field is always safe."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_LEVELS = {"easy": (9, 9, 10), "medium": (16, 16, 40), "hard": (30, 16, 99)}


def plan(reading: Reading) -> Plan:
    """Return the plan of a minesweeper for `reading`."""
    questions: list[str] = []
    width, height, mines = _LEVELS[wording.difficulty(reading, "easy")]
    asked = wording.size(reading)
    if asked:
        width = wording.clamped(asked[0], 4, 52, "Columns", questions)
        height = wording.clamped(asked[1], 4, 40, "Rows", questions)
        mines = max(1, width * height * 16 // 100)
    else:
        questions.append(f"How large is the field? Assumed: {width} columns, {height} rows.")
    told = wording.count(reading, "mines?", "bombs?")
    if told is None:
        questions.append(f"How many mines are there? Assumed: {mines}.")
    mines = wording.clamped(told or mines, 1, width * height - 9, "Mines", questions)
    scores, hints = wording.wants_scores(reading), wording.wants_hints(reading)
    own = [
        Need("field", "P0", f"The field has {width} columns and {height} rows with {mines} mines.", [
            "Exactly as many mines as asked for lie on the field; more than fit are refused.",
            "Numbers count the mines around a cell.",
        ]),
        Need("first", "P0", "The first cell that is opened and its neighbours are never mined.", [
            "Whatever the seed, the first opened cell has no mine around it.",
        ]),
        Need("open", "P0", "Opening a cell shows its number; a cell without mines around opens its surroundings.", [
            "An empty area opens up to the numbers at its border, and no further.",
            "Opening a mine loses; opening all other cells wins.",
        ]),
        Need("flag", "P0", "Cells can be flagged against opening by mistake.", [
            "A flagged cell is not opened; flagging again removes the flag; an open cell takes none.",
        ]),
        Need("chord", "P1", "Opening a number whose mines are all flagged opens its other neighbours.", [
            "With the right flags all other neighbours open; with a wrong flag the game is lost.",
        ]),
        Need("board", "P1", "The field is drawn with letters for columns and numbers for rows.", [
            "Closed, flagged, open and mined cells have signs of their own; the mines left are counted.",
        ]),
    ]  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may ask for a cell that is surely safe.", [
            "`hint` only names a closed cell without a mine, by reasoning from what is shown; "
            "if nothing is sure it says so.",
        ]))  # fmt: skip
    return Plan(
        package="minesweeper" + (f"_{width}x{height}" if asked else ""),
        title="minesweeper",
        summary=f"Minesweeper in the terminal: {width} x {height} cells, {mines} mines, the first cell always safe.",
        folder=SOURCES / "minesweeper",
        files=files(
            "The mine field: laying mines, opening, flags, the end.", scores=scores,
            solver="Finds cells that are surely safe or surely mined.",
        ),
        needs=needs(own, auto="solves the field by reasoning, guessing only where it must",
                    scores="how few moves a won game took" if scores else ""),
        values=values(
            "let the computer solve the field", scores=scores, best="lowest", unit="moves",
            width=width, height=height, mines=mines, hints=hints,
        ),
        goals=["No game is lost on the first move.", "A move is two signs and Enter: c5 opens, f c5 flags."],
        stories=[
            f"As a player I clear {width} x {height} cells without touching one of {mines} mines.",
            "As a player I flag what I know and open the rest around a number in one move.",
            "As a learner I watch `--auto` reason.",
        ],
        rivals=[
            Rival("Desktop minesweepers", ["mouse", "fast"], ["need a window", "fixed sizes"], 0.25, 0.45),
            Rival("Browser minesweepers", ["no installation"], ["advertisements", "need a browser"], 0.15, 0.35),
            Rival("Tutorial scripts", ["short"], ["first move may lose", "no flags"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_by_hand(field, ask, say)", "moves or None"),
            ("play", "engine", "Field.open(cell)", ""),
            ("play", "screen", "draw(field)", "text"),
            ("cli", "solver", "sure(field)", "safe and mined cells"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "    a b c d e f\n 1  . . 1 # # #\n 2  . . 2 # # #\n 3  1 1 2 F # #\n 4  # # # # # #\n"
            f" {mines} mines, 1 flagged\n\nYour move (c5 opens, f c5 flags): "
        ),
        approach=(
            "Mines are laid at the first opening, away from it. Opening is a flood fill without recursion, so "
            "that the largest field cannot exhaust the stack. The solver compares neighbouring numbers "
            "pairwise; it serves `--auto` and sees only what a player sees."
        ),
        conventions=["A cell is (column, row), both from 0; on the screen a1 is the upper left."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"d[eé]mineur",
        "buscaminas",
        r"minenr[aä]umer",
        "扫雷",
        r"mine ?-?sweepers?",
        "minefield game",
    ),
    plan=plan,
)
