"""Battleship against a computer that hunts by likelihood."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_SHIPS = [("carrier", 5), ("battleship", 4), ("cruiser", 3), ("submarine", 3), ("destroyer", 2)]
_MORE = [("frigate", 3), ("corvette", 2), ("patrol boat", 2), ("cutter", 2), ("dinghy", 1)]
_SMALL = [("cruiser", 3), ("destroyer", 2), ("corvette", 2)]


def plan(reading: Reading) -> Plan:
    """Return the plan of a battleship for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    if asked is None:
        questions.append("How large is the sea? Assumed: 10 x 10 (`--size`).")
    elif asked[0] != asked[1]:
        questions.append(
            f"The sea is square, so {asked[0]} x {asked[1]} is read as {max(asked)} x {max(asked)}."
        )
    size = wording.clamped(max(asked) if asked else 10, 6, 20, "Rows and columns", questions)
    ships = _SHIPS if size >= 8 else _SMALL
    number = wording.count(reading, "ships", "boats", "vessels")
    if number is not None:
        most = len(_SHIPS + _MORE) if size >= 10 else 5 if size >= 8 else 3
        number = wording.clamped(number, 2, most, "Ships", questions)
        ships = ([*_SHIPS, *_MORE] if size >= 8 else _SMALL)[:number]
    level = wording.difficulty(reading)
    by_hand = reading.says(
        "plac\\w+", "position\\w*", "arrang\\w+", "by hand", "manual\\w*"
    ) and not reading.says(
        "randomly placed",
        "random placement",
        "place\\w* (?:ships )?(?:at random|randomly)",
        "automatic\\w*",
    )
    scores, two = wording.wants_scores(reading), wording.two_players(reading)
    if two:
        questions.append(
            "Two people at one keyboard would see each other's ships, so the computer is the opponent."
        )
    if not reading.says("easy", "medium", "hard", "expert", "smart", "clever"):
        questions.append("How strong shall the computer be? Assumed: medium (`--level`).")
    lengths = ", ".join(str(length) for _, length in ships)
    own = [
        Need("fleet", "P0", f"Each side has {len(ships)} ships on {size} x {size} places.", [
            f"The ships have the lengths {lengths}; none overlaps or leaves the sea.",
        ]),
        Need("shots", "P0", "The sides shoot in turn; a shot is water, a hit, or sinks a ship.", [
            "A ship is sunk with its last place; its name is told.",
            "A place such as B7 is read in either case; a repeated or impossible one costs nothing.",
        ]),
        Need("opponent", "P0", "The computer hunts at three levels and never looks where ships lie.", [
            "Easy shoots anywhere, medium next to a hit, hard at the likeliest place.",
            "A stronger level needs fewer shots.",
        ]),
        Need("end", "P0", "Who sinks the whole fleet of the other wins.", [
            "A win tells the shots it took, a defeat shows where the ships were.",
        ]),
        Need("place", "P1", "The player's ships are placed by hand or at random"
             f" (default: {'by hand' if by_hand else 'at random'}).", [
            "`B3 r` lays a ship to the right, `B3 d` down; one that does not fit is refused.",
        ]),
        Need("board", "P1", "Both seas stand side by side, with letters and numbers.", [
            "Of the enemy only hits and water show; own ships show all the time.",
        ]),
    ]  # fmt: skip
    return Plan(
        package="battleship" + (f"_{size}x{size}" if asked else ""),
        title="battleship",
        summary=f"Battleship in the terminal: sink {len(ships)} hidden ships on {size} x {size} places "
        "before the computer sinks yours.",
        folder=SOURCES / "battleship",
        files=files(
            "The seas: ships, shots, the end.", scores=scores,
            hunter="Chooses the computer's shots from what earlier ones have shown.",
        ),
        needs=needs(own, auto="plays both sides", scores="the shots a win took" if scores else ""),
        values=values(
            "let the computer play both sides", scores=scores, best="lowest", unit="shots", size=size,
            auto_options=', "--level", "medium"', low=min(size, 10 if len(ships) > 5 else 8 if len(ships) > 3 else 6), fleet=ships, level=level, by_hand=by_hand,
        ),
        goals=["The computer is a fair opponent: it knows only what its shots have shown.", "A game needs no paper."],
        stories=[
            "As a player I type B7 and read at once what it hit and what came back.",
            "As a player I place my ships where nobody looks for them." if by_hand
            else "As a player I begin at once with a fleet placed for me.",
            "As a beginner I choose the easy level and win.",
        ],
        rivals=[
            Rival("The board game", ["pegs to hold"], ["needs a partner", "is easily spied on"], 0.5, 0.25),
            Rival("Browser versions", ["play against strangers"], ["advertisements", "need an account"], 0.15, 0.4),
            Rival("Tutorial scripts", ["short"], ["one ship", "the computer shoots blindly"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play(enemy, own, choose, ask, say)", "shots or None"),
            ("play", "engine", "Sea.shoot(cell)", "water, hit or ship"),
            ("play", "hunter", "choose(view, level, rng)", "cell"),
            ("play", "screen", "draw(enemy, own)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --level hard"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "Enemy waters          Your fleet\n    1  2  3  4            1  2  3  4\nA   .  ~  .  .        A   O  O  .  .\n"
            "B   .  x  x  .        B   .  ~  .  x\nC   .  .  .  .        C   .  .  .  O\n\nYour shot: b4\n"
            "You: B4 - a hit, and the cruiser is sunk!\nComputer: C4 - a hit!"
        ),
        approach=(
            "A sea knows its ships and the shots at it; hits, sunk ships and the end are derived. The computer "
            "gets a view without ships and counts, for every open place, in how many ways the ships afloat "
            "could lie there; after a hit only the ways through it count."
        ),
        conventions=["Places are (row, column) from 0 inside, A1 on the screen."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"battle[ -]?ships?(?: (?:game|clone))?",
        "schiffe ?versenken",
        "bataille navale",
        "(?:batalla|guerra) naval",
        "hundir la flota",
        "battaglia navale",
        "морской бой",
        "海战棋",
        "sink the (?:fleet|ships)",
    ),
    plan=plan,
)
