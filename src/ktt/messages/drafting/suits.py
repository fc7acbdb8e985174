"""Whether the values of a place can be those of a column, and what they say of it by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ktt.domain.schema import Column
from ktt.messages.drafting.clues.clue import Clue, code_fit
from ktt.messages.drafting.clues.kinds import Kind
from ktt.messages.drafting.clues.words import plain, vocabulary, words_of
from ktt.messages.drafting.targets import Target

_ONE_KIND = {"organisation": "org", "municipality": "mun", "district": "two"}
_IDENTITIES = {"national": "national", "d_number": "d", "duf": "duf"}
_TELLING = 3  # values of a list that are enough to know it by
_FEW, _SOME = 2, 3  # lengths of digits
_TEXT = {"organisation": 0.8, "municipality": 0.8, "district": 0.8, "person_number": 0.9, "count": 0.5}
_SUITS: Mapping[str, Mapping[str, float]] = {
    "day": {"day": 1.0, "instant": 0.35, "month": 0.5},
    "instant": {"instant": 1.0, "day": 0.6},
    "month": {"month": 1.0, "day": 0.3},
    "number": {"hours": 1.0, "count": 0.5},
    "codes": {"text": 0.6, "count": 0.3, "municipality": 0.5, "district": 0.5},
    "text": {"id": 1.0, "text": 1.0, "day": 0.6, "instant": 0.7, "month": 0.6, "hours": 0.5} | _TEXT,
}


def suits(clue: Clue, target: Target) -> float:
    """Whether values of that kind can be the column's: 0 never, 1 as is usual."""
    kind, column = clue.kind, target.column
    if column.kind == "code":
        return _codes(clue, column)
    if column.name == "person_number_kind":
        return 1.0 if _names_identities(clue.values) else 0.1
    if column.name == "code_system" and kind.name == "codes":
        return 1.0 if _names_systems(clue.values) else 0.3
    if kind.name in {"digits", "integer"}:
        return _digits(kind, column)
    if target.name == "extracted_on" and kind.name == "day":
        return 1.0
    return _SUITS.get(kind.name, {}).get(column.kind, 0.0)


def _codes(clue: Clue, column: Column) -> float:
    if clue.kind.name == "boolean":
        return {"1101": 1.0, "9171": 0.9, "1110": 0.5}.get(column.code_list or "", 0.2)
    if clue.values:
        share = code_fit(clue, column).share
        return 0.65 + 0.35 * share if share else 0.15
    return 0.8 if clue.kind.name in {"text", "integer", "digits"} else 0.0


def _digits(kind: Kind, column: Column) -> float:
    """Numbers, and text that is digits only."""
    digits = kind.digits
    if column.kind in _ONE_KIND:
        if kind.name == "integer" and not digits:
            return 0.7
        return 1.0 if _ONE_KIND[column.kind] in digits else 0.1
    is_day = not digits or len(digits) > _SOME
    chances: Mapping[str, float] = {
        "person_number": 1.0 if digits & {"pnr", "duf"} else 0.1,
        "count": 1.0 if "one" in digits or kind.name == "integer" else 0.3,
        "id": 0.8 if len(digits) > _FEW or kind.name == "integer" or not digits else 0.25,
        "hours": 0.8 if digits & {"two", "one"} else 0.0,
        **dict.fromkeys(("day", "month", "instant"), 0.5 if is_day else 0.0),
    }
    return chances.get(column.kind, 0.4)


def by_values(clue: Clue, target: Target) -> float:
    """What the values say by themselves, whatever the name."""
    if target.column.kind == "code":
        return _by_codes(clue, target.column)
    is_organisation = clue.kind.digits == {"org"}
    is_person = bool(clue.kind.digits) and clue.kind.digits <= {"pnr", "duf"} and not _names_identity(clue)
    said = {
        "person_number": 0.35 if is_person and target.identity is None else 0.0,
        "organisation": 0.2 if is_organisation else 0.0,
        "provider": 0.35 if is_organisation else 0.0,
        "person_number_kind": 0.8 if _names_identities(clue.values) else 0.0,
        "code_system": 0.5 if _names_systems(clue.values) else 0.0,
    }
    return said.get(target.name, 0.0)


def _by_codes(clue: Clue, column: Column) -> float:
    found = code_fit(clue, column)
    if clue.list_id is not None:
        return 0.4 if found.share else 0.0
    return 0.35 * found.share if len(clue.values) >= _TELLING else 0.0


def _names_identity(clue: Clue) -> bool:
    return any(word.meanings & {"d_number", "duf"} for word, _weight in clue.words)


def _names_identities(values: Sequence[str]) -> bool:
    return len([value for value in values if identity_named(value)]) > 1


def identity_named(text: str) -> str | None:
    """The kind of person number that a word stands for."""
    meanings = (meaning for word in words_of(text) for meaning in sorted(word.meanings))
    return next((_IDENTITIES[meaning] for meaning in meanings if meaning in _IDENTITIES), None)


def system_named(text: str) -> str | None:
    """The code system that a word stands for."""
    asked = re.sub("[^a-z0-9]", "", plain(text))
    return next((ours for ours, known in vocabulary()["systems"].items() if asked in known.split()), None)


def _names_systems(values: Sequence[str]) -> bool:
    return bool(values) and all(system_named(value) for value in values)
