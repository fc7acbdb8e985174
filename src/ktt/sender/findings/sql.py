"""The open findings in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.rules.open_findings import FindingDiff
from ktt.sender.findings.store import HISTORY_SCHEMA, STORED, RecordedRun, ValidationRun
from ktt.sender.findings.tables import FINDING, HISTORY, RUN
from ktt.storage.database import Database

_SEPARATOR = " "  # between the names of fields; no column has a blank in its name

_THIS = (FINDING.c.unit == sa.bindparam("of_unit"), FINDING.c.number == sa.bindparam("of_number"))
_SEEN_AGAIN = (
    FINDING.update()
    .where(*_THIS)
    .values({name: sa.bindparam(f"new_{name}") for name in ("consequence", "cause", "seen_run")})
)
_CLOSE = FINDING.update().where(*_THIS).values(closed_run=sa.bindparam("new_closed_run"))
_HISTORY = sa.select(*(HISTORY.c[name] for name in HISTORY_SCHEMA)).order_by(HISTORY.c.number)


class SqlFindings:
    """Keeps the promises of `FindingsStore` in a database opened with `findings.tables.SCHEMA`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def record(self, unit: ReportingUnit, run: ValidationRun, diff: FindingDiff) -> RecordedRun:
        """See `FindingsStore`."""
        with self._database.transaction() as connection:
            recorded = RecordedRun(_last(connection, RUN, unit) + 1, **asdict(run), at=self._clock.now())
            connection.execute(RUN.insert(), {"unit": unit.key, **asdict(recorded)})
            # First what closes: the index of what is open must not see it beside one that opens.
            closing = [_this(unit, number) | {"new_closed_run": recorded.number} for number in diff.closed["number"]]
            _each(connection, _CLOSE, closing)
            _each(connection, _SEEN_AGAIN, _seen_again(unit, recorded, diff.seen_again))
            first = _last(connection, FINDING, unit) + 1
            _each(connection, FINDING.insert(), _opened(unit, recorded, first, diff.opened))
        return recorded

    def still_open(self, unit: ReportingUnit) -> pl.DataFrame:
        """See `FindingsStore`."""
        return self._read(unit, HISTORY.c.closed_run.is_(None))

    def closed(self, unit: ReportingUnit, since: dt.date) -> pl.DataFrame:
        """See `FindingsStore`."""
        return self._read(unit, HISTORY.c.closed_on >= since)

    def last_run(self, unit: ReportingUnit) -> RecordedRun | None:
        """See `FindingsStore`."""
        newest = sa.select(RUN).where(RUN.c.unit == unit.key).order_by(RUN.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).mappings().first()
        return None if row is None else RecordedRun(**{name: row[name] for name in RecordedRun.__slots__})

    def _read(self, unit: ReportingUnit, which: sa.ColumnElement[bool]) -> pl.DataFrame:
        with self._database.reading() as connection:
            rows = connection.execute(_HISTORY.where(HISTORY.c.unit == unit.key, which)).all()
        stored = HISTORY_SCHEMA | {"fields": pl.String()}
        found = pl.DataFrame([tuple(row) for row in rows], schema=stored, orient="row")
        return found.with_columns(pl.col("fields").str.split(_SEPARATOR))


def _each(connection: Connection, statement: sa.Insert | sa.Update, rows: list[dict[str, Any]]) -> None:
    if rows:  # without rows, the statement would be executed once without values
        connection.execute(statement, rows)


def _this(unit: ReportingUnit, number: int) -> dict[str, Any]:
    return {"of_unit": unit.key, "of_number": number}


def _seen_again(unit: ReportingUnit, run: RecordedRun, findings: pl.DataFrame) -> list[dict[str, Any]]:
    known = findings.select("number", "consequence", "cause").iter_rows()
    return [
        _this(unit, number) | {"new_consequence": consequence, "new_cause": cause, "new_seen_run": run.number}
        for number, consequence, cause in known
    ]


def _opened(unit: ReportingUnit, run: RecordedRun, first: int, findings: pl.DataFrame) -> list[dict[str, Any]]:
    rows = findings.select(STORED).with_columns(pl.col("fields").list.join(_SEPARATOR)).iter_rows(named=True)
    seen = {"unit": unit.key, "opened_run": run.number, "seen_run": run.number}
    return [row | seen | {"number": number} for number, row in enumerate(rows, first)]


def _last(connection: Connection, table: sa.Table, unit: ReportingUnit) -> int:
    last = connection.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.unit == unit.key))
    return last or 0
