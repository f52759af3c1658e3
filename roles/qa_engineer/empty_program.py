"""Two empty programs that reveal vacuous tests: those that pass on both.

Each module of the program becomes one in which every name, every part of it and every result is a
value that can be used for anything: called, awaited, iterated, made a subclass of. In one of the
two such a value is unlike all others but those that were made in the same way, counts as true, and
the program prints and fails. In the other it is equal to everything, counts as false and empty, and
the program is silent and ends well. Whatever a test asks of a result is thus wrong on one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from metaco.roles.documents import SourceFile

__all__ = ["ALIKE", "UNLIKE", "emptied"]

_MODULE = """
import os
import sys
from zlib import crc32

ASKED = {}  # a loop may wait for what never comes: each test may ask a number of times

def unlike():
    test = os.environ.get("PYTEST_CURRENT_TEST")
    ASKED[test] = ASKED.get(test, 0) + 1
    if ASKED[test] > 5_000:
        raise RuntimeError("This program is empty.")
    return UNLIKE

def number(text):  # the same in every process, unlike a hash: so is then what the tests say
    return crc32(text.encode("utf-8", "surrogatepass"))

def value(text):
    unlike()
    return Empty(text if len(text) < 200 else f"{text[:60]} {number(text)}", (), {})

class Empty(type):
    def __call__(cls, *args, **kwargs):
        if UNLIKE:
            print(cls)
            print(cls, file=sys.stderr)
        return value(f"{cls}{args}{kwargs}")
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return value(f"{cls}.{name}")
    def __getitem__(cls, key):
        return value(f"{cls}[{key}]")
    def __repr__(cls):
        return cls.__name__
    __fspath__ = __repr__
    def __format__(cls, how):
        return cls.__name__
    def __eq__(cls, other):
        if unlike() and isinstance(other, Empty):
            return repr(cls) == repr(other)
        return NotImplemented if UNLIKE else True
    def __le__(cls, other):
        return bool(cls == other)
    __ge__ = __le__
    def __lt__(cls, other):
        return not unlike()
    __gt__ = __contains__ = __lt__
    def __hash__(cls):
        return number(cls.__name__) if UNLIKE else 0
    def __bool__(cls):
        return unlike()
    def __index__(cls):
        return int(UNLIKE)
    __len__ = __index__
    def __iter__(cls):
        return iter([cls[0]] * UNLIKE)
    def __setitem__(cls, *key):
        pass
    __delitem__ = __exit__ = __setitem__
    def __enter__(cls):
        return cls
    async def __aenter__(cls):
        return cls
    async def __aexit__(cls, *error):
        pass
    async def __aiter__(cls):
        for one in cls:
            yield one
    def __await__(cls):
        return cls
        yield

for name in "add sub mul truediv floordiv mod pow and or xor".split():
    for side in ("", "r"):
        operator = lambda cls, other, name=name: value(f"{cls} {name} {other}")
        setattr(Empty, f"__{side}{name}__", operator)

def __getattr__(name):
    if name.startswith("__") and name != "__version__":
        raise AttributeError(name)
    return value(name)

if __name__ == "__main__":
    if UNLIKE:
        print("This program is empty.")
        raise SystemExit("It does nothing.")
"""

UNLIKE = f"UNLIKE = True\n{_MODULE}"
ALIKE = f"UNLIKE = False\n{_MODULE}"


def emptied(files: Iterable[SourceFile], module: str) -> list[SourceFile]:
    """Return the same files with nothing in them; modules of Python are all like `module`."""
    return [
        SourceFile(path=file.path, content=module if file.path.endswith(".py") else "")
        for file in files
    ]
