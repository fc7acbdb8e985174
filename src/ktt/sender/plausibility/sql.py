"""The history in a database: SQLite or PostgreSQL, through `storage.Database`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.sender.plausibility.figures import Figures
from ktt.sender.plausibility.question import Accepted
from ktt.sender.plausibility.tables import ACCEPTANCE, COUNT, NEWEST, RUN
from ktt.storage.database import Database

_SERVICES, _RECORDS = "service_type", "record_type"
_NUMBERS = ("recipients", "unidentified", "new", "changed", "gone")


class SqlHistory:
    """Keeps the promises of `HistoryStore` in a database opened with `plausibility.tables.SCHEMA`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def record(self, unit: ReportingUnit, figures: Figures) -> None:
        """See `HistoryStore`."""
        with self._database.transaction() as connection:
            number = _last(connection, RUN, unit) + 1
            numbers = {name: getattr(figures, name) for name in _NUMBERS}
            run = {"kind": figures.kind, "extracted_on": figures.day, **numbers, "at": self._clock.now()}
            connection.execute(RUN.insert(), {"unit": unit.key, "number": number, **run})
            of_run = {"unit": unit.key, "run": number}
            counted = ((_SERVICES, figures.services), (_RECORDS, figures.records))
            _insert(
                connection,
                COUNT,
                [of_run | {"of": of, "name": name, "records": n} for of, named in counted for name, n in named.items()],
            )
            newest = [of_run | {"place": place, "recorded_at": at} for place, at in enumerate(figures.newest)]
            _insert(connection, NEWEST, newest)

    def latest(self, unit: ReportingUnit, runs: int) -> Sequence[Figures]:
        """See `HistoryStore`."""
        newest_runs = sa.select(RUN).where(RUN.c.unit == unit.key).order_by(RUN.c.number.desc()).limit(runs)
        with self._database.reading() as connection:
            found = list(reversed(connection.execute(newest_runs).mappings().all()))
            first = found[0]["number"] if found else 0
            counted = connection.execute(sa.select(COUNT).where(COUNT.c.unit == unit.key, COUNT.c.run >= first)).all()
            newest = connection.execute(
                sa.select(NEWEST).where(NEWEST.c.unit == unit.key, NEWEST.c.run >= first).order_by(NEWEST.c.place)
            ).all()
        named: dict[tuple[int, str], dict[str, int]] = {}
        for row in counted:
            named.setdefault((row.run, row.of), {})[row.name] = row.records
        return [
            Figures(
                kind=run["kind"],
                day=run["extracted_on"],
                services=named.get((run["number"], _SERVICES), {}),
                records=named.get((run["number"], _RECORDS), {}),
                newest=tuple(row.recorded_at for row in newest if row.run == run["number"]),
                **{name: run[name] for name in _NUMBERS},
            )
            for run in found
        ]

    def accept(self, unit: ReportingUnit, accepted: Sequence[Accepted]) -> None:
        """See `HistoryStore`."""
        now = self._clock.now()
        with self._database.transaction() as connection:
            first = _last(connection, ACCEPTANCE, unit) + 1
            rows = [
                {"unit": unit.key, "number": number, "name": one.name, "extracted_on": one.day, "figure_then": one.then}
                | {"figure_now": one.now, "reason": one.reason, "accepted_by": one.by, "at": now}
                for number, one in enumerate(accepted, first)
            ]
            _insert(connection, ACCEPTANCE, rows)

    def accepted(self, unit: ReportingUnit) -> Sequence[Accepted]:
        """See `HistoryStore`."""
        all_of_unit = sa.select(ACCEPTANCE).where(ACCEPTANCE.c.unit == unit.key).order_by(ACCEPTANCE.c.number)
        with self._database.reading() as connection:
            return [
                Accepted(
                    row.name, row.extracted_on, row.figure_then, row.figure_now, row.reason, row.accepted_by, row.at
                )
                for row in connection.execute(all_of_unit)
            ]


def _insert(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:  # without rows, the statement would be executed once without values
        connection.execute(table.insert(), rows)


def _last(connection: Connection, table: sa.Table, unit: ReportingUnit) -> int:
    last = connection.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.unit == unit.key))
    return last or 0
