"""Rows that another table says are gone: a table with the names of tables and the keys of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile

_NOTE = "rader som står i «{table}», er borte"


def with_deleted(
    tables: Iterable[TableProfile], choices: Mapping[str, Choice]
) -> tuple[dict[str, Choice], dict[str, TableProfile]]:
    """What each table counts, without the rows that are gone; and a table of those for each table that has some."""
    found, more = dict(choices), {}
    read = list(tables)
    for gone in read:
        named = next((one for one in gone.columns if one.kind == "table_name"), None)
        key = _key(gone)
        if named is None or key is None or not _is_of_deletions(gone):
            continue
        for table in read:
            values = [value for value in named.shown.values if _same(value, table.name)]
            if not values or table is gone or not table.key:
                continue
            name = f"{gone.name}_{table.name}" if gone.name.isupper() else f"{gone.name}_{table.name.lower()}"
            more[name] = replace(gone, name=name)
            of = {"where": f"nøklene til radene i «{table.name}»"}
            found[name] = Choice(
                gone.key or (key.name,), {named.name: tuple(sorted(values))}, relation=gone.name, notes=of
            )
            on = {key.name: _written(table, key)}
            note = _NOTE.format(table=gone.name)
            own = found[table.name]
            found[table.name] = replace(own, without={name: on}, notes={**own.notes, "without": note})
    return found, more


def _is_of_deletions(table: TableProfile) -> bool:
    names = [table.name, *(column.name for column in table.columns)]
    return any("deleted" in word.meanings for name in names for word in words_of(name))


def _key(table: TableProfile) -> ColumnProfile | None:
    """The column of the keys: the only one of texts or numbers with hardly a value twice."""
    many = [
        one
        for one in table.columns
        if one.kind in {"text", "whole_number", "code"} and one.distinct * 2 > one.filled > 0
    ]
    named = [one for one in many if any({"id", "number"} & word.meanings for word in words_of(one.name))]
    return next(iter(named or many), None)


def _same(value: str, table: str) -> bool:
    return value.casefold().removesuffix(".csv") in {table.casefold(), table.rpartition(".")[2].casefold()}


def _written(table: TableProfile, key: ColumnProfile) -> str:
    """A row's key as it is written there: its columns with the sign between them that the keys have."""
    if len(table.key) == 1:
        return table.key[0]
    signs = [sign for shape in key.shapes for sign in re.findall(r"[^9A?]", shape)]
    between = max(("|", ";", "/", "#", "-", ":", ",", "_"), key=signs.count) if signs else "|"
    return between.join(f"{{{name}}}" for name in table.key)
