"""Keys that are written in one way in a table and in another where they are referred to: capitals, braces, lost noughts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.disclosure import ShownValues
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile
from ktt.sender.extract.profiling.split_numbers import BIRTHDAY, REST

_BRACES = "{}"


def with_spellings(choices: Mapping[str, Choice], tables: Mapping[str, TableProfile]) -> dict[str, Choice]:
    """What each table counts, with the columns that must be read alike to lead to one another."""
    found = dict(choices)
    for name, table in tables.items():
        for join in (one for one in table.joins if not one.alike):
            mine, its = _column(table, join.column), _column(tables[join.table], join.other)
            for owner, column in ((name, mine), (join.table, its)):
                found[owner] = _alike(found[owner], column, mine, its)
    return found


def together(table: TableProfile) -> TableProfile:
    """The table with the national number that stands in two columns as a column of its own, as a mapping writes it."""
    if not table.person_number:
        return table
    parts = [_column(table, name) for name in table.person_number]
    name = "".join(f"{{{one.name}}}" for one in parts)
    number = replace(
        parts[0], name=name, kind="person_number", distinct=max(one.distinct for one in parts), shown=ShownValues()
    )
    return replace(table, columns=(*table.columns, number))


def with_numbers(choices: Mapping[str, Choice], tables: Mapping[str, TableProfile]) -> dict[str, Choice]:
    """What each table counts, with the noughts back that the two parts of a number have lost."""
    found = dict(choices)
    for name, table in tables.items():
        if table.person_number:
            pad = dict(zip(table.person_number, (BIRTHDAY, REST), strict=True))
            notes = {**found[name].notes, "pad": "fødselsnummeret står i to kolonner"}
            found[name] = replace(found[name], pad={**found[name].pad, **pad}, notes=notes)
    return found


def _alike(choice: Choice, column: ColumnProfile, *both: ColumnProfile) -> Choice:
    shapes = [shape for one in both for shape in one.shapes]
    strip, pad, upper = dict(choice.strip), dict(choice.pad), choice.upper
    if any(set(_BRACES) & set(shape) for shape in shapes):
        strip[column.name] = _BRACES
    if shapes and all(set(shape) == {"9"} for shape in shapes):
        pad[column.name] = max(one.longest for one in both)
    else:
        upper = tuple(dict.fromkeys((*upper, column.name)))
    note = "nøklene er skrevet ulikt i tabellene som hører sammen"
    notes = {**choice.notes, "strip": note, "pad": note, "upper": note}
    return replace(choice, upper=upper, strip=strip, pad=pad, notes=notes)


def _column(table: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in table.columns if column.name == name)
