"""Where everything that is printed goes out.

Results go to stdout, everything else to stderr. A reader that went away, an encoding that lacks a
character, and control characters in what a model wrote are dealt with here, once. `rich` draws;
it is loaded only where there is something to draw.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = [
    "add_row",
    "clean",
    "coloured",
    "draw",
    "err",
    "flush",
    "is_terminal",
    "line",
    "out",
    "report",
    "sop_name",
    "table",
]

# Controls, and the marks that turn the direction of text around.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: object) -> str:
    """Return `text` without anything that would steer the terminal; for what others wrote."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(text))


def line(text: object) -> str:
    """Return `text` cleaned and in one line."""
    return clean(" ".join(str(text).split()))


def sop_name(reference: str) -> str:
    """Return how to call an SOP for short: its name, or that of its file."""
    return line(reference.replace("\\", "/").rpartition("/")[2])


def is_terminal(stream: Any) -> bool:
    """Return whether a person looks at `stream`."""
    try:
        return bool(stream.isatty())
    except ValueError:  # closed
        return False


def coloured(stream: Any) -> bool:
    """Return whether `stream` wants colours: a terminal that can draw, and no NO_COLOR."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return is_terminal(stream) and not plain


def out(text: str = "", end: str = "\n") -> None:
    """Print to stdout, where results go."""
    _write(sys.stdout, text + end)


def err(text: str = "", end: str = "\n") -> None:
    """Print to stderr, where everything else goes."""
    _write(sys.stderr, text + end)
    flush(sys.stderr)


def report(problem: object, remedy: object = "", mark: str = "metaco: ") -> None:
    """Print what is wrong and what to do about it to stderr."""
    text = f"{mark}{clean(problem)}"
    err(f"\x1b[31m{mark}\x1b[0m{clean(problem)}" if coloured(sys.stderr) else text)
    if str(remedy):
        err(f"{' ' * len(mark)}{clean(remedy)}")


def draw(*things: Any, stream: TextIO | None = None) -> None:
    """Print what `rich` can draw; plain text where nobody looks."""
    from rich.console import Console

    stream = stream or sys.stdout
    wide = is_terminal(stream)
    console = Console(
        file=stream,
        force_terminal=coloured(stream),
        no_color=not coloured(stream),
        width=None if wide else 100_000,  # a reader that is a program gets whole lines
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )
    with console.capture() as captured:
        for thing in things:
            console.print(thing)
    lines = [text.rstrip() for text in captured.get().splitlines()]
    _write(stream, "\n".join(lines) + "\n")


def table(*columns: str, right: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Table:
    """Return an empty table without frames.

    Args:
        columns: their titles.
        right: those that hold numbers.
        whole: those that are never shortened.
    """
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for name in columns:
        side: Any = "right" if name in right else "left"
        made.add_column(name, justify=side, no_wrap=name in whole or name in right)
    return made


def add_row(made: Table, *cells: str | Text, style: str = "") -> None:
    """Add a row of one line; what does not fit into its column ends in an ellipsis."""
    from rich.text import Text

    short = [
        Text(cell, no_wrap=True, overflow="ellipsis") if isinstance(cell, str) else cell
        for cell in cells
    ]
    made.add_row(*short, style=style)


def flush(stream: TextIO | None = None) -> None:
    """Hand over what was printed; a reader that went away is no error."""
    for each in [stream] if stream else [sys.stdout, sys.stderr]:
        try:
            each.flush()
        except (BrokenPipeError, ValueError):
            _let_go(each)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        coding = stream.encoding or "ascii"
        stream.write(text.encode(coding, "replace").decode(coding))
    except (BrokenPipeError, ValueError):
        _let_go(stream)


def _let_go(stream: TextIO) -> None:
    """Point a stream that nobody reads any more to nowhere, so that Python can end in peace."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
