"""Writing: what is left out, what is turned, and what is refused rather than left out."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from ktt.domain.records import CARE_SERVICE, CIRCUMSTANCES, DECISION, DECISION_LINE, PAUSE, RECIPIENT
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import MessageEmpty, RecordNotEncodable
from ktt.messages.register import find
from ktt.messages.version import EncodedRecord

UNIT = ReportingUnit("312000008", "1114")
SERVICES = find("KTT_Tjeneste", "1")
RECORDED = dt.datetime(2026, 7, 1, 10, 30, tzinfo=dt.UTC)


def frame(kind, *rows):
    columns = {c.name: pl.Series([row.get(c.name) for row in rows], dtype=c.dtype) for c in kind.columns}
    return pl.DataFrame(columns)


def service(**changes):
    row = {"service_id": "T-1", "local_person_id": "1001", "service_type": "15", "starts_on": dt.date(2026, 1, 12)}
    return {**row, "recorded_at": RECORDED, **changes}


def person(**changes):
    row = {"local_person_id": "1001", "person_number": "08844110015", "person_number_kind": "national"}
    return frame(RECIPIENT, {**row, **changes})


def written(*rows, **others):
    version = find("KTT_Tjeneste", "1")
    records = {"care_service": frame(CARE_SERVICE, *rows), "recipient": person(), **others}
    return [json.loads(record.json) for record in version.encode(UNIT, records)]


def test_an_everyday_service():
    assert written(service()) == [
        {
            "tjenesteId": "T-1",
            "tjenesteType": 15,
            "startDato": "2026-01-12",
            "registrertTid": "2026-07-01T12:30:00+02:00",
            "person": {"personId": "1001", "fodselsNr": 8844110015},
        }
    ]


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-01-01T11:00:00", "2026-01-01T12:00:00+01:00"),
        ("2026-07-01T11:00:00.5", "2026-07-01T13:00:00.500+02:00"),
        ("2026-10-25T00:30:00", "2026-10-25T02:30:00+02:00"),  # the hour that happens twice, first time
        ("2026-10-25T01:30:00", "2026-10-25T02:30:00+01:00"),  # and second time
        ("2025-12-31T23:30:00", "2026-01-01T00:30:00+01:00"),
    ],
)
def test_instants_are_written_as_norwegian_clocks_show_them(instant, text):
    recorded_at = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert written(service(recorded_at=recorded_at))[0]["registrertTid"] == text


@pytest.mark.parametrize(
    ("kind", "number", "block"),
    [
        ("national", "08844110015", {"fodselsNr": 8844110015}),
        ("d", "55838703266", {"dNr": 55838703266}),
        ("duf", "202300004711", {"dufNr": 202300004711}),
        ("h", "01410112345", {}),
        ("fh", "81234567890", {}),
        ("other", "passport AB-12", {}),
        (None, None, {}),
    ],
)
def test_only_the_three_kinds_of_number_are_sent(kind, number, block):
    recipient = person(person_number=number, person_number_kind=kind)
    assert written(service(), recipient=recipient)[0]["person"] == {"personId": "1001", **block}


def test_a_record_whose_recipient_is_unknown_keeps_its_local_id():
    assert written(service(local_person_id="77"))[0]["person"] == {"personId": "77"}


def test_texts_are_escaped():
    name = 'a"b\\c\u2028æ🩺'
    assert written(service(service_id=name))[0]["tjenesteId"] == name


def test_records_are_sorted_by_own_date_then_id():
    rows = [service(service_id=name, starts_on=dt.date(2026, 1, day)) for name, day in (("b", 2), ("a", 2), ("c", 1))]
    assert [record["tjenesteId"] for record in written(*rows)] == ["c", "a", "b"]


def test_parts_are_sorted_and_those_without_a_record_are_left_out():
    pauses = [
        {"service_id": s, "pause_id": p, "starts_on": dt.date(2026, 2, 1)}
        for s, p in (("T-1", "2"), ("X", "1"), ("T-1", "1"))
    ]
    (record,) = written(service(), pause=frame(PAUSE, *pauses))
    assert [stop["midlertidigStoppId"] for stop in record["midlertidigStopp"]] == ["1", "2"]


def test_the_home_municipality_is_left_out_when_it_reports():
    rows = [service(service_id="a", home_municipality="1114"), service(service_id="b", home_municipality="0301")]
    assert [record["person"].get("bostedKommuneNr") for record in written(*rows)] == [None, 301]


def test_an_object_with_nothing_in_it_is_left_out():
    row = {
        "circumstances_id": "PO-1",
        "local_person_id": "1001",
        "starts_on": dt.date(2026, 1, 9),
        "recorded_at": RECORDED,
    }
    version = find("KTT_Personopplysninger", "1")
    rows = frame(CIRCUMSTANCES, {**row, "household": "1"})
    (record,) = version.encode(UNIT, {"circumstances": rows, "recipient": person()})
    body = json.loads(record.json)
    assert list(body) == ["personopplysningerId", "fraDato", "boforhold", "registrertTid", "person"]
    assert body["boforhold"] == {"husstand": 1}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"service_type": "hjemmehjelp"}, "service_type"),
        ({"service_type": "015"}, "service_type"),
        ({"home_municipality": "Oslo"}, "home_municipality"),
        ({"starts_on": None}, "starts_on"),
        ({"service_id": None}, "service_id"),
    ],
)
def test_what_cannot_be_written_is_refused_and_not_left_out(changes, column):
    with pytest.raises(RecordNotEncodable) as caught:
        written(service(), service(service_id="T-2") | changes)
    assert caught.value.facts == {"record_type": "care_service", "column": column, "count": 1}


def test_a_number_that_is_none_is_refused_without_being_shown():
    with pytest.raises(RecordNotEncodable) as caught:
        written(service(), recipient=person(person_number="0884411OO15"))
    assert "0884411" not in str(caught.value)


def test_a_code_of_a_part_that_cannot_be_written_names_the_part():
    decision = {"decision_id": "V-1", "decision_number": 1, "local_person_id": "1", "decided_on": dt.date(2026, 1, 9)}
    records = {
        "decision": frame(DECISION, {**decision, "recorded_at": RECORDED}),
        "decision_line": frame(DECISION_LINE, {"decision_id": "V-1", "service_id": "T-1", "service_type": "?"}),
    }
    with pytest.raises(RecordNotEncodable, match="decision_line"):
        find("KTT_Vedtak", "1").encode(UNIT, records)


def test_no_records_are_no_text():
    assert written() == []


def test_empty_lists_are_left_out_of_the_message():
    record = EncodedRecord("T-1", dt.date(2026, 1, 12), b'{"tjenesteId":"T-1"}', "care_service")
    both = json.loads(SERVICES.assemble(UNIT, {"care_service": ["T-9"]}, [record]))
    assert both == [
        {
            "orgNr": 312000008,
            "kommuneNr": 1114,
            "slettTjeneste": [{"tjenesteId": "T-9", "erSlettet": True}],
            "tjeneste": [{"tjenesteId": "T-1"}],
        }
    ]
    assert list(json.loads(SERVICES.assemble(UNIT, {}, [record]))[0]) == ["orgNr", "kommuneNr", "tjeneste"]
    assert list(json.loads(SERVICES.assemble(UNIT, {"care_service": ["T-9"]}, []))[0]) == [
        "orgNr",
        "kommuneNr",
        "slettTjeneste",
    ]


def test_a_message_that_says_nothing_is_not_made():
    with pytest.raises(MessageEmpty):
        SERVICES.assemble(UNIT, {}, [])


def test_a_district_is_named_when_it_reports():
    message = json.loads(SERVICES.assemble(ReportingUnit("312000563", "0301", "03"), {"care_service": ["T-9"]}, []))
    assert (message[0]["kommuneNr"], message[0]["bydelNr"]) == (301, "03")


def test_hours_are_written_exactly():
    hundredths = range(1, 16_801)
    lines = pl.DataFrame({"decision_id": "V-1", "service_id": [f"{n:05}" for n in hundredths], "service_type": "15"})
    hours = pl.Series([dt_hours(n) for n in hundredths], dtype=DECISION_LINE.column("hours_per_week").dtype)
    decision = {"decision_id": "V-1", "decision_number": 1, "local_person_id": "1", "decided_on": dt.date(2026, 1, 9)}
    records = {
        "decision": frame(DECISION, {**decision, "recorded_at": RECORDED}),
        "decision_line": DECISION_LINE.conform(lines.with_columns(hours_per_week=hours)),
    }
    version = find("KTT_Vedtak", "1")
    (record,) = version.encode(UNIT, records)
    assert [line["timerUke"] for line in json.loads(record.json)["tjenester"]] == [n / 100 for n in hundredths]
    message = version.assemble(UNIT, {}, [record])
    assert [fault.keyword for fault in version.check(message)] == ["maxItems"]  # and every one is a multiple of 0.01
    assert version.read(message)[0].records["decision_line"]["hours_per_week"].equals(hours.alias("hours_per_week"))


def dt_hours(hundredths):
    return f"{hundredths // 100}.{hundredths % 100:02}"
