"""What is set aside is held, with the services of its decisions."""

from __future__ import annotations

import polars as pl
import pytest

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.set_aside import set_aside
from support.delta_records import DAY, UNIT, records

DECISIONS = [{"decision_id": "V1"}, {"decision_id": "V2"}]
SERVICES = [
    {"service_id": "T1", "decision_id": "V1"},
    {"service_id": "T2", "decision_id": "V1"},
    {"service_id": "T3", "decision_id": "V2"},
    {"service_id": "T4"},
]
PERIODS = [{"service_id": "T1", "provider": "312000113"}, {"service_id": "T3", "provider": "312000113"}]


@pytest.fixture
def extract():
    made = records(decision=DECISIONS, care_service=SERVICES, provider_period=PERIODS)
    nothing = {root.name: pl.Series("local_id", [], dtype=pl.String) for root in (RECIPIENT, *ROOTS)}
    empty = {name: kind.empty() for name, kind in ALL_TYPES.items()}
    held = nothing | {"care_service": pl.Series("local_id", ["T8"])}
    return Extract(
        unit=UNIT,
        records=empty | made,
        findings=pl.DataFrame(),
        held=held,
        excluded={},
        row_counts={},
        extracted_on=DAY,
        proofs=("count",),
        owned=True,
    )


def held(aside):
    return {name: sorted(ids) for name, ids in aside.extract.held.items() if len(ids)}


def left(aside, name, key):
    return aside.extract.records[name][key].to_list()


def test_nothing_set_aside_changes_nothing(extract):
    assert set_aside(extract, {}).extract is extract


def test_a_decision_takes_its_services_and_their_parts_along(extract):
    aside = set_aside(extract, {"decision": ["V1"]})
    assert held(aside) == {"decision": ["V1"], "care_service": ["T1", "T2", "T8"]}
    assert (left(aside, "decision", "decision_id"), left(aside, "care_service", "service_id")) == (["V2"], ["T3", "T4"])
    assert left(aside, "provider_period", "service_id") == ["T3"]
    assert (aside.dependents, aside.keeps_decisions) == (2, False)


def test_a_service_that_is_named_as_well_is_counted_once(extract):
    aside = set_aside(extract, {"decision": ["V1"], "care_service": ["T1"]})
    assert (held(aside)["care_service"], aside.dependents) == (["T1", "T2", "T8"], 1)


@pytest.mark.parametrize(
    ("service", "keeps"), [("T1", False), ("T8", False), ("T9", True)], ids=["there", "held", "gone"]
)
def test_no_decision_is_deleted_before_a_service_whose_deletion_is_set_aside(extract, service, keeps):
    aside = set_aside(extract, {"care_service": [service]})
    assert aside.keeps_decisions is keeps
    assert service in held(aside)["care_service"]
