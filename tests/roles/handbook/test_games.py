"""The games of the handbook: whole programs, generated and tried."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.core.errors import ConfigurationError
from metaco.roles.handbook import reading
from metaco.roles.handbook.families import games
from metaco.roles.handbook.shelf import find
from tests.roles.handbook.trial import check_papers, check_programs

read = functools.cache(reading.read)  # which takes its time

TRIED = {
    "a terminal snake game": "snake",
    "30x12 snake without walls, with 9 rocks, keep high scores, hard": "snake_endless_rocks_30x12",
    "10x12 minesweeper with 20 mines": "minesweeper_10x12",
    "expert minesweeper with hints that saves the best results": "minesweeper",
    "tic-tac-toe against an unbeatable computer": "tictactoe",
    "tic tac toe for two players, best of 5, with undo and hints and statistics": "tictactoe_duel",
    "connect four with a smart opponent": "connect_four",
    "connect 5 on 9x8 for two players with undo, keep high scores": "connect_five_duel_9x8",
    "hangman with words about animals": "hangman_animals",
    "hangman for two players with hints, 6 lives and a leaderboard": "hangman_duel",
    "guess the number between 1 and 500 in 12 tries": "guess_1_to_500",
    "a game in which the computer guesses my number, with hints and high scores": "mind_reader",
    "rock paper scissors, best of 5": "rock_paper_scissors",
    "rock paper scissors lizard spock for two players that keeps the results":
        "rock_paper_scissors_lizard_spock",
    "2048 in the terminal": "game_2048",
    "a 5x5 2048 clone with undo and high scores": "game_2048_5x5",
    "mastermind with 8 colors, hints and high scores": "mastermind",
    "bulls and cows": "bulls_and_cows",
    "sudoku with hints and undo": "sudoku",
    "4x4 sudoku": "sudoku_4x4",
    "blackjack with 2 decks, dealer hits on soft 17, keeps statistics": "blackjack_2_decks",
    "a text adventure in a castle": "castle_adventure",
    "text adventure about a dragon in a cave": "cave_adventure",
    "adventure game in space": "station_adventure",
    "game of life 30x10 with wrap-around and a glider": "game_of_life_torus_30x10",
    "tetris": "tetris",
    "hard 12x18 tetris with hold and high scores": "tetris_12x18",
    "battleship": "battleship",
    "hard 12x12 battleship with 7 ships, place the ships by hand and high scores":
        "battleship_12x12",
    "wordle": "word_guessing",
    "wordle clone with six letter words, 8 tries, hard mode, hints and statistics":
        "word_guessing_6_letters",
    "chess": "chess_game",
    "chess against an easy computer with undo and statistics": "chess_against_computer",
    "memory game": "memory_game",
    "5x5 memory card game for 3 players with high scores": "memory_game_5x6",
    "nim": "nim_game",
    "misere nim with 21 sticks, take up to 3, two players, undo and high scores": "nim_game_duel",
}  # fmt: skip

GROUPS = [list(TRIED)[start::2] for start in range(2)]


@functools.cache
def started() -> set[str]:
    """Return the programs whose `test_main.py` is run: one of every second kind.

    It is the same for all games and starts six processes; what `python -m` shows and all other
    tests are tried for every program.
    """
    firsts: dict[str, str] = {}
    for line, name in TRIED.items():
        firsts.setdefault(games._choose(read(line)).kind, name)
    return set(sorted(firsts.values())[::2])


@pytest.mark.parametrize("lines", GROUPS, ids=range(len(GROUPS)))
def test_programs_run_and_pass_their_own_tests(lines, tmp_path):
    programs = [games.program(read(line)) for line in lines]
    assert [program.name for program in programs] == [TRIED[line] for line in lines]
    for program in programs:
        check_papers(program)
    not_started = {program.name for program in programs} - started()
    check_programs(programs, tmp_path, not_started=not_started)


@pytest.mark.parametrize("line", TRIED)
def test_the_same_line_gives_the_same_bytes(line):
    assert games.program(read(line)) == games.program(read(line))


def test_every_kind_of_game_is_tried():
    folders = {games._choose(read(line)).kind for line in TRIED}
    assert folders == set(games.games())


FITS = {
    # plainly games
    "a terminal snake game": "high",
    "Write a CLI snake": "high",
    "tic-tac-toe": "high",
    "Build me tic tac toe with an AI that never loses": "high",
    "minesweeper 10x10 with 15 mines": "high",
    "play hangman in the terminal": "high",
    "number guessing game": "high",
    "a game where you guess a number from 1 to 50": "high",
    "higher or lower": "high",
    "rock, paper, scissors": "high",
    "connect four": "high",
    "four in a row for two players": "high",
    "a mastermind clone": "high",
    "text-based adventure with rooms": "high",
    "sudoku generator and solver": "high",
    "blackjack with betting": "high",
    "Conway's game of life": "high",
    "2048": "high",
    "a snake game that keeps a table of high scores": "high",
    "hangman which records my results": "high",
    "tetris": "high",
    "a tetris clone in the terminal": "high",
    "俄罗斯方块": "high",
    "battleship": "high",
    "Schiffe versenken": "high",
    "chess": "high",
    "a chess game": "high",
    "Schach": "high",
    "国际象棋": "high",
    "wordle": "high",
    "a word guessing game like wordle": "high",
    "nim": "high",
    "memory game with 10 pairs": "high",
    # games that the handbook does not know
    "a game": "none",
    "make a fun terminal game for kids": "none",
    "a checkers game": "none",
    "pong clone": "none",
    "pong": "none",
    "memory": "high",
    "lights out": "none",
    "15-puzzle": "none",
    "a dice game": "none",
    # about games, not games
    "record my game scores in a table": "low",
    "inventory for my board game collection": "low",
    "a board game collection manager": "low",
    "track my chess games": "low",
    "chess club membership manager": "none",
    "memory usage monitor": "none",
    "a compiler for the nim language": "none",
    "video game library": "low",
    "a snake case to camel case converter": "low",
    "database of snake species": "low",
    "shop for game accessories": "low",
    "a quiz game about capitals": "low",
    "hangman score tracker": "low",
    "generate 2048-bit keys": "none",
    "todo list": "none",
    "expense tracker with monthly reports": "none",
    "convert celsius to fahrenheit": "none",
    "rename files by date": "none",
    "": "none",
    "x": "none",
    "ein Schlangenspiel im Terminal": "high",
    "un juego del ahorcado": "high",
    "贪吃蛇游戏": "high",
    "ein Spiel für Kinder": "none",
    "ça ? 123 ?! ß": "any",
}
RANGES = {"high": (0.9, 1), "low": (0, 0.3), "none": (0, 0), "any": (0, 1)}


@pytest.mark.parametrize("line", FITS)
def test_it_fits_what_asks_for_a_game(line):
    low, high = RANGES[FITS[line]]
    assert low <= games.fits(read(line)) <= high


def source(line: str, file: str) -> str:
    program = games.program(read(line))
    return next(s.content for s in program.sources if s.path.endswith(f"/{file}"))


@pytest.mark.parametrize(
    ("line", "file", "text"),
    [
        ("snake on a 40x20 field", "cli.py", "default=40"),
        ("snake with wrap-around", "engine.py", "% self.width"),
        ("minesweeper with 25 mines", "cli.py", "default=25"),
        ("easy tic-tac-toe", "cli.py", 'default="easy"'),
        ("hangman about countries with seven lives", "cli.py", "default=7"),
        ("hangman about countries", "words.py", '"norway"'),
        ("guess a number up to 64", "cli.py", "default=64"),
        ("best of seven rock paper scissors", "cli.py", "default=7"),
        ("rock paper scissors lizard spock", "engine.py", '"lizard"'),
        ("connect four, hard", "cli.py", 'default="hard"'),
        ("6x6 2048", "cli.py", "default=6"),
        ("mastermind with 5 pegs", "engine.py", "LENGTH = 5"),
        ("blackjack with 500 chips", "cli.py", "default=500"),
        ("easy sudoku", "cli.py", "default=40"),
        ("tetris starting at level 4", "cli.py", "default=4"),
        ("an 8x16 tetris", "cli.py", "default=16"),
        ("battleship with 3 ships", "engine.py", '"cruiser": 3'),
        ("wordle with 4 letter words", "words.py", "LENGTH = 4"),
        ("chess against the computer", "cli.py", 'default="computer"'),
        ("memory game with 10 pairs", "cli.py", "default=5"),
        ("nim with heaps of 2, 3 and 6", "cli.py", 'default="2,3,6"'),
        ("game of life, rule B36/S23", "cli.py", 'default="B36/S23"'),
    ],
)
def test_the_wording_decides(line, file, text):
    assert text in source(line, file)


def test_extras_come_only_when_asked_for():
    plain, rich = (games.program(read(line)) for line in ("snake", "snake with high scores"))
    assert not any(s.path.endswith("scores.py") for s in plain.sources)
    assert any(s.path.endswith("scores.py") for s in rich.sources)
    assert "--scores" not in source("snake", "cli.py")
    assert "undo" not in source("connect four", "play.py")
    assert "undo" in source("connect four with undo", "play.py")


def test_what_cannot_be_is_a_loss():
    program = find("snake on a field of 500x500, online, with sound and dragons")
    assert program.losses == ["on a field of 500x500", "online", "with sound and dragons"]
    assert any("500" in question for question in program.questions)


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        ("chess with hints", "with hints"),
        ("snake with undo", "with undo"),
        ("tetris with undo and hints", "with undo and hints"),
        ("battleship with tips", "with tips"),
        ("2048 with hints", "with hints"),
        ("tic tac toe on a 4x4 board", "on a 4x4 board"),
        ("hangman with a maximum of 4 wrong guesses", "with a maximum of 4 wrong guesses"),
    ],
)
def test_an_extra_that_a_game_lacks_is_a_loss(line, lacks):
    assert find(line).losses == [lacks]


@pytest.mark.parametrize(
    "line",
    ["hangman with hints", "chess with undo", "2048 with undo", "sudoku with hints and undo"],
)
def test_an_extra_that_a_game_has_is_no_loss(line):
    assert find(line).losses == []


@pytest.mark.parametrize(
    "line",
    ["pong", "a checkers game", "scrabble", "brick breaker", "a game of zorgs", "a game"],
)
def test_no_game_stands_in_for_another(line):
    with pytest.raises(ConfigurationError, match="know no program"):
        find(line)


KINDS = ["snake", "2048", "minesweeper", "hangman", "tetris", "chess", "battleship", "memory game"]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_no_wording_breaks_it(noise, kind):
    asked = read(f"{kind} {noise}")
    assert 0 <= games.fits(asked) <= 1
    check_papers(games.program(asked))
