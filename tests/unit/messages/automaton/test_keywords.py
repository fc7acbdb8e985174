"""What a schema may say so that it has a fast check: every other keyword means that it has none."""

from __future__ import annotations

import json
import time
from typing import Any

import jsonschema_rs
import pytest

from ktt.domain.identifiers import number_is_synthetic
from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.fast_check import UnitPlaces, fast_check

PLACES = UnitPlaces("org", "kommune", "bydel")
UNIT = ReportingUnit("312000563", "0301")


def schema_of(member: Any, **more: Any) -> dict[str, Any]:
    """A message of one unit with one member `x` beside."""
    properties = {"org": {"type": "integer"}, "kommune": {"type": "integer"}, "bydel": {"type": ["string", "null"]}}
    return {"type": "object", "properties": properties | {"x": member}} | more


def message(**members: Any) -> bytes:
    return json.dumps({"org": 312000563, "kommune": 301} | members, ensure_ascii=False).encode()


UNKNOWN: list[Any] = [
    True,
    {},
    {"description": "Anything."},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "time"},
    {"type": "string", "format": "date", "maxLength": 9},
    {"type": "string", "format": "date", "pattern": "^2"},
    {"type": "string", "format": "date-time", "pattern": "Z$"},
    {"type": "string", "format": "date-time", "maxLength": 25},
    {"type": "string", "format": "date", "not": {"pattern": "[-]"}},
    {"type": "string", "pattern": "^(?=a)"},
    {"type": "string", "pattern": "^[a-z]{1,9}[0-9]{2}$", "maxLength": 5},
    {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "^[ab]"}]},
    {"type": "string", "allOf": [{"contentEncoding": "base64"}]},
    {"type": "string", "allOf": [{"type": "integer"}]},
    {"type": "string", "not": {"minLength": 3}},
    {"type": "string", "not": {"pattern": "abc"}},
    {"type": "string", "not": {"pattern": r"[\d]"}},
    {"type": "string", "anyOf": [{"minLength": 3}, {"pattern": "^a"}]},
    {"type": "string", "if": {"minLength": 3}, "then": {"pattern": "^a"}},
    {"type": "string", "contentMediaType": "text/html"},
    {"type": "string", "unknownWord": 1},
    {"type": "string", "$ref": "#/$defs/a"},
    {"type": "string", "$dynamicRef": "#a"},
    {"type": "string", "$anchor": "a"},
    {"type": "integer", "multipleOf": 5},
    {"type": "integer", "not": {"const": 3}},
    {"type": "integer", "anyOf": [{"maximum": 3}, {"minimum": 5}]},
    {"type": "number", "multipleOf": 0.01},
    {"type": "number", "allOf": [{"minimum": 3}, {"maximum": 4}]},
    {"type": "array"},
    {"type": "array", "items": True},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "prefixItems": [{"type": "integer"}]},
    {"type": "array", "items": {"type": "string"}, "contains": {"const": "a"}},
    {"type": "array", "items": {"type": "string"}, "unevaluatedItems": False},
    {"type": "array", "items": {"type": "string"}, "minItems": 21},
    {"type": "array", "items": {"type": "string"}, "allOf": [{"minItems": 1}]},
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "maxItems": 21}},
    {"type": "object", "properties": {}, "patternProperties": {"^a": {"type": "string"}}},
    {"type": "object", "properties": {}, "propertyNames": {"maxLength": 3}},
    {"type": "object", "properties": {}, "minProperties": 0},
    {"type": "object", "properties": {}, "maxProperties": 3},
    {"type": "object", "properties": {}, "dependentSchemas": {"a": {"required": ["b"]}}},
    {"type": "object", "properties": {}, "dependencies": {"a": ["b"]}},
    {"type": "object", "properties": {"a": True}},
    {"type": "object", "properties": {"a.b": {"type": "string"}}},
    {"type": "object", "properties": {"a[]": {"type": "string"}}},
    {"type": "object", "properties": {'a"': {"type": "string"}}},
    {"type": "object", "properties": {"": {"type": "string"}}},
    {"type": "object", "properties": {f"m{place}": {"type": "string"} for place in range(201)}},
    {"type": "object", "properties": {}, "required": ["a"]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 2}]},
    {"oneOf": [{"const": 1}, {"type": "string"}]},
    {"oneOf": [True, {"type": "string"}]},
    {"anyOf": [{"type": "string"}], "type": "string"},
    {"anyOf": [{"const": number} for number in range(9)]},
    {"allOf": [{"type": "string"}, {"maxLength": 3}]},
    {"not": {"type": "null"}},
]


@pytest.mark.parametrize("member", UNKNOWN, ids=lambda member: json.dumps(member)[:60])
def test_what_is_not_known_has_no_fast_check(member: Any):
    assert fast_check(schema_of(member), PLACES) is None
    assert fast_check(schema_of({"type": "boolean"}), PLACES) is not None


TEXTS = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}, "c": {"type": "object"}}}


@pytest.mark.parametrize(
    "condition",
    [
        {"properties": {"a": {"const": "P"}}},
        {"properties": {"a": {"enum": ["P"]}}},
        {"properties": {"a": {"pattern": "^P"}}},
        {"properties": {"a": {"format": "date"}}},
        {"properties": {"a": {"minLength": 2}}},
        {"properties": {"a": {"not": {"maxLength": 2}}}},
        {"properties": {"a": {"anyOf": [{"type": "null"}, {"const": "P"}]}}},
        {"properties": {"a": {"unknownWord": 1}}},
        {"properties": {"b": {"minimum": 3}}},
        {"properties": {"b": {"const": 3}}},
        {"properties": {"b": {"type": "integer"}}},
        {"properties": {"c": {"required": ["d"]}}},
        {"properties": {"c": {"const": {}}}},
        {"properties": {"c": {"properties": {"d": {"type": "string"}}}}},
        {"additionalProperties": False},
        {"minProperties": 1},
        {"patternProperties": {"a": True}},
        {"unknownWord": 1},
        {"$ref": "#/$defs/a"},
    ],
    ids=json.dumps,
)
def test_conditions_that_ask_more_than_the_automaton_knows(condition: Any):
    told = {"required": ["b"], "properties": {"a": {"type": "string", "minLength": 0}}}
    for keyword, known, unknown in (
        ("allOf", [told], [told, condition]),
        ("anyOf", [told, True], [condition, {"required": ["b"]}]),
        ("oneOf", [told, False], [condition, {"required": ["b"]}]),
        ("not", {"not": told}, condition),
        ("if", told, condition),
    ):
        assert fast_check(schema_of(TEXTS | {keyword: known}), PLACES) is not None
        assert fast_check(schema_of(TEXTS | {keyword: unknown}), PLACES) is None


def test_demands_that_differ_only_in_the_type_of_a_value():
    """1 and true are the same to Python, and not to JSON."""
    flag = {
        "type": "object",
        "properties": {"a": {"type": ["boolean", "integer"], "maximum": 3}, "b": {"type": "string"}},
    }
    schema = schema_of(
        flag
        | {
            "allOf": [
                {"if": {"properties": {"a": {"const": True}}, "required": ["a"]}, "then": {"required": ["b"]}},
                {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"not": {"required": ["b"]}}},
            ]
        }
    )
    check, engine = fast_check(schema, PLACES), jsonschema_rs.Draft202012Validator(schema)
    assert check is not None
    for inner in (
        {"a": True},
        {"a": True, "b": ""},
        {"a": 1},
        {"a": 1, "b": ""},
        {"a": False},
        {"a": 2, "b": "x"},
        {"b": ""},
        {},
    ):
        body = message(x=inner)
        assert (check(body) is not None) is engine.is_valid(json.loads(body)), inner


@pytest.mark.parametrize("dialect", ["2020-12", "2019-09", "07", "04", "other"])
def test_dialects(dialect: str):
    names = {
        "07": "http://json-schema.org/draft-07/schema#",
        "04": "http://json-schema.org/draft-04/schema#",
        "other": "urn:x",
    }
    name = names.get(dialect, f"https://json-schema.org/draft/{dialect}/schema")
    schema = schema_of({"type": "boolean"}) | {"$schema": name, "$id": "urn:a", "$defs": {"a": {"minProperties": 1}}}
    assert (fast_check(schema, PLACES) is not None) is (dialect not in ("04", "other"))
    assert fast_check(schema_of({"type": "boolean", "$schema": name}), PLACES) is None


@pytest.mark.parametrize(
    ("places", "known"),
    [
        (None, False),
        (PLACES, True),
        (UnitPlaces("org", "kommune"), True),
        (UnitPlaces("org", "kommune", "annet"), False),
        (UnitPlaces("[].org", "kommune"), False),
        (UnitPlaces("x", "kommune"), True),
        (UnitPlaces("org.nr", "kommune"), False),
    ],
)
def test_places_of_the_unit_must_be_in_the_schema(places: UnitPlaces | None, known: bool):
    check = fast_check(schema_of({"type": "integer"}), places)
    assert (check is not None) is known
    if check is not None:
        assert check(message(x=312000563)) == UNIT


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ({"org": 312000563, "kommune": 301}, ("312000563", "0301", None)),
        ({"org": "312000563", "kommune": "0301", "bydel": "03"}, ("312000563", "0301", "03")),
        ({"org": "312000563", "kommune": "0301", "bydel": None}, ("312000563", "0301", None)),
        ({"org": "312000563", "kommune": "0301", "bydel": ""}, None),
        ({"org": "312000563", "kommune": "0301", "bydel": "3"}, None),
        ({"org": "312000563", "kommune": "0301", "bydel": "033"}, None),
        ({"org": "312000563", "kommune": "301"}, None),
        ({"org": "NO312000563", "kommune": "0301"}, None),
        ({"org": 3120005631, "kommune": "0301"}, None),
        ({"org": None, "kommune": "0301"}, None),
        ({"org": "312000563"}, None),
        ({"kommune": 301}, None),
    ],
)
def test_a_unit_that_is_not_told_in_digits_is_left_to_the_schema(unit: dict[str, Any], told: tuple | None):
    either = {"type": ["integer", "string", "null"]}
    schema = schema_of({}, properties={"a": {"type": "boolean"}, "org": either, "kommune": either, "bydel": either})
    check = fast_check(schema, PLACES)
    assert check is not None
    assert check(json.dumps({"a": True} | unit).encode()) == (None if told is None else ReportingUnit(*told))


def test_a_message_of_two_units_is_left_to_the_schema():
    unit = {"type": "object", "properties": {"org": {"type": "integer"}, "kommune": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"enheter": {"type": "array", "items": unit, "maxItems": 5}}}
    check = fast_check(schema, UnitPlaces("enheter[].org", "enheter[].kommune"))
    assert check is not None
    one = {"org": 312000563, "kommune": 301}
    assert check(json.dumps({"enheter": [one]}).encode()) == UNIT
    assert check(json.dumps({"enheter": [one, one]}).encode()) is None
    assert check(json.dumps({"enheter": []}).encode()) is None


@pytest.mark.parametrize(
    ("member", "known"),
    [
        ({"type": "integer"}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "string", "pattern": "^[0-9]{11}$"}, True),
        ({"type": "string", "pattern": r"^\d+$", "minLength": 11, "maxLength": 12}, True),
        ({"anyOf": [{"type": "string", "pattern": "^[0-9]{11,12}$"}, {"type": "null"}]}, True),
        ({"type": "string", "pattern": "^[0-7][0-9]{10}$"}, False),
        ({"type": "string", "maxLength": 10}, False),
        ({"type": "string", "not": {"pattern": "[0]"}}, False),
        ({"type": "string", "format": "uuid"}, False),
        ({"type": "number"}, False),
        ({"enum": ["01010112345"]}, False),
        ({"type": "object", "properties": {}}, False),
        ({"type": "array", "items": {"type": "string"}}, False),
        ({"type": "boolean"}, False),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_person_numbers_of_the_wrong_kind(member: Any, known: bool):
    for persons in ("real", "synthetic"):
        check = fast_check(schema_of(member), PLACES, ["x"], persons)
        assert (check is not None) is known
        for start in range(0, 10_000, 97) if check is not None else ():
            number = f"{start:04}1234567"
            for written in (number, int(number)):
                fits = jsonschema_rs.is_valid(member, written)
                wanted = number_is_synthetic(number) is not (persons == "real")
                assert check is not None
                assert (check(message(x=written)) is not None) is (fits and wanted)


def test_a_place_of_persons_that_the_schema_does_not_have():
    assert fast_check(schema_of({"type": "integer"}), PLACES, ["x", "y"]) is None


FLAT = {"type": "object", "properties": {"id": {"type": "string"}}}
NESTED = {"type": "object", "properties": {"a": {"type": "array", "items": FLAT}, "b": FLAT}}


@pytest.mark.parametrize("most", [1, 2, 20, 21, 1000, 1001])
@pytest.mark.parametrize(
    ("items", "item"),
    [
        ({"type": "string"}, "tekst, med komma {"),
        ({"type": "integer"}, 1),
        ({"type": "string", "maxLength": 100}, "x" * 100),
        ({"type": "object", "properties": {"id": {"type": "string", "maxLength": 250}}}, {"id": "x" * 250}),
        (FLAT, {"id": "}],{"}),
        (FLAT, {}),
        (NESTED, {"a": [], "b": {}}),
        ({"type": ["object", "null"], "properties": {"id": {"type": "string"}}}, None),
        ({"type": "array", "items": FLAT}, [{}]),
    ],
    ids=[
        "texts",
        "numbers",
        "texts of a length",
        "objects with such texts",
        "objects",
        "empty objects",
        "objects with lists",
        "nulls",
        "lists",
    ],
)
def test_lists_are_counted(items: Any, item: Any, most: int):
    item = json.loads(json.dumps(item).replace("]", ")")) if isinstance(item, dict) and "id" in item else item
    check = fast_check(schema_of({"type": "array", "items": items, "maxItems": most}), PLACES)
    assert check is not None
    for count in (0, 1, most):
        fits = check(message(x=[item] * count)) is not None
        assert fits or most > 1000
    assert check(message(x=[item])) is not None
    for count in (most + 1, most + 2, 3 * most):
        assert check(message(x=[item] * count)) is None


@pytest.mark.parametrize(
    "member",
    [
        {
            "type": "object",
            "properties": {f"m{place}": {"type": "boolean"} for place in range(40)},
            "allOf": [
                {"if": {"properties": {f"m{place}": {"const": True}}}, "then": {"required": [f"m{39 - place}"]}}
                for place in range(40)
            ],
        },
        {
            "type": "object",
            "properties": {f"m{place}": {"enum": [f"{place}-{code}" for code in range(900)]} for place in range(150)},
        },
    ],
    ids=["conditions", "codes"],
)
def test_a_schema_that_would_be_too_large_is_given_up_soon(member: Any):
    begun = time.monotonic()
    assert fast_check(schema_of(member), PLACES) is None
    assert time.monotonic() - begun < 20


def test_lists_in_lists_and_depth_are_bounded():
    member: dict[str, Any] = {"type": "string"}
    for _ in range(5):
        member = {"type": "object", "properties": {"a": {"type": "array", "maxItems": 20, "items": member}}}
    begun = time.monotonic()
    check = fast_check(schema_of(member), PLACES)
    assert check is not None
    for deepest, fits in ((20, True), (21, False)):
        value: Any = "x"
        for count in (deepest, 1, 2, 20, 1):
            value = {"a": [value] * count}
        assert (check(message(x=value)) is not None) is fits
    for _ in range(600):
        member = {"type": "object", "properties": {"a": member}}
    assert fast_check(schema_of(member), PLACES) is None
    assert time.monotonic() - begun < 20
