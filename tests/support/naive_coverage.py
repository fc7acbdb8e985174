"""Rhythm and months of a unit as they are defined, with no regard to speed; shares nothing with the registry's own."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import statistics
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

DAY = dt.timedelta(days=1)
EASTER = {  # by almanac
    2025: dt.date(2025, 4, 20),
    2026: dt.date(2026, 4, 5),
    2027: dt.date(2027, 3, 28),
}


def is_off(day):
    """Saturdays, Sundays and the holidays of the almanac."""
    from_easter = (day - EASTER[day.year]).days
    fixed = (day.month, day.day) in {(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)}
    return day.weekday() >= 5 or fixed or from_easter in {-3, -2, 0, 1, 39, 49, 50}


@dataclass(frozen=True)
class NaiveRhythm:
    every_day: bool
    learned: bool
    gap: int
    limit: int

    def expects(self, day):
        return self.every_day or not is_off(day)


UNLEARNED = NaiveRhythm(every_day=False, learned=False, gap=1, limit=3)


def rhythm(heard: Collection[dt.date]) -> NaiveRhythm:
    """Of the days on which a unit was heard of."""
    last = max(heard)
    days = sorted(day for day in set(heard) if day > last - 56 * DAY)
    span = [days[0] + n * DAY for n in range((last - days[0]).days + 1)]
    off = [day for day in span if is_off(day)]
    every = bool(off) and 2 * len([day for day in off if day in days]) >= len(off)
    gaps = []
    for one, other in itertools.pairwise(days):
        passed = [one + n * DAY for n in range(1, (other - one).days + 1)]
        passed = passed if every else [day for day in passed if not is_off(day)]
        if passed:
            gaps.append(len(passed))
    if len(gaps) < 4:
        return UNLEARNED
    gaps.sort()
    middle = len(gaps) // 2
    median = Fraction(gaps[middle] + gaps[-middle - 1], 2)
    long = gaps[math.ceil(Fraction(9, 10) * (len(gaps) - 1))]
    gap = math.ceil(median)
    return NaiveRhythm(every, True, gap, max(gap + 1, long))


def stands(own: NaiveRhythm, last: dt.date, on: dt.date):
    """(missed, overdue since, silent) when the day `on` begins."""
    missed = [last + n * DAY for n in range(1, max((on - last).days, 0)) if own.expects(last + n * DAY)]
    overdue = missed[own.gap - 1] if len(missed) >= own.gap else None
    return len(missed), overdue, len(missed) >= own.limit


TYPES = ("decision", "care_service", "circumstances", "assessment", "diagnosis")


def month_states(records, on, heard=None, waits_from=None, declared=()):
    """Month → state of one unit, of (type, month) → count. `declared` has (first, last)."""
    months = [f"{year}-{month:02}" for year in range(2017, on.year + 1) for month in range(1, 13)]
    months = [month for month in months if month < f"{on:%Y-%m}"]

    def count(series, month):
        wanted = TYPES if series == "all" else (series,)
        return sum(records.get((kind, month), 0) for kind in wanted)

    present = [n for n, month in enumerate(months) if count("all", month)]
    short = dict.fromkeys(months, False)
    for series in (*TYPES, "all"):
        if not present:
            break
        numbers = [count(series, month) for month in months]
        level, bunch = _usual(numbers[max(present[-1] - 23, 1) : present[-1] + 1], 3.0 if series == "all" else 1.5)
        for width in (1, 2, 3, 6, 12):
            for first in range(len(months) - width + 1):
                window = range(first, first + width)
                if _rare(sum(numbers[n] for n in window), level * width, bunch):
                    short |= {months[n]: True for n in window if numbers[n] < level / 4}
    states = {}
    for month in months:
        inside = bool(present) and months[present[0]] <= month <= max(months[present[-1]], heard or "")
        waits = waits_from is not None and month >= waits_from
        states[month] = _state(count("all", month), short[month], inside, waits)
        if states[month] != "complete" and any(first <= month <= last for first, last in declared):
            states[month] = "declared"
    return states


def _state(records, short, inside, waits):
    if records == 0 and (short or not inside):
        return "none"
    return "partial" if short or waits else "complete"


def _usual(recent, least):
    """(records in a month, records at once) of the months that a unit is known by."""
    if not any(recent):
        return 0.0, least
    upper = sorted(recent)[math.floor(Fraction(3, 4) * (len(recent) - 1))]
    mean = statistics.fmean(recent)
    varies = statistics.variance(recent) / mean if len(recent) > 1 else 0.0
    above = 0.6745 * math.sqrt(varies)  # level + above * sqrt(level) = upper
    level = ((math.sqrt(above**2 + 4 * upper) - above) / 2) ** 2
    return round(level, 6), max(least, varies)


def _rare(found, usual, bunch):
    """So few that chance makes it in less than one of e^7 windows."""
    if found >= usual / 4:
        return False
    nats = usual - found + (found * math.log(found / usual) if found else 0.0)
    return nats / bunch >= 7
