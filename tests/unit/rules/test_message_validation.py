"""A message is validated as a whole, and each finding has its place in the message."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.messages.register import find, pack
from ktt.rules.catalogue import catalogue
from ktt.rules.catalogue import find as rule
from ktt.rules.message_validation import validate_message

TODAY = dt.date(2026, 11, 2)


def n1(message_type):
    examples = find(message_type, "1").examples()
    return json.loads(next(text for name, text in examples.items() if name.startswith("N01")))


def at(document, pointer):
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def validation_of(message_type, document):
    return validate_message(find(message_type, "1"), json.dumps(document).encode(), catalogue(), TODAY)


@pytest.mark.parametrize("message_type", [version.message_type for version in pack("ktt_v1")])
def test_the_published_examples_draw_nothing_worse_than_a_note(message_type):
    validation = validation_of(message_type, n1(message_type))
    assert validation.violations == ()
    assert set(validation.findings["consequence"]) <= {9}
    assert validation.records > 0


def test_a_message_that_breaks_its_schema_is_not_asked_further():
    document = n1("KTT_Tjeneste")
    del document[0]["tjeneste"][0]["startDato"]
    validation = validation_of("KTT_Tjeneste", document)
    assert validation.violations[0].pointer == "/0/tjeneste/0"
    assert validation.findings.is_empty()


@pytest.mark.parametrize(
    ("rule_id", "change", "pointer"),
    [
        ("KTT-TJENESTE-01", lambda r: r[0].update(sluttDato="2025-01-01"), "/0/tjeneste/0/startDato"),
        ("KTT-UTFORER-01", lambda r: r[1]["utforer"][1].update(orgNr=312000114), "/0/tjeneste/1/utforer/1/orgNr"),
        (
            "KTT-STOPP-02",
            lambda r: r[0]["midlertidigStopp"][0].update(fraDato="2020-01-01"),
            "/0/tjeneste/0/midlertidigStopp/0/fraDato",
        ),
        ("KTT-PERSON-01", lambda r: r[2]["person"].update(fodselsNr=23915820159), "/0/tjeneste/2/person/fodselsNr"),
        ("KTT-DOD-04", lambda r: r[1]["person"].update(dodsDato="2025-12-31"), "/0/tjeneste/1/startDato"),
    ],
)
def test_the_pointer_leads_to_the_field(rule_id, change, pointer):
    document = n1("KTT_Tjeneste")
    change(document[0]["tjeneste"])
    found = validation_of("KTT_Tjeneste", document).findings
    pointers = found.filter(found["rule"] == rule_id)["pointer"].to_list()
    assert pointers == [pointer]
    at(document, pointer)


def test_the_head_of_the_message_is_judged_too():
    document = n1("KTT_Diagnose")
    document[0]["kommuneNr"] = 1601
    found = validation_of("KTT_Diagnose", document).findings
    assert found.filter(found["rule"] == "KTT-ENHET-03")["pointer"].to_list() == ["/0/kommuneNr"]


def test_every_pointer_of_every_finding_exists_in_the_message():
    document = n1("KTT_Vedtak")
    for record in document[0]["vedtak"]:
        record["vedtakDato"] = "2027-02-01"
        record["soknadDato"] = "2027-03-01"
    validation = validation_of("KTT_Vedtak", document)
    assert validation.findings.height > 5
    for pointer in validation.findings["pointer"]:
        at(document, pointer.rpartition("/")[0])  # the last step may name a field that is missing: that is the fault
    assert rule("KTT-VEDTAK-02").id in set(validation.findings["rule"])
