"""The rules of person and organisation numbers for whole columns: a million in well under a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, reduce

import polars as pl

from ktt.domain.person_rule import (
    CENTURIES,
    DECIMALS,
    DUF_YEARS,
    MONTH_SERIES,
    MOST_DIGITS,
    OLD_RULE,
    WEIGHTS_1,
    WEIGHTS_2,
    Remainders,
)
from ktt.domain.schema import engine_for

_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)


def normalised(column: pl.Expr) -> pl.Expr:
    """The column as `identifiers.normalise_number` would have each text."""
    plain = (
        column.str.normalize("NFKC")
        .str.replace_all(r"[^\p{L}\p{N}.,]", "")
        .str.replace(f"^({MOST_DIGITS}){DECIMALS}$", "$1")
        .str.replace_all("[.,]", "")
    )
    lost = plain.str.contains(r"^[0-9]{10}$")
    read = pl.when(lost).then(plain.str.zfill(11)).otherwise(plain)
    return pl.when(column.str.contains(r"^[0-9]{11}$")).then(column).otherwise(read)  # most are as they should be


def person_number_checks(frame: pl.DataFrame, column: str, remainders: Remainders = OLD_RULE) -> pl.DataFrame:
    """The frame with `kind`, `valid`, `synthetic` and `born_on` (see `identifiers.PersonNumber`); empty stays empty."""
    first, *rest = _steps(column, remainders)
    checked = reduce(pl.LazyFrame.with_columns, rest, frame.lazy().select(first))
    return frame.with_columns(
        checked.select("kind", "valid", "synthetic", "born_on").collect(engine=engine_for(frame.height))
    )


@cache  # the expressions take longer to make than to work out, where the frame is small
def _steps(column: str, remainders: Remainders) -> tuple[tuple[pl.Expr, ...], ...]:
    """Each step names what the next one reads, so that a division is done once for the whole column."""
    text = pl.col(column)
    number = pl.when(text.str.contains(r"^[0-9]{11}$")).then(text).cast(pl.Int64)
    parts = {"text": text, "number": number}
    steps = (parts, _digits(), _date_parts(), _series(), _real_date(), _born_on(), _verdict(remainders))
    return tuple(tuple(made.alias(name) for name, made in step.items()) for step in steps)


def _digits() -> dict[str, pl.Expr]:
    return {f"d{place}": _digit(pl.col("number"), 11 - place) for place in range(1, 12)}


def _digit(number: pl.Expr, behind: int) -> pl.Expr:
    """The digit that has so many digits behind it."""
    power: int = 10**behind
    return (number // power % 10).cast(pl.Int16)


def _weighed(weights: Sequence[int]) -> pl.Expr:
    return pl.sum_horizontal(weight * pl.col(f"d{place}") for place, weight in enumerate(weights, start=1))


def _date_parts() -> dict[str, pl.Expr]:
    day = 10 * pl.col("d1") + pl.col("d2")
    return {
        "day": pl.when(pl.col("d1").is_between(4, 7)).then(day - 40).otherwise(day),
        "marked_month": 10 * pl.col("d3") + pl.col("d4"),
        "year": 10 * pl.col("d5") + pl.col("d6"),
        "individual": 100 * pl.col("d7") + 10 * pl.col("d8") + pl.col("d9"),
        "first": (_weighed(WEIGHTS_1) + pl.col("d10")) % 11,
        "second": (_weighed(WEIGHTS_2) + pl.col("d11")) % 11,
    }


def _series() -> dict[str, pl.Expr]:
    month = pl.col("marked_month")
    added = pl.coalesce(pl.when((month - n).is_between(1, 12)).then(pl.lit(n, pl.Int16)) for n in MONTH_SERIES.values())
    century = pl.coalesce(
        pl.when(_within("individual", individuals) & _within("year", years)).then(pl.lit(first, pl.Int32))
        for individuals, years, first in CENTURIES
    )
    old = pl.when(pl.col("first") == 0).then(century)
    return {"added": added, "month": month - added, "full_year": old + pl.col("year").cast(pl.Int32)}


def _within(column: str, span: range) -> pl.Expr:
    return pl.col(column).is_between(span.start, span.stop - 1)


def _real_date() -> dict[str, pl.Expr]:
    """Whether the day exists in that month of some year, and in the year that the number gives."""
    month, year, day = pl.col("month"), pl.col("full_year"), pl.col("day")
    longest = pl.when(month.eq(2)).then(29).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    leap = (year % 4).eq(0) & ((year % 100).ne(0) | (year % 400).eq(0))
    possible = day.is_between(1, longest) & month.is_not_null()
    return {"possible": possible, "real": possible & year.is_not_null() & (leap | month.ne(2) | day.ne(29))}


def _born_on() -> dict[str, pl.Expr]:
    real = pl.col("real").fill_null(value=False)
    # `pl.date` refuses a day that does not exist, also where the answer is not wanted.
    year, month, day = (pl.when(real).then(name).otherwise(1) for name in ("full_year", "month", "day"))
    return {"born_on": pl.when(real & pl.col("d1").is_between(0, 7)).then(pl.date(year, month, day))}


def _verdict(remainders: Remainders) -> dict[str, pl.Expr]:
    text, series = pl.col("text"), pl.col("added")
    duf, fh = text.str.contains(r"^[0-9]{12}$"), pl.col("d1").is_between(8, 9)
    dated = pl.col("possible") & ~fh
    holder = pl.when(pl.col("d1").is_between(4, 7)).then(pl.lit("d")).otherwise(pl.lit("national"))
    person = pl.when(series == MONTH_SERIES["h"]).then(pl.lit("h")).otherwise(holder)
    checks = pl.col("first").is_in(list(remainders)) & pl.col("second").eq(0)
    dated_by_number = pl.col("born_on").is_not_null() | pl.lit(remainders != OLD_RULE)
    duf_year = text.str.slice(0, 4).cast(pl.Int32, strict=False).is_between(DUF_YEARS.start, DUF_YEARS.stop - 1)
    kind = pl.when(duf).then(pl.lit("duf")).when(fh).then(pl.lit("fh")).when(dated).then(person)
    valid = pl.when(duf).then(duf_year).when(fh).then(checks).when(dated).then(checks & dated_by_number)
    given = text.is_not_null()
    return {
        "kind": pl.when(given).then(kind.otherwise(pl.lit("other"))),
        "valid": pl.when(given).then(valid.otherwise(pl.lit(value=False))),
        "synthetic": pl.when(dated & (series != MONTH_SERIES["h"])).then(series != 0),
    }


def organisation_valid_column(column: pl.Expr) -> pl.Expr:
    """Whether each text is nine digits that pass modulus 11; empty stays empty."""
    number = pl.when(column.str.contains(r"^[0-9]{9}$")).then(column).cast(pl.Int64)
    total = pl.sum_horizontal(
        weight * (number // 10 ** (8 - place) % 10) for place, weight in enumerate(_ORGANISATION_WEIGHTS)
    )
    return pl.when(column.is_not_null()).then(number.is_not_null() & (total % 11 == 0))
