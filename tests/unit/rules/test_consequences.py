"""What each of the four consequences does to a message, and that the counts add up."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.domain.records import CARE_SERVICE, CIRCUMSTANCES
from ktt.domain.unit import ReportingUnit
from ktt.rules.catalogue import find
from ktt.rules.consequences import apply
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.examples import parse
from ktt.rules.findings import FINDING_SCHEMA

SETTING = ValidationScope(ReportingUnit("312000008", "1114"), dt.date(2026, 3, 2), other_records={})

SERVICES = """
    | service_id | local_person_id | starts_on  | ends_on    |
    | T-1        | P-1             | 2026-01-12 |            |
    | T-2        | P-1             | 2026-01-12 | 2026-01-11 |
    | T-3        | P-2             | 2026-01-12 |            |
    provider_period
    | service_id | provider  | starts_on  |
    | T-1        | 312000113 | 2026-01-12 |
    | T-1        | 312000114 | 2026-02-12 |
    | T-2        | 312000113 | 2026-01-12 |
    recipient
    | local_person_id | person_number |
    | P-1             | 08844110015   |
    | P-2             | 23915820159   |
"""


def applied(text, kind, *rules):
    records = parse(text, kind).records
    return apply(records, validate_records(records, [find(rule) for rule in rules], SETTING), kind)


def test_a_message_without_findings_is_left_as_it_was():
    records = parse(SERVICES, CARE_SERVICE).records
    left = apply(records, validate_records(records, [], SETTING), CARE_SERVICE)
    assert all(left.records[name].equals(frame) for name, frame in records.items())
    assert (left.rejected, left.dropped, left.dropped_along, left.cleared, left.noted) == (False, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "services", "dropped", "along"),
    [
        (["KTT-TJENESTE-01"], ["T-1", "T-3"], 1, 1),  # the service, and its provider period with it
        (["KTT-UTFORER-01"], ["T-1", "T-2", "T-3"], 1, 0),  # a part goes alone
        (["KTT-PERSON-01"], ["T-1", "T-2"], 1, 1),  # a person takes the records along
        (["KTT-TJENESTE-01", "KTT-UTFORER-01", "KTT-PERSON-01"], ["T-1"], 3, 2),
    ],
)
def test_a_dropped_row_takes_what_hangs_on_it_along(rules, services, dropped, along):
    left = applied(SERVICES, CARE_SERVICE, *rules)
    assert left.records["care_service"]["service_id"].to_list() == services
    assert (left.dropped, left.dropped_along) == (dropped, along)


def test_a_rejected_message_leaves_nothing():
    left = applied("| service_id |\n| T-1 |\n| T-1 |", CARE_SERVICE, "KTT-TJENESTE-07")
    assert left.rejected
    assert all(frame.is_empty() for frame in left.records.values())


def test_a_cleared_field_is_emptied_and_nothing_else_is_touched():
    text = """
        | circumstances_id | household | private_help |
        | PO-1             | 9         | 1            |
        | PO-2             | 2         | 1            |
    """
    left = applied(text, CIRCUMSTANCES, "KTT-KODE-05")
    assert left.records["circumstances"]["household"].to_list() == [None, "2"]
    assert left.records["circumstances"]["private_help"].to_list() == ["1", "1"]
    assert (left.cleared, left.dropped) == (1, 0)


def test_the_first_concerned_field_is_emptied_of_each_finding_and_every_such_field():
    text = """
        | circumstances_id | household | private_help |
        | PO-1             | 9         | 1            |
        | PO-2             | 2         | 1            |
    """
    records = parse(text, CIRCUMSTANCES).records
    (found,) = validate_records(records, [find("KTT-KODE-05")], SETTING).iter_rows(named=True)
    fields = [["household", "private_help"], ["private_help", "household"], ["private_help"]]
    rows = [found | {"row": row, "fields": names} for row, names in zip((0, 0, 1), fields, strict=True)]
    only_first = apply(records, pl.DataFrame(rows[:1], schema=FINDING_SCHEMA), CIRCUMSTANCES)
    assert only_first.records["circumstances"]["private_help"].to_list() == ["1", "1"]
    left = apply(records, pl.DataFrame(rows, schema=FINDING_SCHEMA), CIRCUMSTANCES)
    assert left.records["circumstances"].select("household", "private_help").rows() == [(None, None), ("2", None)]
    assert (only_first.cleared, left.cleared) == (1, 3)


def test_of_the_fields_that_a_rule_concerns_the_first_is_emptied():
    text = """
        | circumstances_id |
        | PO-1             |
        participation
        | circumstances_id | participation_type | need | receives |
        | PO-1             | 1                  | 1    | 2        |
        | PO-1             | 3                  | 2    | 1        |
    """
    left = applied(text, CIRCUMSTANCES, "KTT-DELTAKELSE-01")
    kept = left.records["participation"].select("participation_type", "need", "receives")
    assert kept.rows() == [("1", "1", "2"), ("3", "2", None)]
    assert left.cleared == 1


def test_every_field_is_emptied_that_some_rule_clears():
    text = """
        | circumstances_id | household | private_help | waiting_list |
        | PO-1             | 9         | 9            | 9            |
        | PO-2             | 9         | 1            | 1            |
    """
    left = applied(text, CIRCUMSTANCES, "KTT-KODE-05", "KTT-KODE-08", "KTT-KODE-12")
    kept = left.records["circumstances"].select("household", "private_help", "waiting_list")
    assert kept.rows() == [(None, None, None), (None, "1", "1")]
    assert left.cleared == 4


def test_a_note_changes_nothing():
    left = applied("| service_id |\n| T-1 |", CARE_SERVICE, "KTT-TJENESTE-12")
    assert left.records["care_service"].height == 1
    assert left.noted == 1
