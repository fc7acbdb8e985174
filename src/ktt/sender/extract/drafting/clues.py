"""How much a column is like a field: by its name and its table's, the kind of its values, and its codes."""

from __future__ import annotations

from functools import cache

from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.domain.schema import Column
from ktt.messages.drafting.clues.clue import Clue
from ktt.messages.drafting.clues.kinds import Kind
from ktt.messages.drafting.clues.outline import Leaf
from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.likeness import phrase_likeness
from ktt.messages.drafting.suits import by_values, suits
from ktt.messages.drafting.targets import PERSON, Target, targets_of
from ktt.sender.extract.drafting.codes import are_official, guessed
from ktt.sender.extract.drafting.rows import wide_of
from ktt.sender.extract.mapping.model import mapped_columns
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile

_AROUND = 0.6
"""How much a word of the table's name counts beside one of the column's."""
_SHORT = 0.8
_KINDS = {
    "day": Kind("day"),
    "month": Kind("month"),
    "instant": Kind("instant"),
    "zoned_instant": Kind("instant"),
    "decimal": Kind("number"),
    "whole_number": Kind("integer"),
    "organisation": Kind("digits", digits=frozenset({"org"})),
    "municipality": Kind("digits", digits=frozenset({"mun"})),
    "person_number": Kind("digits", digits=frozenset({"pnr"})),
    "code": Kind("codes"),
    "yes_no": Kind("codes"),
}
_IMPLIED = {"day": {"date", "time"}, "instant": {"date", "time"}, "month": {"date", "month"}}
_IMPOSSIBLE = {
    ("instant", "day"),
    ("instant", "month"),
    ("id", "person_number"),
    ("id", "diagnosis"),
}
"""Kinds of fields, and kinds of columns that never are one."""
_OF_TIME, _NO_TIMES = {"day", "instant", "month"}, {"text", "code", "yes_no", "whole_number", "decimal", "diagnosis"}
_LONGEST_COUNT, _MOST_CODES, _YES_NO = 3, 100, 4
_OF_RESIDENCE = {
    "starts_on": (frozenset({"start"}), frozenset({"start", "date"})),
    "ends_on": (frozenset({"end"}), frozenset({"end", "date"})),
    "municipality": (frozenset({"municipality"}), frozenset({"municipality", "number"})),
    "district": (frozenset({"district"}), frozenset({"district", "number"})),
    "local_person_id": (),
}
_OWNERS = {part.name: root for root in (RECIPIENT, *ROOTS) for part in root.parts}


def _clue(table: str, column: ColumnProfile) -> Clue:
    """What is known of a column. Its table's words count less than its own."""
    words = [(word, 1.0) for word in words_of(column.name)] + [(word, _AROUND) for word in words_of(table)]
    weighted = tuple((word, weight * _SHORT if word.is_short else weight) for word, weight in words)
    values = tuple(column.shown.values)
    leaf = Leaf((column.name,), column.name, (), frozenset(), required=False, values=values)
    return Clue(leaf, weighted, frozenset(), _KINDS.get(column.kind, Kind("text")), values)


@cache
def targets(record_type: str) -> tuple[Target, ...]:
    """The fields of a record type that a mapping must name."""
    return tuple(_target(record_type, column) for column in mapped_columns(record_type))


def _target(record_type: str, column: Column) -> Target:
    """A field as messages know it; ids are called numbers as often."""
    found = _found(record_type, column)
    if column.kind != "id":
        return found
    numbers = [frozenset("number" if meaning == "id" else meaning for meaning in phrase) for phrase in found.phrases]
    phrases = [one for one in (*found.phrases, *numbers) if one != {"number"} or found.owner == record_type]
    return Target(found.owner, column, tuple(dict.fromkeys(phrases)), found.neutral)


def _found(record_type: str, column: Column) -> Target:
    own = (
        {one.name: one for one in targets_of(record_type) if one.identity is None} if record_type != "recipient" else {}
    )
    if record_type == RECIPIENT.name or column.name == "local_person_id":
        own = {one.name: one for one in targets_of(PERSON) if one.identity is None}
    root = _OWNERS.get(record_type)
    if root is not None and column.name == root.key and column.name not in own:
        own = {one.name: one for one in targets_of(PERSON if root is RECIPIENT else root.name)}
        phrases = tuple(phrase for phrase in own[column.name].phrases if phrase != {"id"})
        return Target(root.name, column, phrases, own[column.name].neutral)
    found = own[column.name]
    if record_type == "residence":  # no message has it, so the vocabulary of messages has no phrases for it
        return Target(
            found.owner, column, (*found.phrases, *_OF_RESIDENCE[column.name]), frozenset({"home", "wrapper", "person"})
        )
    return Target(found.owner, column, found.phrases, found.neutral)


def likeness(table: TableProfile, column: ColumnProfile, target: Target, record_type: str) -> float:
    """From 0 to about 1.4; 0 where the values cannot be the field's.

    The table's name says nothing of what belongs to another: whose the record is, or which record a part is of.
    """
    clue = _clue(table.name if target.owner == record_type else "", column)
    suited = _suited(clue, column, target)
    if suited <= 0:
        return 0.0
    named = phrase_likeness(clue.words, target.phrases, target.neutral, _IMPLIED.get(clue.kind.name, set()))
    return named * suited + _by_values(clue, column, target) + _by_key(table, column, target, record_type)


def _suited(clue: Clue, column: ColumnProfile, target: Target) -> float:
    field = target.column
    if (field.kind, column.kind) in _IMPOSSIBLE or (field.kind in _OF_TIME and column.kind in _NO_TIMES):
        return 0.0
    if column.kind == "empty":
        return 0.2 if field.required else 0.6
    if field.kind == "code":
        return _coded(column, str(field.code_list))
    of_kind = {
        "id": 0.6
        if column.kind in {"code", "municipality"}
        else None,  # in a small system few people have many records
        "day": 0.6 if column.kind == "instant" else None,
        "count": 0.8 * _may_count(column),
        "month": 0.6 if column.kind in {"instant", "day"} else None,
        "organisation": 0.0 if column.kind in {"whole_number", "code", "yes_no", "decimal"} else None,
        "person_number": float(column.kind == "person_number"),
    }
    if field.name == "code_system" and column.kind == "code" and column.distinct <= _YES_NO:
        return 0.8
    found = of_kind.get(field.kind)
    return suits(clue, target) if found is None else found


def _may_count(column: ColumnProfile) -> bool:
    """Whether a column has small numbers that several rows have."""
    is_number = column.kind == "whole_number" or (column.kind == "code" and all(map(str.isdigit, column.shown.values)))
    return is_number and column.longest <= _LONGEST_COUNT and not column.is_unique


def _coded(column: ColumnProfile, list_id: str) -> float:
    """Whether a column has codes of a list: they are hardly more than the list has, and some of them are plain."""
    if column.kind not in {"code", "yes_no"}:
        return (
            0.35
            if column.kind in {"text", "whole_number"} and column.distinct <= _MOST_CODES and not column.is_unique
            else 0.0
        )
    known = len(code_list(list_id).codes)
    if list_id == "1101" and column.kind != "yes_no" and column.distinct > _YES_NO:
        return 0.2
    return 0.3 if column.distinct > 2 * known + 1 else 0.7 + 0.3 * _plain_share(column, list_id)


def _plain_share(column: ColumnProfile, list_id: str) -> float:
    values = tuple(column.shown.values)
    if are_official(column, list_id):
        return 1.0
    return len(guessed(values, list_id)) / len(values) if values else 0.0


def _by_values(clue: Clue, column: ColumnProfile, target: Target) -> float:
    if target.column.kind == "code":
        is_telling = target.column.code_list != "1101" and column.distinct > _YES_NO
        return 0.35 * _plain_share(column, str(target.column.code_list)) if is_telling else 0.0
    said = {
        ("person_number", "person_number"): 0.4,
        ("code", "diagnosis"): 0.4 if target.owner == "diagnosis" else 0.0,
        ("provider", "organisation"): 0.3,
        ("municipality", "municipality"): 0.3,
    }
    return said.get((target.name, column.kind), 0.0) + by_values(clue, target)


def _by_key(table: TableProfile, column: ColumnProfile, target: Target, record_type: str) -> float:
    """The column that tells a table's rows apart is the id of what the table is of."""
    if target.name == ALL_TYPES[record_type].parent_key and table.key == (column.name,):
        return 0.35 if wide_of(table) else 0.0
    if target.name != ALL_TYPES[record_type].key or ALL_TYPES[record_type].parent_key:
        return 0.0
    return 0.35 if table.key and table.key[0] == column.name else -0.2
