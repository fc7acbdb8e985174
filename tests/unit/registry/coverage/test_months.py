"""The month matrix: histories as municipalities have them, and any counts at all against the definition."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.registry.coverage.months import DECLARED, UNIT_MONTH, Told, ended_months, matrix, series, years
from ktt.registry.month_records import COUNTED
from support.naive_coverage import TYPES, month_states

ON = dt.date(2026, 2, 15)
MONTHS = ended_months(ON)


def counts(**units):
    rows = [(unit, kind, month, n) for unit, given in units.items() for (kind, month), n in given.items() if n]
    return pl.DataFrame(rows, schema=COUNTED, orient="row")


def told(heard=None, waits=None, declared=()):
    def frame(month):
        return pl.DataFrame([] if month is None else [("u", month)], schema=UNIT_MONTH, orient="row")

    said = pl.DataFrame([("u", *one) for one in declared], schema=DECLARED, orient="row")
    return Told(frame(heard), frame(waits), said)


def states(given, **more):
    found = matrix(counts(u=given), ON, told(**more))
    return dict(found.select("month", "state").iter_rows())


def runs(found):
    """The states one after the other, each with its first month."""
    ordered = sorted(found.items())
    return [(m, s) for (m, s), (_, before) in zip(ordered, [("", ""), *ordered], strict=False) if s != before]


def steady(n, months=MONTHS, kind="care_service"):
    return {(kind, month): n for month in months}


def test_the_months_are_those_that_have_ended():
    assert (MONTHS[0], MONTHS[-1], len(MONTHS)) == ("2017-01", "2026-01", 109)
    assert ended_months(dt.date(2017, 1, 31)) == []


CASES = {
    "whole": (steady(40), {}, [("2017-01", "complete")]),
    "a month is missing": (
        {**steady(40), ("care_service", "2019-03"): 0},
        {},
        [("2017-01", "complete"), ("2019-03", "none"), ("2019-04", "complete")],
    ),
    "half a month is none too few": ({**steady(40), ("care_service", "2019-03"): 20}, {}, [("2017-01", "complete")]),
    "a quarter is enough": ({**steady(40), ("care_service", "2019-03"): 10}, {}, [("2017-01", "complete")]),
    "less than a quarter is not": (
        {**steady(40), ("care_service", "2019-03"): 9},
        {},
        [("2017-01", "complete"), ("2019-03", "partial"), ("2019-04", "complete")],
    ),
    "the level is that of 24 months": (
        {**steady(40, MONTHS[-24:-23]), **steady(40, MONTHS[-6:])},
        {},
        [("2017-01", "none"), ("2024-02", "complete"), ("2024-03", "none"), ("2025-08", "complete")],
    ),
    "and of no more": (
        {**steady(40, MONTHS[-25:-24]), **steady(40, MONTHS[-6:])},
        {},
        [("2017-01", "none"), ("2024-01", "complete")],
    ),
    "a type is missing for a while": (
        {**steady(40), **steady(30, kind="diagnosis"), **steady(0, MONTHS[12:24], kind="diagnosis")},
        {},
        [("2017-01", "complete"), ("2018-01", "partial"), ("2019-01", "complete")],
    ),
    "history since a change of record system, what runs on is older": (
        {**steady(2, MONTHS[:62]), **steady(40, MONTHS[62:])},
        {},
        [("2017-01", "partial"), ("2022-03", "complete")],
    ),
    "the same, declared": (
        {**steady(2, MONTHS[:62]), **steady(40, MONTHS[62:])},
        {"declared": [("2017-01", "2022-06")]},
        [("2017-01", "declared"), ("2022-03", "complete")],
    ),
    "the load stands": (steady(40, MONTHS[:30]), {}, [("2017-01", "complete"), ("2019-07", "none")]),
    "no history": (steady(40, MONTHS[100:]), {}, [("2017-01", "none"), ("2025-05", "complete")]),
    "a message waits": (steady(40), {"waits": "2025-11"}, [("2017-01", "complete"), ("2025-11", "partial")]),
    "so small that nothing is judged": (
        {("care_service", MONTHS[0]): 3, ("care_service", "2024-05"): 1},
        {"heard": "2025-12"},
        [("2017-01", "complete"), ("2026-01", "none")],
    ),
    "small, judged by the year": (
        {**steady(2), **steady(0, MONTHS[24:36])},
        {},
        [("2017-01", "complete"), ("2019-01", "none"), ("2020-01", "complete")],
    ),
    "nothing at all": ({}, {"waits": "2026-02"}, [("2017-01", "none")]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_history(name):
    given, more, expected = CASES[name]
    found = states(given, **more)
    assert runs(found) == expected


def test_a_window_is_of_one_series():
    """A few services and none in the last months are no gap because the next type begins late."""
    few = {**steady(2), **steady(0, MONTHS[-2:])}
    late = {**steady(400, kind="circumstances"), **steady(0, MONTHS[:6], kind="circumstances")}
    found = series(counts(u={**few, **late}), ON)
    assert not found.filter(series="care_service")["short"].any()
    assert found.filter(series="circumstances")["short"].sum() == 6


def test_by_year():
    given = {**steady(40), **steady(0, MONTHS[24:26]), ("care_service", "2019-03"): 5}
    found = years(matrix(counts(u=given), ON, told()))
    assert found.filter(year="2019").row(0) == ("u", "2019", 12, 9, 1, 0, 2)
    assert found.filter(year="2026").row(0) == ("u", "2026", 1, 1, 0, 0, 0)


def test_the_types_behind_a_month():
    found = series(counts(u={**steady(40), ("care_service", "2019-03"): 5}), ON).filter(month="2019-03")
    assert found.filter(series="care_service").row(0) == ("u", "care_service", "2019-03", 5, 40.0, 1, True)
    assert found.filter(series="diagnosis").row(0) == ("u", "diagnosis", "2019-03", 0, 0.0, None, False)


month = st.sampled_from([None, *MONTHS[::7]])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(TYPES), st.sampled_from(MONTHS[60:])),
        st.sampled_from([1, 2, 5, 7, 10, 20, 40]),
        max_size=80,
    ),
    st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 30))),
    month,
    month,
    st.lists(st.sampled_from([("2017-01", "2019-12"), ("2021-05", "2021-05")]), max_size=2),
)
def test_as_defined(given, level, heard, waits, declared):
    whole = {(kind, month): n for kind, n in level for month in MONTHS}
    records = {key: n for key, n in {**whole, **given}.items() if n}
    if not records and heard is None and waits is None and not declared:
        return
    found = states(records, heard=heard, waits=waits, declared=declared)
    assert found == month_states(records, ON, heard, waits, declared)
