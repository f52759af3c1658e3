"""Hangman with word lists by topic."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_WORDS = {
    "animals": """alligator antelope badger buffalo butterfly camel cheetah chimpanzee crocodile dolphin
        elephant falcon flamingo giraffe gorilla hamster hedgehog hippopotamus jaguar kangaroo leopard
        lobster mongoose octopus ostrich panther penguin porcupine rhinoceros salamander scorpion
        squirrel tortoise walrus zebra""",
    "countries": """argentina australia austria belgium bolivia brazil cambodia cameroon canada colombia
        denmark ecuador egypt estonia ethiopia finland france germany greece hungary iceland indonesia
        ireland jamaica japan kenya lebanon mexico mongolia morocco nigeria norway portugal singapore
        sweden switzerland thailand vietnam zambia""",
    "fruits": """apple apricot avocado banana blackberry blueberry cherry clementine coconut cranberry
        fig grape grapefruit guava kiwi lemon lime lychee mango melon nectarine orange papaya peach pear
        pineapple plum pomegranate quince raspberry strawberry tangerine watermelon""",
    "food": """baguette biscuit burrito carrot cauliflower cheesecake chocolate cinnamon dumpling
        eggplant falafel garlic hamburger hazelnut lasagna lettuce marmalade mushroom noodle omelette
        pancake paprika pepper pretzel pumpkin quiche sandwich sausage spaghetti spinach yoghurt
        zucchini""",
    "programming": """algorithm argument array boolean bytecode callback class closure compiler
        coroutine daemon debugger decorator dictionary exception function generator iterator interpreter
        kernel lambda library module namespace object parameter pointer protocol python recursion
        register socket string thread tuple variable""",
    "sports": """archery badminton baseball basketball biathlon boxing cricket curling cycling diving
        fencing football golf gymnastics handball hockey judo karate lacrosse marathon polo rowing rugby
        sailing skating skiing snooker squash surfing swimming tennis triathlon volleyball wrestling""",
    "space": """andromeda apollo asteroid astronaut comet constellation corona cosmos crater eclipse
        equinox galaxy gravity jupiter mars mercury meteor moon nebula neptune orbit planet pulsar
        quasar rocket satellite saturn solstice supernova telescope universe uranus venus""",
    "general": """adventure balloon bicycle blanket bridge calendar candle castle ceiling cushion
        diamond dungeon envelope feather festival fountain garden hammock harvest island journey
        keyboard lantern library mirror mountain notebook orchestra pillow puzzle quarter rainbow
        shadow sunflower theatre umbrella village whisper window wizard""",
}  # fmt: skip
_CALLED = {
    "animals": ("animals?", "zoo", "wildlife", "pets?"),
    "countries": ("countries", "country", "geography", "nations?"),
    "fruits": ("fruits?", "berries"),
    "food": ("food", "foods", "cooking", "kitchen", "dishes"),
    "programming": (
        "programming words",
        "programming",
        "computer science",
        "coding",
        "tech\\w*",
        "software",
    ),
    "sports": ("sports?",),
    "space": ("space", "astronomy", "planets?"),
}


def plan(reading: Reading) -> Plan:
    """Return the plan of a hangman for `reading`."""
    questions: list[str] = []
    topic = next((t for t, called in _CALLED.items() if reading.says(*called)), "general")
    if topic == "general":
        questions.append(
            "Which words shall be guessed? Assumed: a general list; `--words FILE` takes any other."
        )
    level = wording.difficulty(reading)
    lives = wording.count(
        reading,
        "lives",
        "life",
        "wrong guesses",
        "guesses",
        "mistakes",
        "tries",
        "attempts?",
        "chances",
    )
    lives = wording.clamped(
        lives or {"easy": 10, "medium": 8, "hard": 6}[level], 1, 26, "Lives", questions
    )
    two, scores = wording.two_players(reading), wording.wants_scores(reading)
    hints = wording.wants_hints(reading)
    words = sorted(_WORDS[topic].split())
    if level == "hard":
        words = [word for word in words if len(word) >= 7]
    elif level == "easy":
        words = [word for word in words if len(word) <= 8]
    own = [
        Need("word", "P0", f"The word is drawn from a list about {topic}." if topic != "general"
             else "The word is drawn from a general word list.", [
            f"The list holds {len(words)} words of at least three letters a to z, none twice.",
            "Another list can be given as a text file; one without usable words is refused.",
        ]),
        Need("guess", "P0", "The player guesses letters or the whole word.", [
            "A right letter is shown everywhere it occurs; a wrong one costs one life.",
            "A letter that was guessed before, or no letter at all, is refused and costs nothing.",
            "The right word wins at once, a wrong one costs one life.",
        ]),
        Need("lives", "P0", f"The game is lost after {lives} mistakes.", [
            "The last life ends the game and the word is told.",
        ]),
        Need("gallows", "P1", "The gallows grows with every mistake.", [
            "No mistake shows no man, all mistakes the whole man, and it never shrinks in between.",
        ]),
    ]  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may buy a hint.", [
            "`hint` shows one hidden letter everywhere it occurs and costs one life; "
            "with one life left it is refused.",
        ]))  # fmt: skip
    if two:
        own.append(Need("setter", "P0", "One player types the word, the other guesses it.", [
            "The typed word is covered by blank lines; a word with other signs than letters is refused.",
        ]))  # fmt: skip
    about = (
        "a word another player has typed"
        if two
        else f"words about {topic}"
        if topic != "general"
        else "words"
    )
    return Plan(
        package="hangman" + ("_duel" if two else f"_{topic}" if topic != "general" else ""),
        title="hangman",
        summary=f"Hangman in the terminal: guess {about} with {lives} lives.",
        folder=SOURCES / "hangman",
        files=files(
            "A game of hangman: letters, lives, the end.", scores=scores,
            words="The words to guess and how they are chosen.",
        ),
        needs=needs(own, auto="guesses the likeliest letter", scores="lives left, as points" if scores else ""),
        values=values(
            "let the computer guess", scores=scores, unit="lives left", topic=topic, words=words,
            lives=lives, two=two, hints=hints, paths=True,
        ),
        goals=[
            "Every game is winnable by thinking: the words are common and spelled with plain letters.",
            "What was guessed is always in sight.",
        ],
        stories=[
            f"As a player I guess {about} letter by letter.",
            "As a teacher I give a file with this week's words.",
            "As a learner I watch `--auto` to see which letters are worth guessing first.",
        ],
        rivals=[
            Rival("Pen and paper", ["sociable"], ["somebody must know a word and play fair"], 0.7, 0.5),
            Rival("Phone word games", ["pretty", "big lists"], ["advertisements", "in-app purchases"], 0.15, 0.4),
            Rival("Tutorial scripts", ["short"], ["five fixed words", "crash on odd input"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "words", "draw_word(rng)", "word"),
            ("cli", "play", "guess_the_word(game, ask, say)", "lives left or None"),
            ("play", "engine", "Game.guess(text)", "bool"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "  +---+\n  |   |\n  |   O\n  |   |\n  |\n =====   5 lives\n\n _ E _ G _ I _\n guessed: A E I G S T N\n"
            "\nYour letter or word: "
        ),
        approach=(
            "The game knows the word, what was guessed and how many lives there were; all else is derived, so "
            "that it cannot disagree with itself. The drawing scales its parts to the number of lives. "
            "The automatic player filters the word list by what is shown and takes the likeliest letter."
        ),
        conventions=["Words are lower case inside, upper case on the screen."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"galgenm[aä]nnchen",
        "pendu",
        "ahorcado",
        "impiccato",
        r"hang ?-?man",
    ),
    plan=plan,
)
