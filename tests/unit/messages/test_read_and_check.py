"""Reading and checking: what a stranger may send, and what the answers never show."""

from __future__ import annotations

import datetime as dt
import json
import traceback

import pytest

from ktt.messages.errors import MessageMalformed, MessageNotJson
from ktt.messages.register import find, pack

VERSION = find("KTT_Tjeneste", "1")
SECRET = "08844110015"  # a synthetic person


def message(**changes):
    record = {
        "tjenesteId": "T-1",
        "tjenesteType": 15,
        "startDato": "2026-01-12",
        "registrertTid": "2026-01-20T13:02:11+01:00",
        "person": {"personId": "1001", "fodselsNr": 8844110015},
    }
    return [{"orgNr": 312000008, "kommuneNr": 1114, "tjeneste": [record | changes]}]


def sent(value):
    return json.dumps(value).encode()


def read(value):
    (batch,) = VERSION.read(sent(value))
    return batch


def test_leading_zeros_come_back():
    value = message()
    value[0]["kommuneNr"] = 301
    batch = read(value)
    assert batch.unit.municipality == "0301"
    assert batch.records["recipient"]["person_number"].to_list() == ["08844110015"]
    assert batch.records["recipient"]["person_number_kind"].to_list() == ["national"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-20T13:02:11+01:00",
        "2026-01-20T12:02:11Z",
        "2026-01-20T12:02:11.000000000Z",
        "2026-01-20T04:02:11-08:00",
    ],
)
def test_an_instant_is_the_same_in_every_offset(written):
    (instant,) = read(message(registrertTid=written)).records["care_service"]["recorded_at"]
    assert instant == dt.datetime(2026, 1, 20, 12, 2, 11, tzinfo=dt.UTC)


def test_null_is_absent_and_an_empty_list_is_no_list():
    plain = read(message())
    odd = message(sluttDato=None, utforer=None, midlertidigStopp=[])
    odd[0]["bydelNr"] = odd[0]["slettTjeneste"] = None
    assert VERSION.check(sent(odd)) == []
    assert read(odd).unit == plain.unit
    for name, frame in plain.records.items():
        assert read(odd).records[name].equals(frame)


def test_a_whole_number_may_be_written_with_a_decimal_point():
    odd = message(tjenesteType=15.0)
    odd[0]["orgNr"] = 312000008.0
    assert VERSION.check(sent(odd)) == []
    assert read(odd).unit.organisation == "312000008"
    assert read(odd).records["care_service"]["service_type"].to_list() == ["15"]


def test_a_decision_number_left_out_is_one():
    example = find("KTT_Vedtak", "1").examples()["N04-d-number"]
    (batch,) = find("KTT_Vedtak", "1").read(example)
    assert batch.records["decision"]["decision_number"].to_list() == [1]


def test_a_deletion_mark_of_false_has_no_effect():
    value = [{"orgNr": 312000008, "kommuneNr": 1114, "slettTjeneste": [
        {"tjenesteId": "T-1", "erSlettet": False}, {"tjenesteId": "T-2", "erSlettet": True}]}]  # fmt: skip
    assert VERSION.check(sent(value)) == []
    assert read(value).deletions == {"care_service": ("T-2",)}


def test_the_last_person_block_of_a_person_counts():
    value = message()
    moved = value[0]["tjeneste"][0] | {"tjenesteId": "T-2", "person": {"personId": "1001", "dNr": 55838703266}}
    value[0]["tjeneste"].append(moved)
    (person,) = read(value).records["recipient"].to_dicts()
    assert (person["person_number"], person["person_number_kind"]) == ("55838703266", "d")


def test_a_message_without_records_has_frames_without_rows():
    batch = read([{"orgNr": 312000008, "kommuneNr": 1114, "slettTjeneste": [{"tjenesteId": "T", "erSlettet": True}]}])
    assert {name: frame.height for name, frame in batch.records.items()} == {
        "care_service": 0, "provider_period": 0, "pause": 0, "recipient": 0}  # fmt: skip
    assert batch.records["care_service"].schema == VERSION.carriers[0].schema


MALFORMED = {
    "an object": ({}, "the whole message"),
    "text": ("x", "the whole message"),
    "a unit that is none": ([1], "/0"),
    "an unknown field": (message(fnr=SECRET), "/0/tjeneste/0"),
    "text for a code": (message(tjenesteType=SECRET), "a place that is not known"),
    "a code with a fraction": (message(tjenesteType=1.5), "a place that is not known"),
    "no such day": (message(startDato="2026-02-30"), "a place that is not known"),
    "no such instant": (message(registrertTid=SECRET), "a place that is not known"),
}


@pytest.mark.parametrize(("value", "pointer"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_message_is_refused_by_place(value, pointer):
    with pytest.raises(MessageMalformed) as caught:
        VERSION.read(sent(value))
    place = f"the first fault is at “{pointer}”"
    assert caught.value.says().en == f"The message does not fit KTT_Tjeneste version 1: {place}."
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert VERSION.check(sent(value))


def test_hours_too_large_to_hold_are_malformed():
    version = find("KTT_Vedtak", "1")
    value = json.loads(version.examples()["N04-d-number"])
    value[0]["vedtak"][0]["tjenester"][0]["timerUke"] = 1e300
    with pytest.raises(MessageMalformed):
        version.read(sent(value))


@pytest.mark.parametrize("reader", [VERSION.read, VERSION.check], ids=["read", "check"])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text.replace(b"312000008", b"92233720368547758080"), "number"),
        (lambda text: text.replace(b'"T-1"', b'"T\\u0000"'), "nul"),
        (lambda text: text.replace(b'"T-1"', b'"T-1", "tjenesteId": "T-2"'), "duplicate_key"),
        (lambda text: text + text, "trailing"),
        (lambda text: b"\xef\xbb\xbf" + text, "bom"),
        (lambda text: text[:-1], "syntax"),
        (lambda text: text.replace(b"T-1", b"\xff"), "utf8"),
        (lambda text: text.replace(b'"T-1"', b"[" * 70 + b"]" * 70), "depth"),
    ],
)
def test_reading_and_checking_are_equally_strict(reader, spoil, reason):
    with pytest.raises(MessageNotJson) as caught:
        reader(spoil(sent(message())))
    assert caught.value.facts == {"reason": reason}


def test_faults_come_in_order_and_only_so_many():
    many = message()
    many[0]["tjeneste"] *= 150
    for record in many[0]["tjeneste"]:
        record["tjenesteType"] = 10
    faults = VERSION.check(sent(many))
    assert [fault.pointer for fault in faults] == [f"/0/tjeneste/{n}/tjenesteType" for n in range(100)]
    assert len(VERSION.check(sent(many), at_most=7)) == 7


@pytest.mark.parametrize("version", pack("ktt_v1"), ids=lambda version: version.message_type)
def test_no_fault_shows_what_was_sent(version):
    """Every value and every unknown name is replaced by a person's number; no answer may hold it."""
    for name, content in version.examples().items():
        if name.startswith("N"):
            spoilt = sent(_spoil(json.loads(content)))
            faults = version.check(spoilt)
            assert faults
            assert SECRET not in repr(faults)
            with pytest.raises(MessageMalformed) as caught:
                version.read(spoilt)
            assert SECRET not in str(caught.value)


def _spoil(value):
    if isinstance(value, dict):
        return {name: _spoil(inner) for name, inner in value.items()} | {SECRET: SECRET}
    return [_spoil(item) for item in value] if isinstance(value, list) else SECRET
