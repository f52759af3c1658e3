"""Snake in real time, with a turn-based way to play where there is no terminal."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a snake for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    if asked is None:
        questions.append("How large is the field? Assumed: 24 x 16 cells (`--width`, `--height`).")
    width, height = asked or (24, 16)
    width = wording.clamped(width, 5, 76, "Width", questions)
    height = wording.clamped(height, 5, 40, "Height", questions)
    level = wording.difficulty(reading)
    speed = {"easy": 5, "medium": 8, "hard": 14}[level]
    wrap = reading.says(
        "wrap\\w*",
        "wrap-?around",
        "no walls",
        "without walls",
        "through (?:the )?walls",
        "torus",
        "endless",
    )
    obstacles = wording.count(reading, "obstacles?", "rocks?", "walls") or 0
    if not obstacles and reading.says("obstacles?", "rocks?", "maze"):
        obstacles = max(3, width * height // 40)
    obstacles = wording.clamped(obstacles, 0, width * height // 8, "Obstacles", questions)
    scores = wording.wants_scores(reading)
    walls = (
        Need("edge", "P0", "The field has no walls: the snake leaves on one side and enters on the other.", [
            "On all four sides the head comes in opposite to where it went out.",
        ])
        if wrap
        else Need("edge", "P0", "Running into a wall ends the game.", [
            "On all four sides a head that leaves the field ends the game.",
        ])
    )  # fmt: skip
    own = [
        Need("move", "P0", "The snake moves on its own; the player turns it.", [
            "Each step moves the head one cell ahead and the tail follows.",
            "Turning back on itself is ignored.",
        ]),
        Need("eat", "P0", "Eating food lets the snake grow and counts a point.", [
            "After food the snake is one cell longer, the points one higher.",
            "New food lies on a cell that is free; a field without free cells is won.",
        ]),
        walls,
        Need("bite", "P0", "Biting itself ends the game.", [
            "A head on the own body ends the game; following the leaving tail does not.",
        ]),
        Need("screen", "P1", f"The field of {width} x {height} cells is drawn with its edge, snake, food and points.", [
            "Head, body, food and edge have signs of their own; points stand below.",
        ]),
        Need("terminal", "P1", f"In a terminal it runs in real time at {speed} steps a second with arrow keys or w, a, s, d.", [
            "Arrow keys and letters turn the snake, p pauses, q leaves.",
            "A window that is too small is refused in one sentence.",
        ]),
        Need("turns", "P1", "Without a terminal it is played in turns: a line of letters is a row of steps.", [
            "w, a, s, d turn and step, a dot steps straight on; other signs are refused.",
        ]),
    ]  # fmt: skip
    if obstacles:
        own.append(Need("rocks", "P1", f"{obstacles} rocks lie on the field.", [
            "Rocks never lie on the start of the snake or its path of four cells; hitting one ends the game.",
        ]))  # fmt: skip
    variant = ("_endless" if wrap else "") + ("_rocks" if obstacles else "")
    return Plan(
        package=f"snake{variant}" + (f"_{width}x{height}" if asked else ""),
        title="snake",
        summary=f"Snake in the terminal on {width} x {height} cells, "
        + ("with edges that lead to the other side" if wrap else "with walls")
        + (f" and {obstacles} rocks." if obstacles else "."),
        folder=SOURCES / "snake",
        files=files(
            "The field: snake, food, steps, the end.", scores=scores,
            pilot="Steers the snake for `--auto`.",
        )
        | {"terminal.py": "Plays in real time with curses."}
        | ({"scores.py": "Keeps results in a JSON file."} if scores else {})
        | {
            "cli.py": "Reads the options, runs the game, turns every ending into an exit code.",
            "__main__.py": "Makes `python -m` start the game.",
        },
        needs=needs(own, auto="steers the snake", scores="the points" if scores else ""),
        values=values(
            "let the computer steer; shows the last field", scores=scores, width=width, height=height,
            speed=speed, wrap=wrap, auto_options=', "--width", "9", "--height", "7"', obstacles=obstacles,
        ),
        goals=[
            "The feel of the original: turn late, grow long, no second chance.",
            "The rules run without a screen, so that every collision is tested.",
        ],
        stories=[
            "As a player I steer with the arrow keys and see my points grow.",
            "As a player I come back to beat my best result." if scores
            else "As a beginner I lower `--speed` until I survive.",
            "As a developer I replay a game from its seed.",
        ],
        rivals=[
            Rival("Phone remakes of snake", ["touch, colours"], ["advertisements", "fixed field"], 0.15, 0.3),
            Rival("ncurses snakes in C", ["fast", "packaged by distributions"], ["few options", "need curses"], 0.8, 0.4),
            Rival("pygame tutorials", ["graphics"], ["need a window and a package", "rarely tested"], 0.3, 0.55),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "terminal", "play(game, speed)", "points"),
            ("terminal", "engine", "Game.turn(direction)", ""),
            ("terminal", "engine", "Game.step()", ""),
            ("terminal", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --width 16 --height 9"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "+------------------------+\n|                        |\n|     ooooO    *         |\n"
            "|     o                  |\n|     oo                 |\n+------------------------+\n"
            " Points: 4   arrows or wasd turn, p pauses, q leaves"
        ),
        approach=(
            "The field is a pure state machine: `turn` and `step` know nothing of time or keys. curses calls "
            "them in real time; without a terminal the same rules are played line by line, which is also "
            "how they are tested. The automatic pilot walks the shortest safe way to the food."
        ),
        conventions=["Cells are (x, y) from the upper left corner, both from 0."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"schlangenspiel",
        "jeu du serpent",
        r"juego de la (?:serpiente|v[ií]bora)",
        "贪吃蛇",
        r"snake(?![ _-]?case)(?! (?:species|breed|care|bite|population|sightings?))(?: game)?",
        r"nibbles game",
    ),
    plan=plan,
)
