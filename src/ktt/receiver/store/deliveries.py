"""The receiver's traffic, counted in the database: a `messages.deliveries.DeliveryLog`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.messages.deliveries import ACCEPTED, LAST, SIGN, Deliveries, Period
from ktt.messages.deliveries import REJECTED as REJECTED_ROW
from ktt.receiver.store.tables import ACCESS, HEARD, LAST_ACCEPTED, RECEIPT, REJECTED
from ktt.storage.database import Database

_UNITS = sa.func.coalesce(RECEIPT.c.units, RECEIPT.c.unit).label("units")
_HOUR: Mapping[str, Any] = {
    "postgresql": sa.func.date_trunc("hour", RECEIPT.c.received_at),
    "sqlite": sa.func.substr(RECEIPT.c.received_at, 1, 13),
}
_EMPTY_TO_LAST = {"units": pl.String(), "at": pl.Datetime("us", "UTC")}
_LAST_RECEIVED = {"unit": pl.String(), "position": pl.Int64(), "accepted_at": pl.Datetime("us", "UTC")}
_SOFTWARE = {"unit": pl.String(), "supplier": pl.String(), "software": pl.String()}


class SqlDeliveryLog:
    """Over the receiver's database. No key is needed: nothing is opened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliveries(self, period: Period) -> Deliveries:
        """See `DeliveryLog`."""
        with self._database.reading() as connection:
            last = _last_received(connection, period)
            rejected = _rejected(connection, period, last)
            signs = _signs(connection, period, rejected)
            accepted = _accepted(connection, period)
            return Deliveries(
                signs=signs,
                last=_last(connection, period, last, signs),
                accepted=accepted,
                rejected=rejected.filter(_inside("last_at", period) | pl.col("stands")).select(*REJECTED_ROW),
                granted=_granted(connection),
            )


def _signs(connection: Connection, period: Period, rejected: pl.DataFrame) -> pl.DataFrame:
    hours = sa.select(_UNITS, sa.func.min(RECEIPT.c.received_at).label("at")).where(
        *_within(RECEIPT.c.received_at, period)
    )
    received = _frame(connection, hours.group_by(_UNITS, _HOUR[connection.dialect.name]), _EMPTY_TO_LAST)
    asked = sa.select(HEARD.c.unit, HEARD.c.at).where(*_within(HEARD.c.at, period))
    of_one = rejected.filter(pl.col("unit").str.contains("-", literal=True))
    tries = [of_one.select("unit", at=name) for name in ("first_at", "last_at")]
    signs = pl.concat([_each_unit(received).select(*SIGN), _frame(connection, asked, SIGN), *tries])
    return signs.filter(_inside("at", period)).unique().sort("unit", "at")


def _last_received(connection: Connection, period: Period) -> pl.DataFrame:
    """Each unit's last accepted message: `unit`, `position`, `accepted_at`."""
    if period.until is None:
        line = LAST_ACCEPTED.c
        now = sa.select(line.unit, line.position, RECEIPT.c.received_at).join(
            RECEIPT, RECEIPT.c.position == line.position
        )
        return _frame(connection, now, _LAST_RECEIVED)
    before = _within(RECEIPT.c.received_at, Period(until=period.until))
    query = sa.select(_UNITS, sa.func.max(RECEIPT.c.position), sa.func.max(RECEIPT.c.received_at)).where(*before)
    schema = {"units": pl.String(), **{name: kind for name, kind in _LAST_RECEIVED.items() if name != "unit"}}
    found = _each_unit(_frame(connection, query.group_by(_UNITS), schema))
    newest = found.group_by("unit").agg(pl.col("position").max(), pl.col("accepted_at").max())
    return newest.select(*_LAST_RECEIVED)


def _last(connection: Connection, period: Period, received: pl.DataFrame, signs: pl.DataFrame) -> pl.DataFrame:
    asked = sa.select(HEARD.c.unit, sa.func.max(HEARD.c.at)).where(*_within(HEARD.c.at, Period(until=period.until)))
    earlier = _frame(connection, asked.group_by(HEARD.c.unit), SIGN)
    both = pl.concat([signs, earlier, received.select("unit", at="accepted_at")])
    heard = both.group_by("unit").agg(heard_at=pl.col("at").max())
    programs = _software(connection, received)
    return heard.join(received, on="unit", how="left").join(programs, on="unit", how="left").select(*LAST).sort("unit")


def _software(connection: Connection, received: pl.DataFrame) -> pl.DataFrame:
    """The vendor and software of each unit's last message."""
    columns = (RECEIPT.c.position, RECEIPT.c.supplier, RECEIPT.c.software)
    schema = {"position": pl.Int64(), "supplier": pl.String(), "software": pl.String()}
    query = sa.select(*columns).where(RECEIPT.c.position.in_(received["position"].unique().to_list()))
    return received.join(_frame(connection, query, schema), on="position").select(*_SOFTWARE)


def _accepted(connection: Connection, period: Period) -> pl.DataFrame:
    columns = [_UNITS, *(RECEIPT.c[name] for name in ("message_type", "version", "supplier", "software"))]
    query = sa.select(*columns, sa.func.count()).where(*_within(RECEIPT.c.received_at, period)).group_by(*columns)
    schema = {"units": pl.String(), **{name: kind for name, kind in ACCEPTED.items() if name != "unit"}}
    return _each_unit(_frame(connection, query, schema)).select(*ACCEPTED)


def _rejected(connection: Connection, period: Period, last: pl.DataFrame) -> pl.DataFrame:
    """All that began before the period's end."""
    began = _within(REJECTED.c.first_at, Period(until=period.until))
    newest = dict(last.select("unit", "position").iter_rows())
    made = []
    for row in connection.execute(sa.select(REJECTED).where(*began)).mappings():
        units = row["units"].split(",")
        shown = {
            **row,
            "unit": units[0] if len(units) == 1 else _organisation(units),
            "message_version": row["version"],
            "stands": max(newest.get(unit, 0) for unit in units) <= row["after"],
        }
        made.append([shown[name] for name in REJECTED_ROW])
    return pl.DataFrame(made, schema=REJECTED_ROW, orient="row")


def _organisation(units: Sequence[str]) -> str:
    return min(ReportingUnit.from_key(unit).organisation for unit in units)


def _granted(connection: Connection) -> tuple[str, ...]:
    columns = (ACCESS.c.organisation, ACCESS.c.municipality, ACCESS.c.district)
    rows = connection.execute(sa.select(*columns).distinct())
    return tuple(sorted(ReportingUnit(row[0], row[1], row[2] or None).key for row in rows))


def _each_unit(frame: pl.DataFrame) -> pl.DataFrame:
    """One row for each of the units that are joined by commas."""
    return frame.with_columns(unit=pl.col("units").str.split(",")).drop("units").explode("unit")


def _within(column: Any, period: Period) -> list[sa.ColumnElement[bool]]:
    since = [] if period.since is None else [column >= period.since]
    return since if period.until is None else [*since, column < period.until]


def _inside(name: str, period: Period) -> pl.Expr:
    bounds = [pl.lit(value=True)]
    if period.since is not None:
        bounds.append(pl.col(name) >= period.since)
    if period.until is not None:
        bounds.append(pl.col(name) < period.until)
    return pl.all_horizontal(bounds)


def _frame(connection: Connection, query: sa.Select[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    rows = [tuple(row) for row in connection.execute(query)]
    return pl.DataFrame(rows, schema=dict(schema), orient="row")
