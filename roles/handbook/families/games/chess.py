"""Chess for two people at one keyboard, or against a computer that counts material."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading


def plan(reading: Reading) -> Plan:
    """Return the plan of a chess for `reading`."""
    questions: list[str] = []
    two = wording.two_players(reading)
    computer = not two and reading.says(
        "computer", "ai", "engine", "bots?", "opponents?", "machine", "single[- ]player", "alone",
        "easy", "medium", "hard", "unbeatable", "minimax", "smart", "clever", "levels?",
    )  # fmt: skip
    if not two and not computer:
        questions.append(
            "Who plays? Assumed: two people at one keyboard; `--black computer` plays against you."
        )
    level = wording.difficulty(reading)
    if computer:
        questions.append(
            "How strong shall the computer be? It looks two answers ahead at most, so it is a beginner's opponent."
        )
    if wording.size(reading) not in (None, (8, 8)):
        questions.append(
            "Chess is played on 8 x 8 squares; another size was asked for and left out."
        )
    scores, undo = wording.wants_scores(reading), wording.wants_undo(reading)
    own = [
        Need("moves", "P0", "Only legal moves are accepted.", [
            "Known positions have as many moves, and answers to them, as the literature says.",
            "A pinned piece stays, a check must be answered; `moves` lists what is legal.",
        ]),
        Need("castle", "P0", "King and rook castle on both sides.", [
            "It needs free squares, an unmoved king and rook, and no attacked square on the king's way.",
        ]),
        Need("pawns", "P0", "Pawns step, take, take en passant and are promoted.", [
            "En passant is possible only at once; a pawn becomes a queen, rook, bishop or knight.",
        ]),
        Need("end", "P0", "The game ends with mate or a draw.", [
            "Check is told, checkmate names the winner, stalemate is a draw.",
            "So are fifty quiet moves, a position for the third time, and too few pieces.",
        ]),
        Need("notation", "P0", "Moves are typed and told in algebraic notation.", [
            "e4, Nbd2, exd5, O-O, a8=N are read, e2e4 and a7a8n too.",
            "A text that is no legal move, or could be two, is answered with a sentence.",
        ]),
        Need("players", "P0", "Each side is a person or the computer"
             f" (default: {'you play White against the computer' if computer else 'two people'}).", [
            "`--white` and `--black` choose; `resign` gives up.",
        ]),
        Need("opponent", "P1", "The computer plays at three levels.", [
            "Medium and hard give mate in one and take what hangs; hard looks at the answers to answers.",
        ]),
        Need("board", "P1", "The board is drawn for the side to move.", [
            "White pieces are upper case, the own first row is at the bottom.",
        ]),
        Need("fen", "P2", "A game can begin with any position.", [
            "`--fen` reads the usual notation; a text that is no position is refused with exit code 2.",
        ]),
    ]  # fmt: skip
    if undo:
        own.append(Need("undo", "P1", "Moves can be taken back (`undo`).", [
            "`undo` takes back the last move, against the computer its answer as well.",
        ]))  # fmt: skip
    return Plan(
        package="chess_game" if not computer else "chess_against_computer",
        title="chess",
        summary="Chess in the terminal with all rules, "
        + ("against a computer that counts material." if computer else "for two people at one keyboard or against the computer."),
        folder=SOURCES / "chess",
        files=files(
            "Positions, legal moves, the end of a game.", scores=scores,
            notation="Reads and writes moves in algebraic notation.",
            opponent="Chooses the computer's moves by looking ahead.",
        ),
        needs=needs(own, auto="plays both sides", scores="the moves a win took" if scores else ""),
        values=values(
            "let the computer play both sides", scores=scores, best="lowest", unit="moves", undo=undo,
            level=level, computer=computer,
            auto_options=', "--level", "medium", "--fen", "6k1/5ppp/8/8/8/8/8/K2R4 w - - 0 1"' if scores
            else ', "--level", "easy", "--limit", "5"',
        ),
        goals=["Every rule of the game holds, and no illegal move passes.", "Moves are typed as they stand in books."],
        stories=[
            "As two friends we play a game at one keyboard and the program watches the rules.",
            "As a beginner I play against the computer and take back my slips." if undo
            else "As a beginner I play against the computer at the level I choose.",
            "As a student I set up a position of my book with `--fen`.",
        ],
        rivals=[
            Rival("Chess sites", ["opponents at any hour"], ["need an account", "need a network"], 0.1, 0.5),
            Rival("Strong engines", ["never err"], ["need a separate board program", "no fun for beginners"], 0.6, 0.6),
            Rival("Tutorial scripts", ["short"], ["no castling or en passant", "accept illegal moves"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "play", "play_game(game, movers, say)", "winner and moves"),
            ("play", "notation", "read_move(position, text)", "move"),
            ("play", "engine", "Game.play(move)", ""),
            ("play", "opponent", "choose(position, level, rng)", "move"),
            ("play", "screen", "draw(position)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --level medium --limit 8"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "8 | r n b q k b n r\n7 | p p p p . p p p\n6 | . . . . . . . .\n5 | . . . . p . . .\n4 | . . . . P . . .\n"
            "3 | . . . . . . . .\n2 | P P P P . P P P\n1 | R N B Q K B N R\n  +----------------\n    a b c d e f g h\n2. White: Nf3"
        ),
        approach=(
            "A position is a value that never changes; a move returns the next one, so that taking back and "
            "looking ahead need no repair. Pieces yield the moves they can make and those that leave the king in "
            "check are dropped; the counts of known positions prove it. The computer searches with alpha and beta bounds."
        ),
        conventions=["Squares are 0 (a1) to 63 (h8); white pieces are upper case."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"chess(?! (?:clubs?|tournaments?|opening|players?|ratings?|elo))(?: (?:game|clone))?",
        "schach(?:spiel)?",
        "(?:jeu d[’'])?échecs",
        "ajedrez",
        "scacchi",
        "xadrez",
        "шахматы",
        "国际象棋",
    ),
    plan=plan,
)
