"""The month matrix since 2017: of which months a unit's records are all here, as far as a registry can know.

A registry cannot know what a municipality has. It knows each unit's own rhythm: for each record type, and for all types
together, how many records usually began a month in the last 24 months up to the unit's last one. A municipality of thirty
recipients has months without a record, and one of five has half years: so few records are a gap only where chance does not
make them. Chance is Poisson's, of bunches of records: those of a person come at once. A *window* of 1, 2, 3, 6 or 12 months in
a row is short when it has less than a quarter of what is usual, and so few come by chance less than once in a thousand
windows. A month is short in a series when it lies in a short window and has itself less than a quarter of a usual month.

A month is *complete* when it is between the unit's first record and the month in which it was heard of last, and no
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
SHORT = 0.25
RARE = 7.0
"""Nats: what chance makes less often than once in e⁷ (1 100) windows is a gap."""
BUNCH, BUNCH_OF_ALL = 1.5, 3.0
"""Records that come at once, at least: variance over mean of a month's count in municipalities that lack nothing."""
ALL = "all"
"""The series of all types together."""
WIDTHS = (1, 2, 3, 6, 12)
_UPPER, _ABOVE = 0.75, 0.6745
"""The upper quartile, and by how many standard deviations it is above the mean."""

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
    "level": pl.Float64(),  # usual in a month
    "width": pl.Int64(),  # months without a record that it takes to be told from chance; empty: more than twelve
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
    """`level`: records of a usual month; `bunch`: how many of them come at once, as the unit's own months vary.

    The upper quartile stands against months that are missing among the 24; what chance adds to it is taken off again.
    """
    any_record = pl.when(pl.col("series") == ALL, pl.col("records") > 0).then("number")
    last = full.with_columns(last=any_record.max().over("place"))
    inside = pl.col("number").is_between(pl.col("last") - LEVEL_MONTHS + 1, pl.col("last")) & (pl.col("number") > 0)
    recent = pl.when(inside).then("records")
    known = last.with_columns(
        upper=recent.quantile(_UPPER, "lower").over("line").fill_null(0.0),
        varies=(recent.var() / recent.mean()).over("line").fill_nan(None).fill_null(0.0),
    )
    least = pl.when(pl.col("series") == ALL).then(BUNCH_OF_ALL).otherwise(BUNCH)
    bunched = known.with_columns(bunch=pl.max_horizontal(least, "varies"))
    spread = _ABOVE * pl.col("varies").sqrt()
    root = ((spread**2 + 4 * pl.col("upper")).sqrt() - spread) / 2
    return bunched.with_columns(level=(root**2).round(6))  # a quarter of forty is ten


def _judged(full: pl.DataFrame) -> pl.DataFrame:
    level, bunch = pl.col("level"), pl.col("bunch")
    width = pl.coalesce(*(pl.when(level * w >= bunch * RARE).then(pl.lit(w, pl.Int64)) for w in WIDTHS))
    in_short_window = pl.any_horizontal(*(_in_short_window(w) for w in WIDTHS))
    return full.with_columns(width=width, short=in_short_window & (pl.col("records") < level * SHORT))


def _in_short_window(months: int) -> pl.Expr:
    """Whether a month lies in a window of so many months that is short. The lines follow each other, each with every month.

    That a Poisson count whose mean is m is x or less has a chance below exp(−(m − x + x·ln(x/m))) (Chernoff's bound).
    """
    usual = pl.col("level") * months
    part = pl.col("records").rolling_sum(months) / usual
    nats = usual / pl.col("bunch") * (1 - part + pl.when(part > 0).then(part * part.log()).otherwise(0.0))
    whole = pl.col("number") >= months - 1  # of the windows that end with a month, those of one line alone
    short = (whole & (part < SHORT) & (nats >= RARE)).fill_null(value=False)
    return short.cast(pl.Int8).reverse().rolling_max(months, min_samples=1).reverse() == 1


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
