"""Care services that changed suddenly, by unit and type, against the unit's own history.

The series is what a statistic made on each day would have said: services that held that day, as they were known that day. A
version is part of it from the later of its first day and the day it was known, until the earlier of the day after its last
and the day it was known no longer. So the two clocks become one interval, and each unit one pass over its versions.

A week's change is held against the changes of the weeks before it. It is an outlier when it differs from their median by more
than `SCALES` times their median absolute deviation (times 1.4826, at least one service), and is at least `FEWEST` services
and `SHARE` of what there was. A type is not judged before it has been there for `HISTORY` weeks.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO
from ktt.domain.schema import DTYPES
from ktt.domain.unit import ReportingUnit
from ktt.registry.columns import fetch
from ktt.registry.tables import INGESTED_UNIT, LAYOUTS

SCALES, FEWEST, SHARE, HISTORY, MOST = 5, 5, 0.1, 8, 26
"""`MOST`: weeks of history that are looked at."""
_MAD = 1.4826  # makes it a standard deviation where the changes are normal
_WEEK = 7

OUTLIER = {
    "unit": pl.String(),
    "service_type": pl.String(),
    "week_to": pl.Date(),
    "before": pl.Int64(),
    "after": pl.Int64(),
    "change": pl.Int64(),
    "usual": pl.Float64(),
    "limit": pl.Float64(),
}
_INTERVAL = {
    "unit": pl.String(),
    "service_type": pl.String(),
    "begins": pl.Date(),
    "ends": pl.Date(),
    "services": pl.Int64(),
}


def outliers(
    connection: Connection, on: dt.date, weeks: int, known_at: dt.datetime | None = None, unit: str | None = None
) -> pl.DataFrame:
    """`OUTLIER` of the last `weeks` weeks, each ending on a day as many weeks before `on`; the largest change first.

    Read unit by unit, and only days that matter to the series are kept apart, so memory does not grow with the nation.
    """
    names = [unit] if unit is not None else connection.scalars(sa.select(INGESTED_UNIT.c.unit).distinct()).all()
    first = on - dt.timedelta(weeks=weeks + MOST + 1)
    each = [_bounded(_intervals(connection, on, known_at, name), first, on) for name in sorted(names)]
    found = judged(weekly(pl.concat([pl.DataFrame(schema=_INTERVAL), *each]), on, weeks + MOST), weeks)
    return found.sort(pl.col("change").abs(), "unit", "service_type", "week_to", descending=[True, False, False, True])


def _bounded(intervals: pl.DataFrame, first: dt.date, on: dt.date) -> pl.DataFrame:
    """The same services, where a day before `first` is as good as `first`, and one after `on` as none."""
    begins = pl.max_horizontal("begins", pl.lit(first))
    ends = pl.when(pl.col("ends") <= on).then(pl.max_horizontal("ends", pl.lit(first)))
    near = intervals.with_columns(begins=begins, ends=ends).filter(pl.col("begins") <= on)
    return near.group_by("unit", "service_type", "begins", "ends").agg(pl.col("services").sum()).select(*_INTERVAL)


def weekly(intervals: pl.DataFrame, on: dt.date, weeks: int) -> pl.DataFrame:
    """The series: `unit`, `service_type`, `weeks_ago`, `services`; for each that has any, every week back from `on`."""
    ago = ((pl.lit(on) - pl.col("begins")).dt.total_days() // _WEEK).clip(-1, weeks).alias("weeks_ago")
    gone = ((pl.lit(on) - pl.col("ends")).dt.total_days() // _WEEK).clip(-1, weeks).alias("weeks_ago")
    key = ["unit", "service_type", "weeks_ago"]
    lasting = intervals.filter(pl.col("ends").is_null() | (pl.col("ends") > pl.col("begins")))
    come = lasting.select("unit", "service_type", ago, "services")
    left = lasting.drop_nulls("ends").select("unit", "service_type", gone, services=-pl.col("services"))
    changes = pl.concat([come, left]).filter(pl.col("weeks_ago") >= 0).group_by(key).agg(pl.col("services").sum())
    series = changes.select("unit", "service_type").unique()
    grid = series.join(pl.DataFrame({"weeks_ago": range(weeks, -1, -1)}), how="cross")
    full = grid.join(changes, on=key, how="left").sort(
        "unit", "service_type", "weeks_ago", descending=[False, False, True]
    )
    summed = pl.col("services").fill_null(0).cum_sum().over("unit", "service_type")
    return full.with_columns(summed.cast(pl.Int64), day=pl.lit(on) - pl.duration(weeks="weeks_ago"))


def judged(series: pl.DataFrame, weeks: int) -> pl.DataFrame:
    """The outliers among the newest `weeks` changes of each series."""
    each = ("unit", "service_type")
    before = pl.col("services").shift(1).over(each)
    known = series.with_columns(before=before, change=pl.col("services") - before)
    found = [_of_week(known, week) for week in range(weeks)]
    return pl.concat([pl.DataFrame(schema=OUTLIER), *found])


def _of_week(known: pl.DataFrame, week: int) -> pl.DataFrame:
    each = ("unit", "service_type")
    earlier = known.filter(
        pl.col("weeks_ago").is_between(week + 1, week + MOST, closed="both"), pl.col("before").is_not_null()
    )
    there = earlier.filter((pl.col("before") > 0) | (pl.col("services") > 0))
    usual = there.group_by(each).agg(usual=pl.col("change").median(), seen=pl.len())
    spread = (
        there.join(usual, on=each)
        .group_by(each)
        .agg(
            mad=(pl.col("change") - pl.col("usual")).abs().median(),
            usual=pl.col("usual").first(),
            seen=pl.col("seen").first(),
        )
    )
    limit = SCALES * pl.max_horizontal(_MAD * pl.col("mad"), 1.0)
    this = known.filter(pl.col("weeks_ago") == week).join(spread, on=each).with_columns(limit=limit)
    large = pl.col("change").abs() >= pl.max_horizontal(pl.lit(float(FEWEST)), SHARE * pl.col("before"))
    odd = (pl.col("change") - pl.col("usual")).abs() > pl.col("limit")
    return this.filter(large & odd & (pl.col("seen") >= HISTORY)).select(
        *each, pl.col("day").alias("week_to"), "before", pl.col("services").alias("after"), "change", "usual", "limit"
    )


def _intervals(connection: Connection, on: dt.date, known_at: dt.datetime | None, unit: str) -> pl.DataFrame:
    known = LAYOUTS["care_service"].known.c
    columns = (known.unit, known.service_type, known.starts_on, known.ends_on, known.known_from, known.known_to)
    until = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    seen = until if known_at is None else min(until, known_at)
    here = (known.municipality == ReportingUnit.from_key(unit).municipality, known.unit == unit)
    where = [*here, ~known.deleted, known.known_from < seen]
    schema = dict(zip(_ROW, (*[pl.String()] * 2, *[pl.Date()] * 2, *[DTYPES["instant"]] * 2), strict=True))
    rows = fetch(connection, sa.select(*columns).where(*where), schema)
    rows = rows.with_columns(known_to=pl.when(pl.col("known_to") < seen).then("known_to"))
    known_on, unknown_on = (
        pl.col(name).dt.convert_time_zone(OSLO.key).dt.date() for name in ("known_from", "known_to")
    )
    return (
        rows.select(
            "unit",
            "service_type",
            begins=pl.max_horizontal("starts_on", known_on),
            ends=pl.min_horizontal(pl.col("ends_on") + pl.duration(days=1), unknown_on),
            services=pl.lit(1, pl.Int64),
        )
        .group_by("unit", "service_type", "begins", "ends")
        .agg(pl.col("services").sum())
    )


_ROW = ("unit", "service_type", "starts_on", "ends_on", "known_from", "known_to")
