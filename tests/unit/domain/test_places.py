"""Municipalities and districts through the reforms of 2018, 2019, 2020 and 2024."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.domain.places import (
    district,
    district_frame,
    has_districts,
    municipality,
    municipality_frame,
    successors,
    today_number,
)


@pytest.mark.parametrize(
    ("year", "count"), [(2017, 426), (2018, 422), (2019, 422), (2020, 356), (2023, 356), (2024, 357), (2026, 357)]
)
def test_as_many_municipalities_as_there_were(year, count):
    day = pl.lit(dt.date(year, 7, 1))
    valid = municipality_frame().filter(day.is_between("valid_from", "valid_to"), pl.col("municipality") < "9000")
    assert valid.filter(pl.col("municipality") != "2111").height == count


@pytest.mark.parametrize(
    ("number", "day", "valid"),
    [
        ("1201", "2019-12-31", True), ("1201", "2020-01-01", False),  # Bergen
        ("4601", "2019-12-31", False), ("4601", "2020-01-01", True),
        ("1601", "2017-12-31", True), ("1601", "2018-01-01", False),  # Trondheim
        ("0301", "2017-01-01", True), ("0301", "2026-12-31", True),
        ("1507", "2019-12-31", False), ("1507", "2023-12-31", True), ("1507", "2024-01-01", False),  # Ålesund
        ("9999", "2017-01-01", True), ("2111", "2026-01-01", True),
        ("0000", "2026-01-01", False), ("301", "2026-01-01", False),
    ],
)  # fmt: skip
def test_a_number_is_valid_in_its_years(number, day, valid):
    assert (municipality(number, dt.date.fromisoformat(day)) is not None) is valid


@pytest.mark.parametrize(
    ("number", "today"),
    [
        ("0101", ("3101",)),  # Halden, by way of Viken
        ("1201", ("4601",)),
        ("4601", ("4601",)),
        ("1507", ("1508", "1580")),
        ("1613", ("5055", "5056", "5059")),
        ("5012", ("5055", "5056", "5059")),
        ("1850", ("1806", "1875")),
        ("9900", ("9900",)),
        ("0000", ()),
    ],
)
def test_what_a_number_has_become(number, today):
    assert successors(number) == today


def test_every_successor_is_a_number_of_today():
    today = dt.date(2026, 1, 1)
    for number in municipality_frame()["municipality"]:
        assert successors(number)
        assert all(municipality(new, today) for new in successors(number))


def test_a_split_has_no_single_answer():
    column = pl.Series(["1201", "1507", "4601", "?", None])
    assert pl.select(today_number(pl.lit(column))).to_series().to_list() == ["4601", "1507", "4601", "?", None]
    frame = municipality_frame()
    assert frame.filter(pl.col("today").is_null())["municipality"].sort().to_list() == ["1507", "1613", "1850", "5012"]


@pytest.mark.parametrize(
    ("city", "number", "day", "name"),
    [
        ("0301", "03", "2026-01-01", "Sagene"),
        ("1103", "08", "2019-12-31", None),
        ("1103", "08", "2020-01-01", "Finnøy"),
        ("1201", "02", "2019-12-31", "Bergenhus"),
        ("1201", "02", "2020-01-01", None),
        ("4601", "02", "2020-01-01", "Bergenhus"),
        ("5001", "05", "2026-01-01", None),
        ("1114", "01", "2026-01-01", None),
        ("0301", "00", "2026-01-01", None),
    ],
)
def test_a_district_on_a_day(city, number, day, name):
    found = district(city, number, dt.date.fromisoformat(day))
    assert (found.name if found else None) == name


def test_two_districts_of_oslo_have_no_administration():
    without = district_frame().filter(~pl.col("own_administration"))
    assert without["name"].to_list() == ["Sentrum", "Marka"]


def test_the_four_cities():
    cities = {number for number in municipality_frame()["municipality"] if has_districts(number)}
    assert cities == {"0301", "1103", "1201", "4601", "1601", "5001"}
    assert district_frame().height == 50
