"""Who is silent: with units that end, merge and begin, and those that were never heard of."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.core.clock import OSLO
from ktt.messages.deliveries import ACCEPTED, LAST, REJECTED, SIGN, Deliveries, Period
from ktt.registry.coverage.acceptance import first_tries
from ktt.registry.coverage.silence import silence
from ktt.registry.coverage.successors import never_heard

DAY = dt.timedelta(days=1)
ON = dt.date(2026, 3, 20)
MOSS, BJERKREIM, NEW_ORGANISATION = "312000008-3103", "312000008-1114", "312000009-1114"


def at(day, hour=5):
    return dt.datetime.combine(day, dt.time(hour), OSLO).astimezone(dt.UTC)


def daily(last, count=30):
    return [last - n * DAY for n in range(count)]


class Told:
    """A receiver's log that is a list of days by unit."""

    def __init__(self, days, rejected=(), granted=(), accepted=()):
        self.days, self.rejected, self.granted, self.accepted = days, rejected, granted, accepted

    def deliveries(self, period: Period) -> Deliveries:
        signs = [(unit, at(day)) for unit, days in self.days.items() for day in days]
        last = [
            (unit, at(max(days)), at(max(days)), None, "Prove | ProveEPJ | 1 | 2") for unit, days in self.days.items()
        ]
        return Deliveries(
            pl.DataFrame(signs, schema=SIGN, orient="row").filter(pl.col("at") >= period.since),
            pl.DataFrame(last, schema=LAST, orient="row"),
            pl.DataFrame(self.accepted, schema=ACCEPTED, orient="row"),
            pl.DataFrame(self.rejected, schema=REJECTED, orient="row"),
            self.granted,
        )


def states(*given, on=ON, **more):
    return {one.unit: one.state for one in silence(Told(*given, **more), on).units}


def rejection(unit, stands, times=1, code=2008, software="Prove | ProveEPJ | 1 | 2", **more):
    row = {"unit": unit, "message_type": "KTT_Vedtak", "message_version": "1", "supplier": None, "software": software}
    instants = {"first_at": at(ON - 3 * DAY), "last_at": at(ON - DAY)}
    return [{**row, "times": times, **instants, "code": code, "stands": stands, **more}[name] for name in REJECTED]


def test_silent_stands_and_heard_of():
    days = {MOSS: daily(ON - 3 * DAY), BJERKREIM: daily(ON - 2 * DAY), "312000001-4601": daily(ON - DAY)}
    stands = [rejection("312000001-4601", stands=True, times=7), rejection(BJERKREIM, stands=False)]
    found = {one.unit: one for one in silence(Told(days, stands), ON).units}
    assert {unit: one.state for unit, one in found.items()} == {
        MOSS: "silent",
        BJERKREIM: "heard",
        "312000001-4601": "rejected",
    }
    assert (found[MOSS].days, found[MOSS].missed, found[MOSS].overdue_since) == (3, 2, ON - 2 * DAY)
    assert found["312000001-4601"].rejected.times == 7
    assert found[MOSS].software.system == "ProveEPJ"


def test_a_number_that_is_not_in_use_has_ended_and_its_successor_inherits():
    # 1505 Kristiansund is still there; 1507 Ålesund was split in 2024 into 1508 and 1580.
    old, one, other = "312000001-1507", "312000001-1508", "312000002-1580"
    begun = dt.date(2024, 1, 3)
    weekly = [dt.date(2023, 12, 29) - n * 7 * DAY for n in range(8)]
    days = {old: weekly, one: [begun], other: daily(begun + 9 * DAY, 10)}
    found = {each.unit: each for each in silence(Told(days), dt.date(2024, 1, 13)).units}
    assert (found[old].state, found[old].successors) == ("ended", (one, other))
    assert (found[one].learned, found[one].gap) == (True, 5)  # its own day alone would not be enough
    assert (found[other].gap, found[other].state) == (1, "heard")


def test_a_unit_of_the_same_place_that_came_later_has_replaced_it():
    days = {BJERKREIM: daily(ON - 20 * DAY), NEW_ORGANISATION: daily(ON - DAY, 15)}
    assert states(days) == {BJERKREIM: "ended", NEW_ORGANISATION: "heard"}


def test_two_units_of_a_place_at_the_same_time_are_both_expected():
    days = {BJERKREIM: daily(ON - 4 * DAY), NEW_ORGANISATION: daily(ON - DAY)}
    assert states(days) == {BJERKREIM: "silent", NEW_ORGANISATION: "heard"}


def test_silent_for_longer_than_is_learned_from():
    days = {BJERKREIM: daily(ON - 400 * DAY)}
    (one,) = silence(Told(days), ON).units
    assert (one.state, one.learned, one.days) == ("silent", False, 400)


@pytest.mark.parametrize(
    ("units", "granted", "there", "missing"),
    [
        ((), (), (), ("0301", "1114")),
        ((BJERKREIM,), (), (), ("1114",)),
        ((), (BJERKREIM,), (BJERKREIM,), ("1114",)),
        (("312000563-0301-03",), (), ("0301-01", "0301-15"), ("0301", "0301-03", "0301-16")),
        (("312000563-0301-03", "312000563-0301"), (), (), ("0301", "0301-01")),
    ],
)
def test_never_heard_of(units, granted, there, missing):
    found = never_heard(units, granted, ON)
    expected_missing = [one for one in missing if one not in found]
    if not units and not granted:
        assert len(found) == 357
        return
    assert set(there) <= set(found)
    assert expected_missing == list(missing)


def test_first_tries_by_vendor_and_by_version():
    old, new = "Prove | ProveEPJ | 1 | 2", "Prove | ProveEPJ | 2 | 2"
    accepted = [
        (MOSS, "KTT_Vedtak", "1", None, old, 90),
        (BJERKREIM, "KTT_Vedtak", "1", None, new, 8),
        (BJERKREIM, "KTT_Diagnose", "1", None, new, 2),
    ]
    rejected = [
        rejection(BJERKREIM, stands=False, times=5, software=new, code=2008),
        rejection(BJERKREIM, stands=True, times=2, software=new, code=1006),
        rejection("312000077", stands=True, times=1, software="Annen | A | 1 | 1"),
    ]
    told = Told({}, rejected, accepted=accepted).deliveries(Period(at(ON)))
    by_version = first_tries(told, ("vendor", "system", "version")).rows()
    assert by_version == [
        ("Annen", "A", "1", 0, 0, 0, 1, 1, 0.0, 2008),
        ("Prove", "ProveEPJ", "2", 1, 10, 1, 1, 7, 9 / 11, 2008),
        ("Prove", "ProveEPJ", "1", 1, 90, 0, 0, 0, 1.0, None),
    ]
    assert first_tries(told, ("vendor",)).rows()[-1] == ("Prove", 2, 100, 1, 1, 7, 99 / 101, 2008)
    assert [row[0] for row in first_tries(told, ("unit",)).rows()] == ["312000077", BJERKREIM, MOSS]
