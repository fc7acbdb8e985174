"""Which columns lead to other tables: their values are those of a column there that tells the rows apart.

A name alone says little (`ID` is in every table) and values alone neither (1, 2 and 3 are in every table); together they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile
from ktt.sender.extract.profiling.table import TableProfiler

Seen = Mapping[str, TableProfiler]
_LEAST_SHARE, _NEARLY_ALL = 0.8, 0.95
_FEW, _MANY, _LONG = 3, 10, 4
"""Different values, and signs of them, that say by themselves that a column leads somewhere."""

_KINDS = frozenset({"whole_number", "text", "code", "municipality", "yes_no", "organisation"})
_COMMON = frozenset({"ID", "NR", "KODE", "CODE", "KEY", "NO", "GUID", "LINJE", "LINE_NO"})


def with_joins(tables: Sequence[TableProfile], seen: Seen) -> tuple[TableProfile, ...]:
    """The tables, each with the columns that lead to others; at most one for each column."""
    keys = [
        (table, column) for table in tables for column in table.columns if column.is_unique and column.kind in _KINDS
    ]
    return tuple(replace(table, joins=tuple(_joins(table, keys, seen))) for table in tables)


def _joins(table: TableProfile, keys: Sequence[tuple[TableProfile, ColumnProfile]], seen: Seen) -> Iterator[Join]:
    for column in table.columns:
        if column.kind not in _KINDS or not column.filled or (column.is_unique and table.key == (column.name,)):
            continue
        found = [
            (likeness, join)
            for other, key in keys
            if (other is not table or key is not column)
            and (likeness := _of_itself(column) if other is table else _named(column, other, key))
            and (join := _join(table, column, other, key, seen))
        ]
        if found:
            yield max(found, key=lambda one: (one[0], one[1].share))[1]


def _of_itself(column: ColumnProfile) -> float:
    """A column that leads to another row of its own table, as the one that a case extends, is filled in few of them."""
    return 1.0 if column.distinct >= _FEW and column.longest >= _LONG - 1 else 0.0


def _named(column: ColumnProfile, other: TableProfile, key: ColumnProfile) -> float:
    """How much the name says that the column leads there; values that are many and long say it too."""
    mine, its, table = column.name.upper(), key.name.upper(), other.name.rpartition(".")[2].upper()
    of_key = 1.5 if other.key == (key.name,) else 0.0
    if mine == its and its not in _COMMON:
        return 3.0 + of_key
    stem = its if its not in _COMMON else table
    if stem in mine or mine.split("_")[0] in {table, table.removesuffix("ER"), table.removesuffix("R")}:
        return 2.0 + of_key
    return 1.0 + of_key if column.distinct >= _MANY and column.longest >= _LONG else 0.0


def _join(
    table: TableProfile, column: ColumnProfile, other: TableProfile, key: ColumnProfile, seen: Seen
) -> Join | None:
    mine, its = seen[table.name].columns[column.name], seen[other.name].columns[key.name]
    exact, bare = mine.sketch.share_in(its.sketch), mine.bare.share_in(its.bare)
    share = max(exact, bare)
    if share < _LEAST_SHARE:
        return None
    return Join(column.name, other.name, key.name, round(share, 2), alike=exact >= _NEARLY_ALL * share)
