"""Rhythms: a table of cases, and any days at all against the definition day by day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.registry.coverage.rhythm import RHYTHM, quiet, rhythms
from support import naive_coverage
from support.naive_coverage import DAY

START = dt.date(2026, 2, 2)  # a Monday; Easter is in the ninth week


def frame(**units):
    rows = [(unit, day) for unit, days in units.items() for day in days]
    return pl.DataFrame(rows, schema={"unit": pl.String, "day": pl.Date}, orient="row")


def every(step, count, start=START, *, but=()):
    return [start + n * step * DAY for n in range(count) if n not in but]


def workdays(count):
    return [day for day in every(1, count) if not naive_coverage.is_off(day)]


CASES = {
    "every day": (every(1, 30), (True, True, 1, 2)),
    "working days": (workdays(40), (False, True, 1, 2)),
    "working days and now and then a Saturday": (
        [*workdays(40), START + 5 * DAY, START + 19 * DAY],
        (False, True, 1, 2),
    ),
    "Mondays": (every(7, 7), (False, True, 5, 6)),
    "Saturdays": (every(7, 8, START + 5 * DAY), (True, True, 7, 8)),
    "often, with long breaks": ([START + n * DAY for n in (0, 1, 2, 3, 4, 11, 18)], (False, True, 1, 5)),
    "four signs are three gaps": (every(1, 4), (False, False, 1, 3)),
    "once": ([START], (False, False, 1, 3)),
    "what was before the eight weeks is forgotten": (
        [*every(7, 6), *every(1, 20, START + 100 * DAY)],
        (True, True, 1, 2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rhythm(name):
    days, expected = CASES[name]
    assert rhythms(frame(u=days)).drop("unit").rows() == [expected]


@pytest.mark.parametrize(
    ("rhythm", "last", "on", "expected"),
    [
        ((True, True, 1, 2), "2026-03-02", "2026-03-02", (0, None, False)),
        ((True, True, 1, 2), "2026-03-02", "2026-03-03", (0, None, False)),
        ((True, True, 1, 2), "2026-03-02", "2026-03-04", (1, "2026-03-03", False)),
        ((True, True, 1, 2), "2026-03-02", "2026-03-05", (2, "2026-03-03", True)),
        ((False, True, 1, 2), "2026-03-06", "2026-03-09", (0, None, False)),  # a Friday, then a week-end
        ((False, True, 1, 2), "2026-03-06", "2026-03-11", (2, "2026-03-09", True)),
        ((False, True, 1, 2), "2026-04-01", "2026-04-08", (1, "2026-04-07", False)),  # over Easter
        ((False, True, 5, 6), "2026-03-02", "2026-03-10", (5, "2026-03-09", False)),
        ((False, True, 5, 6), "2026-03-02", "2026-03-11", (6, "2026-03-09", True)),
        ((False, False, 1, 3), "2026-03-02", "2026-03-06", (3, "2026-03-03", True)),
    ],
)
def test_how_long_a_unit_may_be_quiet(rhythm, last, on, expected):
    known = pl.DataFrame([("u", *rhythm)], schema=RHYTHM, orient="row")
    heard = frame(u=[dt.date.fromisoformat(last)])
    ((missed, overdue, silent),) = (
        quiet(heard, known, dt.date.fromisoformat(on)).select("missed", "overdue_since", "silent").rows()
    )
    assert (missed, overdue and overdue.isoformat(), silent) == expected


def test_nobody_was_heard():
    assert rhythms(frame()).is_empty()
    assert quiet(frame(), rhythms(frame()), START).is_empty()


day = st.integers(0, 160).map(lambda n: dt.date(2025, 12, 1) + n * DAY)


@given(st.lists(st.lists(day, min_size=1, max_size=60), min_size=1, max_size=4), st.integers(0, 40))
def test_as_defined_day_by_day(units, later):
    named = {f"u{n}": days for n, days in enumerate(units)}
    on = max(max(days) for days in units) + later * DAY
    own = rhythms(frame(**named))
    found = {row["unit"]: row for row in quiet(frame(**{u: [max(d)] for u, d in named.items()}), own, on).to_dicts()}
    for unit, days in named.items():
        expected = naive_coverage.rhythm(days)
        row = found[unit]
        assert (row["every_day"], row["learned"], row["gap"], row["limit"]) == (
            *(expected.every_day, expected.learned, expected.gap, expected.limit),
        )
        told = (row["missed"], row["overdue_since"], row["silent"])
        assert told == naive_coverage.stands(expected, max(days), on)
