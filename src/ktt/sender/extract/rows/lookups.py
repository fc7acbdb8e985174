"""The columns of other tables that a place reads: each row with the row of theirs that belongs to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import polars as pl

from ktt.sender.extract.mapping.model import Lookup, RecordSource, Table
from ktt.sender.extract.mapping.values.template import filled
from ktt.sender.extract.rows import counts
from ktt.sender.extract.rows.near_misses import near_misses

SEVERAL, _FOUND = (
    "several found",
    "found in several",
)  # helper columns have a blank in their name, as no canonical column has


def with_looked_up(
    rows: pl.DataFrame,
    place: RecordSource,
    table: Table,
    raw: Mapping[str, pl.DataFrame],
    near: Counter[str] | None = None,
) -> pl.DataFrame:
    """The rows with the columns `TABLE.COLUMN` that the place reads, empty where no row belongs.

    Where several do, none is chosen: `SEVERAL` is true, for the record is not to be sent with the wrong one of them.
    Where `near` is given, the rows that nearly have one are counted there.
    """
    rows = rows.with_columns(pl.lit(value=False).alias(SEVERAL))
    columns = sorted({*place.columns, *(column for one in table.lookups for column in one.columns)})
    for lookup in table.lookups:
        wanted = {name: column for column in columns if (name := lookup.named(column)) is not None}
        if wanted and near is not None:
            alone = with_row(rows, raw[lookup.table], lookup, there=False)
            missed, reason = near_misses(alone, raw[lookup.table], lookup), counts.lookup(lookup.name)
            near.update({reason: missed - near[reason]} if missed > near[reason] else {})  # places read the same table
        if wanted:
            rows = _joined(rows, raw[lookup.table], lookup, wanted)
    return rows


def with_row(rows: pl.DataFrame, other: pl.DataFrame, lookup: Lookup, *, there: bool) -> pl.DataFrame:
    """The rows that have a row in the other table, or those that have none."""
    keys = [f"key {number}" for number in range(len(lookup.on))]
    known = other.select(_key(column).alias(key) for key, column in zip(keys, lookup.on, strict=True)).drop_nulls(keys)
    here = rows.with_columns(_key(column).alias(key) for key, column in zip(keys, lookup.on.values(), strict=True))
    how: Literal["semi", "anti"] = "semi" if there else "anti"
    return here.join(known, on=keys, how=how, maintain_order="left").drop(keys)


def _joined(rows: pl.DataFrame, other: pl.DataFrame, lookup: Lookup, wanted: Mapping[str, str]) -> pl.DataFrame:
    keys = [f"key {number}" for number in range(len(lookup.on))]
    there = other.select(
        *(_key(column).alias(key) for key, column in zip(keys, lookup.on, strict=True)),
        *(pl.col(name).alias(column) for name, column in wanted.items()),
    ).drop_nulls(keys)
    several = (
        there.select(keys)
        .filter(there.select(keys).is_duplicated())
        .unique()
        .with_columns(pl.lit(value=True).alias(_FOUND))
    )
    here = rows.with_columns(_key(column).alias(key) for key, column in zip(keys, lookup.on.values(), strict=True))
    joined = here.join(there.unique(keys, keep="none"), on=keys, how="left", maintain_order="left")
    joined = joined.join(several, on=keys, how="left", maintain_order="left")
    return joined.with_columns(pl.col(SEVERAL) | pl.col(_FOUND).fill_null(value=False)).drop(*keys, _FOUND)


def _key(column: str) -> pl.Expr:
    """What is compared: the text without blanks around it; a row without one belongs to none."""
    return filled(column).str.normalize("NFC")
