"""Blackjack with chips, against a dealer who follows the rules."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a blackjack for `reading`."""
    questions: list[str] = []
    decks = wording.count(reading, "decks?")
    if decks is None:
        decks = 1
        questions.append("How many decks are shuffled together? Assumed: one (`--decks`).")
    decks = wording.clamped(decks, 1, 8, "Decks", questions)
    chips = wording.count(
        reading, "chips", "dollars", "coins", "credits", "starting money", "points", "euros?"
    )
    if chips is None:
        chips = 100
        questions.append("With how many chips does the player start? Assumed: 100 (`--chips`).")
    chips = wording.clamped(chips, 1, 1_000_000, "Chips", questions)
    rounds = wording.clamped(
        wording.count(reading, "rounds?", "hands?", "games?") or 10, 1, 1000, "Rounds", questions
    )
    soft = reading.says("soft 17", "hits? (?:on )?soft")
    scores = wording.wants_scores(reading)
    own = [
        Need("count", "P0", "Cards count their pips, faces ten, an ace eleven or one, whichever is better.", [
            "An ace counts eleven as long as the hand stays within 21; only one of several can.",
            "An ace and a ten with two cards are a blackjack.",
        ]),
        Need("dealer", "P0", f"The dealer draws to 16 and stands on 17{', but draws on a soft 17' if soft else ''}.", [
            f"The dealer never draws on hard 17 or more; a soft 17 is {'drawn on' if soft else 'stood on'}.",
            "The dealer does not draw when the player is bust.",
        ]),
        Need("pay", "P0", "A win pays the bet, a blackjack one and a half times, a tie nothing; a bust loses at once.", [
            "A blackjack beats 21 with more cards; two blackjacks tie.",
            "The bet is lost on a bust even if the dealer would bust, too.",
        ]),
        Need("moves", "P0", "The player may hit, stand, or double with the first two cards.", [
            "Doubling takes exactly one card for twice the bet and needs the chips for it.",
            "Other words are refused and the turn stays.",
        ]),
        Need("bets", "P0", f"The player starts with {chips} chips and bets before each of {rounds} rounds.", [
            "A bet is a whole number from 1 to the chips there are; anything else is refused.",
            "Without chips the game ends early.",
        ]),
        Need("shoe", "P1", f"Cards come from {decks} shuffled deck{'s' if decks > 1 else ''}; a low shoe is shuffled anew.", [
            "Every deck has 52 different cards; fewer than 15 cards left means a new shuffle before the next round.",
        ]),
        Need("table", "P1", "The hands are shown with their values; the dealer's second card stays hidden.", [
            "Before the end of the round only the dealer's first card shows.",
        ]),
    ]  # fmt: skip
    return Plan(
        package="blackjack" + (f"_{decks}_decks" if decks > 1 else ""),
        title="blackjack",
        summary=f"Blackjack in the terminal with {chips} chips and {decks} deck{'s' if decks > 1 else ''}, {rounds} rounds at most.",
        folder=SOURCES / "blackjack",
        files=files("Cards, hands, the dealer and what a round pays.", scores=scores, advice="Plays basic strategy."),
        needs=needs(own, auto="plays basic strategy with bets of a tenth", scores="the chips left at the end" if scores else ""),
        values=values("let the computer play basic strategy", scores=scores, unit="chips", decks=decks, chips=chips, rounds=rounds, soft=soft),
        goals=["The rules are those of the casino, with no advantage hidden in the code.", "A round takes four keystrokes."],
        stories=["As a player I bet, draw and see what the dealer had.", "As a learner I watch `--auto` play by the book."],
        rivals=[
            Rival("Online casinos", ["real tables"], ["real money", "accounts"], 0.1, 0.3),
            Rival("Phone blackjack", ["pretty cards"], ["advertisements", "chips for sale"], 0.15, 0.4),
            Rival("Tutorial scripts", ["short"], ["aces counted wrongly", "no bets"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_rounds(purse, shoe, decide, say)", "chips"),
            ("play", "engine", "Round.hit()", ""),
            ("play", "engine", "Round.pay()", "chips won"),
            ("play", "screen", "draw(round)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --rounds 3"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=f"Chips: {chips}\nYour bet: 10\nDealer:  K?  ??\nYou:     A? 6?   = 17\nhit, stand or double? h",
        approach=(
            "A round is a state machine over a shoe that is handed in, so that tests stack the cards. Money is whole chips; a "
            "blackjack pays half a bet more, rounded down. People and the automatic player decide through the same function type."
        ),
        conventions=["A card is rank and suit, as K and s; ranks are 2-9, T, J, Q, K, A."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=("black ?jack", "twenty[ -]one", "21 card game"),
    plan=plan,
)
