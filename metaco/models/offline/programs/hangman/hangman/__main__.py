"""The command line: options in, games, exit code out."""

import argparse
import io
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from hangman.game import LIVES, Game, draw
from hangman.words import TOPIC, TOPICS, read_words, usable, words_of

TWO_PLAYERS = False

Ask = Callable[[str], str]
Say = Callable[[str], None]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """Return the parser of all options with their defaults."""
    parser = Parser(
        prog="hangman",
        description="Guess the word letter by letter before the man hangs.",
        epilog="While playing: a letter, the whole word, hint, or quit.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--topic", choices=TOPICS, default=TOPIC, help="what the words are about")
    add("--words", type=Path, metavar="FILE", help="your own words or phrases, one a line")
    add("--lives", type=int, default=LIVES, help="mistakes until the game is lost, 1 to 26")
    on_off = argparse.BooleanOptionalAction
    add("--two-players", action=on_off, default=TWO_PLAYERS, help="one sets the word for another")
    add("--seed", type=int, help="a number that makes the choice of words repeatable")
    return parser


def ask_line(prompt: str) -> str:
    """Return what the player types; quit or the end of the input is an EOFError."""
    try:
        line = input(prompt).strip()
    except RuntimeError:  # there is no standard input at all
        raise EOFError from None
    if line.lower() == "quit":
        raise EOFError
    return line


def set_word(ask: Ask, say: Say) -> str:
    """Let the first player type a word, then move it off the screen."""
    while True:
        word = ask("First player, your word (the other looks away): ").lower()
        if usable(word):
            say("\n" * 50)
            return word
        say("Please type a word or phrase of at least two letters, without digits.")


def play(game: Game, ask: Ask, say: Say) -> None:
    """Let the player guess until the game is over."""
    while not game.over:
        say(draw(game))
        text = ask("Your letter or word (or hint): ")
        try:
            if text.lower() == "hint":
                say(f"Here is {game.hint().upper()}.")
            else:
                say("Right." if game.guess(text) else f"No {text.upper()}.")
        except ValueError as error:
            say(str(error))
    say(draw(game))
    word = game.word.upper()
    say(f"You have it: {word}." if game.won else f"Hanged. The word was {word}.")


def run(args: argparse.Namespace, ask: Ask, say: Say) -> None:
    """Play games until the player has enough."""
    if not 1 <= args.lives <= 26:
        raise ValueError(f"--lives {args.lives}: give 1 to 26 lives")
    rng = random.Random(args.seed)
    words = read_words(args.words) if args.words else words_of(args.topic)
    left: list[str] = []
    wins = games = 0
    answer = "y"
    while answer.lower() in ("", "y", "yes"):
        left = left or rng.sample(words, len(words))  # no word comes twice before all have come
        game = Game(set_word(ask, say) if args.two_players else left.pop(), args.lives)
        play(game, ask, say)
        games += 1
        wins += game.won
        say(f"Words guessed: {wins} of {games}.")
        answer = ask("Another word? [Y/n] ")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the game with these options; return 0, 2 for a mistake or 130 for Ctrl-C."""
    args = build_parser().parse_args(argv)
    try:
        try:
            run(args, ask_line, print)
        except EOFError:
            print("\nGoodbye.")
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has gone: nothing to say at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, OSError) as error:
        print(f"hangman: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # odd bytes are no reason to crash
    sys.exit(main())
