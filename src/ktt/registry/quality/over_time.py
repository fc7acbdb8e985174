"""Scores now, with findings and coverage, and at the end of earlier months, as it was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from ktt.core.clock import OSLO
from ktt.messages.deliveries import DeliveryLog
from ktt.messages.finding_log import FindingLog
from ktt.registry.coverage.coverage import coverage
from ktt.registry.coverage.known_unit import check_unit
from ktt.registry.quality.scores import scores
from ktt.registry.two_clocks import AsOf
from ktt.storage.database import Database

_NO_COVERAGE = pl.DataFrame(schema={"unit": pl.String(), "coverage": pl.Float64()})


def scores_over_time(
    database: Database,
    deliveries: DeliveryLog,
    findings: FindingLog | None,
    as_of: AsOf,
    *,
    earlier: Sequence[dt.date],
    unit: str | None,
) -> pl.DataFrame:
    """`scores.SCORE` on the day of `as_of` and on the days of `earlier`, which have neither validity nor coverage.

    UnitUnknown for one that is none. `findings` are those that are open now; None when something else than now is asked about.
    """
    assert as_of.day is not None
    with database.reading() as connection:
        check_unit(connection, unit)
    covered = coverage(database, deliveries, as_of.day, as_of.known_at).months
    fields = None if findings is None else findings.findings(as_of.day).fields
    with database.reading() as connection:
        then = [scores(connection, _at_end_of(day, as_of), unit, None, _NO_COVERAGE) for day in earlier]
        return pl.concat([*then, scores(connection, as_of, unit, fields, _share(covered))])


def _share(months: pl.DataFrame) -> pl.DataFrame:
    due = months.filter(pl.col("state") != "declared")
    return due.group_by("unit").agg(coverage=(pl.col("state") == "complete").mean())


def _at_end_of(day: dt.date, as_of: AsOf) -> AsOf:
    over = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    return AsOf(day, over if as_of.known_at is None else min(over, as_of.known_at))
