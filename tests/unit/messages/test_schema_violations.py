"""Records that a message's schema refuses are found alone, with the place and the limit; what is left always fits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from ktt.domain.records import ALL_TYPES, DIAGNOSIS, ROOT_OF, subset
from ktt.domain.unit import ReportingUnit
from ktt.messages import schema_violations as module
from ktt.messages.errors import MessageMalformed
from ktt.messages.register import pack
from ktt.messages.schema_violations import encode_and_check
from support.delta_records import UNIT, decision, diagnosis, line, records, service

VERSIONS = pack("ktt_v1")
BY_TYPE = {version.carriers[0].name: version for version in VERSIONS}
HEALTHY = {
    "decision": [decision("V1"), decision("V2")],
    "decision_line": [line("V1"), line("V2", hours_per_week=Decimal(3))],
    "care_service": [service("T1"), service("T2")],
    "diagnosis": [diagnosis("D1"), diagnosis("D2")],
}
SPOILT = {
    "id": ["", "x" * 101, "a\x07b"],
    "text": ["", "x" * 2001, "a\x00b"],
    "code": ["99999", "abc", "015", "9" * 400],
    "day": [dt.date(999, 12, 31)],
    "instant": [dt.datetime(999, 1, 1, tzinfo=dt.UTC)],
    "hours": [Decimal(900), Decimal(0), Decimal(-1), Decimal(99999)],
    "count": [0, 1000],
    "district": ["1", "123", "AB"],
    "municipality": ["ABCD"],
    "organisation": ["000000000", "12", "ABC"],
}


def found(one, name):
    version = BY_TYPE[name]
    blocks = encode_and_check(one, version, version.carriers[0], UNIT, one[name][version.carriers[0].key])
    return [violation for _, violations in blocks for violation in violations]


def spoil(one, name, column, value, row=0):
    """The same records with one cell changed."""
    kind = ALL_TYPES[name]
    here = pl.int_range(pl.len()) == row
    cell = pl.lit(value, dtype=kind.column(column).dtype)
    return one | {name: one[name].with_columns(pl.when(here).then(cell).otherwise(column).alias(column))}


def test_what_fits_has_no_misfit():
    one = records(**HEALTHY)
    assert [found(one, name) for name in HEALTHY if name in BY_TYPE] == [[], [], []]


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("decision_line", "hours_per_week", Decimal(900), "vedtak[].tjenester[].timerUke: maximum 168"),
        ("decision_line", "hours_per_week", Decimal(0), "vedtak[].tjenester[].timerUke: minimum 0.01"),
        ("decision_line", "service_type", "abc", "vedtak[].tjenester[].tjenesteType: digits"),
        ("decision", "case_id", "x" * 101, "vedtak[].sakId: maxLength 100"),
        ("care_service", "home_district", "1", "tjeneste[].person.bostedBydelNr: minLength 2"),
        ("diagnosis", "starts_on", dt.date(999, 1, 1), "diagnose[].fraDato: pattern"),
    ],
)
def test_the_place_and_the_limit_are_named_and_the_value_never(name, column, value, words):
    (one,) = found(spoil(records(**HEALTHY), name, column, value, row=1), ROOT_OF[name])
    assert (one.record_type, one.column, one.says) == (name, column, words)
    assert one.local_id in {"V2", "T2", "D2"}
    assert one.out_of_bounds == isinstance(value, Decimal)


def test_a_part_that_a_record_lacks_is_a_misfit_of_the_record():
    one = records(decision=[decision("V1"), decision("V2")], decision_line=[line("V1")])
    (lacking,) = found(one, "decision")
    assert (lacking.record_type, lacking.local_id, lacking.column) == ("decision", "V2", None)
    assert lacking.says == "vedtak[].tjenester: required"


def test_every_fault_of_a_record_is_told_once():
    one = spoil(records(**HEALTHY), "decision_line", "hours_per_week", Decimal(900))
    one = spoil(one, "decision_line", "staff_hours_per_week", Decimal(0))
    one = spoil(one, "decision", "case_id", "")
    lines = one["decision_line"]
    one["decision_line"] = pl.concat([lines, lines[0].with_columns(service_id=pl.lit("T9"))])
    assert sorted(fault.place for fault in found(one, "decision")) == [
        "vedtak[].sakId", "vedtak[].tjenester[].ressursTimerUke", "vedtak[].tjenester[].timerUke",
    ]  # fmt: skip


CELLS = [
    (kind.name, column.name, value)
    for kind in (ALL_TYPES[name] for name in HEALTHY)
    for column in kind.columns
    for value in SPOILT.get(column.kind, ())
    if column.name not in {"local_person_id", kind.parent_key}
]


@pytest.mark.parametrize(("name", "column", "value"), CELLS)
def test_without_the_records_that_violate_it_a_message_always_fits_its_schema(name, column, value):
    """Held against the registry's own check of the whole message, whatever a cell holds."""
    root = ROOT_OF[name]
    version, one = BY_TYPE[root], spoil(records(**HEALTHY), name, column, value)
    wrong = {fault.local_id for fault in found(one, root)}
    ids = one[root][version.carriers[0].key]
    rest = subset(one, version.carriers[0], ids.filter(~ids.is_in(list(wrong))))
    assert version.check(version.assemble(UNIT, {}, version.encode(UNIT, rest))) == []
    assert len(wrong) <= 1  # the neighbour goes on
    if wrong:
        alone = subset(one, version.carriers[0], pl.Series(list(wrong)))
        assert next(version.unwritable(UNIT, alone), None) or not _taken(version, alone)


def _taken(version, alone):
    message = version.assemble(UNIT, {}, version.encode(UNIT, alone))
    return version.fast_check(message) is not None


@pytest.mark.parametrize("block", [1, 2, 3])
def test_blocks_make_no_difference(monkeypatch, block):
    one = records(diagnosis=[diagnosis(f"D{number}" + "x" * (number % 2) * 100) for number in range(5)])
    monkeypatch.setattr(module, "_ENCODED_TOGETHER", block)
    monkeypatch.setattr(module, "_CHECKED_TOGETHER", block)
    assert [fault.local_id[:2] for fault in found(one, "diagnosis")] == ["D1", "D3"]


def test_a_unit_that_does_not_fit_is_no_records_fault():
    one = records(diagnosis=[diagnosis("D1")])
    wrong = ReportingUnit("312000008", "1114", district="1")
    with pytest.raises(MessageMalformed, match="bydelNr"):
        list(encode_and_check(one, BY_TYPE["diagnosis"], DIAGNOSIS, wrong, one["diagnosis"]["diagnosis_id"]))
