"""A member that has a column as it is written in the mapping: how its values become those of the column."""

from __future__ import annotations

from typing import Any

from ktt.domain.codes import code_list
from ktt.messages.drafting.clues.clue import Clue, code_fit
from ktt.messages.drafting.suits import identity_named, system_named
from ktt.messages.drafting.targets import MESSAGE, Target

_WIDTHS = {"two": 2, "three": 3, "mun": 4}
_DUF_DIGITS = 12


def entry_of(clue: Clue, target: Target) -> dict[str, Any]:
    """The member as it is written in the mapping."""
    if target.owner == MESSAGE:
        return {"meta": target.name}
    entry: dict[str, Any] = {"column": _named(target)}
    if target.identity is not None:
        entry["identity"] = target.identity
        if target.identity == "duf":
            entry["digits"] = _DUF_DIGITS
    entry |= _values(clue, target) | _form(clue, target)
    if _takes_empty(clue):
        entry["empty"] = "text"
    return entry


def _values(clue: Clue, target: Target) -> dict[str, Any]:
    """How codes are translated."""
    if target.column.kind == "code":
        return _codes(clue, target)
    if target.name == "person_number_kind" and clue.values:
        return {"codes": {value: identity_named(value) or "other" for value in clue.values}}
    if target.name == "code_system" and any(system_named(value) != value for value in clue.values):
        return {"codes": {value: system_named(value) or value for value in clue.values}}
    return {}


def _form(clue: Clue, target: Target) -> dict[str, Any]:
    """How days, hours and numbers are written."""
    column, kind = target.column, clue.kind
    if kind.form is not None and column.kind == kind.name and not _is_usual(clue):
        return {kind.name: kind.form}
    if column.kind == "hours" and kind.decimal == ",":
        return {"decimal": ","}
    if column.kind == "count" and column.required and not clue.leaf.required:
        return {"default": 1}
    return {}


def _named(target: Target) -> str:
    return f"{target.owner}.{target.name}" if target.owner == "recipient" else target.name


def _is_usual(clue: Clue) -> bool:
    return "string" not in clue.leaf.types and clue.kind.form in {"%Y%m%d", "%Y%m"}


def _takes_empty(clue: Clue) -> bool:
    is_text = "string" in clue.leaf.types and "null" not in clue.leaf.types
    return is_text and clue.leaf.required and (clue.kind.takes_empty or "" in clue.leaf.values)


def _codes(clue: Clue, target: Target) -> dict[str, Any]:
    if clue.kind.name == "boolean":
        return {} if target.column.code_list == "1101" else {"codes": _of_boolean(clue, target)}
    found = code_fit(clue, target.column)
    if found.codes is not None:
        return {"codes": dict(found.codes)}
    width = found.digits or (_width(clue) if not clue.values else None)
    return {} if width is None else {"digits": width}


def _width(clue: Clue) -> int | None:
    """How many digits a number is always written with, when zeros lead."""
    digits = clue.kind.digits
    return _WIDTHS.get(min(digits)) if clue.kind.name == "digits" and len(digits) == 1 else None


def _of_boolean(clue: Clue, target: Target) -> dict[str, str]:
    """Which code true is: of outcomes granted, or refused where the name says so."""
    if target.column.code_list == "9171":
        refused = any(word.text.startswith(("avsl", "refus", "denied", "reject")) for word, _weight in clue.words)
        return {"true": "1", "false": "2"} if refused else {"true": "2", "false": "1"}
    codes = code_list(target.column.code_list or "").values()
    return {"true": codes[0], "false": codes[1]}
