"""What is made once of an object that never changes and cannot be hashed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")
_MOST = 10_000
"""Objects remembered; then all are forgotten, so that nothing grows for ever."""


def once_for_each(make: Callable[[Thing], Made]) -> Callable[[Thing], Made]:
    """The function, called once for each object: objects are told apart by what they are, not by what is in them.

    Used by any number of threads. Two that ask at the same moment may both make it, and keep the later one.
    """
    kept: dict[int, tuple[Thing, Made]] = {}

    def made(thing: Thing) -> Made:
        found = kept.get(id(thing))  # the object is kept too, so that no other gets its number
        if found is None:
            if len(kept) >= _MOST:
                kept.clear()
            found = kept[id(thing)] = thing, make(thing)
        return found[1]

    return made
