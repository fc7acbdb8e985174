"""Any schema, not only one made of plain objects and lists: the check says what a plain validator says."""

from __future__ import annotations

import json
import time
import tracemalloc

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.check import Checker
from ktt.messages.errors import MessageNotJson
from ktt.messages.packs.schemas import bounds, faults, sentences
from ktt.messages.register import pack
from support import effort
from support.fault_places import places_of

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
MEBIBYTE = 2**20
NAMES = st.sampled_from(["a", "b", "ab", "c/~"])
KINDS = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 3, 1.0, 2.5, "", "a", "ab", "abc", "x"])
COUNTS = st.integers(0, 2)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def keyword(name, held):
    return held.map(lambda value: {name: value})


def keywords(inner):
    """One keyword with what it holds, or some that belong together."""
    named = st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    some = st.lists(inner, min_size=1, max_size=2)
    names = st.lists(NAMES, max_size=2, unique=True)
    patterns = st.dictionaries(st.sampled_from(["^a", "b$", "."]), inner, min_size=1, max_size=2)
    single = {
        "type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True),
        "enum": st.lists(VALUES, min_size=1, max_size=3), "const": VALUES,
        "minimum": COUNTS, "maximum": COUNTS, "exclusiveMinimum": COUNTS, "exclusiveMaximum": COUNTS,
        "multipleOf": st.integers(1, 2), "minLength": COUNTS, "maxLength": COUNTS, "pattern": st.sampled_from(["^a", "b"]),
        "minItems": COUNTS, "maxItems": COUNTS, "uniqueItems": st.booleans(), "items": inner, "contains": inner,
        "minProperties": COUNTS, "maxProperties": COUNTS, "required": names, "properties": named,
        "patternProperties": patterns, "additionalProperties": inner | st.just(value=False),
        "propertyNames": keyword("maxLength", COUNTS) | keyword("pattern", st.just("^a")),
        "allOf": some, "anyOf": some, "oneOf": some, "not": inner,
    }  # fmt: skip
    new = {
        "prefixItems": some, "dependentRequired": st.dictionaries(NAMES, names, max_size=2), "dependentSchemas": named,
        "unevaluatedProperties": inner | st.just(value=False), "unevaluatedItems": inner | st.just(value=False),
    }  # fmt: skip
    together = [
        st.builds(lambda *held: dict(zip(("if", "then", "else"), held, strict=True)), inner, inner, inner),
        st.builds(lambda *held: dict(zip(("if", "then"), held, strict=True)), inner, inner),
        st.builds(
            lambda one, least, most: {"contains": one, "minContains": least, "maxContains": most}, inner, COUNTS, COUNTS
        ),
        st.builds(lambda one, two: {"prefixItems": one, "items": two}, some, inner),
        st.builds(
            lambda one, two: {"properties": one, "additionalProperties": two}, named, inner | st.just(value=False)
        ),
    ]
    return st.one_of(*(keyword(name, held) for name, held in (single | new).items()), *together)


def schema_of(inner):
    def merged(parts):
        return {name: held for part in parts for name, held in part.items()}

    return st.lists(keywords(inner), min_size=1, max_size=4).map(merged)


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "null"},
        {"minimum": 2},
        {"maxLength": 1},
        {"const": 1},
        {},
        False,
    ]
)
SCHEMAS = st.recursive(LEAVES, schema_of, max_leaves=12)
HOLDERS = st.lists(VALUES, min_size=1, max_size=4) | st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


def old(schema):
    """The same in the words of draft 07, as far as they reach."""
    if not isinstance(schema, dict):
        return schema
    found = {}
    for name, held in schema.items():
        if name in {"properties", "patternProperties", "dependentSchemas"}:
            found["dependencies" if name == "dependentSchemas" else name] = {at: old(one) for at, one in held.items()}
        elif name == "dependentRequired":
            found.setdefault("dependencies", {}).update(held)
        elif name in {"allOf", "anyOf", "oneOf"}:
            found[name] = [old(one) for one in held]
        elif name == "prefixItems":
            found |= {"items": [old(one) for one in held], "additionalItems": old(schema.get("items", True))}
        elif name == "items":
            found.setdefault("items", old(held))
        elif name in {"not", "if", "then", "else", "additionalProperties", "propertyNames", "contains"}:
            found[name] = old(held)
        elif not name.startswith("unevaluated") and name not in {"minContains", "maxContains"}:
            found[name] = held
    return found


def compare(schema, kind, value):
    found = Checker(schema, lambda _: ()).check(json.dumps(value).encode(), 10_000)
    theirs = {place for error in kind(schema).iter_errors(value) for place in places_of(error)}
    engine = jsonschema_rs.validator_for(schema).iter_errors(value)
    theirs |= {
        place for error in engine if error.kind.name == "falseSchema" for place in places_of(error)
    }  # no path there
    assert bool(found) is not kind(schema).is_valid(value)
    assert {fault.pointer for fault in found} <= theirs
    for fault in found:
        assert fault.says != sentences._OTHER
        assert fault.keyword in {"required", "additionalProperties", *sentences._SENTENCES}


@pytest.mark.parametrize("small", [2, 40, faults.SMALL])
@settings(max_examples=effort.ANY_SCHEMA)
@given(schema=schema_of(SCHEMAS), values=st.lists(HOLDERS, min_size=8, max_size=16))
def test_what_fits_and_where_what_does_not_breaks(small, schema, values):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faults, "SMALL", small)
        for value in values:
            compare(schema, jsonschema.Draft202012Validator, value)
            compare(old(schema) | {"$schema": DRAFT_07}, jsonschema.Draft7Validator, value)


def checked(schema, body, at_most=100):
    return Checker(schema, lambda _: ()).check(body if isinstance(body, bytes) else json.dumps(body).encode(), at_most)


TEXTS = {"type": "array", "items": {"type": "string"}}
COSTLY = {
    "any of two": {"anyOf": [TEXTS, {"items": {"type": "null"}}]},
    "one of two inside": {"items": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}},
    "all of many": {"allOf": [TEXTS, {"items": {"minLength": 3}}, {"contains": {"const": "x"}}]},
    "not": {"not": {"items": {"type": ["object", "array"]}}},
    "if": {"if": {"minItems": 9}, "then": TEXTS},
    "first items": {"prefixItems": [{"type": "string"}] * 9, "items": {"type": "string"}},
    "unevaluated": {"allOf": [{"prefixItems": [{}]}], "unevaluatedItems": False},
    "no item twice": {"uniqueItems": True},
    "long enough": {"minItems": 10**7, "items": {"type": "string"}},
}


@pytest.mark.parametrize("item", ["{}", "[]"])
@pytest.mark.parametrize("name", COSTLY)
def test_many_faults_cost_what_the_message_costs(name, item):
    body = ("[" + ",".join([item] * (MEBIBYTE // 12)) + "]").encode()
    check = Checker(COSTLY[name], lambda _: ())
    tracemalloc.start()
    try:
        began = time.process_time()
        found = check.check(body, 100)
        seconds = time.process_time() - began
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 1 <= len(found) <= 100
    assert seconds < 4  # watched for its memory, on a loaded machine
    assert peak < 30 * MEBIBYTE  # the values themselves take 6


@pytest.mark.parametrize(
    "schema",
    [
        {"additionalProperties": {"type": "integer"}},
        {"patternProperties": {"^x": {"type": "integer"}}},
        {"additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        {"properties": {"x0": {"type": "null"}}, "additionalProperties": False},
    ],
)
def test_many_members_that_break_the_schema(schema):
    body = {f"x{number}": "wrong" for number in range(60_000)}
    began = time.process_time()
    found = checked(schema, body)
    assert time.process_time() - began < 3
    assert 1 <= len(found) <= 100
    assert found[0].pointer == "/x0"


def test_a_dense_message_that_fits_is_taken():
    body = b"[" + b",".join([b"1"] * MEBIBYTE) + b"]"
    assert checked({"items": {"type": "integer"}}, body) == []
    assert checked({"type": "object"}, body)[0].keyword == "type"


@pytest.mark.parametrize("schema", [{}, {"type": "array"}, {"items": {}}])
@pytest.mark.parametrize("body", ["[" * 65 + "]" * 65, "[99999999999999999999]", "[-9223372036854775809]"])
def test_what_fits_is_strict_json_all_the_same(schema, body):
    with pytest.raises(MessageNotJson):
        checked(schema, body.encode())
    assert checked(schema, b"[" * 64 + b"]" * 64) == []
    assert checked(schema, b"[9223372036854775807]") == []


def test_the_root_may_be_an_object():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    assert checked(schema, {"a": ["x"]}) == []
    assert [fault.pointer for fault in checked(schema, {"a": [1, "x", 2]})] == ["/a/0", "/a/2"]
    assert [fault.keyword for fault in checked(schema, {})] == ["required"]
    assert [fault.keyword for fault in checked(schema, [])] == ["type"]


@pytest.mark.parametrize("size", [1, 1_000])
@pytest.mark.parametrize(
    "schema",
    [
        {"additionalProperties": {"type": "null"}},
        {"patternProperties": {"": False}},
        {"propertyNames": {"maxLength": 2}},
        {"additionalProperties": False},
        {"additionalProperties": {"enum": ["x"]}},
        {"additionalProperties": {"not": {"type": "string"}}},
        {"unevaluatedProperties": False},
        {"const": {}},
    ],
)
def test_neither_a_value_nor_a_name_that_may_be_a_person_is_told(schema, size):
    secret = "08844110015"  # a synthetic person
    found = checked(schema, {secret: [secret] * size if "enum" not in str(schema) and "not" not in schema else secret})
    found += checked({"properties": {"a": schema}}, {"a": {f"{secret} ": f"{secret}" * size}})
    assert found
    for fault in found:
        assert secret not in f"{fault.pointer} {fault.says} {fault.limit}"


BOUNDED = {"type": "object", "additionalProperties": False, "properties": {"abcdefghijkl": {"type": "string"}}}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 9}


@pytest.mark.parametrize("version", pack("ktt_v1"), ids=lambda version: version.message_type)
def test_ktt_v1_bounds_its_messages(version):
    assert bounds.is_bounded(json.loads(version.schema))


@pytest.mark.parametrize(
    ("schema", "bounded"),
    [
        (BOUNDED, True),
        ({"type": "array", "items": BOUNDED | {"required": ["abcdefghijkl"]}}, True),
        ({"type": "array", "items": BOUNDED}, False),  # empty objects
        ({"type": "array", "items": {"type": "string"}}, False),
        ({"type": "array", "items": {"type": "string", "minLength": 4}}, True),
        ({"type": "array"}, False),
        ({"type": "array", "maxItems": 3, "items": NUMBER}, False),
        ({"type": "object"}, False),
        (BOUNDED | {"patternProperties": {"x": {}}}, False),
        ({"type": "integer"}, False),
        (NUMBER, True),
        ({"enum": [1, "a", None]}, True),
        ({"enum": [[]]}, False),
        ({"const": 1}, False),
        ({"anyOf": [BOUNDED]}, False),
        ({}, False),
    ],
)
def test_which_schemas_bound_their_messages(schema, bounded):
    assert bounds.is_bounded(schema) is bounded


def test_every_keyword_of_the_engine_has_a_sentence():
    kinds = {name for name in dir(jsonschema_rs.ValidationErrorKind) if name[0].isupper()}
    ours = {name.lower() for name in sentences._SENTENCES} | {"required", "additionalproperties"}
    other = {"constant": "const", "oneofmultiplevalid": "oneof", "oneofnotvalid": "oneof"}
    never = {"backtracklimitexceeded", "regexenginefailure", "custom", "fromutf8", "referencing"}
    assert {other.get(kind.lower(), kind.lower()) for kind in kinds} - never <= ours
