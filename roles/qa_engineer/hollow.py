"""A program that is empty, to see which tests prove nothing: those that pass on it as well.

Each module of the program becomes one in which every name stands for something that can be
imported, called and made a subclass of. There are two of them: in one all calls give None, and the
program ends well; in the other all calls raise an error, and the program fails. A test that passes
on both has checked nothing of the program. One that passes on one of them may have a reason: that
None is right, or an error.
"""

from __future__ import annotations

from collections.abc import Iterable

from metaco.roles.project_manager import SourceFile

__all__ = ["QUIET", "RAISING", "hollow"]

_MODULE = """
class Hollow(Exception):
    pass

class Empty(type):
    def __call__(cls, *args, **kwargs):
        {call}
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing

class Nothing(metaclass=Empty):
    pass

def __getattr__(name):
    if name.startswith("__") and name != "__version__":
        raise AttributeError(name)
    return Nothing

if __name__ == "__main__":
    raise SystemExit({code})
"""

QUIET = _MODULE.format(call="return None", code=0)
RAISING = _MODULE.format(call='raise Hollow("This program is empty.")', code=70)


def hollow(files: Iterable[SourceFile], module: str) -> list[SourceFile]:
    """Return the same files with nothing in them; modules of Python are all like `module`."""
    return [
        SourceFile(path=file.path, content=module if file.path.endswith(".py") else "")
        for file in files
    ]
