"""Records counted by the month of their own date: kept by the ingest, and counted anew for what was known at an instant."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import ROOTS, own_date
from ktt.registry.columns import fetch, insert
from ktt.registry.tables import LAYOUTS, MONTH_RECORDS, Layout
from ktt.registry.two_clocks import NOW, AsOf, Condition, records_as_of
from ktt.registry.versions import Versions

OPENING = "2017-01"
"""The first month of the history, which has all records of before (messages § 7.5)."""

COUNTED = {"unit": pl.String(), "record_type": pl.String(), "month": pl.String(), "records": pl.Int64()}
_ADD = sa.text(
    "INSERT INTO month_records (unit, record_type, month, records) VALUES (:unit, :record_type, :month, :records)"
    " ON CONFLICT (unit, record_type, month) DO UPDATE SET records = month_records.records + excluded.records"
)


def add_months(connection: Connection, layout: Layout, stored: pl.DataFrame, versions: Versions) -> None:
    """Count what these versions change. `stored` are the newest versions before, with the columns of their own date."""
    kind = layout.record_type
    if not kind.own_date or versions.new.is_empty():
        return
    ended = stored.join(versions.ended, on=("unit", layout.key), how="semi").filter(pl.col("fingerprint").is_not_null())
    newest = versions.new.filter(pl.col("known_to").is_null(), ~pl.col("deleted"))
    gone, come = (frame.select("unit", month=_month(layout)) for frame in (ended, newest))
    both = pl.concat([gone.with_columns(records=pl.lit(-1)), come.with_columns(records=pl.lit(1))])
    changes = both.drop_nulls("month").group_by("unit", "month").agg(pl.col("records").sum().cast(pl.Int64))
    rows = changes.filter(pl.col("records") != 0).sort("unit", "month").with_columns(record_type=pl.lit(kind.name))
    if not rows.is_empty():
        connection.execute(_ADD, rows.to_dicts())


def months(connection: Connection, as_of: AsOf) -> pl.DataFrame:
    """`COUNTED`: how many records were known at the instant of `as_of`, in no order. Its day makes no difference.

    What is known now is kept; what was known then is counted, which takes as long as reading every record.
    """
    if as_of.known_at is None:
        query = sa.select(*(MONTH_RECORDS.c[name] for name in COUNTED)).where(MONTH_RECORDS.c.records != 0)
        return fetch(connection, query, COUNTED)
    return counted(connection, as_of)


def counted(connection: Connection, as_of: AsOf) -> pl.DataFrame:
    """The same, counted from the records."""
    frames = [_counted(connection, LAYOUTS[kind.name], AsOf(known_at=as_of.known_at)) for kind in ROOTS]
    return pl.concat(frames)


def recount(connection: Connection, units: Sequence[str]) -> None:
    """Count these units anew, after their records were changed by another way than the ingest."""
    connection.execute(sa.delete(MONTH_RECORDS).where(MONTH_RECORDS.c.unit.in_(units)))
    for kind in ROOTS:
        layout = LAYOUTS[kind.name]
        insert(connection, MONTH_RECORDS, _counted(connection, layout, NOW, layout.known.c.unit.in_(units)))


def _counted(connection: Connection, layout: Layout, as_of: AsOf, *where: Condition) -> pl.DataFrame:
    found = records_as_of(layout, as_of, *where).subquery()
    dates = [found.c[name] for name in layout.record_type.own_date]
    date = sa.func.coalesce(*dates) if len(dates) > 1 else dates[0]
    own = sa.func.substr(sa.cast(date, sa.Text), 1, 7)
    month = sa.case((own < OPENING, OPENING), else_=own)
    name = sa.literal(layout.record_type.name)
    query = sa.select(found.c.unit, name, month, sa.func.count()).where(date.is_not(None)).group_by(found.c.unit, month)
    return fetch(connection, query, COUNTED)


def _month(layout: Layout) -> pl.Expr:
    """The month of the own date, the opening month for what is older."""
    month = own_date(layout.record_type).dt.strftime("%Y-%m")
    return pl.when(month < OPENING).then(pl.lit(OPENING)).otherwise(month)
