"""Memory: finding pairs of hidden cards, alone or in turns."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_BY_PAIRS = {pairs: (rows, 2 * pairs // rows) for pairs in range(2, 37) for rows in (2, 3, 4, 5, 6)
             if 2 * pairs % rows == 0 and (rows == 2 or rows <= 2 * pairs // rows) and 2 * pairs // rows <= 12}  # fmt: skip


def plan(reading: Reading) -> Plan:
    """Return the plan of a memory for `reading`."""
    questions: list[str] = []
    asked = wording.size(reading)
    pairs = wording.count(reading, "pairs")
    cards = wording.count(reading, "cards")
    rows, columns = {"easy": (3, 4), "medium": (4, 6), "hard": (6, 8)}[wording.difficulty(reading)]
    if asked:
        rows, columns = asked
    elif pairs or cards:
        wanted = wording.clamped(pairs or (cards or 0) // 2, 2, 36, "Pairs", questions)
        near = min(_BY_PAIRS, key=lambda n: abs(n - wanted))
        if near != wanted:
            questions.append(f"{wanted} pairs fill no board evenly, so it is {near} pairs.")
        rows, columns = _BY_PAIRS[near]
    else:
        questions.append(f"How many cards? Assumed: {rows} x {columns} (`--rows`, `--columns`).")
    rows = wording.clamped(rows, 2, 8, "Rows", questions)
    columns = wording.clamped(columns, 2, 72 // rows if rows > 6 else 12, "Columns", questions)
    if rows * columns % 2:
        columns += 1 if columns < 12 and rows * (columns + 1) <= 72 else -1
        questions.append(
            f"The cards must come in pairs, so the board has {rows} x {columns} cards."
        )
    two = wording.two_players(reading)
    players = wording.count(reading, "players", "people", "persons", "friends") or (2 if two else 1)
    players = wording.clamped(players, 1, 6, "Players", questions)
    scores = wording.wants_scores(reading)
    own = [
        Need("cards", "P0", f"{rows * columns // 2} pairs of cards lie face down, {rows} x {columns}, shuffled.", [
            "Every face lies exactly twice.",
        ]),
        Need("flip", "P0", "A try turns two cards up: a pair is taken, others are turned down again.", [
            "A card is called by letter and number, as B3; one that is up is refused.",
            "Cards that do not match are covered once the player has seen them.",
        ]),
        Need("end", "P0", "The game ends with the last pair and tells the tries.", [
            "Every try counts, whether it finds a pair or not.",
        ]),
        Need("turns", "P1", f"One to six players take turns (default {players}).", [
            "Who finds a pair goes on; who has most pairs wins, and equals win together.",
        ]),
        Need("board", "P1", "The board is drawn with letters and numbers.", [
            "Cards are face down, up between brackets, or gone.",
        ]),
    ]  # fmt: skip
    return Plan(
        package="memory_game" + (f"_{rows}x{columns}" if asked else ""),
        title="memory",
        summary=f"Memory in the terminal: find {rows * columns // 2} pairs of hidden cards"
        + (f", {players} players in turn." if players > 1 else " in as few tries as possible."),
        folder=SOURCES / "memory",
        files=files(
            "The cards: turning, pairs, turns, the end.", scores=scores,
            keeper="Turns cards for the computer, which forgets nothing.",
        ),
        needs=needs(own, auto="finds all pairs, remembering every card", scores="the tries a game took" if scores else ""),
        values=values(
            "let the computer find the pairs", scores=scores, best="lowest", unit="tries",
            rows=rows, columns=columns, players=players, auto_options=', "--rows", "3", "--columns", "4"',
        ),
        goals=["A round takes no preparation and no table.", "What was seen is really out of sight afterwards."],
        stories=[
            "As a player I turn two cards, remember them, and find the pairs in few tries.",
            "As a family we take turns at one keyboard." if players > 1 else "As a player I make the board larger as I get better.",
            "As a developer I replay a game from its seed.",
        ],
        rivals=[
            Rival("Cards on a table", ["pictures to hold"], ["must be laid and put away"], 0.5, 0.3),
            Rival("Phone versions", ["pictures"], ["advertisements"], 0.15, 0.35),
            Rival("Tutorial scripts", ["short"], ["leave all cards in sight above"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_by_hand(game, ask, say)", "tries"),
            ("play", "engine", "Game.flip(card)", ""),
            ("play", "engine", "Game.settle()", "bool"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --rows 3 --columns 4"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui="   1  2  3  4\nA  #  # [K] #\nB  .  #  #  #\nC  #  .  #  #\n Pairs: 1   Tries: 4\nsecond card: b4",
        approach=(
            "The board knows which cards are up and which are found; all else is derived. The automatic "
            "player remembers what was shown and turns a known pair first, else a card it does not know."
        ),
        conventions=["Cards are numbered row by row from 0 inside, A1 on the screen."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"memory(?: cards?)? (?:game|spiel)",
        "memory (?:card )?match(?:ing)?(?: game)?",
        "memoryspiel",
        r"(?:card )?pairs game",
        "concentration (?:card )?game",
        r"(?:matching|find(?:ing)? the|find(?:ing)?) pairs(?: game)?",
        r"pairs matching(?: game)?",
        r"\Amemory\Z",  # more words may mean the memory of a computer
        "pexeso",
        "jeu de memory",
        "记忆(?:翻牌|配对)",
    ),
    plan=plan,
)
