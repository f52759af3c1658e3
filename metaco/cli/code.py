"""Modules of a person's own, beside an SOP: read once, trusted by that, and imported as read.

From the folder nothing else can be imported: no bytecode, no binary, no module that is not named in
the sources. So what runs is what a person could look at.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path

from metaco.core.errors import ConfigurationError

__all__ = ["Code"]


class Code(SourceLoader):
    """The modules that are named, and those that they import by name, as far as folders have them.

    Args:
        names: the modules that are named.
        folders: where they are looked for, the first one first. They come last of all places, so
            that nothing there stands in for a module of Python's, of metaco's or of a library.

    Raises:
        ConfigurationError: a file cannot be read.
    """

    def __init__(self, names: Sequence[str], folders: Sequence[Path]) -> None:
        self._folders = list(dict.fromkeys(folder.resolve() for folder in folders))
        self._files: dict[str, Path] = {}
        self._read: dict[str, bytes] = {}
        self.names = list(names)
        looked, wanted = set(), deque(names)
        while wanted:
            if (name := wanted.popleft()) in looked:
                continue
            looked.add(name)
            parts = name.split(".")
            for n, _ in enumerate(parts, 1):
                if (each := ".".join(parts[:n])) not in self._files:
                    if not (file := self._find(each)):
                        break
                    wanted += self._take(each, file)

    @property
    def content(self) -> bytes:
        """All that was read, and as which module."""
        modules = []
        for name, file in sorted(self._files.items()):
            data = self._read[str(file)]
            modules.append(b"%s\0%d\0%s" % (name.encode(), len(data), data))
        return b"".join(modules)

    def install(self) -> None:
        """Let these modules be imported, and none of those that were installed before."""
        others = [finder for finder in sys.meta_path if not isinstance(finder, Code)]
        sys.meta_path[:] = [self, *others]

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return how a module is imported; those in a package of the folder only from there."""
        if name in self._files:
            return spec_from_loader(name, self)
        if name.rpartition(".")[0] in self._files:
            raise ModuleNotFoundError(f"No module named {name!r} was read and trusted", name=name)
        return None

    def get_filename(self, fullname: str) -> str:
        """Return the path of a module."""
        return str(self._files[fullname])

    def get_data(self, path: str | bytes) -> bytes:
        """Return what was read there. There are no times of files, so that no cache is used."""
        return self._read[str(path)]

    def _take(self, name: str, file: Path) -> Iterator[str]:
        """Read a module, and return what it imports; a folder without a file is an empty one."""
        has_file = file.is_file()
        try:
            data = file.read_bytes() if has_file else b""
        except OSError as error:
            raise ConfigurationError(
                f"{file} cannot be read: {error.strerror}.", "Correct its permissions."
            ) from error
        if has_file and name not in self.names:
            self.names.append(name)
        self._files[name], self._read[str(file)] = file, data
        return _imported(data, name, package=file.name == "__init__.py")

    def _find(self, name: str) -> Path | None:
        top, *below = name.split(".")
        if not all(part and part == Path(part).name for part in (top, *below)):
            return None
        if not below and self._is_elsewhere(top):
            return None
        stems = [folder.joinpath(top, *below) for folder in self._folders]
        for stem in stems:
            for file in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
                if file.is_file():
                    return file
        return next((stem / "__init__.py" for stem in stems if stem.is_dir()), None)

    def _is_elsewhere(self, top: str) -> bool:
        if loaded := sys.modules.get(top):
            return not isinstance(getattr(loaded, "__loader__", None), Code)
        path = [each for each in sys.path if Path(each).resolve() not in self._folders]
        others = [finder for finder in sys.meta_path if not isinstance(finder, Code)]
        return any(finder.find_spec(top, path) for finder in others)


def _imported(source: bytes, module: str, *, package: bool) -> Iterator[str]:
    """Yield the names that a module may import, and that of its offline answers."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # importing it will say so
        return
    home = module.split(".") if package else module.split(".")[:-1]
    if package:
        yield f"{module}.offline"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
