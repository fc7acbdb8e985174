"""Coverage of the nation by two clocks: the matrix of units and months, with what else is known of each unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO
from ktt.messages.deliveries import DeliveryLog
from ktt.registry.coverage.declarations import declared
from ktt.registry.coverage.months import UNIT_MONTH, Told, matrix, series
from ktt.registry.coverage.silence import Silence, silence
from ktt.registry.ingest.quarantine import OPEN
from ktt.registry.month_records import months
from ktt.registry.tables import QUARANTINE
from ktt.registry.two_clocks import AsOf
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Coverage:
    """`months` as `months.MONTH`; `counts` as `month_records.COUNTED`; `silence` has what is known of each unit."""

    on: dt.date
    months: pl.DataFrame = field(repr=False)
    counts: pl.DataFrame = field(repr=False)
    silence: Silence

    def series(self, unit: str) -> pl.DataFrame:
        """`months.SERIES` of one unit: the record types behind each month."""
        return series(self.counts.filter(pl.col("unit") == unit), self.on)


def coverage(
    database: Database,
    log: DeliveryLog,
    on: dt.date,
    known_at: dt.datetime | None = None,
    heard_until: dt.datetime | None = None,
) -> Coverage:
    """Of the months that have ended when the day `on` begins, as it was known at an instant (now).

    `heard_until` leaves out what was heard later. A unit that has ended is there while it has records. Who waits is always as it is now.
    """
    heard = silence(log, on, heard_until)
    with database.reading() as connection:
        counts = months(connection, AsOf(known_at=known_at))
        waiting, said = _waiting(connection), declared(connection, known_at)
    over = {one.unit for one in heard.units if one.state == "ended"}
    last = [(one.unit, f"{one.heard_on:%Y-%m}") for one in heard.units if one.unit not in over]
    told = Told(pl.DataFrame(last, schema=UNIT_MONTH, orient="row"), waiting, said)
    return Coverage(on, matrix(counts, on, told), counts, heard)


def _waiting(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(sa.select(QUARANTINE.c.unit, QUARANTINE.c.received_at).where(OPEN)).all()
    found = [(row.unit, f"{row.received_at.astimezone(OSLO):%Y-%m}") for row in rows]
    return pl.DataFrame(found, schema=UNIT_MONTH, orient="row")
