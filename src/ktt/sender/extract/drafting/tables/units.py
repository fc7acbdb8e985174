"""A record system of several units: a table of the units, a column of the unit in some tables, and the rest through those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.match import RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile

_MOST = 6


def of_unit(
    choices: Mapping[str, Choice], tables: Mapping[str, TableProfile], units: TableProfile | None
) -> dict[str, Choice]:
    """What each table counts, with one unit's rows where it says whose they are; the unit with most rows is proposed."""
    found, named = dict(choices), _named(tables, units)
    own = usual_unit(tables, units)
    for name, join in named.items():
        column = _column(tables[name], join.column)
        counts = ", ".join(f"{value} har {rows} rader" for value, rows in list(column.shown.values.items())[:_MOST])
        found[name] = _where(found[name], join.column, own, f"flere enheter i basen ({counts}): behold deres egen")
    return found


def through_units(
    records: Mapping[str, RecordMatch],
    choices: Mapping[str, Choice],
    tables: Mapping[str, TableProfile],
    units: TableProfile | None,
) -> dict[str, Choice]:
    """The same for the tables that only lead to one that says whose its rows are."""
    found, named = dict(choices), _named(tables, units)
    for match in (place for one in records.values() for place in (one, *one.also)):
        name = match.table.name
        leads = next((join for join in match.table.joins if join.table in named and join.table != name), None)
        if name in named or leads is None:
            continue
        before = f"{found[name].notes['with']}; " if found[name].within else ""
        notes = {**found[name].notes, "with": f"{before}bare rader som hører til deres enhet"}
        within = {**found[name].within, leads.table: {leads.other: leads.column}}
        found[name] = replace(found[name], within=within, notes=notes)
    return found


def _named(tables: Mapping[str, TableProfile], units: TableProfile | None) -> dict[str, Join]:
    """The tables that say of each row whose it is."""
    if units is None:
        return {}
    return {
        name: join
        for name, table in tables.items()
        for join in table.joins
        if join.table == units.name and (join.other,) == units.key and table is not units
    }


def unit_table(tables: Iterable[TableProfile]) -> TableProfile | None:
    """The table of several units: few rows, with the number of an organisation each."""
    for table in tables:
        is_named = any(column.kind == "organisation" and not column.empty for column in table.columns)
        if 1 < table.rows <= 100 and is_named and len(table.key) == 1 and municipality_of(table):  # noqa: PLR2004
            return table
    return None


def municipality_of(table: TableProfile) -> ColumnProfile | None:
    """The column of the municipality's number, also where it has lost its nought."""
    of_kind = (one for one in table.columns if one.kind == "municipality")
    by_name = (
        one
        for one in table.columns
        if one.longest <= 4 and any("municipality" in word.meanings for word in words_of(one.name))  # noqa: PLR2004
    )
    return next(of_kind, next(by_name, None))


def usual_unit(tables: Mapping[str, TableProfile], units: TableProfile | None) -> str:
    """The unit that most rows are of."""
    rows: dict[str, int] = {}
    for name, join in _named(tables, units).items():
        for value, count in _column(tables[name], join.column).shown.values.items():
            rows[value] = rows.get(value, 0) + count
    return max(rows, key=lambda one: rows[one], default="…")


def _where(choice: Choice, column: str, value: str, note: str) -> Choice:
    before = f"{choice.notes['where']}; " if "where" in choice.notes else ""
    return replace(choice, where={**choice.where, column: (value,)}, notes={**choice.notes, "where": before + note})


def _column(table: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in table.columns if column.name == name)
