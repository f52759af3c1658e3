"""Quizzes with questions from a bank, and arithmetic drills whose questions are made."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.games import wording
from metaco.roles.handbook.families.games.game import needs, values
from metaco.roles.handbook.families.games.making import Need, Plan
from metaco.roles.handbook.reading import Reading

__all__ = ["plan", "topic_left", "wants_results"]

HERE = Path(__file__).parent
_TOPICS = {
    "capitals": ("capitals?", "capital cit(?:y|ies)"),
    "python": ("python",),
    "science": ("science", "physics", "chemistry", "biology", "astronomy", "nature"),
    "history": ("history", "historical"),
    "geography": ("geography", "countries", "rivers", "mountains"),
    "general": ("general knowledge", "general", "trivia", "pub"),
}
_OPERATIONS = {
    "+": ("addition", "add", "adding", "plus", "sums?"),
    "-": ("subtraction", "subtract\\w*", "minus"),
    "*": ("multiplication", "multiply\\w*", "times", "tables?"),
    "/": ("division", "divid\\w*"),
}


def wants_results(reading: Reading) -> bool:
    """Return whether results shall be kept; "a history quiz" does not say so."""
    return reading.says(
        "high ?-?scores?", "leader ?-?boards?", "score ?boards?", "statistics", "stats",
        "(?:keeps?|saves?|stores?|records?|tracks?|tracking|remembers?|shows?)(?: \\w+){0,3} (?:scores?|results?|progress)",
        "history of \\w*\\s?(?:results|scores)", "(?:results?|scores?) history", "best scores?",
    )  # fmt: skip


def topic_left(reading: Reading) -> str:
    """Return the topic that is named and that no bank covers, or nothing."""
    text = reading.text.lower()
    found = re.search(
        r"\b(?:about|on|for|over|of) (?:the )?((?!kids|children|beginners|my|a |an |two|\d)[a-z][\w' -]*?)"
        r"(?= with| and keep| that| which| in the|[,.;]|$)",
        text,
    ) or re.search(
        r"\b(?:a|an|the|me|build|make|create|write) ([a-z][\w-]*) (?:quiz|trivia|flash ?cards?)",
        text,
    )
    plain = {"simple", "small", "multiple", "choice", "terminal", "little", "fun", "python", "cli", "multiple-choice",
             "true-false", "timed", "quick", "command-line", "good", "nice"}  # fmt: skip
    return "" if found is None or found[1] in plain else found[1]


def _operations(reading: Reading) -> str:
    """Return the signs of the operations a drill shall use, or nothing if it is no drill."""
    told = "".join(sign for sign, words in _OPERATIONS.items() if reading.says(*words))
    if reading.says("times tables?", "multiplication tables?"):
        return "*"
    if told and reading.says(
        "drill", "practi[cs]e", "trainer", "quiz", "exercises?", "test", "game", "problems"
    ):
        return told
    return "+-*/" if reading.says("maths?", "arithmetic", "mental", "calculation") else ""


def plan(reading: Reading) -> Plan:
    """Return the plan of a quiz for `reading`."""
    signs = _operations(reading)
    asked: list[str] = []
    topic = next((t for t, words in _TOPICS.items() if reading.says(*words)), "")
    if topic == "python" and not re.search(
        r"python (?:quiz|trivia|questions)|(?:about|on) python", reading.text.lower()
    ):
        topic = ""  # "in Python" says how to build it
    if signs:
        topic = "tables" if signs == "*" and reading.says("tables?") else "arithmetic"
    elif not topic:
        other = topic_left(reading)
        topic = "general"
        if other:
            asked.append(
                f"Where do the questions about {other} come from? The handbook has none: the quiz starts with general "
                "knowledge, and `--file` takes questions of your own."
            )
        else:
            asked.append(
                "What are the questions about? Assumed: general knowledge; `--file` takes others."
            )
    total = (
        wording.count(reading, "questions?", "exercises?", "problems?", "rounds?", "tasks?") or 10
    )
    total = wording.clamped(total, 1, 200, "Questions", asked)
    lives = wording.count(reading, "lives", "life", "mistakes", "wrong answers", "strikes") or (
        3 if reading.says("lives") else 0
    )
    seconds = (
        wording.count(reading, "seconds?", "secs?")
        or (wording.count(reading, "minutes?") or 0) * 60
    )
    if not seconds and reading.says(
        "timed", "time limit", "against the clock", "timer", "countdown"
    ):
        seconds = 60
        asked.append("How long is the time limit? Assumed: 60 seconds for the whole quiz.")
    mode = "choice"
    if reading.says("true or false", "true[ -]false", "true/false", "true", "yes or no"):
        mode = "truefalse"
    elif reading.says(
        "typed?", "type the answers?", "free text", "open questions?", "spelling"
    ) or (signs and not reading.says("multiple[ -]choice")):
        mode = "typed"
    results = wants_results(reading)
    bank: list[dict[str, Any]] = []
    low, high = 1, {"easy": 10, "medium": 12, "hard": 100}[wording.difficulty(reading)]
    if signs:
        span = re.search(r"(\d{1,6})\s*(?:-|–|to|and|until|through)\s*(\d{1,6})", reading.text)
        up = re.search(
            r"(?:up to|below|under|within|until|to|maximum)\s+(\d{1,6})", reading.text.lower()
        )
        if span and int(span[1]) < int(span[2]):
            low, high = int(span[1]), int(span[2])
        elif up and int(up[1]) > 1:
            high = int(up[1])
        else:
            asked.append(
                f"How large are the numbers? Assumed: {low} to {high} (`--low`, `--high`)."
            )
    else:
        bank = json.loads((HERE / "banks" / f"{topic}.json").read_text(encoding="utf-8"))
    return _plan(reading, signs, topic, bank, asked, {
        "total": total, "lives": lives, "seconds": seconds, "mode": mode, "scores": results,
        "low": low, "high": high,
    })  # fmt: skip


def _plan(
    reading: Reading, signs: str, topic: str, bank: list[dict[str, Any]],
    asked: list[str], chosen: dict[str, Any],
) -> Plan:  # fmt: skip
    """Put the decisions into words, files and values."""
    low, high, results = chosen["low"], chosen["high"], chosen["scores"]
    subject = {
        "tables": f"the multiplication tables from {low} to {high}",
        "arithmetic": f"arithmetic ({' '.join(signs)}) with numbers from {low} to {high}",
        "general": "general knowledge", "python": "Python",
    }.get(topic, topic)  # fmt: skip
    manners = {"choice": "multiple choice", "truefalse": "true or false", "typed": "typed answers"}
    own = [
        Need("bank", "P0", f"The questions are about {subject}.", [
            "Every result is exact: divisions leave no rest, differences are not negative.",
            f"Both numbers of a task lie between {low} and {high}; every task can come.",
        ] if signs else [
            f"The bank in the package holds {len(bank)} questions; none stands there twice.",
            "Another bank can be given as a JSON file; one that does not fit is refused in a sentence that names the entry.",
        ]),
        Need("ask", "P0", f"Questions come as {manners[chosen['mode']]}; the other ways can be chosen.", [
            "Multiple choice shows four different answers with exactly one right among them.",
            "True or false proposes the right answer about as often as a wrong one.",
            "Typed answers are compared without regard to case, accents, article and outer blanks.",
        ]),
        Need("score", "P0", f"{chosen['total']} questions in random order are asked and counted.", [
            "No question is asked twice in one quiz; right and wrong answers are counted.",
            "An answer that is none of the choices is refused and asked again.",
        ]),
        Need("review", "P1", "At the end missed questions are shown with their answers, and asked again on request.", [
            "The summary names each missed question with the right answer.",
            "`--review` asks the missed ones again until each was right.",
        ]),
    ]  # fmt: skip
    if chosen["lives"]:
        own.append(Need("lives","P0", f"The quiz ends after {chosen['lives']} wrong answers.", [
            "The last life ends the quiz before all questions are asked.",
        ]))  # fmt: skip
    if chosen["seconds"]:
        own.append(Need("time", "P0", f"The whole quiz may take {chosen['seconds']} seconds.", [
            "An answer after the time is up does not count and ends the quiz.",
        ]))  # fmt: skip
    source = (
        {"arithmetic.py": "Makes arithmetic tasks whose results are exact."}
        if signs
        else {
            "questions.json": "The questions: data, no code.",
            "bank.py": "Reads questions from JSON and checks them.",
        }
    )
    package = {"tables": "times_tables_quiz", "arithmetic": "arithmetic_drill"}.get(
        topic, f"{topic}_quiz"
    )
    return Plan(
        package=package + {"truefalse": "_true_false"}.get(chosen["mode"], ""),
        title=f"a quiz on {subject}",
        summary=f"A quiz in the terminal on {subject}: {chosen['total']} questions, {manners[chosen['mode']]}.",
        folder=HERE / "sources" / "questions",
        files={
            "entry.py": "What a question is and when an answer is right.",
            **source,
            "quiz.py": "Turns entries into questions, counts answers, knows when it is over.",
            "screen.py": "Questions and summaries as text.",
            "play.py": "Leads through a quiz, asking and showing through functions handed in.",
            **({"scores.py": "Keeps results in a JSON file."} if results else {}),
            "cli.py": "Reads the options, runs the quiz, turns every ending into an exit code.",
            "__main__.py": "Makes `python -m` start the quiz.",
        },
        needs=needs(own, auto="answers by chance", scores="the right answers of each quiz" if results else ""),
        values=values(
            "let the computer answer by chance", unit="right answers", signs=signs, topic=topic,
            entries=json.dumps(bank, ensure_ascii=False, indent=1), size=len(bank), subject=subject,
            paths=not signs, **chosen,
        ),
        goals=[
            f"A round on {subject} takes a few minutes and teaches something: every miss is shown with its answer.",
            "Two rounds are never the same unless a seed asks for it.",
        ],
        stories=[
            f"As a learner I answer {chosen['total']} questions and see which ones I missed.",
            "As a teacher I set the range of numbers and the operations." if signs
            else "As a teacher I hand out a JSON file with questions of my own.",
            "As a player I try to beat my best result." if results else "As a learner I repeat what I missed.",
        ],
        rivals=[
            Rival("Quiz web sites", ["many questions", "company"], ["accounts", "need the network"], 0.15, 0.4),
            Rival("Learning apps", ["reminders", "pretty"], ["subscriptions", "closed question banks"], 0.2, 0.55),
            Rival("Paper worksheets", ["no screen"], ["always the same", "somebody has to correct them"], 0.7, 0.3),
        ],
        flow=[
            ("user", "cli", "main(argv)", "exit code"),
            ("cli", "arithmetic" if signs else "bank", "tasks(...)" if signs else "read_bank(path)", "entries"),
            ("cli", "quiz", "questions(entries, mode, rng)", "questions"),
            ("cli", "play", "play_quiz(quiz, ask, say)", "right answers"),
            ("play", "quiz", "Quiz.answer(text)", "bool"),
            ("play", "screen", "summary(quiz)", "text"),
        ],
        run=["python -m {name} --help", "python -m {name} --auto --seed 7 --questions 5"]
        + (["python -m {name} --show-scores"] if results else []),
        ui=_sketch(signs, chosen),
        approach=(
            ("Tasks are drawn from the list of all tasks of the range, so that none repeats and every result is exact. "
             if signs else "Questions are data with a checked format, so that anybody can add a bank. ")
            + "One entry can be asked in three ways, since choices are drawn from its own wrong answers or those of the "
            "other entries. The quiz takes its clock and its random numbers from outside, so that time and order are tested."
        ),
        conventions=["Choices are lettered from a; answers are compared in a normal form, never verbatim."],
        questions=asked,
    )  # fmt: skip


def _sketch(signs: str, chosen: dict[str, Any]) -> str:
    """Return what a question looks like."""
    head = f"Question 1 of {chosen['total']}"
    if chosen["lives"]:
        head += f", {chosen['lives']} lives"
    prompt = (
        f"{chosen['high']} {signs[:1]} {chosen['low']} = ?"
        if signs
        else "What is the capital of Norway?"
    )
    body = {
        "choice": "  a) Bergen\n  b) Oslo\n  c) Stockholm\n  d) Helsinki\nYour answer (a-d): b\nRight."
        if not signs
        else "  a) 12\n  b) 13\n  c) 14\n  d) 24\nYour answer (a-d): a",
        "truefalse": "Is it this: Oslo\nTrue or false (t/f): t\nRight."
        if not signs
        else "Is it this: 12\nTrue or false (t/f): t",
        "typed": "Your answer: ",
    }[chosen["mode"]]
    return f"{head}\n{prompt}\n{body}"
