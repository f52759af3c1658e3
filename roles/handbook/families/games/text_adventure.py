"""A text adventure whose world is data."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import json
from pathlib import Path

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games.game import SOURCES, Game, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_WORLDS = Path(__file__).parent / "worlds"
_THEMES = {
    "cave": ("caves?", "dragons?", "dungeons?", "underground", "mines?"),
    "station": ("space\\w*", "stations?", "sci-?fi", "science fiction", "aliens?", "spaceship"),
    "castle": ("castles?", "haunted", "medieval", "knights?", "house", "mansion", "fantasy"),
}


def plan(reading: Reading) -> Plan:
    """Return the plan of a text adventure for `reading`."""
    questions: list[str] = []
    theme = next((t for t, words in _THEMES.items() if reading.says(*words)), "")
    if not theme:
        theme = "castle"
        questions.append(
            "Where does the story take place? Assumed: a castle; `--world FILE` takes a world of your own."
        )
    world = json.loads((_WORLDS / f"{theme}.json").read_text(encoding="utf-8"))
    rooms, prize = len(world["rooms"]), world["prize"]
    own = [
        Need("world", "P0", f"The world of {rooms} rooms is data with a checked format.", [
            "Every exit leads to a room, every lock opens with an item that exists, and the prize can be brought home.",
            "Another world can be given as a JSON file; one that does not fit is refused, naming what is wrong.",
        ]),
        Need("walk", "P0", "The player walks through exits; some are locked until the right item is carried.", [
            "A direction without an exit is refused; a locked exit names what is missing and opens for who carries it.",
        ]),
        Need("items", "P0", "Items are taken and dropped.", [
            "An item is in one place: a room or the player's hands; what is not there cannot be taken or dropped.",
        ]),
        Need("win", "P0", f"The game is won when the {prize} is brought back to the start.", ["Reaching the start with the prize ends the game and counts the steps."]),
        Need("words", "P0", "Commands are plain words and their short forms.", [
            "n, s, e, w, u, d, take, drop, look, inventory and help are understood; other words get an answer that helps.",
        ]),
        Need("save", "P1", "A game can be saved and gone on with.", ["`save` writes a file, `--load` goes on from it; a broken file is named in one sentence."]),
        Need("scene", "P1", "A room is described with its exits and items.", ["Name, text, exits in a fixed order and the items that lie there."]),
    ]  # fmt: skip
    return Plan(
        package=f"{theme}_adventure",
        title=world["title"],
        summary=f"A text adventure in the terminal: {rooms} rooms, locked ways, and the {prize} to bring home.",
        folder=SOURCES / "text_adventure",
        files={
            "world.json": "The rooms, ways, locks and items: data, no code.",
            "world.py": "Reads a world and checks that it can be won.",
            "engine.py": "The state of a game: where the player is and what lies where.",
            "screen.py": "Rooms and belongings as text.",
            "play.py": "Understands commands and leads through the game.",
            "cli.py": "Reads the options, runs the game, turns every ending into an exit code.",
            "__main__.py": "Makes `python -m` start the game.",
        },
        needs=needs(own, auto="walks the shortest way to the end"),
        values=values(
            "watch the shortest solution", scores=False, paths=True, whole=False, prize=prize, rooms=rooms, start=world["start"],
            entries=json.dumps(world, indent=1),
        ),
        goals=["The story can always be won, which the program proves before it starts.", "A new story needs no code."],
        stories=[f"As a player I explore {rooms} rooms and find out which item opens which way.", "As an author I write a world as JSON and am told what is wrong with it."],
        rivals=[
            Rival("Interactive fiction systems", ["rich language"], ["a language to learn", "an interpreter to install"], 0.4, 0.8),
            Rival("Chatbot stories", ["endless"], ["need the network", "forget what was said"], 0.15, 0.6),
            Rival("Tutorial scripts", ["short"], ["rooms as nested ifs", "untested"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "world", "read_world(path)", "World"),
            ("cli", "play", "play_by_hand(game, ask, say)", "steps"),
            ("play", "engine", "Game.go(direction)", ""),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto"],
        ui=f"{world['rooms'][world['start']]['name']}\n{world['rooms'][world['start']]['text']}\nWays: north\n\n> north",
        approach=(
            "The world is data and the engine knows no room by name. A search over all states (place, items, opened locks) proves that a world "
            "can be won and gives the walk that `--auto` shows. Saving writes the state only, never the world."
        ),
        conventions=["Rooms and items are lower-case words without blanks; directions are spelled out in data."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"text[ -](?:based )?adventures?",
        r"adventure games?",
        "interactive fiction",
        "zork",
        "textadventure",
        "文字冒险",
    ),
    plan=plan,
)
