"""Fits the calls of a long conversation into a budget of tokens, always in the same way."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from metaco.core.tool_calls import Exchange
from metaco.tools.shorten import shorten

__all__ = ["FLOOR", "compact"]

FLOOR = 1_400
"""A budget that is always enough, for every number of exchanges."""
_SHORT = 1_000  # bytes of each text of an exchange that is shortened
_LINE = 40  # of each text of one that is dropped to a line


def compact(
    exchanges: Sequence[Exchange], budget: int, size: Callable[[str], int]
) -> list[Exchange]:
    """Return the exchanges, made shorter until they fit into the budget.

    From the oldest on, results and long arguments lose their middle; then calls become a line each;
    then those between the first and the newest are left out, which the first one notes. The newest
    comes last in each of these. Neither it nor the first is ever left out, and the order stays.

    Args:
        budget: tokens that calls and results may have together; from `FLOOR` on it is kept.
        size: how many tokens a text has; at most as many as characters.
    """
    kept: dict[int, Exchange] = dict(enumerate(exchanges))
    total = sum(_size(each, size) for each in exchanges)
    ages = range(len(exchanges))

    def put(at: int, exchange: Exchange | None) -> None:
        nonlocal total
        total -= _size(kept.pop(at), size)
        if exchange is not None:
            kept[at] = exchange
            total += _size(exchange, size)

    for shortened, some in ((_shortened, ages[:-1]), (_line, ages[:-1])):
        for at in some:
            if total <= budget:
                break
            put(at, shortened(exchanges[at]))
    if total > budget and len(kept) > 2:
        first = kept[0]
        for at in ages[1:-1]:
            put(at, None)
            note = f"\n[{at} later calls are left out]"
            put(0, replace(first, result=first.result + note))
            if total <= budget:
                break
    for shortened in (_shortened, _line):
        if total > budget and kept:
            put(ages[-1], shortened(exchanges[-1]))
    return [kept[at] for at in sorted(kept)]


def _size(exchange: Exchange, size: Callable[[str], int]) -> int:
    return size(exchange.text) + size(str(exchange.call)) + size(exchange.result)


def _shortened(exchange: Exchange) -> Exchange:
    arguments = exchange.call.arguments
    if isinstance(arguments, str):
        arguments = shorten(arguments, _SHORT)
    else:
        arguments = {
            name: shorten(value, _SHORT) if isinstance(value, str) else value
            for name, value in arguments.items()
        }
    call = replace(exchange.call, arguments=arguments)
    text, result = shorten(exchange.text, _SHORT), shorten(exchange.result, _SHORT)
    return replace(exchange, call=call, text=text, result=result)


def _line(exchange: Exchange) -> Exchange:
    call, result = exchange.call, exchange.result
    arguments = call.arguments
    text = json.dumps(arguments, ensure_ascii=False)
    if len(text) > 3 * _LINE:
        arguments = {"shortened": shorten(text, _LINE)}
    note = f" [... {len(result)} characters]"
    if len(result) > _LINE + len(note) or "\n" in result:
        result = shorten(result.strip().split("\n")[0], _LINE) + note
    call = replace(call, tool=call.tool[:_LINE], arguments=arguments)
    return replace(exchange, call=call, result=result, text="")
