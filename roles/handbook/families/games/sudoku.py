"""Sudoku: puzzles with one solution, made and solved."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a sudoku for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    box = 2 if asked and asked[0] == 4 else 3
    if asked and asked[0] not in (4, 9):
        questions.append(
            f"A board of {asked[0]} x {asked[1]} was asked for; 4 x 4 and 9 x 9 are known, so it is 9 x 9."
        )
    size = box * box
    level = wording.difficulty(reading)
    clues = wording.count(reading, "clues?", "givens?", "filled(?: cells)?")
    clues = clues or {"easy": 40, "medium": 32, "hard": 27}[level] * size * size // 81
    clues = wording.clamped(
        clues, 26 if box == 3 else 4, size * size - 1, "Given numbers", questions
    )
    if not reading.says("easy", "medium", "hard", "expert", "clues?"):
        questions.append(
            f"How hard shall puzzles be? Assumed: medium, {clues} given numbers (`--clues`)."
        )
    hints, undo = reading.says("hints?"), wording.wants_undo(reading)
    own = [
        Need("rules", "P0", f"Each number from 1 to {size} stands once in every row, column and box.", [
            "A number that stands in the row, column or box already is refused, as is a cell that was given.",
            "A full board without conflicts is solved.",
        ]),
        Need("make", "P0", f"Puzzles have exactly one solution and about {clues} given numbers.", [
            "The solver finds exactly one solution of every puzzle made.",
            "At least the wanted numbers are given; taking away stops where a second solution would appear.",
        ]),
        Need("solve", "P0", "Any sudoku can be solved, from a file or a line of text.", [
            "`--solve` prints the solution, and says so when there is none or more than one.",
            "A text of the wrong length or with conflicting numbers is refused in one sentence.",
        ]),
        Need("play", "P0", "Numbers are set and cleared by naming a cell.", [
            "`b3 7` sets a number and `b3 0` clears it; given cells stay.",
        ]),
        Need("board", "P1", "The board shows boxes, given numbers and free cells.", ["Free cells are dots; lines part the boxes."]),
    ]  # fmt: skip
    if hints:
        own.append(
            Need(
                "hint",
                "P1",
                "The player may ask for a number (`hint`).",
                ["`hint` sets a right number in the cell with the fewest choices."],
            )
        )
    if undo:
        own.append(
            Need(
                "undo",
                "P1",
                "Moves can be taken back (`undo`).",
                ["`undo` restores the cell of the last move, as often as there were moves."],
            )
        )
    return Plan(
        package="sudoku" + ("_4x4" if box == 2 else ""),
        title="sudoku",
        summary=f"Sudoku in the terminal: {size} x {size} puzzles with one solution, to play and to solve.",
        folder=SOURCES / "sudoku",
        files=files("The board: what may stand where.", scores=False, solver="Counts and finds solutions, and makes puzzles."),
        needs=needs(own, auto="solves a fresh puzzle"),
        values=values(
            "make a puzzle and solve it", scores=False, box=box, cells=size, clues=clues, hints=hints, undo=undo, paths=True,
        ),
        goals=["Every puzzle can be solved by thinking: its solution is unique.", "The solver answers within a second."],
        stories=["As a player I fill a puzzle and am told at once when a number cannot stand there.",
                 "As a newspaper reader I type a puzzle in and see its solution."],
        rivals=[
            Rival("Newspaper sudoku", ["no screen"], ["solution tomorrow"], 0.6, 0.2),
            Rival("Phone sudoku", ["notes, timers"], ["advertisements"], 0.15, 0.45),
            Rival("Solver scripts", ["fast"], ["no play, no puzzles"], 0.9, 0.35),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "solver", "make(clues, rng)", "Board"),
            ("cli", "play", "play_by_hand(board, ask, say)", "bool"),
            ("play", "engine", "Board.set(cell, number)", ""),
            ("play", "screen", "draw(board)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"],
        ui="     a b c   d e f\n 1   5 3 . | . 7 .\n 2   6 . . | 1 9 5\n 3   . 9 8 | . . .\n     ------+------\n\nYour move (b3 7 sets, b3 0 clears): ",
        approach=(
            "The solver always fills the cell with the fewest choices and steps back on a dead end; it stops at the second "
            "solution, which is all that making puzzles needs. Puzzles start from a full random board and lose numbers "
            "as long as the solution stays the only one."
        ),
        conventions=["Cells are numbered row by row from 0; 0 as a number is a free cell."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        "数独",
        "sudokus?",
    ),
    plan=plan,
)
