"""Searches texts for a regular expression; a script that `metaco.tools.child` runs."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress

_MEMORY = 1_000_000_000


def search(pattern: str, files: dict[str, str], most: int) -> dict[str, object]:
    """Return the first lines that match, each with path and number, and how many do."""
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return {"problem": str(error)}
    found = []
    count = 0
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            if expression.search(line):
                count += 1
                if count <= most:
                    found.append((path, number, line[:300]))
    return {"found": found, "count": count}


if __name__ == "__main__":
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    json.dump(search(**json.load(sys.stdin)), sys.stdout)
