"""Expressions that several rules use."""

from __future__ import annotations

import polars as pl

from ktt.domain.codes import code_list


def code_valid(column: str, list_id: str, day: pl.Expr | None = None) -> pl.Expr:
    """Whether the code is in the list and may be used on that day; an empty code has no answer.

    Without a day, or where the day is empty, only whether the code exists. Most codes are valid at all times and cost
    one set look-up.
    """
    codes = code_list(list_id).codes
    code = pl.col(column)
    if day is None:
        return code.is_in([known.code for known in codes])
    always = [known.code for known in codes if (known.valid_from.year, known.valid_to.year) == (1, 9999)]
    valid = code.is_in(always)
    for known in codes:
        if known.code not in always:
            inside = day.is_between(pl.lit(known.valid_from), pl.lit(known.valid_to)).fill_null(value=True)
            valid = valid | ((code == known.code) & inside)
    return valid


_FAR = pl.date(9999, 12, 31)


def earlier_end(*groups: str, order: tuple[str, ...], ends: str = "ends_on") -> pl.Expr:
    """The latest end among the periods of the same group that come before this one in `order`; empty for the first.

    An open period ends on 9999-12-31. One sort and one running maximum over the whole column: a window for each group
    does the same in fifteen times the time (7.7 s against 0.5 s a million rows).
    """
    names = list(dict.fromkeys((*groups, *order, ends)))

    def find(periods: pl.Series) -> pl.Series:
        return _earlier_end(periods.struct.unnest(), list(groups), list(order), ends)

    return pl.struct(names).map_batches(find, return_dtype=pl.Date())


def _earlier_end(periods: pl.DataFrame, groups: list[str], order: list[str], ends: str) -> pl.Series:
    """One integer holds a group's number (times 2³²) and a day, so that a running maximum never leaks into the next."""
    ordered = periods.with_row_index("place").sort(*groups, *order)
    begins = pl.any_horizontal(*(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in groups))
    ordered = ordered.select(
        "place",
        (begins.cast(pl.Int64).cum_sum() * 2**32).alias("group"),
        (pl.col(ends).fill_null(_FAR).to_physical().cast(pl.Int64) + 2**31).alias("day"),
    )
    before = (pl.col("group") + pl.col("day")).cum_max().shift(1) - pl.col("group")
    end = pl.when(before >= 0).then(before - 2**31).cast(pl.Int32).cast(pl.Date)
    return ordered.select("place", end.alias("end")).sort("place")["end"]
