"""The field as text, and the game in turns, line by line."""

from collections.abc import Callable

from snake.game import DOWN, LEFT, RIGHT, UP, Game

LETTERS = {"w": UP, "a": LEFT, "s": DOWN, "d": RIGHT}
HEAD, BODY, FOOD, ROCK, CRASH = "O", "o", "*", "#", "X"


def draw(game: Game) -> list[str]:
    """Return the lines of the field with its edge, and the score below."""
    signs = dict.fromkeys(game.rocks, ROCK) | dict.fromkeys(game.snake, BODY)
    signs[game.snake[0]] = CRASH if game.over and game.food else HEAD
    if game.food:
        signs[game.food] = FOOD
    edge = "+" + "-" * game.width + "+"
    rows = (
        "|" + "".join(signs.get((x, y), " ") for x in range(game.width)) + "|"
        for y in range(game.height)
    )
    return [edge, *rows, edge, f" Score: {game.score}"]


def ending(game: Game) -> str:
    """Return the last sentence of a game that is over."""
    return f"Game over, your score is {game.score}." if game.food else "You win, the field is full!"


def move(game: Game, moves: str) -> None:
    """Make several steps: w, a, s and d turn first, a dot goes straight on.

    Raises:
        ValueError: there is another sign; no step was made.
    """
    moves = moves.strip().lower()
    for sign in moves:
        if sign not in LETTERS and sign != ".":
            raise ValueError(f"Only w, a, s, d and dots are steps, not {sign!r}.")
    for sign in moves:
        if sign != ".":
            game.turn(LETTERS[sign])
        game.step()


def play(game: Game, ask: Callable[[str], str], say: Callable[[str], None]) -> int:
    """Let the player type rows of steps until the game or the input ends; return the score.

    `ask` returns what the player types after a prompt, `say` shows a text.
    """
    say("Type w, a, s, d to turn and step, a dot to go straight on; several at once: ww..d")
    while not game.over:
        say("\n".join(draw(game)))
        try:
            move(game, ask("Steps: "))
        except ValueError as error:
            say(str(error))
        except (EOFError, RuntimeError):  # RuntimeError: there is no standard input at all
            say("\nGoodbye.")
            return game.score
    say("\n".join([*draw(game), ending(game)]))
    return game.score
