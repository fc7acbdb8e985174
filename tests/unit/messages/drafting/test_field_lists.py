"""Documentation lists: any of the usual separators, encodings and headings, as schemas."""

from __future__ import annotations

import pytest

from ktt.messages.drafting.draft import draft_mapping
from ktt.messages.drafting.errors import FieldListUnread
from ktt.messages.drafting.field_lists import codes_of, read_field_list, schema_of, with_descriptions

_ROWS = [
    ("Melding/enhet/orgnr", "string", "1..1", "", "Rapporterende enhet"),
    ("Melding/enhet/kommunenr", "string", "1..1", "", ""),
    ("Melding/vedtak", "", "0..*", "", ""),
    ("Melding/vedtak/vedtaksId", "string", "1..1", "", ""),
    ("Melding/vedtak/personId", "string", "1..1", "", "Nøkkel for personen"),
    ("Melding/vedtak/vedtaksdato", "xs:date", "0..1", "", ""),
    ("Melding/vedtak/sistLagret", "dateTime", "1..1", "", ""),
    ("Melding/vedtak/tjeneste/tjenestetype", "kode", "1..1", "Volven 9151", ""),
]


def _list(mark, encoding="utf-8"):
    head = mark.join(["Sti", "Datatype", "Kardinalitet", "Kodeverk", "Beskrivelse"])
    return "\r\n".join([head, *(mark.join(row) for row in _ROWS)]).encode(encoding)


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_list_is_read_in_the_usual_forms(mark, encoding):
    rows = read_field_list(_list(mark, encoding), "felter.csv")
    assert [row.names for row in rows][:2] == [("Melding", "enhet", "orgnr"), ("Melding", "enhet", "kommunenr")]
    assert rows[4].description == "Nøkkel for personen"


def test_a_list_becomes_a_schema_with_types_lists_codes_and_obligations():
    schema = schema_of(read_field_list(_list(";"), "felter.csv"), "Vedtak")
    message = schema["properties"]["Melding"]
    record = message["properties"]["vedtak"]["items"]
    assert record["required"] == ["vedtaksId", "personId", "sistLagret"]
    assert record["properties"]["vedtaksdato"] == {"type": "string", "format": "date"}
    assert "29" in record["properties"]["tjeneste"]["properties"]["tjenestetype"]["enum"]
    assert message["properties"]["enhet"]["required"] == ["orgnr", "kommunenr"]


def test_a_schema_made_from_a_list_is_drafted_like_any_other():
    schema = schema_of(read_field_list(_list(";"), "felter.csv"), "Vedtak")
    (message,) = draft_mapping([("Vedtak", "1", schema)]).messages
    columns = {member.place: member.column for _one, member in message.placed}
    assert columns["Melding.vedtak[].vedtaksdato"] == "decided_on"
    assert columns["Melding.vedtak[].personId"] == "local_person_id"
    assert columns["Melding.enhet.orgnr"] == "organisation"


def test_a_list_without_structure_is_one_of_flat_records():
    rows = read_field_list(b"navn;type\nvedtakId;string\nvedtaksdato;dato\n", "felter.csv")
    schema = schema_of(rows, "Vedtak")
    assert schema["type"] == "array"
    assert list(schema["items"]["properties"]) == ["vedtakId", "vedtaksdato"]


@pytest.mark.parametrize("content", [b"", b"\n", b"a;b;c\n1;2;3\n", b"navn\nvedtakId\n"])
def test_what_is_no_list_of_fields_is_refused(content):
    with pytest.raises(FieldListUnread):
        read_field_list(content, "felter.csv")


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("1=Ja; 2=Nei", ["1", "2"]),
        ("1: Ja, 2: Nei", ["1", "2"]),
        ("J,N", ["J", "N"]),
        ("Volven 1101", ["1", "2"]),
        ("fritekst", []),
        ("", []),
    ],
)
def test_the_codes_of_a_cell(cell, codes):
    assert list(codes_of(cell)) == codes


def test_a_list_beside_a_schema_tells_what_its_members_are():
    text = {"type": "string"}
    record = {
        "x1": text,
        "bruker": text,
        "tidspunkt": {"type": "string", "format": "date-time"},
        "d": {"type": "string"},
    }
    schema = {
        "type": "object",
        "properties": {
            "enhet": {"type": "object", "properties": {"orgnr": text, "kommunenr": text}},
            "vedtak": {"type": "array", "items": {"type": "object", "properties": record}},
        },
    }
    rows = read_field_list(b"navn;beskrivelse\nd;Vedtaksdato, dd.MM.yyyy\n", "felter.csv")
    (message,) = draft_mapping([("Vedtak", "1", with_descriptions(schema, rows))]).messages
    assert {member.place: member.column for _one, member in message.placed}["vedtak[].d"] == "decided_on"
