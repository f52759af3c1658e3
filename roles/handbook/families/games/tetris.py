"""Tetris in real time, with a turn-based way to play where there is no terminal."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a tetris for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    if asked is None:
        questions.append("How large is the field? Assumed: 10 x 20 cells (`--width`, `--height`).")
    width, height = asked or (10, 20)
    width = wording.clamped(width, 6, 24, "Width", questions)
    height = wording.clamped(height, 10, 40, "Height", questions)
    level = wording.count(reading, "(?:start(?:ing|s)? )?(?:at |from |with )?level ")
    level = level or {"easy": 1, "medium": 1, "hard": 6}[wording.difficulty(reading)]
    level = wording.clamped(level, 1, 15, "First level", questions)
    hold = reading.says("hold\\w*", "swap\\w*", "reserve")
    scores = wording.wants_scores(reading)
    own = [
        Need("pieces", "P0", "The seven pieces of four cells come in shuffled bags.", [
            "All seven kinds come before any comes again.",
            "Each piece covers four cells; four quarter turns bring it back.",
        ]),
        Need("move", "P0", "A piece falls row by row and moves left and right while there is room.", [
            "Walls and resting pieces stop it.", "On the ground it rests and the next one comes.",
        ]),
        Need("rotate", "P0", "A piece turns clockwise; walls and neighbours push it aside.", [
            "An upright piece at a wall turns by moving away from it.",
            "Where it fits nowhere near, it stays as it is.",
        ]),
        Need("lines", "P0", "Filled lines vanish and count points.", [
            "1, 2, 3 and 4 lines at once count 100, 300, 500 and 800 points, times the level.",
            "What lay above comes down by as many rows.",
        ]),
        Need("end", "P0", "The game ends when a new piece finds no room.", [
            "Afterwards nothing moves; the points are told.",
        ]),
        Need("level", "P1", "Every ten lines are a level, and every level is faster.", [
            f"The game begins at level {level} (`--level`).",
        ]),
        Need("drop", "P1", "A piece can be pushed down or dropped.", [
            "A row pushed counts a point, a row dropped two.",
        ]),
        Need("screen", "P1", f"The field of {width} x {height} cells shows where the piece would land.", [
            "Falling piece, its shadow and resting cells have signs of their own.",
            "The next piece, points, lines and level stand beside the field.",
        ]),
        Need("terminal", "P1", "In a terminal it runs in real time, with arrow keys or w, a, s, d.", [
            "Keys move at once and neither hasten nor hold up the fall; p pauses, q leaves.",
            "A window that is too small is refused in one sentence.",
        ]),
        Need("turns", "P1", "Without a terminal it is played in turns: a line of letters is a row of moves.", [
            "After a line the piece falls by a row; other signs are refused and move nothing.",
        ]),
    ]  # fmt: skip
    if hold:
        own.append(Need("hold", "P1", "A piece can be put aside once and taken back later.", [
            "`h` swaps the falling piece with the one held; a second time only after it has landed.",
        ]))  # fmt: skip
    made = files(
        "The field: pieces, turning, lines, points, the end.", scores=scores,
        pilot="Places pieces for `--auto`.",
    )  # fmt: skip
    last = {name: made.pop(name) for name in ("scores.py", "cli.py", "__main__.py") if name in made}
    return Plan(
        package="tetris" + (f"_{width}x{height}" if asked else ""),
        title="tetris",
        summary=f"Tetris in the terminal on {width} x {height} cells, with levels"
        + (", a place to hold a piece" if hold else "") + " and points.",
        folder=SOURCES / "tetris",
        files=made | {"terminal.py": "Plays in real time with curses."} | last,
        needs=needs(own, auto="places the pieces", scores="the points" if scores else ""),
        values=values(
            "let the computer place pieces; shows the last field", scores=scores, width=width,
            height=height, level=level, hold=hold, auto_options=', "--pieces", "12"',
        ),
        goals=[
            "It feels right: keys answer at once, the fall keeps its own time.",
            "The rules run without a screen, so that every turn and every line is tested.",
        ],
        stories=[
            "As a player I turn and drop pieces with the arrow keys and clear four lines at once.",
            "As a player I come back to beat my best result." if scores
            else "As an expert I begin at a higher `--level`.",
            "As a developer I replay a game from its seed.",
        ],
        rivals=[
            Rival("Browser tetrises", ["colours, sound"], ["advertisements", "need a browser"], 0.15, 0.3),
            Rival("Ports in C for the terminal", ["fast", "packaged by distributions"], ["fixed size", "need curses"], 0.8, 0.4),
            Rival("pygame tutorials", ["graphics"], ["need a window and a package", "pieces repeat at random"], 0.3, 0.55),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "terminal", "play(game)", "points"),
            ("terminal", "engine", "Game.shift(dx), rotate(), push(), drop()", "bool"),
            ("terminal", "engine", "Game.fall()", "bool"),
            ("terminal", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --pieces 40"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "| . . . .[] . . . . .|  Points 340\n| . . .[][][] . . . .|  Lines  2\n| . . . . . . . . . .|  Level  1\n"
            "| . . . .:: . . . . .|  Next\n|##. . ::::::. . ####|    [][]\n|########. . ########|      [][]\n"
            "+--------------------+\n arrows or wasd, space drops, p pauses, q leaves"
        ),
        approach=(
            "The field is a pure state machine: shift, rotate, fall and drop know nothing of time or keys. The "
            "loop in real time takes its clock as an argument, so that tests move time by hand; without a "
            "terminal the same rules are played line by line. The automatic player weighs height, holes and steps."
        ),
        conventions=["Cells are (x, y) from the upper left corner, both from 0; above the field y is negative."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"tetris(?: (?:game|clone))?",
        "俄罗斯方块",
        "тетрис",
        "tetromino(?:es|s)? game",
        r"falling (?:blocks?|bricks?)(?: (?:game|puzzle))?",
    ),
    plan=plan,
)
