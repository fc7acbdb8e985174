"""How far a figure may go before it is odd: the unit's own last runs, with floors below which nothing is odd.

A day's step is measured by the median and the median deviation of the unit's own steps, which one odd day does not move.
The figures are levels that hold still (how many services of a type there are), so that they need no calendar; what grows
with time is counted for each day since the last run.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

RUNS = 28
"""Runs that are looked back on: four weeks of days."""

ENOUGH = 5
"""Daily runs before the unit's own rate of change is known."""

_MOST_DAYS = 7
_NORMAL = 1.4826  # makes the median deviation comparable with a standard deviation
_SPREADS = 8  # far outside what is ordinary, also where days differ much


@dataclass(frozen=True, slots=True)
class Limit:
    """A step is odd above the largest of `few`, `share` of the figure before it, and the unit's own usual step."""

    few: int
    share: float


FALL = Limit(few=2, share=0.20)
JUMP = Limit(few=10, share=0.50)
UNIDENTIFIED = Limit(few=3, share=0.02)
# One person's records change together, ten to twenty of them, so a few persons are fifty records.
CHANGES = Limit(few=50, share=0.05)
CHANGES_FIRST = Limit(few=50, share=0.20)
MOST_CHANGES = 0.50


def days_between(days: int) -> int:
    """The days that a step is over: at least one, at most a week, since a pause must not make everything ordinary."""
    return max(1, min(days, _MOST_DAYS))


def usual(steps: pl.Expr) -> pl.Expr:
    """The largest step that is usual for one day, of a column of steps for one day each; 0 without any."""
    median = steps.median()
    spread = (steps - median).abs().median() * _NORMAL
    return (median + _SPREADS * spread).fill_null(0)


def per_day(step: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Steps between runs as steps for one day each."""
    return step / day.diff().dt.total_days().clip(lower_bound=1)


def allowed_drop(before: int, now: int, share: float) -> int:
    """How many of `before` rows or records may be missing in `now` without a question; that all are is never allowed."""
    return 0 if now == 0 else max(FALL.few, int(before * share))
