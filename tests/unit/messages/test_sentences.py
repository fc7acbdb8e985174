"""What a message is told where it breaks its schema: what was wanted and what kind of value stood there, never the value."""

from __future__ import annotations

import json

import pytest

from ktt.messages.check import Checker
from ktt.messages.packs.folder import load_pack
from ktt.messages.packs.schemas import faults
from ktt.rules.reference_pages import as_text, find_any
from ktt.rules.schema_rules.message import MESSAGE_SCHEMA_RULES
from support.packs import KTT_V1

FIELDS = {"vedtakDato": {}, "soknadDato": {}}
CLOSED = {"properties": {"a": {"properties": FIELDS, "additionalProperties": False}}}
SECRET = "Kari Nordmann"


def told(schema, value):
    return Checker(schema, lambda _: ()).check(json.dumps({"a": value}).encode(), 100)


def a(schema):
    return {"properties": {"a": schema}}


@pytest.mark.parametrize(
    ("schema", "value", "nb", "en"),
    [
        ({"type": "integer"}, SECRET, "Her skal det stå et heltall; her står en tekst.", "Here should stand a whole number; here stands a text."),
        ({"type": ["number", "null"]}, [SECRET], "Her skal det stå et tall; her står en liste.", "Here should stand a number; here stands a list."),
        ({"type": "boolean"}, None, "Her skal det stå true eller false; her står null.", "Here should stand true or false; here stands null."),
        ({"enum": [1, 2, None]}, SECRET, "Verdien skal være en av: 1, 2; her står en tekst.", "The value should be one of: 1, 2; here stands a text."),
        ({"const": True}, 1, "Verdien skal være true; her står et heltall.", "The value should be true; here stands a whole number."),
        ({"maximum": 168}, 4711, "Tallet skal være høyst 168.", "The number should be at most 168."),
        ({"minLength": 1}, "", "Teksten skal ha minst 1 tegn.", "The text should have at least 1 characters."),
        ({"pattern": "^[A-Z]{3}$"}, SECRET, "Teksten skal ha formen ^[A-Z]{3}$.", "The text should match ^[A-Z]{3}$."),
        ({"type": "string", "format": "date"}, "05.03.2026", "Her skal det stå en dato som finnes, skrevet som 2026-03-05.", "Here should stand a day that exists, written like 2026-03-05."),
        ({"format": "date", "pattern": "^[1-9]"}, "05.03.2026", "Her skal det stå en dato som finnes, skrevet som 2026-03-05.", "Here should stand a day that exists, written like 2026-03-05."),
        ({"description": "Høyst én.", "$comment": "At most one.", "not": {}}, SECRET, "Høyst én.", "At most one."),
        ({"description": "At most one.", "not": {}}, SECRET, "At most one.", "At most one."),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, SECRET, "Verdien har ikke nøyaktig én av formene som skjemaet godtar; her står en tekst.", "The value does not fit exactly one of the forms that the schema allows; here stands a text."),
        ({"required": ["startDato"]}, {}, "Det påkrevde feltet startDato mangler.", "The required field startDato is missing."),
    ],
)  # fmt: skip
def test_what_was_wanted_and_what_kind_stood_there(schema, value, nb, en):
    (found,) = told(a(schema), value)
    assert (found.says.nb, found.says.en) == (nb, en)
    assert SECRET not in repr(found)
    assert "4711" not in repr(found)


@pytest.mark.parametrize("small", [2, faults.SMALL])
def test_each_unknown_member_is_a_fault_of_its_own(small, monkeypatch):
    monkeypatch.setattr(faults, "SMALL", small)
    found = told(CLOSED, {"vedtaksDato": 1, "soknadDato": 1, "Soknaddato": 1, "helt_annet": 1})
    assert {one.pointer: one.limit for one in found} == {
        "/a/vedtaksDato": "vedtakDato",
        "/a/Soknaddato": "soknadDato",
        "/a/helt_annet": "",
    }
    assert {one.says.nb for one in found} == {
        "Feltet vedtaksDato finnes ikke i skjemaet. Mente dere vedtakDato?",
        "Feltet Soknaddato finnes ikke i skjemaet. Mente dere soknadDato?",
        "Feltet helt_annet finnes ikke i skjemaet.",
    }


@pytest.mark.parametrize("small", [2, faults.SMALL])
@pytest.mark.parametrize("name", [SECRET, "08844110015", "k08844110015", "", "x" * 61, "a b", "død 2026-01-01"])
def test_a_name_that_may_say_something_of_a_person_is_not_told(name, small, monkeypatch):
    monkeypatch.setattr(faults, "SMALL", small)
    (found,) = told(CLOSED, {name: 1})
    assert found.pointer == "/a"
    assert "vises ikke" in found.says.nb
    assert not name or name not in repr(found)


@pytest.mark.parametrize("rule", MESSAGE_SCHEMA_RULES.values(), ids=lambda rule: rule.id)
def test_each_way_to_break_a_schema_has_a_page(rule):
    page = as_text(find_any(rule.id.lower()), "nb")
    assert rule.says.nb in page
    assert rule.remedy.nb in page


def test_our_own_conditions_are_told_in_both_languages():
    """Of every condition that has words at all: `description` in bokmål, `$comment` in English."""
    conditions = {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains"}
    told_of = [
        one
        for version in load_pack(KTT_V1).messages
        for one in _schemas(json.loads(version.schema))
        if conditions & one.keys() and "description" in one
    ]
    assert told_of
    assert all(one.get("$comment") and one["$comment"] != one["description"] for one in told_of)


def _schemas(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [found for one in inner for found in _schemas(one)]
