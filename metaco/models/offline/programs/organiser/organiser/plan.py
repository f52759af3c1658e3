"""Where each file of a folder belongs; nothing is moved here."""

from datetime import date
from pathlib import Path

BY = "type"  # what the folders are made by, one of WAYS
RECURSIVE = False  # also files in folders below

WAYS = ("type", "extension", "day", "month", "year")
TYPES = {
    "images": "jpg jpeg png gif webp bmp tif tiff svg heic raw",
    "documents": "pdf doc docx odt rtf txt md xls xlsx ods csv ppt pptx odp epub",
    "audio": "mp3 wav flac ogg m4a aac",
    "video": "mp4 mkv avi mov webm m4v",
    "archives": "zip tar gz bz2 xz 7z rar",
    "code": "py js ts c cpp h java go rs html css json yaml yml toml sh sql",
}
_TYPE_OF = {ending: kind for kind, endings in TYPES.items() for ending in endings.split()}

Move = tuple[Path, Path]


class OrganiseError(ValueError):
    """A request that cannot be carried out; the message says why."""


def folder_for(file: Path, by: str = BY) -> Path:
    """Return the folder that a file belongs into, relative to the folder that is tidied.

    Args:
        by: type, extension, or the day, month or year of the last change.
    """
    ending = file.suffix.lower().removeprefix(".")
    if by == "type":
        return Path(_TYPE_OF.get(ending, "other"))
    if by == "extension":
        return Path(ending or "none")
    day = date.fromtimestamp(file.stat().st_mtime)
    names = (f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}")
    return Path(*names[: ("year", "month", "day").index(by) + 1])


def make(folder: Path, by: str = BY, recursive: bool = RECURSIVE) -> list[Move]:
    """Return from where to where each file moves; files that are where they belong do not.

    Raises:
        OrganiseError: there is no such folder.
    """
    if not folder.is_dir():
        raise OrganiseError(f"{folder} is not a folder")
    moves: list[Move] = []
    taken: set[Path] = set()
    for file in sorted(folder.rglob("*") if recursive else folder.iterdir()):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if hidden or file.is_symlink() or not file.is_file():
            continue
        wanted = folder / folder_for(file, by) / file.name
        if wanted != file:
            target = _free(wanted, taken)
            taken.add(target)
            moves.append((file, target))
    return moves


def _free(wanted: Path, taken: set[Path]) -> Path:
    """Return the first path that is not in use: a.txt, a (2).txt, a (3).txt ..."""
    target, number = wanted, 2
    while target in taken or target.exists():
        target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        number += 1
    return target
