"""The rules of hangman, and the gallows as text."""

LIVES = 8

# Head, body and legs, from no mistake to the last.
MAN = [
    ("", "", ""),
    ("  O", "", ""),
    ("  O", "  |", ""),
    ("  O", " /|", ""),
    ("  O", " /|\\", ""),
    ("  O", " /|\\", " /"),
    ("  O", " /|\\", " / \\"),
]


class Game:
    """A game in progress.

    `guessed` holds the letters in the order they were guessed, `wrong_words` the whole words;
    `hints` counts the letters that were bought for a life.
    """

    def __init__(self, word: str, lives: int) -> None:
        """Start with a word or phrase in lower case; what is no letter is shown from the start."""
        self.word, self.lives = word, lives
        self.guessed: list[str] = []
        self.wrong_words: list[str] = []
        self.hints = 0
        self.solved = False

    @property
    def left(self) -> int:
        """How many lives are left."""
        wrong = sum(letter not in self.word for letter in self.guessed)
        return self.lives - wrong - len(self.wrong_words) - self.hints

    @property
    def shown(self) -> str:
        """The word as far as it is known, with _ for hidden letters."""
        hidden = set() if self.solved else set(filter(str.isalpha, self.word)) - {*self.guessed}
        return "".join("_" if sign in hidden else sign for sign in self.word)

    @property
    def won(self) -> bool:
        """Whether the word is known."""
        return self.shown == self.word

    @property
    def over(self) -> bool:
        """Whether the word is known or the lives are used up."""
        return self.won or self.left <= 0

    def guess(self, text: str) -> bool:
        """Count a guess of a letter or of the whole word; return whether it was right.

        Raises:
            ValueError: it does not count; the message says why.
        """
        text = text.strip().lower()
        if text in self.guessed or text in self.wrong_words:
            raise ValueError(f"You have guessed {text.upper()} before.")
        if len(text) == 1 and text.isalpha():
            self.guessed.append(text)
            return text in self.word
        if len(text) != len(self.word):
            raise ValueError(f"Please type a letter, or the whole of {len(self.word)} signs.")
        self.solved = text == self.word
        if not self.solved:
            self.wrong_words.append(text)
        return self.solved

    def hint(self) -> str:
        """Show the first hidden letter for a life, and return it.

        Raises:
            ValueError: the last life would be gone.
        """
        if self.left == 1:
            raise ValueError("A hint costs a life, and this is your last.")
        letter = self.word[self.shown.index("_")]
        self.hints += 1
        self.guessed.append(letter)
        return letter


def draw(game: Game) -> str:
    """Return the gallows, the word as far as it is known, and what was guessed."""
    lost = game.lives - game.left
    parts = -(-lost * (len(MAN) - 1) // game.lives)  # rounded up: each mistake can be seen
    if game.left > 0:
        parts = min(parts, len(MAN) - 2)  # only the last mistake completes him
    lives = "1 life" if game.left == 1 else f"{game.left} lives"
    rows = ["  +----+", "  |    |", *(f"  |  {part}" for part in MAN[parts])]
    rows += [f" =====     {lives}", "", "  " + " ".join(game.shown.upper()), ""]
    rows += ["  guessed: " + " ".join([*game.guessed, *game.wrong_words]).upper()]
    return "\n".join(row.rstrip() for row in rows)
