"""Which units can change into which: the reforms that are known, those that are not, and numbers that do not exist."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import Kind
from ktt.sender.unit_changes.errors import PlaceUnknown, UnitsWrong
from ktt.sender.unit_changes.units_check import check_units

NUMBERS = ("312000008", "312000113", "312000229", "312000334", "312000563")


def units(*places):
    """Units in these places, each with an organisation number of its own."""
    return [ReportingUnit(number, *place.split("-")) for number, place in zip(NUMBERS, places, strict=False)]


def checked(kind, leaving, coming, year):
    named = units(*leaving, *coming)
    return check_units(Kind(kind), named[: len(leaving)], named[len(leaving) :], dt.date(year, 1, 1))


@pytest.mark.parametrize(
    ("kind", "leaving", "coming", "year"),
    [
        ("retire", ["1114"], [], 2026),
        ("move", ["1114"], ["1114"], 2026),  # another organisation number
        ("move", ["3820"], ["4022"], 2024),
        ("move", ["0301-03"], ["0301-12"], 2026),
        ("merge", ["1504", "1534", "1546"], ["1507"], 2020),  # divided again in 2024
        ("merge", ["0301-03", "0301-12"], ["0301"], 2026),
        ("split", ["1507"], ["1508", "1580"], 2024),
        ("split", ["0301"], ["0301-03", "0301-12"], 2026),
        ("move", ["2111"], ["2111"], 2026),  # Svalbard
    ],
)
def test_what_the_reforms_know_is_done_without_a_word(kind, leaving, coming, year):
    assert checked(kind, leaving, coming, year) == []


@pytest.mark.parametrize(
    ("kind", "leaving", "coming", "words"),
    [
        ("move", ["1114"], ["0301"], ["turns 1114 into 0301"]),
        ("merge", ["1114", "1122"], ["1122"], ["turns 1114 into 1122"]),
        ("move", ["1507"], ["1508"], ["1507 was divided, and 1580 is not"]),
        ("split", ["1507"], ["1508", "1114"], ["turns 1507 into 1114", "and 1580 is not"]),
    ],
)
def test_what_they_do_not_know_is_told(kind, leaving, coming, words):
    said = [text.en for text in checked(kind, leaving, coming, 2026)]
    assert len(said) == len(words)
    for part, text in zip(words, said, strict=True):
        assert part in text


@pytest.mark.parametrize(
    ("leaving", "coming", "words"),
    [
        ("1114", "1199", "no municipality 1199"),
        ("1199", "1114", "no municipality 1199"),
        ("1114", "9999", "no municipality 9999"),
        ("1114", "1507", "1507 is not in use on that day (2026-01-01)"),
        ("0301-03", "0301-44", "0301 has no district 44"),
        ("0301-44", "0301-03", "0301 has no district 44"),
        ("1114", "1114-01", "1114 has no district 01"),
    ],
)
def test_a_number_that_does_not_exist_is_refused(leaving, coming, words):
    with pytest.raises(PlaceUnknown) as fault:
        checked("move", [leaving], [coming], 2026)
    assert words in fault.value.says().en
    assert fault.value.exit_code == 2


def test_an_organisation_number_with_a_slip_is_refused():
    with pytest.raises(PlaceUnknown, match="312000009 is not an organisation number"):
        check_units(Kind.RETIRE, [ReportingUnit("312000009", "1114")], [], dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("kind", "leaving", "coming"),
    [
        ("retire", 2, 0),
        ("retire", 1, 1),
        ("move", 2, 1),
        ("move", 1, 0),
        ("merge", 0, 1),
        ("merge", 2, 2),
        ("split", 1, 1),
    ],
)
def test_the_number_of_units_must_fit(kind, leaving, coming):
    with pytest.raises(UnitsWrong, match="KTT-UNI-04"):
        checked(kind, ["1114"] * leaving, ["1114"] * coming, 2026)


def test_a_unit_is_named_once():
    (unit,) = units("1114")
    with pytest.raises(UnitsWrong, match="named twice"):
        check_units(Kind.MOVE, [unit], [unit], dt.date(2026, 1, 1))
