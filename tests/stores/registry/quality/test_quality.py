"""Sudden changes, the annual control and scores, by two clocks, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.core.clock import OSLO
from ktt.registry import AsOf
from ktt.registry.quality import outliers as module
from ktt.registry.quality.annual_control import annual_control
from ktt.registry.quality.outliers import judged, outliers, weekly
from ktt.registry.quality.scores import scores
from support.registry_inbox import OTHER, START, UNIT, ListInbox, frames, message, recipient, service, services

ON = dt.date(2026, 3, 16)
WEEK = dt.timedelta(weeks=1)
OLD = dt.date(2020, 1, 1)


def end_of(day):
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), OSLO) - dt.timedelta(microseconds=1)


class TestTheSeries:
    """What a statistic of each week would have said: the same as asking by both clocks, week for week."""

    def test_is_what_both_clocks_say(self, registry):
        days = [ON - n * WEEK + dt.timedelta(days=n % 5) for n in range(9, -1, -1)]
        said = []
        for n, day in enumerate(days, 1):
            early, late = day - dt.timedelta(days=40), day + dt.timedelta(days=10)
            rows = [
                service(f"T-{n}", starts_on=early, ends_on=late if n % 2 else None),
                service(f"T-{n}b", starts_on=late, service_type="18"),
                service("S-1", service_type="18" if n % 3 else "15", starts_on=early),
            ]
            at = (
                dt.datetime.combine(day, dt.time(22, 30), dt.UTC)
                if n == 4
                else dt.datetime.combine(day, dt.time(6), dt.UTC)
            )
            said.append(message(n, services(*rows), [f"T-{n - 3}"] if n > 4 else [], at=at))
        assert registry.ingest(ListInbox(*said)).messages == len(said)
        with registry.reading() as connection:
            found = weekly(
                module._bounded(module._intervals(connection, ON, None, UNIT.key), ON - 13 * WEEK, ON), ON, 12
            )
        for week in range(13):
            day = ON - week * WEEK
            rows = registry.as_of(UNIT, "care_service", AsOf(day, end_of(day)))
            expected = dict(rows.group_by("service_type").len().iter_rows())
            of_week = found.filter(weeks_ago=week)
            assert {kind: n for kind, n in of_week.select("service_type", "services").iter_rows() if n} == expected


def series(*services_):
    last = len(services_) - 1
    rows = [("u", "15", last - n, count, ON - (last - n) * WEEK) for n, count in enumerate(services_)]
    names = ("unit", "service_type", "weeks_ago", "services", "day")
    return pl.DataFrame(rows, schema=names, orient="row")


STEADY = [50, 51, 50, 52, 51, 50, 51, 52, 51, 50, 51]


@pytest.mark.parametrize(
    ("counts", "weeks", "found"),
    [
        pytest.param([*STEADY, 52], 1, [], id="as usual"),
        pytest.param([*STEADY, 58], 1, [], id="seven more where it swings by one"),
        pytest.param([*STEADY, 30], 1, [(51, 30)], id="two fifths are gone"),
        pytest.param([6] * 10 + [18], 1, [(6, 18)], id="a few that are tripled"),
        pytest.param([6] * 10 + [10], 1, [], id="fewer than five more"),
        pytest.param([1000] * 10 + [1050], 1, [], id="less than a tenth"),
        pytest.param([50, 60, 51, 62, 50, 61, 50, 60, 51, 60, 50, 62], 1, [], id="as much as it uses to swing"),
        pytest.param([0] * 10 + [40], 1, [], id="a type that is new"),
        pytest.param([0] * 3 + [40] * 4 + [80], 1, [], id="not there for long enough"),
        pytest.param([*STEADY, 30, 30, 31], 4, [(51, 30)], id="some weeks ago"),
        pytest.param([*STEADY, 30, 30, 31], 1, [], id="asked about the last week alone"),
        pytest.param([*STEADY, 30, 51], 2, [(30, 51), (51, 30)], id="gone and back"),
        pytest.param([0, 400] + [400] * 12, 4, [], id="the load is no outlier"),
    ],
)
def test_what_is_sudden(counts, weeks, found):
    assert judged(series(*counts), weeks).sort("week_to", descending=True).select("before", "after").rows() == found


def test_of_the_whole_and_of_one_unit(registry):
    before = [
        message(
            n, services(*(service(f"T-{n}-{k}", starts_on=OLD) for k in range(10))), unit=unit, at=START - 12 * WEEK
        )
        for n, unit in enumerate((UNIT, OTHER), 1)
    ]
    flood = message(3, services(*(service(f"N-{k}") for k in range(20))), at=START)
    flood_of_old = [service(f"{k}", starts_on=OLD) for k in range(9)]
    registry.ingest(ListInbox(*before, flood, message(4, services(*flood_of_old), unit=OTHER, at=START - 12 * WEEK)))
    with registry.reading() as connection:
        assert [
            (row["unit"], row["before"], row["after"]) for row in outliers(connection, START.date(), 4).to_dicts()
        ] == [(UNIT.key, 10, 30)]
        assert outliers(connection, START.date(), 4, unit=OTHER.key).is_empty()
        assert outliers(connection, START.date(), 4, known_at=START - WEEK).is_empty()


def a_unit():
    """Three persons: 1 has a long-term stay, 2 home services, 3 had one until May last year."""
    day = dt.date
    long_stay = service("T-1", "1", "21", starts_on=day(2025, 3, 1))
    at_home = service("T-2", "2", "15", starts_on=day(2024, 2, 1))
    over = service("T-3", "3", "13", starts_on=day(2024, 1, 1), ends_on=day(2025, 5, 1))
    second = service("T-4", "2", "15", starts_on=day(2025, 2, 1))
    providers = [{"service_id": "T-1", "provider": "312000113", "starts_on": day(2025, 3, 1)}]
    of_circumstances = {
        "circumstances_id": "PO-1",
        "local_person_id": "1",
        "starts_on": day(2025, 4, 1),
        "household": "1",
        "doctor_assessed_in": "2025-02",
        "dentist_assessed_in": "2024-11",
        "waiting_list": "1",
        "recorded_at": START,
    }
    nutrition = [{"circumstances_id": "PO-1", "nutrition_type": "1", "result": "1"}]
    assessments = [
        {"assessment_id": f"F-{p}", "local_person_id": p, "assessed_on": day(2025, 6, 1), "recorded_at": START}
        for p in ("1", "2")
    ]
    scores_ = [{"assessment_id": "F-1", "variable": str(n), "score": "9" if n == 3 else "2"} for n in range(1, 19)]
    scores_ += [{"assessment_id": "F-2", "variable": "1", "score": "3"}]
    people = [recipient(p) for p in ("1", "2", "3")]
    return [
        message(1, services(long_stay, at_home, over, second, provider_period=providers)),
        message(
            2,
            frames(circumstances=[of_circumstances], nutrition=nutrition, recipient=people[:1]),
            record_type="circumstances",
        ),
        message(3, frames(assessment=assessments, score=scores_, recipient=people[:2]), record_type="assessment"),
    ]


def test_the_annual_control(registry):
    registry.ingest(ListInbox(*a_unit()))
    with registry.reading() as connection:
        found = annual_control(connection, UNIT, dt.date(2026, 3, 16), dt.date(2025, 12, 31))
        before = annual_control(connection, UNIT, dt.date(2026, 3, 16), dt.date(2025, 12, 31), START)
    assert found.users.rows() == [
        ("15", 1, 1, 1, 1, 0.0),
        ("21", 1, 1, 1, 1, 0.0),
        ("29", 0, 1, 0, 1, -1.0),  # 13 is read as 29
    ]
    shares = {(row["group"], row["field"]): (row["users"], row["share"]) for row in found.filled.to_dicts()}
    filled = {field for (group, field), (_, share) in shares.items() if group == "long_stay" and share == 1.0}
    assert filled == {"household", "doctor_assessed_in", "nutrition_1", "all_scores", "provider"}
    assert shares["home_dwelling", "all_scores"] == (1, 0.0)
    assert shares["home_dwelling", "provider"] == (1, 0.0)
    assert set(found.filled["users_before"]) == {0, 2}
    assert before.users.is_empty()


def test_scores(registry):
    registry.ingest(ListInbox(*a_unit(), message(4, services(service("T-9", recorded_at=START)), unit=OTHER)))
    fields = pl.DataFrame(
        [(UNIT.key, "care_service", "decision_id", 1)],
        schema={"unit": pl.String, "record_type": pl.String, "field": pl.String, "records": pl.Int64},
        orient="row",
    )
    coverage = pl.DataFrame({"unit": [UNIT.key], "coverage": [0.5]})
    with registry.reading() as connection:
        found = scores(connection, AsOf(dt.date(2026, 3, 16)), None, fields, coverage)
        mine = scores(connection, AsOf(dt.date(2026, 3, 16)), UNIT.key, None, coverage)
    assert set(found["unit"]) == {UNIT.key, OTHER.key}
    assert set(mine["unit"]) == {UNIT.key}
    rows = {(row["record_type"], row["variable"]): row for row in found.filter(unit=UNIT.key).to_dicts()}
    decided = rows["care_service", "decision_id"]
    assert (decided["records"], decided["completeness"], decided["validity"]) == (3, 1.0, pytest.approx(2 / 3))
    assert (decided["timeliness"], decided["coverage"]) == (None, 0.5)  # recorded before the first message
    assert decided["score"] == pytest.approx((1 + 2 / 3 + 0.5) / 3)
    assert rows["care_service", "provider_period"]["completeness"] == pytest.approx(1 / 3)
    assert rows["circumstances", "waiting_list"]["completeness"] == 1.0
    assert ("care_service", "ends_on") not in rows  # rightly empty while a service goes on
    assert {row["validity"] for row in mine.to_dicts()} == {None}


@pytest.mark.parametrize(("late", "share"), [(2, 1.0), (9, 0.5)])
def test_timeliness(registry, late, share):
    day = dt.timedelta(days=1)
    said = [
        message(1, services(service("T-0", recorded_at=START - 400 * day)), at=START),
        message(2, services(service("T-1", recorded_at=START + day)), at=START + 2 * day),
        message(3, services(service("T-2", recorded_at=START + day)), at=START + (1 + late) * day),
    ]
    registry.ingest(ListInbox(*said))
    with registry.reading() as connection:
        found = scores(
            connection,
            AsOf((START + 12 * day).date()),
            None,
            None,
            pl.DataFrame(schema={"unit": pl.String, "coverage": pl.Float64}),
        )
    assert found.filter(variable="service_type")["timeliness"].to_list() == [share]
