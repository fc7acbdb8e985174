"""Packs of unlike shape carry the same records: what is written fits the schema, and what is read is what was written."""

from __future__ import annotations

import datetime as dt
import json
import re

import jsonschema
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktt.domain.records import ALL_TYPES, ROOT_OF, ROOTS
from ktt.messages.errors import MessageEmpty, RecordNotEncodable
from ktt.messages.mapping.encode import encode_records
from ktt.messages.mapping.unwritable import unwritable_records
from ktt.testing.synthetic.faults.frames import records_of
from support import effort, synthetic_municipality
from support.mapped_packs import NAMES, messages_of
from support.mapped_records import UNITS, as_read, in_order, records

MESSAGES = [message for name in NAMES for message in messages_of(name)]
DAY = dt.date(2026, 3, 2)
each_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda one: f"{one.pack}-{one.message_type}")
each_pack = pytest.mark.parametrize("pack", NAMES)
EXAMPLES = settings(max_examples=effort.SHAPES, suppress_health_check=[HealthCheck.too_slow])


def types_of(message):
    roots = {scope.record_type.name for scope in message.mapping.root.walk() if scope.record_type is not None}
    return roots & set(ALL_TYPES) - {"recipient"}


def deleted_types(message):
    return [scope.deletes.name for scope in message.mapping.root.walk() if scope.deletes is not None]


def writable(message, unit, found):
    """The records without those that the message cannot carry, which the sender holds back."""
    kept = dict(found)
    for name, _, ids in list(unwritable_records(message.mapping, unit, found)):
        root = ALL_TYPES[ROOT_OF[name]]
        for kind in (root, *root.parts):
            kept[kind.name] = kept[kind.name].filter(~pl.col(root.key).is_in(ids.implode()))
    return kept


def rows_read(batch):
    return {name: in_order(frame.to_dicts()) for name, frame in batch.records.items() if frame.height}


@each_message
def test_the_schema_is_one(message):
    jsonschema.Draft202012Validator.check_schema(message.schema)


@each_pack
def test_every_column_is_carried_or_dropped_with_a_reason(pack):
    carried = set()
    for message in messages_of(pack):
        for scope in message.mapping.root.walk():
            carried |= {(member.owner, member.column.name) for member in scope.members}
            if scope.record_type is not None:
                carried |= {(scope.record_type.name, name) for name in scope.having}
    columns = {
        (kind.name, column.name)
        for root in ROOTS
        for kind in (root, *root.parts)
        for column in kind.columns
        if not column.derived and column.name not in {kind.parent_key, "local_person_id"}
    }
    dropped = {tuple(name.split(".")) for message in messages_of(pack) for name in message.dropped}
    assert columns - carried - dropped == set()


@pytest.fixture(scope="module")
def municipality():
    _, people = synthetic_municipality.generate(25, "three packs")
    return records_of(people)


@each_message
def test_a_synthetic_municipality_comes_back(message, municipality):
    unit = UNITS[0]
    found = writable(message, unit, municipality)
    assert sum(municipality[name].height - found[name].height for name in municipality) <= 3  # a service that waits
    body = message.message(unit, encode_records(message.mapping, unit, found), gone_ids(message), extracted_on=DAY)
    assert message.faults(body) == []
    (batch,) = message.reader.read(body)
    assert rows_read(batch) == as_read(found, unit, types_of(message))


def gone_ids(message):
    return dict.fromkeys(deleted_types(message), ("X-1", 'æ"2'))


@each_message
@EXAMPLES
@given(data=st.data())
def test_what_is_written_fits_and_is_read_again(message, data):
    unit = data.draw(st.sampled_from(UNITS))
    found = writable(message, unit, data.draw(records()))
    encoded = encode_records(message.mapping, unit, found)
    gone = gone_ids(message)
    if not encoded and not gone:
        with pytest.raises(MessageEmpty):
            message.message(unit, encoded, gone)
        return
    body = message.message(unit, encoded, gone, extracted_on=DAY)
    lacking = {"minItems", "required"} if message.mapping.needed_parts else {"minItems"}  # of a part that must be there
    assert [fault for fault in message.faults(body) if fault[1] not in lacking] == []
    (batch,) = message.reader.read(body, places=True)
    assert (batch.unit, dict(batch.deletions)) == (unit, gone)
    assert rows_read(batch) == as_read(found, unit, types_of(message))
    assert message.message(unit, encode_records(message.mapping, unit, batch.records), gone, extracted_on=DAY) == body
    points_to_rows(json.loads(body), batch)


def points_to_rows(message, batch):
    """Each pointer leads to where the row's own id stands; parts without one only have to be there."""
    for name, pointers in batch.places.items():
        if name == "unit":
            continue
        for wanted, pointer in zip(ids_of(name, batch), pointers, strict=True):
            found = message
            for step in pointer.split("/")[1:]:
                found = found[int(step)] if isinstance(found, list) else found[step]
            assert wanted is None or json.dumps(wanted) in json.dumps(found)


def ids_of(name, batch):
    if name.startswith("-"):
        return batch.deletions[name[1:]]
    key = ALL_TYPES[name].column(ALL_TYPES[name].key)
    return batch.records[name][key.name] if key.kind == "id" else [None] * batch.records[name].height


@each_message
def test_deletions_alone_come_back(message):
    for name in deleted_types(message):
        body = message.message(UNITS[1], [], {name: ["A", "B"]}, extracted_on=DAY)
        (batch,) = message.reader.read(body)
        assert batch.unit == UNITS[1]
        assert dict(batch.deletions) == {name: ("A", "B")}
        assert not any(frame.height for frame in batch.records.values())


@each_pack
def test_every_type_can_be_deleted_and_sent(pack):
    messages = messages_of(pack)
    roots = {root.name for root in ROOTS}
    assert {name for message in messages for name in deleted_types(message)} == roots
    assert roots <= set().union(*map(types_of, messages))


@each_message
def test_the_same_input_gives_the_same_bytes(message, municipality):
    found = writable(message, UNITS[0], municipality)
    turned = {name: frame.reverse() for name, frame in found.items()}
    first, second = (encode_records(message.mapping, UNITS[0], one) for one in (found, turned))
    if first:
        bodies = {message.message(UNITS[0], one, extracted_on=DAY) for one in (first, second)}
        assert len(bodies) == 1


@each_message
def test_examples_are_judged_as_they_claim(message):
    fit = sorted(message.examples.glob("N*.json"))
    fail = sorted(one for one in message.examples.glob("F*.json") if ".expects" not in one.name)
    assert fit
    assert fail
    for example in fit:
        assert message.faults(example.read_bytes()) == [], example.name
        assert message.reader.read(example.read_bytes())
    for example in fail:
        claim = json.loads(example.with_suffix(".expects.json").read_text(encoding="utf-8"))
        assert (claim["pointer"], claim["keyword"]) in message.faults(example.read_bytes()), example.name


# ── one shape each ──────────────────────────────────────────────────────────────────────────────────────────────────


def one(pack, name):
    return next(message for message in messages_of(pack) if message.message_type == name)


def frames(**rows):
    found = {name: kind.empty() for name, kind in ALL_TYPES.items() if name != "residence"}
    for name, given_rows in rows.items():
        kind = ALL_TYPES[name]
        columns = {c.name: pl.Series([row.get(c.name) for row in given_rows], dtype=c.dtype) for c in kind.columns}
        found[name] = kind.conform(pl.DataFrame(columns))
    return found


WHEN = {"recorded_at": dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), "local_person_id": "P"}
DECISION = {"decision_id": "V", "decision_number": 1, "decided_on": DAY, **WHEN}
SERVICE = {"service_id": "T", "service_type": "15", "starts_on": DAY, **WHEN}


def test_a_service_stands_inside_its_decision_and_one_without_beside():
    services = [
        SERVICE | {"decision_id": "V"},
        SERVICE | {"service_id": "U"},
        SERVICE | {"service_id": "W", "decision_id": "?"},
    ]
    message = one("services_inside", "Vedtak")
    encoded = encode_records(message.mapping, UNITS[0], frames(decision=[DECISION], care_service=services))
    assert [(record.record_type, record.local_id) for record in encoded] == [
        ("care_service", "U"),
        ("decision", "V"),
        ("care_service", "W"),
    ]
    body = json.loads(message.message(UNITS[0], encoded, extracted_on=DAY))
    assert [service["id"] for service in body["vedtak"][0]["tjenester"]] == ["T"]
    assert [service.get("vedtakId") for service in body["tjenesterUtenVedtak"]] == [None, "?"]


def test_a_service_of_another_person_than_its_decisions_has_no_place_there():
    message = one("services_inside", "Vedtak")
    found = frames(decision=[DECISION], care_service=[SERVICE | {"decision_id": "V", "local_person_id": "Q"}])
    assert [
        (name, column, ids.to_list()) for name, column, ids in unwritable_records(message.mapping, UNITS[0], found)
    ] == [("care_service", "local_person_id", ["T"])]


def test_more_rows_than_places_are_refused():
    message = one("deletion_messages", "Tjeneste")
    pauses = [{"service_id": "T", "pause_id": f"{n:02}", "starts_on": DAY} for n in range(21)]
    found = frames(care_service=[SERVICE], pause=pauses)
    with pytest.raises(RecordNotEncodable) as caught:
        encode_records(message.mapping, UNITS[0], found)
    assert caught.value.facts == {"record_type": "pause", "column": "pause_id", "count": 1}
    found["pause"] = found["pause"].head(20)
    (record,) = encode_records(message.mapping, UNITS[0], found)
    assert json.loads(record.json)["stopp20Nøkkel"] == "19"


def test_a_code_without_a_translation_is_refused():
    message = one("deletion_messages", "Diagnose")
    diagnosis = {"diagnosis_id": "D", "code_system": "DSM", "code": "1", "starts_on": DAY, **WHEN}
    with pytest.raises(RecordNotEncodable, match="code_system"):
        encode_records(message.mapping, UNITS[0], frames(diagnosis=[diagnosis]))


def test_a_record_split_over_two_objects_travels_as_one():
    message = one("deletion_messages", "Livssituasjon")
    found = frames(
        circumstances=[{"circumstances_id": "C", "starts_on": DAY, "household": "1", "coordinator": "2", **WHEN}]
    )
    (record,) = encode_records(message.mapping, UNITS[0], found)
    (unit,) = json.loads(message.message(UNITS[0], [record]))["rapport"]["enheter"]
    assert (unit["bolig"][0]["husstand"], unit["plan"][0]["koordinator"]) == (1, 2)


def test_a_person_stands_once_around_all_records():
    message = one("services_inside", "Person")
    found = frames(
        recipient=[{"local_person_id": "P"}],
        diagnosis=[{"diagnosis_id": n, "code_system": "ICD-10", "code": "A", "starts_on": DAY, **WHEN} for n in "ab"],
        assessment=[{"assessment_id": "F", "assessed_on": DAY, **WHEN}],
    )
    body = json.loads(message.message(UNITS[0], encode_records(message.mapping, UNITS[0], found), extracted_on=DAY))
    (person,) = body["personer"]
    assert person["person"] == {"lokalId": "P"}
    assert (len(person["diagnoser"]), len(person["funksjon"]), "situasjoner" in person) == (2, 1, False)


def test_the_header_says_what_the_message_is():
    message = one("services_inside", "Person")
    first = json.loads(message.message(UNITS[1], [], {"diagnosis": ["D"]}, extracted_on=DAY))["hode"]
    again = json.loads(message.message(UNITS[1], [], {"diagnosis": ["E"]}, extracted_on=DAY))["hode"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", first["meldingsId"])
    assert first["meldingsId"] != again["meldingsId"]
    assert (first["meldingstype"], first["versjon"], first["uttrekksdato"]) == ("PERSON", "2.1", 20260302)
    assert first["avsender"] == {"orgnr": "312000563", "kommune": {"nr": "0301", "bydel": "03"}}


def test_two_units_in_one_message_are_two_batches():
    message = one("deletion_messages", "Diagnose")
    bodies = []
    for unit, key in zip(UNITS, "ab", strict=True):
        diagnosis = {"diagnosis_id": key, "code_system": "ICD-10", "code": "A", "starts_on": DAY, **WHEN}
        encoded = encode_records(message.mapping, unit, frames(diagnosis=[diagnosis]))
        bodies.append(json.loads(message.message(unit, encoded, {"diagnosis": [key * 2]})))
    bodies[0]["rapport"]["enheter"] += bodies[1]["rapport"]["enheter"]
    batches = message.reader.read(json.dumps(bodies[0]).encode(), places=True)
    assert [batch.unit for batch in batches] == list(UNITS)
    assert [batch.records["diagnosis"]["diagnosis_id"].to_list() for batch in batches] == [["a"], ["b"]]
    assert [batch.deletions["diagnosis"] for batch in batches] == [("aa",), ("bb",)]
    pointers = [batch.places["diagnosis"].to_list() for batch in batches]
    assert pointers == [[f"/rapport/enheter/{nth}/diagnoser/1"] for nth in range(2)]
