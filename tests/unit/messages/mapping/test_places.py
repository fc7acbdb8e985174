"""What a schema says of the types at a place: by all that holds always, and by each of its alternatives."""

from __future__ import annotations

import pytest

from ktt.messages.mapping.places import SchemaPlaces

TEXT, NULL, WHOLE, NUMBER = {"type": "string"}, {"type": "null"}, {"type": "integer"}, {"type": "number"}


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        (TEXT, {"string"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"enum": ["a", None]}, {"string", "null"}),
        ({"const": True}, {"boolean"}),
        ({}, set()),
        ({"anyOf": [WHOLE, NULL]}, {"integer", "null"}),
        ({"oneOf": [{"enum": ["a"]}, NULL]}, {"string", "null"}),
        ({"anyOf": [{"anyOf": [TEXT, WHOLE]}, NULL]}, {"string", "integer", "null"}),
        ({"anyOf": [TEXT, {"maxLength": 3}]}, set()),
        ({"type": ["string", "null"], "anyOf": [{"maxLength": 3}, {"minLength": 9}]}, {"string", "null"}),
        ({"type": "integer", "allOf": [{"minimum": 1}]}, {"integer"}),
        ({"allOf": [{"minimum": 1}, WHOLE]}, {"integer"}),
        ({"type": ["string", "null"], "allOf": [TEXT]}, {"string"}),
        ({"type": "number", "allOf": [WHOLE]}, {"integer"}),
        ({"type": ["number", "null"], "allOf": [{"type": ["integer", "null"]}]}, {"integer", "null"}),
        ({"type": "number", "allOf": [{"type": ["number", "null"]}]}, {"number"}),
    ],
)
@pytest.mark.parametrize("around", ["member", "item"])
def test_types_at_a_place(schema, types, around):
    whole = {"properties": {"a": schema}} if around == "member" else {"properties": {"a": {"items": schema}}}
    assert SchemaPlaces(whole).types("a" if around == "member" else "a[]") == types


def test_a_condition_elsewhere_narrows_nothing():
    schema = {
        "properties": {"a": {"type": ["string", "null"]}, "b": {}},
        "if": {"properties": {"b": {"const": 1}}},
        "then": {"properties": {"a": TEXT}},
        "anyOf": [{"properties": {"a": NULL}}, {"required": ["b"]}],
    }
    assert SchemaPlaces(schema).types("a") == {"string", "null"}


def test_what_stands_beside_narrows():
    schema = {"properties": {"a": {"type": ["string", "null"]}}, "allOf": [{"properties": {"a": TEXT}}]}
    assert SchemaPlaces(schema).types("a") == {"string"}


def test_a_place_that_only_alternatives_know_has_the_types_of_all():
    schema = {"oneOf": [{"properties": {"a": TEXT}}, {"properties": {"a": WHOLE}}]}
    assert SchemaPlaces(schema).types("a") == {"string", "integer"}
