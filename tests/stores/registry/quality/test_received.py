"""Received against expected, by unit, message type and day, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.registry.coverage.received import received
from support.registry_inbox import OTHER, START, UNIT, ListInbox, message, minute, service, services

DAY = dt.timedelta(days=1)
ON = START.date()  # a Monday


def of_day(position, ago, count, unit=UNIT, deleted=()):
    rows = [service(f"T-{position}-{n}") for n in range(count)]
    return message(position, services(*rows) if rows else None, deleted, unit=unit, at=START - ago * DAY)


@pytest.fixture
def registry_(registry):
    """Twelve records each working day and two each weekend for six weeks, but for some days."""
    said, position = [], 0
    for ago in range(42, 0, -1):
        day = ON - ago * DAY
        count = {3: 2, 4: 60, 6: 12}.get(ago, 2 if day.weekday() > 4 else 12)
        if ago != 5:
            position += 1
            said.append(of_day(position, ago, count))
    said.append(of_day(position + 1, 2, 40, OTHER))
    registry.ingest(ListInbox(*said))
    return registry


def shown(registry, **more):
    with registry.reading() as connection:
        rows = received(connection, ON, 7, **more).to_dicts()
    return {(row["unit"], (ON - row["day"]).days): (row["records"], row["expected"], row["odd"]) for row in rows}


def test_low_high_and_as_usual(registry_):
    found = shown(registry_)
    assert {key: found[UNIT.key, key] for key in (3, 4, 5, 6, 7)} == {
        3: (2, 12.0, "low"),
        4: (60, 12.0, "high"),
        5: (0, 12.0, "low"),
        6: (12, 12.0, None),
        7: (12, 12.0, None),
    }
    assert found[UNIT.key, 2] == (2, 2.0, None)  # a Saturday is held against weekends
    assert found[OTHER.key, 2] == (40, None, None)  # nothing is known of it yet
    assert (OTHER.key, 3) not in found  # before its first message


def test_of_one_unit_and_as_known(registry_):
    assert {unit for unit, _ in shown(registry_, unit=OTHER.key)} == {OTHER.key}
    assert shown(registry_, known_at=START - 3 * DAY)[UNIT.key, 3][0] == 0


def test_deletions_count_and_nothing_is_nothing(registry):
    assert shown(registry) == {}
    registry.ingest(
        ListInbox(
            of_day(1, 3, 2),
            message(2, deletions=["T-1-0"], at=START - DAY),
            message(3, services(service("T-9")), at=minute(3)),
        )
    )
    found = shown(registry)
    assert (found[UNIT.key, 1][0], found[UNIT.key, 2][0], found[UNIT.key, 3][0]) == (1, 0, 2)
