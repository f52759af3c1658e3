"""Needs: in what order the turns of one line run whose documents need one another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from metaco.run.versions import Version

__all__ = ["Needs"]


class Needs:
    """The turns of a line that wait for others of the same line.

    Args:
        triggers: what the turns are about, by key.
        there: returns whether a key that none of them has was published above.

    Attributes:
        problems: the keys of turns that can never run, and why.
        published: what the line published about a key.
    """

    def __init__(self, triggers: Mapping[str, Version], there: Callable[[str], bool]) -> None:
        self.triggers = triggers
        self.published: dict[str, Version] = {}
        self.problems: dict[str, str] = {}
        graph: dict[str, list[str]] = {}
        for key, version in triggers.items():
            needs = sorted(set(version.body.needs))
            graph[key] = [need for need in needs if need in triggers]
            for need in needs:
                if need not in triggers and not there(need):
                    self.problems.setdefault(key, f"{key} needs {need}, which is not there.")
        for key in _circles(graph):
            self.problems.setdefault(key, f"{key} needs itself, by way of others.")
        self._order = TopologicalSorter(graph)
        with suppress(CycleError):  # what is in no circle can be ordered all the same
            self._order.prepare()

    def ready(self) -> list[str]:
        """Return the keys all of whose needs are settled now."""
        return [key for key in self._order.get_ready() if key not in self.problems]

    def settle(self, key: str, versions: Sequence[Version]) -> list[str]:
        """Take in what the turn about `key` published; return the keys that are ready now."""
        about = [version for version in versions if version.body.key == key]
        if about:
            self.published[key] = max(about, key=lambda version: version.message.id)
        self._order.done(key)
        return self.ready()


def _circles(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Return the keys of a graph that lie on a circle, or between two."""
    users: dict[str, list[str]] = {key: [] for key in _unordered(graph)}
    for key in users:
        for need in graph[key]:
            if need in users:
                users[need].append(key)
    return sorted(_unordered(users))


def _unordered(graph: Mapping[str, Collection[str]]) -> Collection[str]:
    """Return the keys that are on a circle or lead to one."""
    order, done = TopologicalSorter(graph), set[str]()
    with suppress(CycleError):
        order.prepare()
    while ready := order.get_ready():
        order.done(*ready)
        done.update(ready)
    return graph.keys() - done
