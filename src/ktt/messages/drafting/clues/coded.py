"""Objects that are one code: the code itself, its system and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ktt.messages.drafting.clues.clue import Clue, clue_of, list_named
from ktt.messages.drafting.clues.outline import Leaf, objects_in
from ktt.messages.drafting.clues.words import words_of

_MOST_WORDS = 2  # of a name that says only that it is a code, a system or a name
_MOST_MEMBERS = 3
_OTHER = frozenset({"diagnosis", "code", "person_number"})
"""What an object is whose code and system are columns of their own, unless the system is a constant."""


def clues_of(leaves: Sequence[Leaf]) -> list[Clue]:
    """The leaves with what is known of them, those beside a code left out: they are told by the code."""
    coded = coded_objects(leaves)
    beside = {leaf.place for system, name, _code in coded.values() for leaf in (system, name) if leaf is not None}
    codes = {code.place: system for system, _name, code in coded.values()}
    found = []
    for leaf in leaves:
        if leaf.place in beside:
            continue
        system = codes.get(leaf.place)
        list_id = list_named(system.values[0]) if system is not None and system.values else None
        found.append(clue_of(leaf, coded=leaf.place in codes, list_id=list_id))
    return found


def coded_objects(leaves: Sequence[Leaf]) -> Mapping[str, tuple[Leaf | None, Leaf | None, Leaf]]:
    """Objects with a code and its system or name: place of the code → system, name and code."""
    found: dict[str, tuple[Leaf | None, Leaf | None, Leaf]] = {}
    for names in objects_in(leaves):
        inside = [leaf for leaf in leaves if leaf.path[:-1] == names]
        code = _only(inside, "code")
        system = _only([leaf for leaf in inside if leaf is not code], "system")
        name = _only([leaf for leaf in inside if leaf not in (code, system)], "name")
        if code is None or (system is None and name is None) or len(inside) > _MOST_MEMBERS:
            continue
        of = {meaning for word in words_of(names[-1]) for meaning in word.meanings}
        if of & _OTHER and (system is None or len(system.values) != 1):
            continue
        found[code.place] = (system, name, code)
    return found


def _only(leaves: Sequence[Leaf], meaning: str) -> Leaf | None:
    """The first member that is called so and nothing more."""
    for leaf in leaves:
        words = words_of(leaf.name)
        if len(words) <= _MOST_WORDS and any(meaning in word.meanings for word in words):
            return leaf
    return None
