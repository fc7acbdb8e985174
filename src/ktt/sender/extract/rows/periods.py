"""Rows for each change of one thing, put together: those that follow day by day are one period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import polars as pl

from ktt.sender.extract.convert import cleaned, converted
from ktt.sender.extract.mapping.model import FieldSource, Periods

UNCLEAR = "periods unclear"  # helper columns have a blank in their name, as no canonical column has
_START, _END, _BAD, _EPISODE = "period start", "period end", "period bad", "period number"
_DAY = pl.duration(days=1)
_OPEN = pl.lit(dt.date.max)


def put_together(rows: pl.DataFrame, periods: Periods, timezone: str) -> pl.DataFrame:
    """The last row of each run of rows that follow day by day, with the start of the first of them.

    A row that holds for no day, since its end is the day that it starts on, not inclusive, is none. All rows of a thing
    stay, with `UNCLEAR`, where it cannot be told which comes after which: they are not to be sent as something they are not.
    """
    read, run = _runs(rows, periods, timezone)
    start = periods.starts_on.column
    assert start is not None, "a start is a column"
    first = read.with_columns(pl.col(start).first().over(run).alias(start))
    last = pl.int_range(pl.len()).over(run) == pl.len().over(run) - 1
    return first.filter(last | pl.col(UNCLEAR)).select(*rows.columns, UNCLEAR)


def unlike_together(rows: pl.DataFrame, periods: Periods, timezone: str, columns: Collection[str]) -> dict[str, int]:
    """For each of the columns, how many runs of rows are put together though they are unlike in it; none where none is."""
    read, run = _runs(rows, periods, timezone)
    texts = [pl.col(column).str.strip_chars().fill_null("").n_unique().alias(column) for column in sorted(columns)]
    kinds = read.filter(~pl.col(UNCLEAR)).group_by(run).agg(texts)
    return {column: unlike for column in sorted(columns) if (unlike := kinds.filter(pl.col(column) > 1).height)}


def _runs(rows: pl.DataFrame, periods: Periods, timezone: str) -> tuple[pl.DataFrame, list[str]]:
    """The rows that hold for a day at least, in order, and the columns that are alike in those that follow day by day."""
    of = [pl.col(column).str.strip_chars().fill_null("") for column in periods.of]
    things = [one.alias(f"period of {place}") for place, one in enumerate(of)]
    names = [f"period of {place}" for place in range(len(of))]
    read = rows.with_columns(*things, *_read("starts", periods.starts_on, timezone), *_ends(periods, timezone))
    read = _holding(read, periods).sort([*names, _START], nulls_last=True, maintain_order=True)
    read = read.with_columns(_unclear(names, given=periods.ends_on is not None).alias(UNCLEAR))
    read = read.with_columns(_follows(names, given=periods.ends_on is not None).alias(_EPISODE))
    return read, [*names, _EPISODE]


def _read(which: str, source: FieldSource, timezone: str) -> list[pl.Expr]:
    text = cleaned("day", source, timezone)
    day = converted("day", source, timezone, text)
    name = _START if which == "starts" else _END
    return [day.alias(name), (text.is_not_null() & day.is_null()).alias(f"{_BAD} {which}")]


def _ends(periods: Periods, timezone: str) -> list[pl.Expr]:
    if periods.ends_on is None:
        return [pl.lit(None, pl.Date).alias(_END), pl.lit(value=False).alias(f"{_BAD} ends")]
    return _read("ends", periods.ends_on, timezone)


def _holding(rows: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """Without the rows that hold for no day."""
    if periods.ends_on is None or periods.ends_on.days >= 0:
        return rows
    return rows.filter((pl.col(_END) == pl.col(_START) - _DAY).not_().fill_null(value=True))


def _unclear(things: list[str], *, given: bool) -> pl.Expr:
    """True for each row of a thing with several rows of which one has no place among the others."""
    start, end = pl.col(_START), pl.col(_END)
    after = start.shift(-1).over(things)
    wrong = [start.is_null(), pl.col(f"{_BAD} starts"), pl.col(f"{_BAD} ends"), start == after]
    if given:
        wrong += [end < start, after <= pl.coalesce(end, _OPEN)]
    one = pl.any_horizontal(each.fill_null(value=False) for each in wrong)
    unnamed = pl.any_horizontal(pl.col(name) == "" for name in things)
    return one.any().over(things) & (pl.len().over(things) > 1) & ~unnamed


def _follows(things: list[str], *, given: bool) -> pl.Expr:
    """The number of the run that a row is in, within its thing. Rows of which it is not known whose they are, are alone."""
    before = pl.col(_END).shift(1).over(things)
    starts_anew = (pl.col(_START) > before + _DAY).fill_null(value=False) if given else pl.lit(value=False)
    unnamed = pl.any_horizontal(pl.col(name) == "" for name in things)
    alone = pl.when(unnamed).then(pl.int_range(pl.len())).otherwise(0)
    return starts_anew.cast(pl.Int64).cum_sum().over(things) + alone
