"""What is known of a value of the schema: its words, its kind, its values and what is said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ktt.domain.schema import Column
from ktt.messages.drafting.clues.codes import Fit, fit, values_of
from ktt.messages.drafting.clues.kinds import Kind, kind_of
from ktt.messages.drafting.clues.outline import NUMBER, Leaf
from ktt.messages.drafting.clues.words import Word, words_of

_SHORT = 0.8
_AROUND = (0.6, 0.35, 0.2)
_LIST = re.compile(r"(?:^|[^0-9])([0-9]{4})$")


@dataclass(frozen=True, slots=True)
class Clue:
    """A leaf with what is needed to compare it: its words with how much each counts, its kind, and its values.

    `list_id` is the code list that the schema names beside the value. `is_coded` says that it is the code of an object
    with a code and its system or name.
    """

    leaf: Leaf
    words: tuple[tuple[Word, float], ...]
    said: frozenset[str]
    kind: Kind
    values: tuple[str, ...]
    list_id: str | None = None
    is_coded: bool = False


def clue_of(leaf: Leaf, *, coded: bool = False, list_id: str | None = None) -> Clue:
    """What is known of a leaf. The code of an object is named as the object."""
    path = leaf.path[:-1] if coded else leaf.path
    own = plain_name(path[-1], leaf.stem) if path else ""
    words = [(word, 1.0) for word in words_of(own or leaf.stem)]
    for weight, name in zip(_AROUND, reversed(path[:-1]), strict=False):
        words += [(word, weight) for word in words_of(plain_name(name, leaf.stem))]
    said = frozenset(meaning for word in words_of(leaf.text) for meaning in word.meanings)
    words = [(word, weight * _SHORT if word.is_short else weight) for word, weight in words]
    return Clue(leaf, tuple(words), said, kind_of(leaf), values_of(leaf), list_id, coded)


def plain_name(name: str, stem: str) -> str:
    """A name without its number and what all of the group have in common."""
    return name.removeprefix(stem).lstrip("_-").replace(NUMBER, "") if NUMBER in name else name


def list_named(value: object) -> str | None:
    """The code list that a constant names: `9151`, or the end of an OID."""
    found = _LIST.search(str(value))
    return found[1] if found else None


def code_fit(clue: Clue, column: Column) -> Fit:
    """How the values of a leaf fit the column's list."""
    is_other = clue.list_id is not None and clue.list_id != column.code_list
    if is_other and not (column.name == "receives" and clue.list_id == "9340"):
        return Fit(0)
    found = fit(clue.values, column.code_list or "", listed=bool(clue.leaf.values))
    return found if found.share or clue.list_id is None else Fit(0.5)
