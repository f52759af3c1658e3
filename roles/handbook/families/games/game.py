"""What a kind of game is, and the needs that all games share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

__all__ = ["SOURCES", "Game", "files", "needs", "values"]

SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Game:
    """A kind of game.

    Attributes:
        names: what it is called, as regular expressions over lower-case text.
        plan: decides everything for one requirement.
    """

    names: tuple[str, ...]
    plan: Callable[[Reading], Plan]


def needs(own: list[Need], *, auto: str, scores: str = "") -> list[Need]:
    """Return `own` followed by what every game owes its player.

    Args:
        auto: what the computer does under ``--auto``, as "plays both sides".
        scores: what is kept between games, as "the points"; empty if nothing is.
    """
    shared = [
        Need(
            "leave",
            "P0",
            "The program explains itself and never dies on what is typed.",
            [
                "`--help` lists the options; a wrong option is one sentence and exit code 2.",
                "A line that makes no sense is answered with a sentence, not a traceback.",
                "End of input and the word quit leave with exit code 0, Ctrl-C with 130.",
            ],
            always=True,
        ),
        Need(
            "auto",
            "P1",
            f"With `--auto` the computer {auto}.",
            ["`--auto` needs no input and ends with exit code 0."],
        ),
        Need(
            "seed",
            "P1",
            "With `--seed` a run can be repeated.",
            ["The same seed shows the same game; `--seed many` is refused."],
        ),
    ]
    if scores:
        shared.append(
            Need(
                "scores",
                "P1",
                f"The program keeps high scores: {scores} in a file, of which it shows the best.",
                [
                    "A finished game is kept; `--show-scores` lists the results, best first.",
                    "Results survive the program; a broken file is named in one sentence.",
                ],
            )
        )
    return [*own, *shared]


def files(engine: str, *, scores: bool, **more: str) -> dict[str, str]:
    """Return the files of a game and their purposes, in the order they build on each other.

    Args:
        engine: the purpose of ``engine.py``.
        scores: whether results are kept.
        more: further modules that stand between the rules and the screen, stem to purpose.
    """
    return {
        "engine.py": engine,
        **{f"{stem}.py": purpose for stem, purpose in more.items()},
        "screen.py": "Draws the state of the game as text.",
        "play.py": "Leads through a game, asking and showing through functions handed in.",
        **({"scores.py": "Keeps results in a JSON file."} if scores else {}),
        "cli.py": "Reads the options, runs the game, turns every ending into an exit code.",
        "__main__.py": "Makes `python -m` start the game.",
    }


def values(
    auto_help: str, *, scores: bool, best: str = "highest", unit: str = "points", **own: object
) -> dict[str, object]:
    """Return what the templates of a game may use.

    Args:
        auto_help: what the help says about ``--auto``.
        scores: whether results are kept.
        best: which result is the best, the ``highest`` or the ``lowest``.
        unit: what a result counts.
        own: the values of this game.
    """
    options = {"start_options": "", "auto_options": "", "cli_options": ""}
    shared = {"auto_help": auto_help, "scores": scores, "best": best, "score_unit": unit}
    return {**options, **shared, **own}
