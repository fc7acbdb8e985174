"""Whose a source is, and whether its tables are as large and as fresh as the mapping says that they always are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from ktt.core.clock import OSLO
from ktt.core.text import duration
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.errors import (
    OwnerUnclear,
    SourceStale,
    TooFewRows,
    WrongOwner,
)
from ktt.sender.extract.mapping.model import Freshness, SourceMapping
from ktt.sender.extract.mapping.values.instants import read_instant
from ktt.sender.extract.mapping.values.unreadable_columns import refuse_unreadable


def prove_owner(rows: pl.DataFrame, unit: ReportingUnit) -> None:
    """The `unit` query's answer must be this unit."""
    found = owner_of(rows)
    if found != unit:
        raise WrongOwner(found=found.key, expected=unit.key)


def owner_of(rows: pl.DataFrame) -> ReportingUnit:
    """The unit that the `unit` query's answer is. Numbers may have lost their leading zeros on the way."""
    if rows.height != 1 or rows.width not in {2, 3}:
        raise OwnerUnclear(rows=rows.height, columns=rows.width)
    organisation, municipality, *district = ((value or "").strip() for value in rows.row(0))
    organisation = "".join(organisation.split())  # people write it in groups
    part = district[0].zfill(2) if district and district[0] else "00"
    return ReportingUnit(organisation, municipality.zfill(4), None if part == "00" else part)


def prove_size(mapping: SourceMapping, counts: Mapping[str, int]) -> None:
    """Each table must have the rows that the mapping says it always has."""
    for name, rows in counts.items():
        if rows < mapping.tables[name].rows_min:
            raise TooFewRows(table=f"«{name}»", rows=rows, rows_min=mapping.tables[name].rows_min)


def prove_fresh(mapping: SourceMapping, raw: Mapping[str, pl.DataFrame], extracted_on: dt.date) -> dict[str, int]:
    """The tables whose newest row is older than `warn_after`, with its age in hours.

    The age is counted at midnight at the start of the extraction day, so that runs at all hours of that day
    give the same answer. SourceStale when a table is older than `error_after`; a table without rows is a matter of `rows_min`.
    """
    midnight = dt.datetime.combine(extracted_on, dt.time(), OSLO)
    late = {}
    for name, table in mapping.tables.items():
        if table.fresh is None:
            continue
        newest = _newest(mapping, name, table.fresh, raw[name][table.fresh.column])
        if newest is None:
            continue
        age = midnight - newest
        hours = int(age.total_seconds() // 3600)
        if table.fresh.error_after is not None and age > table.fresh.error_after:
            raise SourceStale(table=f"«{name}»", hours=hours, limit=duration(table.fresh.error_after))
        if table.fresh.warn_after is not None and age > table.fresh.warn_after:
            late[name] = hours
    return late


def _newest(mapping: SourceMapping, table: str, fresh: Freshness, column: pl.Series) -> dt.datetime | None:
    """The newest instant of a column; None when it holds none. A column that cannot be read would never be too old."""
    texts = column.str.strip_chars().alias("text").to_frame()
    read = read_instant(pl.col("text"), fresh.format, str(mapping.timezone))
    frame = texts.with_columns(read.alias("read")).with_columns(unread=pl.col("text").ne("") & pl.col("read").is_null())
    refuse_unreadable(mapping.file, f"table.{table}.fresh", f"{table}.{fresh.column}", frame)
    newest = frame["read"].max()
    assert newest is None or isinstance(newest, dt.datetime)
    return newest
