"""The month matrix since 2017: of which months a unit's records are all here, as far as a registry can know.

A registry cannot know what a municipality has. It knows each unit's own level: for each record type, and for all types
together, the upper quartile of how many records began a month in the last 24 months up to the unit's last one. A
series is judged over the shortest of a month, a quarter and a year in which 20 records are expected (100 of all types
together, since those of a person come at once), and is short when it has less than a quarter of them. A series of which so
many are not expected in a year is not judged.

A month is *complete* when it is between the unit's first record and the month in which it was heard of last, and no judged
series is short in it; *none* when it has no record and is short, or is outside; *partial* otherwise, and from the month on in
which a message came that waits to be ingested. What is declared missing is *declared*, unless it is complete all the same. Only months that have ended are judged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import ROOT_NAMES
from ktt.registry.month_records import OPENING

LEVEL_MONTHS = 24
ENOUGH, ENOUGH_OF_ALL = 20, 100
"""Records that must be expected for a series to be judged: of one type, and of all types together."""
SHORT = 0.25
ALL = "all"
"""The series of all types together."""
_UPPER = 0.75
_WIDTHS = (1, 3, 12)

UNIT_MONTH = {"unit": pl.String(), "month": pl.String()}
DECLARED = {"unit": pl.String(), "first_month": pl.String(), "last_month": pl.String()}
MONTH = {
    "unit": pl.String(),
    "month": pl.String(),
    "state": pl.String(),  # none | partial | complete | declared
    "records": pl.Int64(),
    "short": pl.List(pl.String()),  # the series that are short
    "waits": pl.Boolean(),
}
SERIES = {
    "unit": pl.String(),
    "series": pl.String(),
    "month": pl.String(),
    "records": pl.Int64(),
    "level": pl.Float64(),  # expected a month
    "width": pl.Int64(),  # months over which it is judged; empty: not judged
    "short": pl.Boolean(),
}


def ended_months(on: dt.date) -> list[str]:
    """The months from January 2017 that have ended when the day `on` begins."""
    year, month = map(int, OPENING.split("-"))
    count = (on.year - year) * 12 + on.month - month
    return [f"{year + n // 12}-{n % 12 + 1:02}" for n in range(count)]


def series(counts: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """`SERIES` of each unit in `counts` (`month_records.COUNTED`), for every ended month."""
    months = ended_months(on)
    units = counts.select(pl.col("unit").unique().sort())
    kinds = pl.DataFrame({"series": [*ROOT_NAMES, ALL]})
    grid = units.join(kinds, how="cross").join(pl.DataFrame({"month": months}), how="cross")
    of_type = counts.select("unit", "month", "records", series="record_type")
    every = of_type.group_by("unit", "month").agg(pl.col("records").sum()).with_columns(series=pl.lit(ALL))
    known = pl.concat([of_type, every.select(of_type.columns)])
    full = grid.join(known, on=["unit", "series", "month"], how="left", maintain_order="left")
    full = full.with_columns(pl.col("records").fill_null(0))
    return _judged(_with_levels(_numbered(full, len(months)))).select(*SERIES)


def _numbered(full: pl.DataFrame, months: int) -> pl.DataFrame:
    """Numbers in the place of names, which are much quicker to group by: of the month, the series and the unit."""
    row = pl.int_range(pl.len())
    return full.with_columns(number=row % months, line=row // months, place=row // (months * (len(ROOT_NAMES) + 1)))


def _with_levels(full: pl.DataFrame) -> pl.DataFrame:
    any_record = pl.when(pl.col("series") == ALL, pl.col("records") > 0).then("number")
    last = full.with_columns(last=any_record.max().over("place"))
    inside = pl.col("number").is_between(pl.col("last") - LEVEL_MONTHS + 1, pl.col("last"))
    recent = pl.when(inside).then("records")
    return last.with_columns(level=recent.quantile(_UPPER, "lower").over("line").fill_null(0.0))


def _judged(full: pl.DataFrame) -> pl.DataFrame:
    enough = pl.when(pl.col("series") == ALL).then(ENOUGH_OF_ALL).otherwise(ENOUGH)
    width = pl.coalesce(*(pl.when(pl.col("level") * w >= enough).then(pl.lit(w, pl.Int64)) for w in _WIDTHS))
    blocked = full.with_columns(width=width).with_columns(block=pl.col("number") // pl.col("width"))
    key = ("line", "block")
    found, expected = pl.col("records").sum().over(key), (pl.col("level") * pl.len()).over(key)
    return blocked.with_columns(short=(found < expected * SHORT) & pl.col("width").is_not_null())


@dataclass(frozen=True, slots=True)
class Told:
    """What else is known of units, in frames with `unit`.

    The `month` in which each was heard of last, and in which its first waiting message came; what is declared missing.
    """

    heard: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNIT_MONTH))
    waiting: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNIT_MONTH))
    declared: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DECLARED))


def matrix(counts: pl.DataFrame, on: dt.date, told: Told) -> pl.DataFrame:
    """`MONTH` of each unit and ended month. A unit of whom nothing is ingested is there when anything else is told of it."""
    others = pl.concat([frame.select("unit") for frame in (told.heard, told.waiting, told.declared)]).unique()
    silent = others.join(counts, on="unit", how="anti").with_columns(
        record_type=pl.lit(ROOT_NAMES[0]), month=pl.lit(OPENING), records=pl.lit(0, pl.Int64)
    )
    every = series(pl.concat([counts, silent.select(counts.columns)]), on)
    months = every.group_by("unit", "month", maintain_order=True).agg(
        records=pl.col("records").filter(pl.col("series") == ALL).first(),
        short=pl.col("series").filter("short"),
    )
    months = _with_waiting(_with_span(months, told.heard), told.waiting)
    is_short = pl.col("short").list.len() > 0
    known = pl.when(pl.col("records") == 0, ~pl.col("inside") | is_short).then(pl.lit("none"))
    judged = known.when(is_short | pl.col("waits")).then(pl.lit("partial")).otherwise(pl.lit("complete"))
    return _with_declared(months.with_columns(state=judged), told.declared).select(*MONTH)


def _with_span(months: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Whether each month is between the unit's first record and its last, or the month in which it was heard of last."""
    present = pl.when(pl.col("records") > 0).then("month")
    until = pl.max_horizontal(present.max().over("unit"), "heard")
    known = months.join(heard.select("unit", heard="month"), on="unit", how="left", maintain_order="left")
    inside = (pl.col("month") >= present.min().over("unit")) & (pl.col("month") <= until)
    return known.with_columns(inside=inside.fill_null(value=False))


def _with_waiting(months: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    since = waiting.group_by("unit").agg(since=pl.col("month").min())
    found = months.join(since, on="unit", how="left", maintain_order="left")
    return found.with_columns(waits=(pl.col("month") >= pl.col("since")).fill_null(value=False))


def _with_declared(months: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    keyed = months.with_row_index("row")
    inside = keyed.join(declared, on="unit").filter(
        pl.col("month").is_between(pl.col("first_month"), pl.col("last_month"))
    )
    says = pl.col("row").is_in(inside["row"].unique().implode()) & pl.col("state").is_in(["none", "partial"])
    return keyed.with_columns(state=pl.when(says).then(pl.lit("declared")).otherwise("state"))


def years(months: pl.DataFrame, states: Sequence[str] = ("complete", "partial", "declared", "none")) -> pl.DataFrame:
    """The matrix by `unit` and `year`: how many `months` have ended, and how many are in each state."""
    counts = [(pl.col("state") == state).sum().cast(pl.Int64).alias(state) for state in states]
    by = months.with_columns(year=pl.col("month").str.head(4))
    return by.group_by("unit", "year").agg(pl.len().cast(pl.Int64).alias("months"), *counts).sort("unit", "year")
