"""Each unit's rhythm, learned from its own last weeks: on which days it is heard of, and how long it usually is quiet.

A day counts once, whatever was heard that day: a message, one that was rejected, or a lookup on a day without changes. A
unit that is heard of on half of its weekends and holidays or more is expected every day, others on working days. The gap
is the median number of expected days from one sign to the next. A unit may be quiet for one expected day more than that,
and as long as it was in nine of ten gaps. Who has too few signs to learn from is expected as the law has it: every
working day.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.domain.calendar import working_days

WEEKS = 8
"""How far back is learned from, counted from the unit's last sign."""
FEWEST = 4
"""Gaps that it takes to learn."""
UNLEARNED_LIMIT = 3
"""Expected days that a unit without a rhythm of its own may be quiet."""
_EVERY_DAY = 0.5  # of the weekends and holidays
_USUAL = 0.9  # of the gaps are no longer

RHYTHM = {
    "unit": pl.String(),
    "every_day": pl.Boolean(),
    "learned": pl.Boolean(),
    "gap": pl.Int64(),
    "limit": pl.Int64(),
}


def rhythms(signs: pl.DataFrame) -> pl.DataFrame:
    """`RHYTHM` of every unit in `signs`, which has `unit` and `day`: the days on which it was heard of."""
    if signs.is_empty():
        return pl.DataFrame(schema=RHYTHM)
    days = (
        signs.select("unit", "day")
        .unique()
        .filter(pl.col("day") > pl.col("day").max().over("unit") - pl.duration(weeks=WEEKS))
    )
    calendar = working_days(_first(days), _last(days))
    heard = days.join(calendar, on="day").sort("unit", "day")
    kinds = _expected_days(heard)
    number = pl.when("every_day").then("days").otherwise("working_days")
    numbered = heard.join(kinds, on="unit").with_columns(number=number)
    gaps = numbered.with_columns(gap=pl.col("number").diff().over("unit")).filter(pl.col("gap") > 0)
    usual = gaps.group_by("unit").agg(
        gaps=pl.len(),
        median=pl.col("gap").median().ceil().cast(pl.Int64),
        long=pl.col("gap").quantile(_USUAL, "higher").cast(pl.Int64),
    )
    return _with_limits(kinds.join(usual, on="unit", how="left")).select(*RHYTHM).sort("unit")


def _expected_days(heard: pl.DataFrame) -> pl.DataFrame:
    """Whether each unit is expected every day: from how many of the days off between its first and last sign it used."""
    off = (pl.col("days") - pl.col("working_days")).alias("off")
    of_unit = (
        heard.with_columns(off)
        .group_by("unit")
        .agg(
            first=pl.col("off").first() - (~pl.col("working").first()).cast(pl.Int64),
            last=pl.col("off").last(),
            used=(~pl.col("working")).sum().cast(pl.Int64),
        )
    )
    there = pl.col("last") - pl.col("first")
    every = (there > 0) & (pl.col("used") >= there * _EVERY_DAY)
    return of_unit.select("unit", every_day=every)


def _with_limits(frame: pl.DataFrame) -> pl.DataFrame:
    learned = pl.col("gaps").fill_null(0) >= FEWEST
    return frame.with_columns(
        learned=learned,
        every_day=learned & pl.col("every_day"),
        gap=pl.when(learned).then("median").otherwise(1),
        limit=pl.when(learned).then(pl.max_horizontal(pl.col("median") + 1, "long")).otherwise(UNLEARNED_LIMIT),
    )


def quiet(last_heard: pl.DataFrame, rhythm: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """How long each unit has been quiet when the day `on` begins.

    `last_heard` has `unit` and `day`. Added to the rhythm: `missed`, the expected days that ended without a sign;
    `overdue_since`, the first day on which the next sign was expected, when that is before `on`; `silent`.
    """
    schema = {**RHYTHM, "missed": pl.Int64(), "overdue_since": pl.Date(), "silent": pl.Boolean()}
    if last_heard.is_empty():
        return pl.DataFrame(schema=schema)
    calendar = working_days(_first(last_heard), max(on, _last(last_heard)))
    yesterday = calendar.filter(pl.col("day") < on).tail(1)
    until = {name: (yesterday[name].item() if yesterday.height else 0) for name in ("days", "working_days")}
    known = last_heard.join(calendar, on="day").join(rhythm, on="unit", how="left")
    known = known.with_columns(
        pl.col("every_day", "learned").fill_null(value=False),
        gap=pl.col("gap").fill_null(1),
        limit=pl.col("limit").fill_null(UNLEARNED_LIMIT),
    )
    begun = pl.when("every_day").then("days").otherwise("working_days")
    ended = pl.when("every_day").then(until["days"]).otherwise(until["working_days"])
    known = known.with_columns(missed=pl.max_horizontal(ended - begun, 0), due=begun + pl.col("gap"))
    return (
        _with_due_day(known, calendar)
        .with_columns(silent=pl.col("missed") >= pl.col("limit"))
        .select(*schema)
        .sort("unit")
    )


def _with_due_day(known: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """`overdue_since`: the day with the number `due`, where it has ended."""
    every = calendar.select(every_day=pl.lit(value=True), due="days", overdue_since="day")
    working = calendar.filter("working").select(every_day=pl.lit(value=False), due="working_days", overdue_since="day")
    joined = known.join(pl.concat([every, working]), on=["every_day", "due"], how="left")
    over = pl.col("missed") >= pl.col("gap")
    return joined.with_columns(overdue_since=pl.when(over).then("overdue_since"))


def _first(frame: pl.DataFrame) -> dt.date:
    first = frame["day"].min()
    assert isinstance(first, dt.date)
    return first


def _last(frame: pl.DataFrame) -> dt.date:
    last = frame["day"].max()
    assert isinstance(last, dt.date)
    return last
