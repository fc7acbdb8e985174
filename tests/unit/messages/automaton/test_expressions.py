"""Each expression takes exactly the values it is for: ranges, days and hundredths are tried one by one."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from ktt.messages.automaton import expressions


def takes(language: str):
    pattern = re2.compile(language)
    return lambda text: pattern.fullmatch(text.encode("utf-8", "surrogatepass")) is not None


@pytest.mark.parametrize(
    ("least", "most"),
    [(0, 0), (0, 9), (1, 9), (1, 999), (7, 7), (18, 23), (95, 105), (99, 1000), (1, 1234), (880, 2719)],
)
def test_whole_numbers_of_a_range(least: int, most: int):
    fits = takes(expressions.whole(range(least, most + 1)))
    assert [number for number in range(12_000) if fits(str(number))] == list(range(least, most + 1))
    assert not any(map(fits, ["", "-1", "01", "00", f"{least}.0", f"{least}e0", f"+{most}", f" {most}"]))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**13))
def test_ranges_of_any_size(one: int, other: int, number: int):
    least, most = sorted((one, other))
    span = range(least, most + 1)
    fits = takes(expressions.whole(span))
    for tried in (number, least, most, least - 1, most + 1):
        assert tried < 0 or fits(str(tried)) == (tried in span)


def test_several_ranges_with_and_without_zeros_before():
    spans = [range(3, 12), range(100, 101), range(950, 1000)]
    inside = {number for span in spans for number in span}
    bare, filled = takes(expressions.whole(*spans)), takes(expressions.digits(3, spans))
    assert {number for number in range(1200) if bare(str(number))} == inside
    assert {number for number in range(1000) if filled(f'"{number:03}"')} == inside
    assert not filled('"03"')


@pytest.mark.parametrize(("least", "most"), [(1, 16_800), (1, 99_999), (0, 250), (5, 5), (110, 190), (30, 705)])
def test_hundredths(least: int, most: int):
    fits = takes(expressions.hundredths(least, most))
    for hundredths in range(110_000):
        whole, part = divmod(hundredths, 100)
        spellings = [f"{whole}.{part:02}"]
        if part % 10 == 0:
            spellings.append(f"{whole}.{part // 10}")
        if part == 0:
            spellings.append(f"{whole}")
        assert {fits(spelling) for spelling in spellings} == {least <= hundredths <= most}, hundredths
    assert not any(map(fits, ["1.", ".5", "01.5", "1.234", "1.230", "1e1", "-0.5"]))


def test_days_are_those_of_the_calendar():
    fits = takes(expressions.DAY)
    for year in (1000, 1900, 2000, 2023, 2024, 2100, 2400, 9996, 9999):
        for month, day in product(range(14), range(33)):
            text = f"{year}-{month:02}-{day:02}"
            assert fits(f'"{text}"') == is_day(text), text
    leaps = [year for year in range(1000, 10_000) if fits(f'"{year}-02-29"')]
    assert leaps == [year for year in range(1000, 10_000) if is_day(f"{year}-02-29")]
    assert not any(
        map(fits, ['"0999-01-01"', '"2024-1-01"', '"2024-01-01 "', '"20240101"', "2024-01-01", '"٢٠٢٤-01-01"'])
    )


def is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("least", "most", "counts"),
    [(0, None, range(9)), (1, None, range(1, 9)), (3, None, range(3, 9)), (0, 1, range(2)), (2, 2, [2]), (1, 1, [1])],
)
def test_repetitions(least: int, most: int | None, counts):
    fits = takes(expressions.repeated("x", least, most))
    assert [count for count in range(9) if fits("x" * count)] == list(counts)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-03-02T07:00:00+01:00", True),
        ("2026-03-02T07:00:00\\u002B01:00", True),
        ("2026-03-02T07:00:00\\u002b01:00", True),
        ("2026-03-02T07:00:00-12:30", True),
        ("2026-03-02T23:59:59.123456789Z", True),
        ("2024-02-29T00:00:00Z", True),
        ("2026-02-29T00:00:00Z", False),
        ("2026-03-02T24:00:00Z", False),
        ("2026-03-02T07:60:00Z", False),
        ("2026-03-02T07:00:60Z", False),
        ("2026-03-02T07:00:00", False),
        ("2026-03-02T07:00:00.Z", False),
        ("2026-03-02T07:00:00.1234567890Z", False),
        ("2026-03-02T07:00:00+24:00", False),
        ("2026-03-02T07:00:00+0100", False),
        ("2026-03-02t07:00:00z", False),
        ("2026-03-02 07:00:00Z", False),
    ],
)
def test_instants(text: str, fits: bool):
    assert takes(expressions.INSTANT)(f'"{text}"') is fits


def test_uuids():
    fits = takes(expressions.UUID)
    assert fits('"0a1B2c3D-0000-4fff-9fff-0a1b2c3d4e5f"')
    assert not fits('"0a1b2c3d00004fff9fff0a1b2c3d4e5f"')
    assert not fits('"0a1b2c3g-0000-4fff-9fff-0a1b2c3d4e5f"')
