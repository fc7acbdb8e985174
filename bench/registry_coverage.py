"""How long does the coverage of the nation take, and what does it matter that the ingest counts records by month?

A registry with 357 units that report every day and have care services in every month since 2017, and counts of five record types. Asked: the matrix of
units and months with who is silent, as `ktt registry coverage` makes it. Beside it stands the same from a count of the records
in the database, and from a loop over them in Python.

`python -m bench.registry_coverage 1000000` takes that many services; the default is 150 000. The matrix is made of the counts, so
its time does not grow with the records.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from bench.harness import Figure, publish, seconds
from bench.ingest import databases
from ktt.domain import places
from ktt.domain.records import ROOT_NAMES
from ktt.receiver.store import tables as receiver
from ktt.receiver.store.deliveries import SqlDeliveryLog
from ktt.registry import NOW, SCHEMA
from ktt.registry.columns import insert
from ktt.registry.coverage.coverage import coverage
from ktt.registry.coverage.months import ended_months
from ktt.registry.month_records import counted, recount
from ktt.registry.tables import LAYOUTS, MONTH_RECORDS
from ktt.storage.database import Database

SERVICES, ON = 150_000, dt.date(2026, 3, 16)
_AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
_WEEKS = 10
_COUNTS = ("unit", "record_type", "month", "records")


def units() -> list[str]:
    """One for each municipality."""
    valid = places.municipality_frame().filter(pl.col("valid_from") <= ON, pl.col("valid_to") >= ON)
    numbers = [number for number in valid["municipality"].sort() if number not in places.SPECIAL_MUNICIPALITIES]
    return [f"312{n:06}-{number}" for n, number in enumerate(numbers)]


def registry(url: str, services: int) -> Database:
    database = Database.open(url, SCHEMA, receiver.SCHEMA)
    layout, names, months = LAYOUTS["care_service"], units(), ended_months(ON)
    n = pl.int_range(services)
    unit = pl.Series(names).gather(pl.select(n % len(names)).to_series())
    month = pl.Series(months).gather(pl.select((n // len(names)) % len(months)).to_series())
    rows = pl.DataFrame({"unit": unit, "starts_on": (month + "-05").str.to_date()}).with_columns(
        municipality=pl.col("unit").str.slice(10, 4),
        service_id=pl.format("T-{}", n),
        service_type=pl.lit("15"),
        fingerprint=pl.lit("f"),
        deleted=pl.lit(value=False),
        position=pl.lit(1),
        version=pl.lit(1),
        known_from=pl.lit(_AT).dt.cast_time_unit("us"),
    )
    with database.transaction() as connection:
        insert(connection, layout.current, rows)
        recount(connection, names)
        for kind in ROOT_NAMES:  # the other types have no records here, but their counts, as many as a nation has
            if kind != layout.record_type.name:
                connection.execute(sa.insert(MONTH_RECORDS).from_select(_COUNTS, _as_of_services(kind)))
        connection.execute(sa.insert(receiver.RECEIPT), _receipts(names))
        last = [{"unit": unit, "position": _WEEKS * 7 * len(names) + n} for n, unit in enumerate(names)]
        connection.execute(sa.insert(receiver.LAST_ACCEPTED), last)
    return database


def _as_of_services(kind: str) -> sa.Select[Any]:
    counts = MONTH_RECORDS.c
    same = sa.select(counts.unit, sa.literal(kind), counts.month, counts.records)
    return same.where(counts.record_type == "care_service")


def _receipts(names: list[str]) -> list[dict[str, object]]:
    """One message a day for each unit, numbered day by day."""
    fixed = {"message_type": "KTT_Tjeneste", "version": "1", "msg_hash": b"", "client_id": "bench"}
    first = dt.datetime.combine(ON - dt.timedelta(weeks=_WEEKS), dt.time(4), dt.UTC)
    return [
        {
            **fixed,
            "position": day * len(names) + n,
            "correlation_id": f"{day}-{n}",
            "unit": unit,
            "units": unit,
            "received_at": first + dt.timedelta(days=day),
            "software": f"Vendor {n % 7} | EPJ | 1 | 1",
            "extracted_on": ON,
        }
        for day in range(_WEEKS * 7 + 1)
        for n, unit in enumerate(names)
    ]


def row_by_row(database: Database) -> Counter[tuple[str, str]]:
    """Only the counts behind the matrix, the way it is usually begun: every record fetched, and its month counted."""
    found: Counter[tuple[str, str]] = Counter()
    table = LAYOUTS["care_service"].current
    with database.reading() as connection:
        for row in connection.execute(sa.select(table).where(~table.c.deleted)).yield_per(10_000):
            found[row.unit, f"{row.starts_on:%Y-%m}"] += 1
    return found


def measured(kind: str, url: str, services: int) -> list[Figure]:
    database = registry(url, services)
    log = SqlDeliveryLog(database)
    matrix = coverage(database, log, ON)
    assert matrix.months.height == len(units()) * len(ended_months(ON))
    with database.reading() as connection:
        of_services = matrix.counts.filter(record_type="care_service")
        assert sorted(counted(connection, NOW).rows()) == sorted(of_services.rows())
        from_records = seconds(lambda: counted(connection, NOW), repeat=1)
    assert dict(row_by_row(database)) == {(unit, month): n for unit, _, month, n in of_services.rows()}
    took, loop = seconds(lambda: coverage(database, log, ON)), seconds(lambda: row_by_row(database), repeat=1)
    database.close()
    what = f"{kind}: coverage of the nation"
    return [
        Figure(what, 1 / took, "questions/s", "the counts alone, row by row", 1 / loop, "1/s"),
        Figure(what, 1 / took, "questions/s", "the counts alone, from the records by SQL", 1 / from_records, ""),
    ]


def main(services: int) -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as urls:
        for kind, url in urls.items():
            figures += measured(kind, url, services)
    spoken = f"{services:,}".replace(",", " ")
    note = f"{len(units())} units, {len(ended_months(ON))} months, {spoken} care services, {_WEEKS * 7 + 1} messages a unit."
    publish("registry_coverage", __doc__ or "", figures, [note])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SERVICES)
