"""Connect four, or any other number, with an opponent that looks ahead."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_SPELLED = {"three": 3, "four": 4, "five": 5, "six": 6}


def plan(reading: Reading) -> Plan:
    """Return the plan of a connect four for `reading`."""
    questions: list[str] = []
    found = re.search(r"(?:connect|four|five)[ -]?(three|four|five|six|\d)\b", reading.text.lower())
    length = (_SPELLED.get(found[1]) or int(found[1])) if found else 4
    length = wording.clamped(length, 3, 6, "Pieces in a row", questions)
    columns, rows = wording.size(reading) or ((7, 6) if length <= 4 else (9, 7))
    columns = wording.clamped(columns, max(length, 5), 12, "Columns", questions)
    rows = wording.clamped(rows, max(length, 4), 12, "Rows", questions)
    two, undo = wording.two_players(reading), wording.wants_undo(reading)
    scores = wording.wants_scores(reading)
    level = wording.difficulty(reading)
    rounds = wording.count(reading, "best of ", "rounds?", "games?") or 1
    rounds = wording.clamped(rounds, 1, 99, "Rounds", questions)
    if not two and not reading.says("easy", "medium", "hard", "expert", "smart"):
        questions.append("How strong shall the opponent be? Assumed: medium (`--level`).")
    own = [
        Need("drop", "P0", f"Pieces fall to the lowest free place of a board of {columns} x {rows} places, with {columns} columns and {rows} rows.", [
            "A piece lands on the ground or on the piece below.",
            "A full or unknown column is refused and the turn stays.",
        ]),
        Need("win", "P0", f"{length} pieces in a row win: across, up or along a diagonal.", [
            f"{length} in each of the four directions win, {length - 1} do not.",
            "A full board without a row is a draw.",
        ]),
        Need("opponent", "P0", "The computer plays at three levels, looking some moves ahead.", [
            "Medium and hard take a win at once and block one.",
            "A stronger level beats the easy one in most games.",
        ]),
        Need("board", "P1", "The board is drawn with numbered columns.", [
            "Pieces show as X and O where they have fallen; the last one is marked.",
        ]),
        Need("players", "P1", "Two players can share the keyboard, or one plays the computer"
             f" (default: {'two players' if two else 'one'}).", [
            "`--opponent human` asks both in turn; `--opponent computer` answers by itself.",
        ]),
        Need("match", "P1", f"The best of several games is played (default {rounds}), beginning in turns.", [
            "The one who begins changes; the match ends when it is decided.",
        ]),
    ]  # fmt: skip
    if undo:
        own.append(Need("undo", "P1", "A move can be taken back (`undo`).", [
            "`undo` takes back the player's last move with the computer's answer; an empty board refuses.",
        ]))  # fmt: skip
    word = {3: "three", 4: "four", 5: "five", 6: "six"}[length]
    return Plan(
        package=f"connect_{word}" + ("_duel" if two else "") + (f"_{columns}x{rows}" if wording.size(reading) else ""),
        title=f"connect {word}",
        summary=f"Connect {word} in the terminal on {columns} x {rows} places, "
        + ("for two people at one keyboard." if two else "against a computer that looks ahead."),
        folder=SOURCES / "connect_four",
        files=files(
            "The board: falling pieces, rows, the end.", scores=scores,
            opponent="Chooses columns for the computer by looking ahead.",
        ),
        needs=needs(own, auto="plays both sides", scores="the games won in a match" if scores else ""),
        values=values(
            "let the computer play both sides", scores=scores, unit="games won", length=length,
            columns=columns, rows=rows, two=two, undo=undo, level=level, rounds=rounds,
            auto_options=', "--level", "easy"',
        ),
        goals=["A move is one number.", "The opponent is a challenge and answers within a second."],
        stories=[
            "As a player I drop pieces by typing a column and see at once what the computer does.",
            "As two friends we play a match at one keyboard." if two
            else "As a beginner I choose the easy level and win.",
        ],
        rivals=[
            Rival("The board game", ["pieces to hold"], ["needs a partner and a table"], 0.5, 0.25),
            Rival("Perfect solvers", ["never lose"], ["no fun to play against", "fixed 7 x 6"], 0.45, 0.5),
            Rival("Tutorial scripts", ["short"], ["random opponent or none"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_match(rounds, new_board, movers, say)", "wins"),
            ("play", "opponent", "choose(board, level, rng)", "column"),
            ("play", "engine", "Board.drop(column)", ""),
            ("play", "screen", "draw(board)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --level easy"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            " 1 2 3 4 5 6 7\n| | | | | | | |\n| | | |O| | | |\n| | |X|X|O| | |\n+-+-+-+-+-+-+-+\n"
            f"\nX, your column (1-{columns}): "
        ),
        approach=(
            "The board keeps one list per column and checks only lines through the last piece. The opponent "
            "searches with alpha-beta pruning, centre columns first, and values open rows at the end of its "
            "sight. Who moves is a function, so that people and computers can take either side."
        ),
        conventions=["Columns are numbered from 1 on the screen and from 0 in code."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        "vier gewinnt",
        r"puissance (?:4|quatre)",
        r"(?:conecta )?cuatro en raya",
        "四子棋",
        r"connect[ -]?(?:four|4|three|3|five|5|six|6|n)",
        r"four[ -]in[ -]a[ -](?:row|line)",
        "4[ -]in[ -]a[ -]row",
    ),
    plan=plan,
)
