"""Working days in Norway: Monday to Friday, holidays by law left out (lov om 1 og 17 mai; helligdagsfreden § 2).

The movable ones are counted from Easter Sunday, which is computed (Gauss, in the form of Meeus, Jones and Butcher).
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl

_FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension, Whit Sunday and Monday."""
_SATURDAY = 6


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """The public holidays of a year, Sundays that are nothing more left out."""
    easter = easter_sunday(year)
    return frozenset(
        {dt.date(year, month, day) for month, day in _FIXED} | {easter + dt.timedelta(days) for days in _FROM_EASTER}
    )


def easter_sunday(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    (i, k) = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def working_days(first: dt.date, last: dt.date) -> pl.DataFrame:
    """Each day from `first` to `last`: `day`, `working`, and how many days (`days`) and working days have begun so far."""
    off = sorted(day for year in range(first.year, last.year + 1) for day in holidays(year))
    days = pl.select(day=pl.date_range(first, last, eager=False))
    working = (pl.col("day").dt.weekday() < _SATURDAY) & ~pl.col("day").is_in(off)
    counted = days.with_columns(working=working).with_row_index("days", offset=1)
    return counted.select(
        "day", "working", pl.col("days").cast(pl.Int64), working_days=pl.col("working").cum_sum().cast(pl.Int64)
    )
