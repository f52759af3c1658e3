"""Expression calculator: tokenizer, parser, evaluator and a prompt to type at."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    scientific = reading.says(
        "scientific",
        "trig\\w*",
        "sin",
        "sine",
        "cos",
        "log",
        "logarithms?",
        "functions?",
        "sqrt",
        "square roots?",
    )
    return {
        "name": "scientific_calculator" if scientific else "calculator",
        "scientific": scientific or not reading.says("simple", "basic", "add", "four"),
        "understood": "add addition subtract subtraction multiply multiplication divide division",
        "degrees": reading.says("degrees?"),
        "precision": number(
            reading,
            r"(\d+) (?:decimals?|digits|places)",
            r"precision (?:of )?(\d+)",
            otherwise=10,
            most=15,
        ),
        "variables": not reading.says("no variables", "without variables"),
        "history": reading.says("history", "remember\\w*", "last results?", "repl", "memory"),
    }


kind = Kind(
    __file__,
    asks=(
        r"^(pocket |desk |scientific |math(s|ematical)? |arithmetic |command.line |cli |expression )*calculator\b(?! for\b)",  # noqa: E501
        r"\bexpressions?\b.*\b(calculat|evaluat|pars)|\b(evaluat|pars|calculat)\w*\b.*\b(math\w*|arithmetic|expressions?)\b",
        r"\bscientific calculator\b",
    ),
    hints=(r"\bcalculator\b", r"\barithmetic\b"),
    names=r"(?<![\u4e00-\u9fff])[写做编个一简单的制作开发科学命令行]*计算器|(?<!\w)taschenrechner|\bcalculadora\b(?!\s+(?:de|del|para)\b)|\bcalculatrice\b(?!\s+d)|\bcalculette\b",
    choices=choices,
)
