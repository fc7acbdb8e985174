"""Holidays and working days in Norway."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.domain.calendar import easter_sunday, holidays, working_days

EASTER = [
    "2017-04-16",
    "2018-04-01",
    "2019-04-21",
    "2020-04-12",
    "2021-04-04",
    "2022-04-17",
    "2023-04-09",
    "2024-03-31",
    "2025-04-20",
    "2026-04-05",
    "2027-03-28",
    "2028-04-16",
    "2029-04-01",
    "2030-04-21",
    "2038-04-25",
    "1961-04-02",
    "2285-03-22",
]


@pytest.mark.parametrize("day", EASTER)
def test_easter(day):
    assert easter_sunday(int(day[:4])).isoformat() == day


def test_the_holidays_of_a_year():
    assert sorted(day.isoformat()[5:] for day in holidays(2026)) == [
        *("01-01", "04-02", "04-03", "04-05", "04-06", "05-01", "05-14", "05-17"),
        *("05-24", "05-25", "12-25", "12-26"),
    ]


def test_working_days_are_numbered_through_holidays():
    found = working_days(dt.date(2026, 3, 31), dt.date(2026, 4, 8)).rows()
    told = [(day.isoformat()[5:], working, days, number) for day, working, days, number in found]
    assert told == [
        ("03-31", True, 1, 1),
        ("04-01", True, 2, 2),
        ("04-02", False, 3, 2),
        ("04-03", False, 4, 2),
        ("04-04", False, 5, 2),
        ("04-05", False, 6, 2),
        ("04-06", False, 7, 2),
        ("04-07", True, 8, 3),
        ("04-08", True, 9, 4),
    ]


def test_over_the_new_year():
    off = working_days(dt.date(2026, 12, 24), dt.date(2027, 1, 2)).filter(~_working())["day"].to_list()
    assert [day.isoformat()[5:] for day in off] == ["12-25", "12-26", "12-27", "01-01", "01-02"]


def _working():
    import polars as pl

    return pl.col("working")
