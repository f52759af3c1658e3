"""Conway's game of life, with patterns and other rules."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_PATTERNS = {
    "glider": [".O.", "..O", "OOO"],
    "blinker": ["OOO"],
    "block": ["OO", "OO"],
    "toad": [".OOO", "OOO."],
    "beacon": ["OO..", "OO..", "..OO", "..OO"],
    "r-pentomino": [".OO", "OO.", ".O."],
    "acorn": [".O.....", "...O...", "OO..OOO"],
    "pulsar": [
        "..OOO...OOO..", ".............", "O....O.O....O", "O....O.O....O", "O....O.O....O", "..OOO...OOO..", ".............",
        "..OOO...OOO..", "O....O.O....O", "O....O.O....O", "O....O.O....O", ".............", "..OOO...OOO..",
    ],
}  # fmt: skip


def plan(reading: Reading) -> Plan:
    """Return the plan of a game of life for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    if asked is None:
        questions.append("How large is the world? Assumed: 40 x 20 cells (`--width`, `--height`).")
    width = wording.clamped(asked[0] if asked else 40, 3, 200, "Width", questions)
    height = wording.clamped(asked[1] if asked else 20, 3, 100, "Height", questions)
    generations = wording.clamped(
        wording.count(reading, "generations?", "steps?", "turns?", "iterations?") or 10,
        1,
        10_000,
        "Generations",
        questions,
    )
    wrap = reading.says("wrap\\w*", "torus", "toroidal", "wrap-?around")
    rule = "B36/S23" if reading.says("high ?life") else "B3/S23"
    found = re.search(r"\bb(\d*)/?s(\d*)\b", reading.text.lower())
    if found and (found[1] or found[2]) and not reading.says("bs"):
        rule = f"B{found[1]}/S{found[2]}".replace("9", "").replace("B0", "B")
    pattern = next((name for name in _PATTERNS if reading.says(name)), "random")
    picture = _PATTERNS.get(pattern, ["OOO"] * 3)
    width, height = max(width, *map(len, picture)), max(height, len(picture))
    own = [
        Need("rule", "P0", f"A new generation follows from the old by the rule {rule}.", [
            "A free cell comes to life with a number of neighbours that the rule names under B, a living one stays with one under S.",
            "Another rule can be given; one that is not written like B3/S23 is refused.",
        ]),
        Need("edge", "P0", "The world has " + ("no edge: left meets right and top meets bottom." if wrap else "an edge beyond which nothing lives."), [
            "A cell at the edge counts " + ("the neighbours on the other side." if wrap else "only neighbours inside."),
        ]),
        Need("patterns", "P0", f"Well-known patterns can be set out by name (default: {pattern}).", [
            "A blinker returns after 2 generations, a block stays, a glider moves by one cell in 4.",
            "A file drawn with O and dots is a pattern, too; one that does not fit is refused.",
        ]),
        Need("world", "P1", f"The world of {width} x {height} cells is drawn with generation and population.", ["Living cells are O, others dots; the line below counts both."]),
        Need("stop", "P1", "A run ends after the wanted generations, or when nothing changes any more.", ["A world that stands still or is empty ends the run and says so."]),
        Need("step", "P1", "Without `--auto` the next generation comes with Enter, and cells can be switched.", ["Enter steps, a number steps as often, `x y` switches a cell."]),
    ]  # fmt: skip
    return Plan(
        package="game_of_life" + ("_torus" if wrap else "") + (f"_{width}x{height}" if asked else ""),
        title="the game of life",
        summary=f"Conway's game of life in the terminal: {width} x {height} cells, rule {rule}, {'without edges' if wrap else 'with edges'}.",
        folder=SOURCES / "game_of_life",
        files=files("The world and how a generation follows from another.", scores=False, patterns="Patterns by name and from files."),
        needs=needs(own, auto="shows generation after generation"),
        values=values(
            "show all generations without asking", scores=False, width=width, height=height, generations=generations, wrap=wrap,
            rule=rule, pattern=pattern, patterns=_PATTERNS, auto_options=', "--pattern", "random"',
        ),
        goals=["The rule is exact, for every rule of the family.", "A pattern is on the screen with one option."],
        stories=["As a curious person I watch a glider cross the world.", "As a student I try another rule and draw a pattern of my own."],
        rivals=[
            Rival("Golly-like programs", ["huge worlds", "fast"], ["a window", "much to learn"], 0.3, 0.8),
            Rival("Browser toys", ["animation"], ["need a browser"], 0.2, 0.5),
            Rival("Tutorial scripts", ["short"], ["one rule", "wrong at the edges"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "patterns", "world_with(pattern, width, height)", "World"),
            ("cli", "play", "show(world, generations, say)", "generations"),
            ("play", "engine", "World.next()", "World"),
            ("play", "screen", "draw(world, generation)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --pattern glider --generations 4", "python -m {name} --auto --seed 7 --generations 2"],
        ui="..........\n...O......\n....O.....\n..OOO.....\n..........\nGeneration 3, 5 alive. Enter, a number, or x y: ",
        approach=(
            "A world is an immutable set of living cells; the next one is computed by counting neighbours of living cells only, so that "
            "empty space costs nothing. Patterns are pictures in text, in the code as in files."
        ),
        conventions=["Cells are (x, y) from the upper left corner, both from 0."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        "spiel des lebens",
        "jeu de la vie",
        "juego de la vida",
        "生命游戏",
        "game of life",
        r"conway\S*",
        r"cellular automat\w+",
    ),
    plan=plan,
)
