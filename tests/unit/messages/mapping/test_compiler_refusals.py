"""A mapping that cannot be carried out is refused with its place and the reason."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from ktt.messages.errors import MappingInvalid
from ktt.messages.mapping.compiler import compile_mapping
from ktt.messages.mapping.language import MessageEntry, ObjectEntry

TEXT = {"type": "string"}


def item(**properties):
    return {"type": "array", "items": {"type": "object", "properties": properties}}


SCHEMA = {
    "type": "object",
    "properties": {
        "org": TEXT,
        "mun": TEXT,
        "flag": {"type": "boolean"},
        "code": {"enum": ["A", "B"]},
        "gone": item(id=TEXT, other=TEXT),
        "single": {"type": "object", "properties": {"id": TEXT, "who": TEXT}},
        "list": item(
            id=TEXT,
            who=TEXT,
            fnr=TEXT,
            day=TEXT,
            sub={"type": "object"},
            flag={"type": "boolean"},
            p1=TEXT,
            p2=TEXT,
            code={"enum": ["A", "B"]},
            inner=item(id=TEXT, gone=item(id=TEXT)),
        ),
    },
}
UNIT = '[[objects]]\nat = ""\nholds = "unit"\nmembers = { org = "organisation", mun = "municipality" }\n'


def decision(members="", extra="", at="list[]", holds="decision"):
    own = 'id = "decision_id", who = "local_person_id"'
    every = ", ".join(filter(None, [own, members]))
    return f'[[objects]]\nat = "{at}"\nholds = "{holds}"\nmembers = {{ {every} }}\n{extra}\n'


def part(at, members, extra="", holds="decision_line"):
    return f'[[objects]]\nat = "{at}"\nholds = "{holds}"\nmembers = {{ {members} }}\n{extra}\n'


def deletion(at="gone[]", members='id = "decision_id"', of="decision"):
    return f'[[deletions]]\nat = "{at}"\nof = "{of}"\nmembers = {{ {members} }}\n'


def compiled(text):
    return compile_mapping(msgspec.convert(tomllib.loads(text), MessageEntry), SCHEMA, "M")


def test_the_plain_mapping_is_one():
    mapping = compiled(UNIT + decision('day = "decided_on"') + part("list[].inner[]", 'id = "service_id"') + deletion())
    assert [kind.name for kind in mapping.record_types] == ["decision"]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (UNIT + decision('day = "decided"'), "list[].day", "column = 'decided'"),
        (UNIT + decision('day = "care_service.starts_on"'), "list[].day", "column = 'care_service.starts_on'"),
        (UNIT + decision('gone = "decided_on"'), "list[].gone", "ikke i skjemaet · not in the schema"),
        (UNIT + decision(at="lists[]"), "lists[]", "ikke i skjemaet · not in the schema"),
        (UNIT + decision(holds="decisions"), "list[]", "holds = 'decisions'"),
        (UNIT + decision('flag = "decided_on"'), "list[].flag", "decided_on: boolean ≠ string/integer"),
        (UNIT + decision('sub = "decided_on"'), "list[].sub", "type = object"),
        (UNIT + decision('day = "decided_on", p1 = "decided_on"'), "list[].p1", "decided_on: twice"),
        (UNIT + decision('fnr = "person_number", p1 = "person_number"'), "list[].p1", "person_number: twice"),
        (
            UNIT + decision('fnr = { column = "person_number", identity = "h" }'),
            "list[].fnr",
            "identity = 'h'",
        ),
        (UNIT + decision('day = { meta = "extracted_on" }'), "list[].day", "meta in 'decision'"),
        (UNIT + decision('day = { empty = "null" }'), "list[].day", "column | constant | name_of | meta"),
        (UNIT + decision('day = { name_of = "decided_on" }'), "list[].day", "name_of = 'decided_on'"),
        (UNIT + decision('day = { constant = 1, beside = "outcome" }'), "list[].day", "column = 'outcome'"),
        (UNIT + decision(extra='where = { kind = "V" }'), "list[].kind", "ikke i skjemaet · not in the schema"),
        (UNIT + decision(extra='having = { decided_on = "x" }'), "list[]", "having = 'decided_on'"),
        (UNIT + decision(extra="numbered = 2"), "list[]", "numbered = 2"),
        (UNIT + decision() + part("list[]", 'p1 = "service_id"', "numbered = 2"), "list[]", "numbered = 2"),
        (
            UNIT + decision() + part("list[]", '"p{n}" = "service_id"', "numbered = 3"),
            "list[].p3",
            "ikke i skjemaet · not in the schema",
        ),
        (
            UNIT + decision() + part("list[].inner[]", 'code = { column = "outcome", codes = { A = "7" } }'),
            "list[].inner[].code",
            "ikke i skjemaet · not in the schema",
        ),
        (
            UNIT
            + decision()
            + part("list[]", 'code = { column = "outcome", codes = { A = "7" } }', 'having = { service_id = "x" }'),
            "list[].code",
            "outcome: codes: '7' ∉ 9171",
        ),
        (
            UNIT
            + decision()
            + part("list[]", 'code = { column = "outcome", codes = { C = "1" } }', 'having = { service_id = "x" }'),
            "list[].code",
            "outcome: codes: 'C' ∉ schema",
        ),
        (UNIT + part("list[]", 'id = "organisation", who = "municipality"', holds="unit"), "", "holds = 'unit': 2"),
        (decision(), "", "holds = 'unit': 0"),
        (UNIT.replace(', mun = "municipality"', "") + decision(), "", "members: municipality"),
        (UNIT + part("list[]", 'who = "local_person_id"', holds="decision"), "list[]", "members: decision_id"),
        (UNIT + part("list[]", 'id = "decision_id"', holds="decision"), "list[]", "members: local_person_id"),
        (UNIT + decision(at="single"), "single", "decision: outside a list of its own"),
        (UNIT + part("list[]", 'id = "service_id"'), "list[]", "decision_line: outside a list of its own"),
        (
            UNIT + decision() + part("list[].inner[]", 'id = "pause_id"', holds="pause"),
            "list[].inner[]",
            "pause: inside a record that it is not linked to",
        ),
        (
            UNIT + decision() + part("list[].inner[]", 'id = "diagnosis_id"', holds="diagnosis"),
            "list[].inner[]",
            "diagnosis: inside a record that it is not linked to",
        ),
        (
            UNIT + part("list[]", 'who = "local_person_id"', holds="person") + deletion("list[].inner[]"),
            "list[].inner[]",
            "deletions inside a person or record",
        ),
        (UNIT + decision() + deletion(of="pause"), "gone[]", "of = 'pause'"),
        (UNIT + decision() + deletion(members='other = "case_id"'), "gone[]", "members: decision_id"),
        (
            UNIT + decision() + deletion(members='id = "decision_id", other = "case_id"'),
            "gone[]",
            "members: decision_id",
        ),
        (UNIT + decision() + deletion(at="single"), "single", "members: decision_id"),
        (
            UNIT + decision() + part("list[].inner[]", "id = { constant = 1 }", holds="message"),
            "list[].inner[]",
            "inside 'decision'",
        ),
    ],
)
def test_it_is_refused_with_place_and_reason(text, place, reason):
    with pytest.raises(MappingInvalid) as caught:
        compiled(text)
    assert caught.value.facts == {"message": "M", "place": place, "reason": reason}


@pytest.mark.parametrize("key", ["colum", "identities"])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"at": "", "holds": "unit", "members": {"a": {key: "x"}}}, ObjectEntry)
