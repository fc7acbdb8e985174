"""The rules that are broken most, with their trend, by unit or by the program that sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from ktt.messages.finding_log import Findings
from ktt.registry.coverage.software import with_software

WEEK = 7
BROKEN = {
    "rule": pl.String(),
    "cause": pl.String(),
    "consequence": pl.Int64(),
    "findings": pl.Int64(),
    "units": pl.Int64(),
    "since": pl.Datetime("us", "UTC"),
    "opened": pl.Int64(),
    "closed": pl.Int64(),
    "change": pl.Int64(),
    "change_before": pl.Int64(),
}
"""`opened` and `closed` in the last seven days, `change` their difference, `change_before` that of the seven before."""


def chosen(found: Findings, unit: str | None, vendor: str | None) -> Findings:
    """Those of a unit, or of units whose findings came with a program of this vendor (a part of the name is enough)."""
    if unit is not None:
        found = Findings(*(frame.filter(pl.col("unit") == unit) for frame in (found.open, found.fields, found.changed)))
    if vendor is None:
        return found
    named = pl.col("vendor").str.to_lowercase().str.contains(vendor.lower(), literal=True)
    open_ = with_software(found.open).filter(named).select(found.open.columns)
    others = (
        frame.join(open_.select("unit").unique(), on="unit", how="semi") for frame in (found.fields, found.changed)
    )
    return Findings(open_, *others)


def broken_rules(found: Findings, on: dt.date, by: Sequence[str] = ()) -> pl.DataFrame:
    """`BROKEN` for each rule (and each `by`: `unit`, or columns of `with_software`), the most broken first.

    The trend counts days before `on`. A rule of which nothing is open any more is there when it changed in that time.
    """
    open_ = with_software(found.open)
    key = [*by, "rule"]
    now = open_.group_by(key).agg(
        pl.col("cause").first(),
        pl.col("consequence").max(),
        pl.col("findings").sum(),
        pl.col("unit").n_unique().cast(pl.Int64).alias("units"),
        pl.col("since").min(),
    )
    trend = _trend(_with_program(found.changed, open_, by), on, key)
    both = now.join(trend, on=key, how="full", coalesce=True, nulls_equal=True)
    counts = ("findings", "units", "opened", "closed", "change", "change_before")
    shown = both.with_columns(pl.col(*counts).fill_null(0)).select(*by, *BROKEN)
    return shown.sort("findings", "opened", *key, descending=[True, True, *([False] * len(key))])


def _with_program(changed: pl.DataFrame, open_: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """With the program that each unit's open findings have now; what it was that day is not kept."""
    missing = [name for name in by if name not in changed.columns]
    if not missing:
        return changed
    newest = open_.sort("since").unique("unit", keep="last", maintain_order=True).select("unit", *missing)
    return changed.join(newest, on="unit", how="inner")


def _trend(changed: pl.DataFrame, on: dt.date, key: Sequence[str]) -> pl.DataFrame:
    ago = (pl.lit(on) - pl.col("day")).dt.total_days()
    last, before = ago.is_between(1, WEEK), ago.is_between(WEEK + 1, 2 * WEEK)
    net = pl.col("opened") - pl.col("closed")
    return (
        changed.filter(last | before)
        .group_by(key)
        .agg(
            opened=pl.col("opened").filter(last).sum(),
            closed=pl.col("closed").filter(last).sum(),
            change=net.filter(last).sum(),
            change_before=net.filter(before).sum(),
        )
    )
