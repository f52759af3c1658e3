"""Where SOPs are found: those that ship with metaco, and files."""

from __future__ import annotations

from pathlib import Path

from metaco.core.errors import SOPError
from metaco.core.suggest import suggest

__all__ = ["built_in", "source"]


def built_in() -> dict[str, Path]:
    """Return the SOPs that ship with metaco: name to path."""
    folder = Path(__file__).parents[1] / "sops"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def source(name: str | Path) -> tuple[str, str]:
    """Return the text of an SOP and its origin: its name if it is built in, else its path.

    Raises:
        SOPError: there is no such SOP.
    """
    known = built_in()
    path = known.get(str(name)) or Path(name)
    if path.suffix not in (".yaml", ".yml") and not path.is_file():
        raise SOPError(
            f"There is no SOP {str(name)!r}.",
            suggest(str(name), list(known), "Give a path ending in .yaml, or one of"),
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SOPError(
            f"The SOP {path} cannot be read: {error}.", "Check the path and the encoding."
        ) from error
    return text, str(name) if str(name) in known else str(path)
