"""Reads and computes expressions, from left to right in one pass.

line    = NAME "=" sum | sum
sum     = product {("+" | "-") product}
product = sign {("*" | "/" | "//" | "%") sign}
sign    = ("+" | "-") sign | power
power   = atom ["^" sign]                       "**" is the same as "^"
atom    = NUMBER | NAME | NAME "(" sum {"," sum} ")" | "(" sum ")"
"""

import re
from collections import deque
from typing import NamedTuple

from calculator.numbers import ANGLES, CONSTANTS, FUNCTIONS, CalcError, Number, call, combine

MAX_DEPTH = 100

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>//|\*\*|[-+*/%^(),=])|(?P<end>$)|(?P<wrong>\S))",
    re.IGNORECASE | re.ASCII,
)


class Token(NamedTuple):
    """A piece of an expression; `kind` is number, name, sign or end, `position` counts from 1."""

    kind: str
    text: str
    position: int


def tokens_of(text: str) -> list[Token]:
    """Cut an expression into tokens, the last of which is the end."""
    tokens = []
    for match in _TOKEN.finditer(text.rstrip()):
        kind = match.lastgroup or "end"
        tokens.append(Token(kind, match[kind], match.start(kind) + 1))
        if kind == "wrong":
            raise CalcError(f"unexpected {match[kind]!r} at position {tokens[-1].position}")
    return tokens


class Calculator:
    """Computes lines that share their variables; `ans` is the last result."""

    def __init__(self, angles: str = ANGLES) -> None:
        self.angles = angles
        self.variables: dict[str, Number] = {}
        self.history: list[tuple[str, Number]] = []
        self._tokens: deque[Token] = deque()
        self._depth = 0

    def compute(self, line: str) -> Number:
        """Return the value of an expression, or of `name = expression`, which it keeps.

        Raises:
            CalcError: it cannot be read or has no value; nothing is kept.
        """
        tokens, name = tokens_of(line), ""
        if tokens[0].kind == "name" and tokens[1].text == "=":
            name, tokens = tokens[0].text, tokens[2:]
        self._tokens, self._depth = deque(tokens), 0
        if name in CONSTANTS or name in FUNCTIONS or name == "ans":
            raise CalcError(f"the name {name!r} is taken")
        try:
            value = self._sum()
        except ZeroDivisionError:
            raise CalcError("division by zero") from None
        except OverflowError:
            raise CalcError("the result is too large") from None
        self._expect("")
        if name:
            self.variables[name] = value
        self.variables["ans"] = value
        self.history.append((line.strip(), value))
        return value

    def _take(self, *signs: str) -> str:
        """Step over the next token if it is one of these signs; return it or nothing."""
        token = self._tokens[0]
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._tokens.popleft()
        return token.text

    def _expect(self, sign: str) -> None:
        """Step over a sign, or over the end, that has to come now."""
        token = self._tokens[0]
        missing = f"; {sign!r} is missing" if sign and token.text != sign else ""
        if token.text != sign and token.kind == "end":
            raise CalcError(f"the expression ends too early{missing}")
        if token.text != sign:
            raise CalcError(f"unexpected {token.text!r} at position {token.position}{missing}")
        self._tokens.popleft()

    def _sum(self) -> Number:
        value = self._product()
        while sign := self._take("+", "-"):
            value = combine(sign, value, self._product())
        return value

    def _product(self) -> Number:
        value = self._sign()
        while sign := self._take("*", "/", "//", "%"):
            value = combine(sign, value, self._sign())
        return value

    def _sign(self) -> Number:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise CalcError("the expression is nested too deeply")
        sign = self._take("+", "-")
        value = self._sign() if sign else self._power()
        self._depth -= 1
        return -value if sign == "-" else value

    def _power(self) -> Number:
        value = self._atom()
        return combine("^", value, self._sign()) if self._take("^", "**") else value

    def _atom(self) -> Number:
        token = self._tokens[0]
        if self._take("("):
            value = self._sum()
            self._expect(")")
            return value
        if token.kind not in ("number", "name"):
            self._expect(" ")  # never there: the message says what is
        self._tokens.popleft()
        if token.kind == "number":
            return self._number(token.text)
        if self._take("("):
            arguments = [self._sum()]
            while self._take(","):
                arguments.append(self._sum())
            self._expect(")")
            return call(token.text, arguments, self.angles)
        names = CONSTANTS | self.variables
        if token.text not in names:
            raise CalcError(f"unknown name {token.text!r}")
        return names[token.text]

    def _number(self, text: str) -> Number:
        if len(text) > 1000:
            raise CalcError("the number has too many digits")
        return int(text) if text.isdecimal() else combine("+", float(text), 0)
