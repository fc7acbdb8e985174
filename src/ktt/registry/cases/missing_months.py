"""Months that are missing and not declared, and histories of which most is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO
from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.coverage.coverage import Coverage
from ktt.registry.tables import INGESTED, INGESTED_UNIT

LOAD_DAYS = 14
"""Days after a unit's first message before its history is judged: an initial load takes some nights."""
HALF = 0.5
"""Of a history of which less is complete, most is missing."""


def missing_months(connection: Connection, found: Coverage) -> Iterator[Observed]:
    """What is missing until the month in which the unit was heard of last: after that it is silent, which is told by itself.

    Months behind a message that waits to be read are not missing. What is declared is as good as complete.
    """
    begun = _first_messages(connection)
    loaded = [unit for unit, first in begun.items() if (found.on - first).days >= LOAD_DAYS]
    heard = pl.DataFrame(
        [(one.unit, f"{one.heard_on:%Y-%m}") for one in found.silence.units],
        schema={"unit": pl.String(), "heard": pl.String()},
        orient="row",
    )
    months = found.months.join(heard, on="unit").filter(
        pl.col("unit").is_in(loaded), pl.col("month") <= pl.col("heard"), ~pl.col("waits")
    )
    for (unit,), own in months.sort("unit", "month").group_by("unit", maintain_order=True):
        gone = own.filter(pl.col("state").is_in(["none", "partial"]))["month"].to_list()
        if gone:
            complete = int((own["state"] == "complete").sum())
            declared = int((own["state"] == "declared").sum())
            figures = {"complete": complete, "months": own.height, "periods": periods(gone)}
            first, last = _first_day(gone[0]), _first_day(gone[-1])
            yield Observed(str(unit), Cause.MISSING, first, last, figures)
            if complete + declared < HALF * own.height:
                yield Observed(str(unit), Cause.COVERAGE, first, last, figures)


def periods(months: Sequence[str]) -> list[list[str]]:
    """Months in order as periods, each with its first and last month."""
    found: list[list[str]] = []
    for month in months:
        if found and _after(found[-1][1]) == month:
            found[-1][1] = month
        else:
            found.append([month, month])
    return found


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def _first_day(month: str) -> dt.date:
    return dt.date(int(month[:4]), int(month[5:]), 1)


def _first_messages(connection: Connection) -> dict[str, dt.date]:
    first = sa.func.min(INGESTED.c.received_at, type_=INGESTED.c.received_at.type)
    joined = sa.join(INGESTED_UNIT, INGESTED, INGESTED_UNIT.c.position == INGESTED.c.position)
    rows = connection.execute(sa.select(INGESTED_UNIT.c.unit, first).select_from(joined).group_by(INGESTED_UNIT.c.unit))
    return {unit: at.astimezone(OSLO).date() for unit, at in rows}
