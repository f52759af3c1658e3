"""Tic-tac-toe with an opponent that never loses."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a tic-tac-toe for `reading`."""
    questions: list[str] = []
    two = wording.two_players(reading)
    level = wording.difficulty(reading, "hard")
    rounds = wording.count(reading, "best of ", "rounds?", "games?") or 1
    rounds = wording.clamped(rounds, 1, 99, "Rounds", questions)
    scores, undo = wording.wants_scores(reading), wording.wants_undo(reading)
    hints = wording.wants_hints(reading)
    if not two and not reading.says("easy", "hard", "unbeatable", "perfect", "minimax", "medium"):
        questions.append(
            "How strong shall the opponent be? Assumed: it never loses (`--level hard`)."
        )
    own = [
        Need("rules", "P0", "Two marks take turns on a board of 3 x 3 fields; three in a row win.", [
            "Rows, columns and both diagonals win; a full board without a row is a draw.",
            "A taken or unknown field is refused and the turn stays.",
        ]),
        Need("opponent", "P0", "A computer opponent plays at three levels; the hard one never loses, it is unbeatable.", [
            "Hard wins or draws against every possible line of play, moving first or second.",
            "Hard takes a win at once and blocks one; easy only plays allowed fields.",
        ]),
        Need("board", "P0", "The board shows marks and the numbers of free fields.", [
            "Free fields show their number 1 to 9, taken ones X or O.",
        ]),
        Need("match", "P1", f"A match is played over rounds (default {rounds}) with a running result.", [
            "The one who begins changes from round to round; the result counts wins and draws.",
        ]),
        Need("players", "P1", "Two players can share the keyboard, or one plays the computer"
             f" (default: {'two players' if two else 'one'}).", [
            "`--opponent human` asks both players in turn; `--opponent computer` answers by itself.",
        ]),
    ]  # fmt: skip
    if undo:
        own.append(Need("undo", "P1", "A move can be taken back (`undo`).", [
            "`undo` takes back the last move of the player (and the computer's answer).",
            "`undo` on an empty board says that there is nothing to take back.",
        ]))  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may ask for the best field (`hint`).", [
            "`hint` names a field that does not lose by force; the turn stays.",
        ]))  # fmt: skip
    variant = "_duel" if two else ""
    return Plan(
        package=f"tictactoe{variant}",
        title="tic-tac-toe",
        summary="Tic-tac-toe in the terminal for two people at one keyboard."
        if two
        else "Tic-tac-toe in the terminal against an opponent that can play without a mistake.",
        folder=SOURCES / "tictactoe",
        files=files(
            "The board: whose turn it is, what is allowed, who has won.",
            scores=scores,
            opponent="Chooses fields for the computer: at random, sensibly, or by full search.",
        ),
        needs=needs(own, auto="plays both sides", scores="the wins of a match" if scores else ""),
        values={
            "scores": scores,
            "score_unit": "wins",
            "best": "highest",
            "two": two,
            "level": level,
            "rounds": rounds,
            "undo": undo,
            "hints": hints,
            "auto_help": "let the computer play both sides",
            "start_options": "",
            "auto_options": "",
            "cli_options": "",
        },
        goals=[
            "A round takes one keystroke per move and no explanation.",
            "The opponent is fair: it plays by the same rules and can be set to lose now and then.",
        ],
        stories=[
            "As a player I type the number of a field and see the board with the answer.",
            "As a parent I set the level to easy so that my child can win."
            if not two
            else "As two friends we share the keyboard and play a match.",
            "As a developer I watch `--auto` to see that perfect play always ends in a draw.",
        ],
        rivals=[
            Rival(
                "Pen and paper",
                ["always there"],
                ["needs a second person", "no result kept"],
                0.75,
                0.3,
            ),
            Rival(
                "Browser tic-tac-toe",
                ["mouse", "pretty"],
                ["needs a browser", "advertisements"],
                0.25,
                0.4,
            ),
            Rival(
                "Beginners' tutorial scripts",
                ["short to read"],
                ["opponent moves at random", "untested"],
                0.85,
                0.2,
            ),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_match(rounds, movers, say)", "Result"),
            ("play", "engine", "Board.place(field)", ""),
            ("play", "opponent", "choose(board, level, rng)", "field"),
            ("play", "screen", "draw(board)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --rounds 3"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=" X | 2 | 3\n---+---+---\n 4 | O | 6\n---+---+---\n 7 | 8 | 9\n\nX, your field (1-9): ",
        approach=(
            "The board is a small value object that knows rules only; the opponent searches the whole "
            "game tree (minimax with memory, a few thousand positions), so that hard is provably "
            "perfect. Who moves is a function from board to field, so that people and computers can "
            "take either side."
        ),
        conventions=["Fields are numbered 1 to 9 from the upper left, in text as in code."],
        questions=questions,
    )


GAME = Game(
    names=(
        "drei gewinnt",
        "tres en raya",
        "morpion",
        "井字棋",
        r"tic[ -]?tac[ -]?toe",
        r"noughts (?:and|&) crosses",
    ),
    plan=plan,
)
