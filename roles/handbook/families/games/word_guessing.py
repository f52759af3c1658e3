"""Guessing a word by marked letters."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import SOURCES, Game, files, needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

_WORDS = {
    4: """able acid aunt baby back bake ball band bank barn bath bean bear bell belt bird blue boat body
        bone book boot bowl cake calm camp card cash cave city clay club coal coat coin cold cook corn
        crow dark dawn deer desk dish door drum duck dust east echo exit face farm fern film fire fish
        flag foam fork frog game gate gift goat gold hair hand harp hill home hook horn iron jazz jump
        kiln king kite lake lamp leaf lime lion list lock maze milk mint moon nest note oven palm path
        pear pine plum pond quiz rain ring road roof rope salt sand seed ship silk snow soap song star
        swan tent tree tuna vase wave wind wolf wood yarn zero zone""",
    5: """about above actor acute adult agent agree ahead alarm album alert alike alive allow alone along
        amber angle ankle apple apron arena argue arrow aside atlas audio award bacon badge baker basil
        beach beard begin bench berry birch black blade blank blast blend blind block bloom board bonus
        boost booth bound brain brand brave bread break brick brief bring broad brook brown brush build
        bunch cabin cable camel canal candy cargo carry carve catch cause cedar chain chair chalk charm
        chart chase cheap check chess chest chief child civil claim clean clear clerk cliff climb clock
        cloth cloud coach coast color coral count court cover craft crane cream creek crisp cross crowd
        crown curve cycle daily dairy dance delay depth diary digit diner dough dozen draft drama dream
        dress drift drink drive eagle early earth elbow empty enjoy entry equal event exact extra fable
        faint fairy faith false fancy favor feast fence ferry fever field fifth final flame flash fleet
        floor flour fluid flute focus force forge frame fresh front frost fruit ghost giant glass globe
        glory glove grace grain grand grape graph grass green greet grill group guard guess guest guide
        habit happy heart heavy hobby honey horse hotel house human humor image index inner ivory jelly
        jewel joint judge juice knife knock label large laser laugh layer learn lemon level light linen
        liver local logic lucky lunch magic maple march marsh match medal melon mercy metal model money
        month motor mount mouse mouth movie music nerve never noble noise north novel nurse ocean offer
        olive onion opera orbit order organ other outer owner paint panel paper party patch pause peace
        peach pearl pedal penny phone photo piano piece pilot pizza place plain plane plant plate point
        polar porch pound power press price pride prize proof proud punch pupil queen quick quiet quilt
        radio raise ranch range rapid reach ready relax reply rider ridge right rival river roast robin
        robot rough round route royal ruler salad sauce scale scarf scene scent scope score scout screw
        shade shape share sharp sheep shelf shell shine shirt shore short shout siren skill slate sleep
        slice slope smart smile smoke snack snake solar solid sound south space spare spark speak spice
        spoon sport squad staff stage stair stamp stand start steam steel steep stick stone storm story
        stove straw strip study sugar sunny sweet swift swing table taste teach thank theme thick thing
        think thorn tiger toast today tooth torch total touch towel tower trace track trade trail train
        treat trend trial tribe trick truck trust truth tulip uncle under union upper urban usual valid
        value vapor video visit vital vivid voice wagon waste watch water whale wheat wheel white whole
        width woman world worry wrist write yield young youth zebra""",
    6: """acorns almond anchor animal answer arctic artist autumn bakery ballet bamboo banana barrel basket
        beacon beauty bishop blouse bottle branch breeze bridge bright bronze bubble bucket butter button
        camera candle canyon carpet castle cattle cellar cement cereal cheese cherry circle clever closet
        coffee copper cotton cousin credit custom dancer desert dinner doctor dragon dreamy driver eleven
        empire engine fabric family famous farmer father flight flower forest fossil friend frozen future
        galaxy garage garden garlic gentle ginger global golden guitar hammer harbor hollow humble hunter
        island jacket jungle kettle kitten ladder lawyer legend lizard locker magnet marble market meadow
        mirror modern monkey museum napkin needle nickel number office orange orchid oyster palace parrot
        pencil pepper pirate planet pocket poetry potato prince puzzle rabbit ribbon rocket saddle salmon
        school season shadow silver simple singer spider spring square stable stream street summer sunset
        temple tennis thread ticket timber tomato travel tunnel turtle velvet violin walnut window winter
        wisdom wizard yellow""",
}  # fmt: skip


def plan(reading: Reading) -> Plan:
    """Return the plan of a game of guessing words for `reading`."""
    questions: list[str] = []
    length = wording.count(reading, "letters?", "letter words?", "characters?")
    if length is None:
        questions.append("How long are the words? Assumed: 5 letters.")
    length = wording.clamped(length or 5, 4, 6, "Letters", questions)
    level = wording.difficulty(reading)
    tries = wording.count(reading, "tries", "guesses", "attempts?", "chances", "turns", "rows")
    strict = reading.says("hard mode", "strict\\w*", "hard")
    tries = wording.clamped(tries or (8 if level == "easy" else 6), 1, 20, "Tries", questions)
    scores, hints = wording.wants_scores(reading), wording.wants_hints(reading)
    words = sorted(set(_WORDS[length].split()))
    questions.append(
        f"Which words shall be guessed? Assumed: {len(words)} common English ones; `--words FILE` takes others. "
        "Any row of letters counts as a guess, since there is no dictionary."
    )
    own = [
        Need("word", "P0", f"The word has {length} letters and comes from a list.", [
            f"The list holds {len(words)} words of {length} letters a to z, none twice.",
            "Another list can be given as a text file; one without usable words is refused.",
        ]),
        Need("marks", "P0", "Each letter of a guess is marked: right, elsewhere, or not in the word.", [
            "A letter is marked only as often as it occurs, right places first.",
        ]),
        Need("guess", "P0", f"A guess is any row of {length} letters that was not guessed before.", [
            "Other texts are refused and cost no try.",
        ]),
        Need("end", "P0", f"The word must be found in {tries} tries.", [
            "Finding it tells how many guesses it took; after the last try the word is told.",
        ]),
        Need("letters", "P1", "The alphabet shows what is known of each letter.", [
            "Letters that are not in the word disappear; the best news of a letter stays.",
        ]),
        Need("strict", "P1", "In the strict way of playing, what was told must be used"
             f" (default: {'yes' if strict else 'no'}).", [
            "`--strict` refuses guesses that move a right letter or leave out a marked one.",
        ]),
    ]  # fmt: skip
    if hints:
        own.append(Need("hint", "P1", "The player may ask for a hint.", [
            "`hint` tells a letter that was not found yet and its place; it costs no try.",
        ]))  # fmt: skip
    return Plan(
        package="word_guessing" + (f"_{length}_letters" if length != 5 else ""),
        title="guess the word",
        summary=f"Guess a word of {length} letters in {tries} tries, in the terminal; every letter is marked.",
        folder=SOURCES / "word_guessing",
        files=files(
            "A game: marks, tries, the end.", scores=scores,
            words="The words to guess and how they are chosen.",
            solver="Guesses for the computer.",
        ),
        needs=needs(own, auto="guesses by what the marks leave possible", scores="the guesses a word took" if scores else ""),
        values=values(
            "let the computer guess", scores=scores, best="lowest", unit="guesses", length=length, words=words,
            tries=tries, strict=strict, hints=hints, paths=True,
        ),
        goals=["The marks are right for repeated letters too.", "What is known is always in sight."],
        stories=[
            f"As a player I find a word of {length} letters in {tries} tries.",
            "As a teacher I give a file with this week's words.",
            "As a learner I watch `--auto` to see how few words the marks leave.",
        ],
        rivals=[
            Rival("The daily word in a newspaper", ["everybody has the same word"], ["one a day", "needs a browser"], 0.2, 0.4),
            Rival("Phone clones", ["touch, colours"], ["advertisements"], 0.15, 0.3),
            Rival("Tutorial scripts", ["short"], ["mark repeated letters wrongly", "a handful of words"], 0.9, 0.2),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "words", "draw_word(words, rng)", "word"),
            ("cli", "play", "guess_the_word(game, ask, say)", "guesses or None"),
            ("play", "engine", "Game.guess(text)", "marks"),
            ("play", "screen", "draw(game)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7"]
        + (["python -m {name} --show-scores"] if scores else []),
        ui=(
            "[A] right place   (A) other place    A  not in the word\n   T [R][A](C)[E]\n   _  _  _  _  _\n\n"
            "  [A] B (C) D [E] F G H I J K L M N O P Q [R] S . U V W X Y Z\nGuess 2 of 6: "
        ),
        approach=(
            "The game holds the answer and the guesses; marks, the alphabet and the end are derived, so that "
            "they cannot disagree. Marks count letters, which makes repeated ones right. The computer keeps "
            "the words that agree with all marks and guesses the one that splits them best."
        ),
        conventions=["Words are lower case inside, upper case on the screen."],
        questions=questions,
    )  # fmt: skip


GAME = Game(
    names=(
        r"wordle(?:[- ]?like)?(?: (?:game|clone))?",
        r"word[- ]?guessing(?: game)?",
        r"guess(?:ing)? (?:the|a|five[- ]letter|hidden|secret|my) words?",
        "(?:five|5|four|4|six|6)[- ]letter word (?:guessing )?game",
        "猜单词",
        "wörter ?raten",
        "lingo game",
    ),
    plan=plan,
)
