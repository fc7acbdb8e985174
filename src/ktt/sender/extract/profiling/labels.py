"""The texts of codes: a small table that a column of codes leads to, with a text beside each code.

What is shown of them is what is shown of any column of codes: only texts that enough rows have, and never where a column is
called as persons' are. The rows that count are those that lead to the code. A table that has days, leads to other tables or is
called after persons is no table of codes: its texts may be about somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.profiling.disclosure import is_of_persons, shown_values
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile
from ktt.sender.extract.profiling.table import TableProfiler

_KINDS, _TEXTS = {"text", "code"}, {"name", "type", "code"}
_OTHERS = {"person_number", "day", "month", "instant", "zoned_instant"}
_PERSONS = {"person", "doctor", "staff", "coordinator"}
_WORKERS = re.compile("employee|medarbeider|user|pleier|login|ansvarlig", re.IGNORECASE)
_MOST_COLUMNS = 6


def with_labels(
    tables: Sequence[TableProfile], seen: Mapping[str, TableProfiler], at_least: int
) -> tuple[TableProfile, ...]:
    """The tables, those of codes with the texts of the codes that many rows have."""
    found = {table.name: table for table in tables}
    for table in tables:
        codes = {column.name for column in table.columns if column.shown.is_code}
        for join in (one for one in table.joins if one.column in codes and one.alike and one.table != table.name):
            found[join.table] = _labelled(found[join.table], join, table, seen, at_least)
    return tuple(found.values())


def _labelled(
    codes: TableProfile, join: Join, table: TableProfile, seen: Mapping[str, TableProfiler], at_least: int
) -> TableProfile:
    rows = seen[codes.name].small
    if rows is None or not _is_of_codes(codes):
        return codes
    counts = seen[table.name].columns[join.column].values
    columns = [_of_text(one, rows, join.other, counts, at_least) for one in codes.columns]
    return replace(codes, columns=tuple(columns))


def _is_of_codes(table: TableProfile) -> bool:
    """Whether nothing of a table can be about a person."""
    words = {meaning for word in words_of(table.name) for meaning in word.meanings}
    is_plain = len(table.columns) <= _MOST_COLUMNS and not table.joins and not table.person_number
    kinds = {column.kind for column in table.columns}
    return (
        is_plain
        and not words & _PERSONS
        and not is_of_persons(table.name)
        and not _WORKERS.search(table.name)
        and not kinds & _OTHERS
        and not any(is_of_persons(one.name) for one in table.columns)
    )


def _is_text(column: ColumnProfile) -> bool:
    return column.kind in _KINDS and any(word.meanings & _TEXTS for word in words_of(column.name))


def _of_text(
    column: ColumnProfile, rows: pl.DataFrame, key: str, counts: Mapping[str, int], at_least: int
) -> ColumnProfile:
    if not _is_text(column) or column.name == key or column.shown.is_code:
        return column
    pairs = rows.select(
        pl.col(key).str.strip_chars().fill_null(""), pl.col(column.name).str.strip_chars().fill_null("")
    )
    texts: dict[str, int] = {}
    for code, text in pairs.iter_rows():
        if text and counts.get(code):
            texts[text] = texts.get(text, 0) + counts[code]
    shown = shown_values(column.name, texts, at_least)
    return replace(column, kind="code", shown=shown) if shown.is_code else column
