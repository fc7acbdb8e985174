"""What becomes of each record of the old record system: decisions with their services, persons without a number, twins."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import polars as pl

from ktt.domain.records import ASSESSMENT, CARE_SERVICE, DECISION, RECIPIENT, ROOTS
from ktt.sender.source_change.change import compare_sources

ON = dt.date(2026, 3, 2)


def extract(people, decisions=(), services=(), assessments=()):
    frames = {
        RECIPIENT: pl.DataFrame(people, schema=["local_person_id", "person_number"], orient="row"),
        DECISION: pl.DataFrame(decisions, schema=["decision_id", "local_person_id", "decided_on"], orient="row"),
        CARE_SERVICE: pl.DataFrame(
            services,
            schema=["service_id", "local_person_id", "decision_id", "service_type", "starts_on", "ends_on"],
            orient="row",
        ),
        ASSESSMENT: pl.DataFrame(assessments, schema=["assessment_id", "local_person_id", "assessed_on"], orient="row"),
    }
    records = {
        kind.name: kind.conform(frames[kind]) if kind in frames else kind.empty() for kind in (RECIPIENT, *ROOTS)
    }
    return SimpleNamespace(records=records, held_records={})


def compared(old, new, *, kept=None, neither=(), **more):
    """With everything of the old accepted, and these ids that neither system has."""

    def snapshot(_unit, name):
        kind = next(one for one in ROOTS if one.name == name)
        ids = [*old.records[name][kind.key], *(neither if kind is CARE_SERVICE else ())]
        return pl.DataFrame({"local_id": ids}, schema={"local_id": pl.String})

    outbox = SimpleNamespace(kept=lambda _unit: kept or {}, snapshot=snapshot)
    return compare_sources(SimpleNamespace(outbox=outbox, unit=None), old, new, ON, **more)


def day(text):
    return dt.date.fromisoformat(text)


OLD = extract(
    [("P1", "1"), ("P2", None)],
    decisions=[("V1", "P1", day("2019-01-01")), ("V2", "P1", day("2020-01-01")), ("V3", "P2", day("2018-01-01"))],
    services=[
        ("T1", "P1", "V1", "15", day("2019-02-01"), day("2020-01-01")),
        ("T2", "P1", "V1", "1", day("2019-02-01"), None),
        ("T3", "P2", "V3", "1", day("2018-02-01"), day("2019-01-01")),
    ],
    assessments=[("F1", "P1", day("2019-01-05")), ("F2", "P1", day("2024-01-05"))],
)


def test_what_is_moved_over_is_replaced_and_the_rest_stays_with_its_decision():
    new = extract(
        [("N1", "1")],
        decisions=[("X1", "N1", day("2019-01-01"))],
        services=[("Y2", "N1", "X1", "1", day("2019-02-01"), None)],
        assessments=[("Z2", "N1", day("2024-01-05"))],
    )
    found = compared(OLD, new)
    assert found.kept == {
        "decision": ["V1", "V2", "V3"],  # V1 is moved over, and its ended service is not
        "care_service": ["T1", "T3"],  # one whose person has no number is like no other
        "assessment": ["F1"],
    }
    assert (found.replaced["decision"], found.replaced["care_service"], found.replaced["assessment"]) == (0, 1, 1)


def test_a_decision_of_which_everything_is_moved_over_is_replaced():
    new = extract(
        [("N1", "1")],
        decisions=[("X1", "N1", day("2019-01-01"))],
        services=[
            ("Y1", "N1", "X1", "15", day("2019-02-01"), day("2020-01-01")),
            ("Y2", "N1", "X1", "1", day("2019-02-01"), None),
        ],
    )
    found = compared(OLD, new)
    assert (found.kept["decision"], found.replaced["decision"]) == (["V2", "V3"], 1)


def test_running_services_are_told_and_withdrawn_when_asked_for_and_their_decision_with_them():
    old = extract(
        [("P1", "1")],
        decisions=[("V1", "P1", None)],
        services=[
            ("T1", "P1", "V1", "1", day("2019-01-01"), day("2030-01-01")),
            ("T2", "P1", None, "1", day("2019-01-02"), ON),
        ],
    )
    new = extract([("N1", "1")])
    assert compared(old, new).open_services == ["T1"]
    found = compared(old, new, open_services="withdraw")
    assert found.kept == {"care_service": ["T2"], "decision": ["V1"]}  # a decision without a date is like no other


def test_what_an_earlier_change_kept_stays_kept_and_what_no_system_has_is_withdrawn():
    new = extract([("N1", "1")])
    found = compared(OLD, new, kept={"care_service": ["T0"]}, neither=["T0", "T00"])
    assert found.kept["care_service"] == ["T0", "T1", "T2", "T3"]
    assert found.neither["care_service"] == 1
