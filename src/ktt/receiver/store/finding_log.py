"""The open findings, counted in the database: a `messages.finding_log.FindingLog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.messages.finding_log import CHANGED, FIELDS, OPEN, Findings
from ktt.receiver.store.tables import FINDING_DAY, OPEN_FINDING, RECEIPT
from ktt.storage.database import Database


class SqlFindingLog:
    """Over the receiver's database. No key is needed: nothing is opened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def findings(self, since: dt.date) -> Findings:
        """See `FindingLog`."""
        found, day = OPEN_FINDING.c, FINDING_DAY.c
        software = sa.func.coalesce(RECEIPT.c.software, "").label("software")
        key = (found.unit, found.rule, found.cause, found.consequence, software)
        counted = sa.select(*key, sa.func.count(), sa.func.min(found.since).label("since"))
        open_ = counted.outerjoin(RECEIPT, RECEIPT.c.position == found.seen_at).group_by(*key)
        where = (found.unit, found.record_type, found.fields)
        records = sa.select(*where, sa.func.count(found.local_id.distinct())).where(found.fields != "").group_by(*where)
        days = sa.select(*(day[name] for name in CHANGED)).where(day.day >= since)
        with self._database.reading() as connection:
            fields = _frame(connection, records, FIELDS)
            return Findings(
                open=_frame(connection, open_, OPEN),
                fields=_each_field(fields),
                changed=_frame(connection, days, CHANGED),
            )


def _each_field(fields: pl.DataFrame) -> pl.DataFrame:
    each = fields.with_columns(pl.col("field").str.split(",")).explode("field")
    return each.group_by("unit", "record_type", "field").agg(pl.col("records").sum()).select(*FIELDS)


def _frame(connection: Connection, query: sa.Select[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=dict(schema), orient="row")
