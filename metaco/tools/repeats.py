"""Notices a model that does the same again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from metaco.core.document import digest
from metaco.core.tool_calls import ToolCall
from metaco.tools.tool import ToolResult

__all__ = ["Repeat", "Repeats"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """What to do about a call that was made before.

    Attributes:
        hint: a sentence for the model, to be put behind the result; empty the first time.
        finding: why the loop has to end; empty but for the third time.
    """

    hint: str = ""
    finding: str = ""


class Repeats:
    """Counts equal calls with equal results.

    A call that changed something makes it worth while to look at the same place again: what was
    only looked at before is forgotten, and what changed something counts on.
    """

    def __init__(self) -> None:
        self._changing: Counter[str] = Counter()
        self._looking: Counter[str] = Counter()

    def add(self, call: ToolCall, result: ToolResult) -> Repeat:
        """Count a call with its result, and say what follows."""
        if result.changes:
            self._looking.clear()
        counted = self._changing if result.changes else self._looking
        key = digest(str(call), result.text)
        counted[key] += 1
        if counted[key] == 1:
            return Repeat()
        if counted[key] == 2:
            return Repeat(hint="You made the same call before, with the same result. Go on.")
        return Repeat(finding=f"{call.tool} was called {counted[key]} times with the same result.")
