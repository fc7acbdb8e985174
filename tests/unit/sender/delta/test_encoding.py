"""Encoding finds every record that no message can carry, and keeps the JSON of the others for the plan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ktt.domain.records import ROOTS
from ktt.messages.register import pack
from ktt.sender.delta.batches import DEFAULT_LIMITS, Limits, fits
from ktt.sender.delta.encoding import encode
from support.delta_records import UNIT, decision, diagnosis, line, records, service

VERSIONS = pack("ktt_v1")
NOTHING = {root.name: root.empty() for root in ROOTS}
IDS = ["D", "D" * 50, "D" * 100]
DIAGNOSES = NOTHING | records(diagnosis=[diagnosis(name, "2026-01-12") for name in IDS])


def test_the_json_is_that_of_the_message_version():
    encoded = encode(DIAGNOSES, VERSIONS, UNIT, DEFAULT_LIMITS)
    (version,) = (version for version in VERSIONS if version.carriers[0].name == "diagnosis")
    wanted = {one.local_id: one.json for one in version.encode(UNIT, DIAGNOSES)}
    assert dict(encoded.json["diagnosis"].select("local_id", "json").iter_rows()) == wanted
    assert all(encoded.json[root.name].is_empty() for root in ROOTS if root.name != "diagnosis")


def test_only_the_records_that_are_named_are_encoded():
    ids = {root.name: DIAGNOSES[root.name][root.key].head(1) for root in ROOTS}
    assert encode(DIAGNOSES, VERSIONS, UNIT, DEFAULT_LIMITS, ids).json["diagnosis"]["local_id"].to_list() == ["D"]


@pytest.mark.parametrize("maximum", [500, 620, 700, 1500])
def test_what_is_too_large_is_what_fits_in_no_message(maximum):
    limits = Limits(maximum=maximum)
    whole = encode(DIAGNOSES, VERSIONS, UNIT, DEFAULT_LIMITS).json["diagnosis"]
    wanted = sorted(
        local_id for local_id, json in whole.select("local_id", "json").iter_rows() if not fits(len(json), limits)
    )
    found = encode(DIAGNOSES, VERSIONS, UNIT, limits)
    assert found.too_large["diagnosis"].to_list() == wanted
    assert all(ids.is_empty() for name, ids in found.too_large.items() if name != "diagnosis")


HOURS = NOTHING | records(
    decision=[decision("V1"), decision("V2")],
    decision_line=[line("V1", hours_per_week=Decimal(900)), line("V2")],
    care_service=[service("T1")],
)


@pytest.mark.parametrize("keep", [True, False])
def test_what_breaks_the_schema_is_found_whether_the_json_is_kept_or_not(keep):
    found = encode(HOURS, VERSIONS, UNIT, DEFAULT_LIMITS, keep=keep)
    assert [(one.local_id, one.record_type, one.column) for one in found.violations] == [
        ("V1", "decision_line", "hours_per_week")
    ]
    assert found.json["decision"].height == (2 if keep else 0)


def test_a_record_that_is_too_large_has_no_other_fault():
    found = encode(HOURS, VERSIONS, UNIT, Limits(maximum=420))
    assert set(found.too_large["decision"]) == {"V1", "V2"}
    assert found.violations == []
