"""The fast check takes exactly the plain values that a schema allows, on both sides of every limit."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from ktt.messages.automaton.fast_check import UnitPlaces, fast_check

PLACES = UnitPlaces("org", "kommune")
UNIT = {"org": {"type": "integer"}, "kommune": {"type": "integer"}}
VALUES = [
    *range(13), *(number / 100 for number in range(290, 520) if number % 100), 0.5, 1.25, 99.99, 10**9, 10**11, None, True, False,
    *("x" * length for length in range(8)), "æ", "ææææ", "€€€€€", "😀😀😀", "x:y", "12", "123", "1234", "P", "K 1",
    "2024-02-29", "2023-02-29", "0999-12-31", "2026-01-31T23:59:59Z", "2026-01-31T23:59:59.5+01:00", "2026-01-31T24:00:00Z",
    [], ["x"], ["x"] * 2, ["x"] * 3, ["x"] * 4, ["x"] * 5, [1], {}, {"a": 1}, {"a": 1, "b": "x"}, {"b": "x"}, {"a": "x"},
]  # fmt: skip

MEMBERS: list[Any] = [
    {"type": "integer"},
    {"type": "integer", "minimum": 3, "maximum": 10},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 10},
    {"type": "integer", "minimum": 3.5, "maximum": 9.5},
    {"type": "integer", "exclusiveMinimum": 3.5, "exclusiveMaximum": 9.5},
    {"type": "integer", "minimum": 3, "exclusiveMinimum": 3, "maximum": 3},
    {"type": ["integer", "null"], "minimum": -5, "maximum": 4.0},
    {"type": "number", "minimum": 3, "maximum": 5},
    {"type": "number", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "minimum": 3.07, "maximum": 4.29},
    {"type": "number", "exclusiveMinimum": 3.07, "exclusiveMaximum": 4.29},
    {"type": "number", "minimum": 3.0701, "maximum": 4.2899},
    {"type": ["number", "integer", "null"], "minimum": 4},
    {"type": "string"},
    {"type": "string", "minLength": 3},
    {"type": "string", "maxLength": 4},
    {"type": "string", "minLength": 2, "maxLength": 4, "allOf": [{"minLength": 3}, {"type": "string", "maxLength": 5}]},
    {"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[0-9]+$"},
    {"type": "string", "minLength": 2, "pattern": "^[0-9]{1,3}$"},
    {"type": "string", "not": {"pattern": "[:x]"}},
    {"type": ["string", "null"], "not": {"pattern": "[:x]"}},
    {"type": ["string", "null"], "not": {"type": "string", "pattern": "[:x]"}},
    {"type": "string", "format": "date"},
    {"type": ["string", "null"], "format": "date", "pattern": "^[1-9]"},
    {"type": "string", "format": "date-time"},
    {"type": "boolean"},
    {"type": ["boolean", "null"], "not": {"const": False}},
    {"enum": [1, "P", None, False, 12]},
    {"type": "string", "enum": [1, "P", "K 1"]},
    {"type": ["integer", "null"], "enum": [1, 2, None, 11, True], "maximum": 10},
    {"const": "K 1"},
    {"const": 1},
    {"enum": [1, 2, 3], "const": 2},
    {"enum": ["P", "K 1"], "not": {"const": "P"}},
    {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
    {"type": "array", "items": {"type": "string"}, "minItems": 3},
    {"type": ["array", "null"], "items": {"type": "string"}, "maxItems": 0},
    {"type": "array", "items": {"enum": ["]"]}},
    {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["b"]},
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "not": {"required": ["a", "b"]},
    },
    {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False, "allOf": [True]},
    {"oneOf": [{"type": "integer", "maximum": 3}, {"type": "string", "maxLength": 3}, {"type": "null"}]},
    {"anyOf": [{"type": "integer", "maximum": 3}, {"type": "integer", "minimum": 5}]},
    {"allOf": [{"anyOf": [{"type": "integer", "maximum": 3}, {"type": "null"}]}], "title": "Few."},
]


@pytest.mark.parametrize("member", MEMBERS, ids=json.dumps)
def test_plain_values_fit_when_the_schema_says_so(member: Any):
    schema = {"type": "object", "properties": UNIT | {"x": member}, "additionalProperties": False}
    check, engine = fast_check(schema, PLACES), jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert check is not None
    for value in VALUES:
        message = {"org": 312000563, "kommune": 301, "x": value}
        left_to_the_schema = value == "0999-12-31" and member.get("format") == "date"
        fits = engine.is_valid(message) and not left_to_the_schema
        assert (check(json.dumps(message, ensure_ascii=False).encode()) is not None) is fits, value


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ({"type": "integer"}, "1.0"),
        ({"type": "integer"}, "-1"),
        ({"type": "number"}, "0.125"),
        ({"type": "number"}, "1e2"),
        ({"type": "string"}, '"\\u00e6"'),
        ({"type": "string"}, '"]"'),
        ({"type": "string", "maxLength": 4000}, f'"{"x" * 300}"'),
        ({"enum": ['"', "a"]}, '"\\""'),
        ({"enum": [1.5, 1]}, "1.5"),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"b":1}'),
    ],
)
def test_what_is_left_to_the_schema_though_it_fits(member: Any, value: str):
    schema = {"type": "object", "properties": UNIT | {"x": member}}
    check = fast_check(schema, PLACES)
    assert check is not None
    message = f'{{"org":312000563,"kommune":301,"x":{value}}}'
    assert jsonschema_rs.is_valid(schema, json.loads(message))
    assert check(message.encode()) is None
