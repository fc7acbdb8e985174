"""Received against expected, by unit, message type and day: how many records came, and how many usually come on such a day.

Expected is the median of the records that came on the days of the same kind (working days, or weekends and holidays) in the
eight weeks before the days that are shown, from the unit's first message on; a day without a message counts as none. It is
told after `FEWEST` such days. A day is *low* below a quarter and *high* above four times what was expected, where at least
`ENOUGH` records were expected or came. The days of an initial load are high.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO
from ktt.domain.calendar import working_days
from ktt.domain.schema import DTYPES
from ktt.registry.columns import fetch
from ktt.registry.tables import INGESTED, INGESTED_UNIT

WEEKS, FEWEST, ENOUGH, TIMES = 8, 4, 10, 4
RECEIVED = {
    "unit": pl.String(),
    "message_type": pl.String(),
    "day": pl.Date(),
    "messages": pl.Int64(),
    "records": pl.Int64(),
    "expected": pl.Float64(),
    "odd": pl.String(),  # low | high; empty: as usual, or not told
}
_JOURNAL = {
    "unit": pl.String(),
    "message_type": pl.String(),
    "received_at": DTYPES["instant"],
    "records": pl.Int64(),
}


def received(
    connection: Connection, on: dt.date, days: int, known_at: dt.datetime | None = None, unit: str | None = None
) -> pl.DataFrame:
    """`RECEIVED` of the `days` days before `on`, the newest first. Of what was ingested; records deleted count too."""
    first = on - dt.timedelta(days=days, weeks=WEEKS)
    journal = _journal(connection, first, on, known_at, unit)
    day = pl.col("received_at").dt.convert_time_zone(OSLO.key).dt.date()
    key = ["unit", "message_type", "day"]
    came = journal.group_by("unit", "message_type", day.alias("day")).agg(
        messages=pl.len().cast(pl.Int64), records=pl.col("records").sum()
    )
    calendar = working_days(first, on - dt.timedelta(days=1)).select("day", "working")
    begun = came.group_by("unit").agg(begun=pl.col("day").min())
    grid = came.select("unit", "message_type").unique().join(begun, on="unit").join(calendar, how="cross")
    every = grid.filter(pl.col("day") >= pl.col("begun")).join(came, on=key, how="left")
    every = every.with_columns(pl.col("messages", "records").fill_null(0))
    shown = pl.col("day") >= on - dt.timedelta(days=days)
    usual = (
        every.filter(~shown)
        .group_by("unit", "message_type", "working")
        .agg(expected=pl.col("records").median(), seen=pl.len())
    )
    usual = usual.with_columns(expected=pl.when(pl.col("seen") >= FEWEST).then("expected"))
    found = every.filter(shown).join(usual, on=["unit", "message_type", "working"], how="left")
    return found.with_columns(odd=_odd()).select(*RECEIVED).sort(*key, descending=[False, False, True])


def _odd() -> pl.Expr:
    came, expected = pl.col("records"), pl.col("expected")
    low = (expected >= ENOUGH) & (came * TIMES < expected)
    high = (came >= ENOUGH) & (came > expected * TIMES)
    return pl.when(low).then(pl.lit("low")).when(high).then(pl.lit("high"))


def _journal(
    connection: Connection, first: dt.date, on: dt.date, known_at: dt.datetime | None, unit: str | None
) -> pl.DataFrame:
    since, until = (dt.datetime.combine(day, dt.time(), OSLO).astimezone(dt.UTC) for day in (first, on))
    until = until if known_at is None else min(until, known_at)
    table = INGESTED.c
    records = (table.records + table.deleted).label("records")
    joined = sa.join(INGESTED, INGESTED_UNIT, INGESTED_UNIT.c.position == table.position)
    query = sa.select(INGESTED_UNIT.c.unit, table.message_type, table.received_at, records).select_from(joined)
    query = query.where(table.received_at >= since, table.received_at < until)
    return fetch(connection, query if unit is None else query.where(INGESTED_UNIT.c.unit == unit), _JOURNAL)
