"""Rock, paper, scissors, with lizard and Spock on request."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_CLASSIC = {
    "rock": {"scissors": "breaks"},
    "paper": {"rock": "covers"},
    "scissors": {"paper": "cut"},
}
_EXTENDED = {
    "rock": {"scissors": "breaks", "lizard": "crushes"},
    "paper": {"rock": "covers", "spock": "disproves"},
    "scissors": {"paper": "cut", "lizard": "decapitate"},
    "lizard": {"paper": "eats", "spock": "poisons"},
    "spock": {"rock": "vaporizes", "scissors": "smashes"},
}


def plan(reading: Reading) -> Plan:
    """Return the plan of rock, paper, scissors for `reading`."""
    questions: list[str] = []
    extended = reading.says("lizard", "spock")
    beats = _EXTENDED if extended else _CLASSIC
    two = wording.two_players(reading)
    smart = wording.difficulty(reading) == "hard" or reading.says(
        "learns?", "predicts?", "adaptive"
    )
    rounds = wording.count(reading, "best of ", "first to ", "rounds?", "games?", "matches")
    if rounds is None:
        rounds = 3
        questions.append("How many rounds make a match? Assumed: the best of 3.")
    rounds = wording.clamped(rounds, 1, 99, "Rounds", questions)
    if rounds % 2 == 0:
        rounds += 1
        questions.append(f"A best-of match needs an odd number of rounds, so it is {rounds}.")
    scores = wording.wants_scores(reading)
    shapes = ", ".join(beats)
    own = [
        Need("rules", "P0", f"Two hands of {shapes} are compared; equal hands are a tie.", [
            "Every pair of different shapes has exactly one winner, and a reason why.",
            f"Every shape beats {len(beats) // 2} and loses to {len(beats) // 2}.",
        ]),
        Need("match", "P0", f"A match is the best of {rounds}; ties are played again.", [
            "The match ends as soon as one side has won more than half of the rounds.",
            "A tie counts for nobody.",
        ]),
        Need("input", "P0", "Shapes are typed in full or by their first letters.", [
            "An abbreviation that fits one shape is taken; one that fits none or several is refused.",
        ]),
        Need("opponent", "P1", "The computer plays at random or learns what its opponent tends to do.", [
            "The random player ignores the past; the learning one beats an opponent who repeats a pattern.",
        ]),
    ]  # fmt: skip
    if two:
        own.append(Need("hidden", "P0", "Two people play at one keyboard without seeing each other's hand.", [
            "After a hand is typed it is covered by blank lines before the other player chooses.",
        ]))  # fmt: skip
    return Plan(
        package=("rock_paper_scissors_lizard_spock" if extended else "rock_paper_scissors"),
        title="rock, paper, scissors" + (", lizard, Spock" if extended else ""),
        summary=f"Rock, paper, scissors{', lizard, Spock' if extended else ''} in the terminal, best of {rounds}"
        + (", for two people at one keyboard." if two else ", against the computer."),
        folder=SOURCES / "rock_paper_scissors",
        files=files(
            "Shapes, what beats what and why, and the state of a match.", scores=scores,
            opponent="Chooses hands for the computer: at random, or by what it has learnt.",
        ),
        needs=needs(own, auto="plays both hands", scores="the rounds won in a match" if scores else ""),
        values=values(
            "let two computers play", scores=scores, unit="rounds won",
            beats=beats, two=two, level="learning" if smart else "random", rounds=rounds,
        ),
        goals=["A match takes under a minute.", "The reason for every result is given in words."],
        stories=[
            "As a player I type a letter and see who wins and why.",
            "As two friends we settle who does the dishes." if two
            else "As a sceptic I play the learning opponent and notice how predictable I am.",
        ],
        rivals=[
            Rival("Two hands", ["nothing needed"], ["arguments about timing"], 0.7, 0.2),
            Rival("Tutorial scripts", ["ten lines"], ["one round", "random opponent only"], 0.9, 0.15),
            Rival("Tournament bots", ["very strong"], ["no game for people"], 0.55, 0.7),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_match(rounds, hands, say)", "wins"),
            ("play", "opponent", "choose(history, rng)", "shape"),
            ("play", "engine", "winner(first, second)", "1, 2 or 0"),
            ("play", "screen", "result(first, second)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=f"Best of {rounds}\nYour hand ({', '.join(beats)}): r\nrock against scissors: rock breaks scissors. You win the round.\n1 : 0",
        approach=(
            "What beats what is one table, so that shapes can be added without touching a rule. The "
            "learning opponent counts which hand follows the last two and plays what beats the likeliest. "
            "People and computers are functions from history to hand."
        ),
        conventions=["Shapes are lower-case words, as in the table of the engine."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"(?:schere|stein),? ?(?:stein|schere),? ?papier",
        r"pierre[ -]papier[ -]ciseaux",
        r"piedra,? papel,? (?:o |y )?tijeras?",
        "石头剪刀布",
        r"rock,? ?-?papers?,? ?-?(?:and )?scissors?",
        r"rps(?: game)?",
        r"rock-paper-scissors(?:-lizard-spock)?",
    ),
    plan=plan,
)
