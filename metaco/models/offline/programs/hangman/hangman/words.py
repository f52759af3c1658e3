"""The words to guess: lists by topic, or a file of one's own."""

from pathlib import Path

TOPIC = "general"

# fmt: off
TOPICS = {
    "general": """adventure balloon bicycle bridge calendar candle castle cushion diamond envelope
        feather fountain hammock island journey lantern mirror notebook orchestra puzzle rainbow
        shadow sunflower theatre umbrella village whisper window wizard""",
    "animals": """alligator badger buffalo butterfly camel cheetah crocodile dolphin elephant
        flamingo giraffe gorilla hedgehog jaguar kangaroo leopard lobster octopus ostrich panther
        penguin porcupine rhinoceros salamander squirrel tortoise walrus zebra""",
    "countries": """argentina australia austria belgium bolivia brazil cambodia canada colombia
        denmark ecuador egypt estonia finland france germany greece hungary iceland indonesia
        ireland jamaica japan kenya lebanon mexico morocco norway portugal sweden vietnam""",
    "food": """apricot avocado baguette banana blueberry burrito carrot cauliflower cherry
        chocolate cinnamon coconut dumpling garlic hazelnut lasagna lettuce mushroom noodle omelette
        pancake papaya pepper pineapple pretzel pumpkin sandwich spaghetti spinach strawberry""",
    "programming": """algorithm argument boolean callback closure compiler coroutine debugger
        decorator dictionary exception function generator interpreter iterator kernel library module
        namespace object parameter pointer protocol recursion register socket string variable""",
    "sports": """archery badminton baseball basketball biathlon boxing cricket curling cycling
        fencing football golf gymnastics handball hockey judo lacrosse marathon rowing rugby sailing
        skating skiing snooker squash surfing swimming tennis triathlon volleyball wrestling""",
}
# fmt: on


def usable(line: str) -> bool:
    """Return whether a line is a word or phrase to guess: at least two letters, no digits."""
    return sum(sign.isalpha() for sign in line) >= 2 and not any(map(str.isdigit, line))


def words_of(topic: str) -> list[str]:
    """Return the words of a topic."""
    return TOPICS[topic].split()


def read_words(path: Path) -> list[str]:
    """Return the words or phrases of a file, one a line, in lower case.

    Raises:
        ValueError: the file holds none.
        OSError: it cannot be read.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").lower().splitlines()
    words = [line.strip() for line in lines if usable(line)]
    if not words:
        raise ValueError(f"{path} holds no words; write one word or phrase a line")
    return words
