"""A schema with references means the same as the schema in which they are written out."""

from __future__ import annotations

import json
import re
import time

import jsonschema
import jsonschema_rs
import pytest
import referencing
from hypothesis import given
from hypothesis import strategies as st
from referencing.jsonschema import DRAFT202012

from ktt.messages.packs.errors import SchemaRecursive
from ktt.messages.packs.schema import self_contained
from ktt.messages.packs.schemas.expression import explodes
from ktt.messages.packs.schemas.expression_reader import read
from ktt.messages.packs.schemas.patterns import prove_linear

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
TEXT = {"type": "string"}


def written(base, **named):
    """The first of the schemas, self-contained; each is a file by its name."""
    for name, schema in named.items():
        path = base / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema))
    found = self_contained(base / f"{next(iter(named)).replace('__', '/')}.json", base)
    del found["$schema"]
    return found


def items_of(reference, **beside):
    return {"items": {"$ref": reference}} | beside


@pytest.mark.parametrize(
    "files",
    [
        {"a": items_of("#/$defs/x", **{"$defs": {"x": TEXT}})},
        {"a": items_of("#/definitions/x", definitions={"x": TEXT})},
        {"a": items_of("#x", **{"$defs": {"y": {"$anchor": "x"} | TEXT}})},
        {"a": items_of("#x", **{"$defs": {"y": {"$dynamicAnchor": "x"} | TEXT}})},
        {"a": items_of("#x", **{"$schema": DRAFT_07, "definitions": {"y": {"$id": "#x"} | TEXT}})},
        {"a": items_of("#/$defs/x%20y~1z~0", **{"$defs": {"x y/z~": TEXT}})},
        {"a": items_of("#/allOf/0/then", allOf=[{"then": TEXT}])},
        {"a": items_of("#/x-own/0", **{"x-own": [TEXT]})},
        {"a": items_of("b.json"), "b": TEXT},
        {"a": items_of("./b.json#"), "b": TEXT},
        {"a": items_of("b.json#/$defs/x"), "b": {"$defs": {"x": TEXT}}},
        {"a": items_of("b.json#x"), "b": {"$defs": {"y": {"$anchor": "x"} | TEXT}}},
        {"schema__a": items_of("../felles/b.json"), "felles__b": {"$ref": "c.json"}, "felles__c": TEXT},
        {"a": items_of("https://fhi.example/b"), "x__y": {"$id": "https://fhi.example/b"} | TEXT},
        {"a": items_of("b", **{"$id": "https://fhi.example/s/a"}), "y": {"$id": "https://fhi.example/s/b"} | TEXT},
        {"a": items_of("urn:fhi:b"), "y": {"$id": "urn:fhi:b"} | TEXT},
        {"a": items_of("b.json", **{"$id": "https://fhi.example/s/a.json"}), "b": {"$id": "urn:other"} | TEXT},
        {"a": items_of("#/$defs/x", **{"$id": "urn:fhi:a", "$defs": {"x": TEXT}})},
        {"a": items_of("in.json", **{"$id": "https://e.example/a", "$defs": {"x": {"$id": "in.json"} | TEXT}})},
        {"a": items_of("#/$defs/x", **{"$defs": {"x": {"$id": "urn:x", "$ref": "#/$defs/y", "$defs": {"y": TEXT}}}})},
        {"a": items_of("#/$defs/x", **{"$defs": {"x": TEXT, "cyclic": {"$ref": "#/$defs/cyclic"}}})},
    ],
    ids=lambda files: json.dumps(files)[:100],
)
def test_references_are_written_out(tmp_path, files):
    found = written(tmp_path, **files)
    found.pop("allOf", None)
    found.pop("x-own", None)
    assert found == {"items": TEXT}


def test_only_what_is_a_schema_is_read_as_one(tmp_path):
    schema = {
        "properties": {"$ref": TEXT, "$id": TEXT, "properties": {"enum": [{"$ref": "#/nothing"}]}},
        "default": {"$ref": "https://fhi.example/x"},
        "const": {"$dynamicRef": "#x", "pattern": "(?=a)"},
        "x-own": {"$ref": "#/nothing"},
    }
    assert written(tmp_path, a=schema) == schema


def test_what_stands_beside_a_reference(tmp_path):
    beside = {"$ref": "#/$defs/x", "minLength": 2}
    definition = {"x": TEXT | {"description": "that", "maxLength": 3}}
    new = {"not": beside, "items": {"$ref": "#/$defs/x", "description": "this"}, "$defs": definition}
    assert written(tmp_path, a=new) == {
        "not": {"minLength": 2, "allOf": [definition["x"]]},
        "items": definition["x"] | {"description": "this"},
    }
    assert written(tmp_path, a=new | {"$schema": DRAFT_07}) == {  # where nothing beside it counts
        "not": definition["x"],
        "items": definition["x"] | {"description": "this"},
    }


def test_references_beside_constraints_keep_what_stands_there(tmp_path):
    schema = {"$ref": "#/$defs/x", "allOf": [{"minLength": 1}], "$defs": {"x": TEXT}}
    assert written(tmp_path, a=schema) == {"allOf": [{"minLength": 1}, TEXT]}
    assert written(tmp_path, a={"$ref": "#/$defs/x", "title": "t", "$defs": {"x": False}}) == {
        "title": "t",
        "allOf": [False],
    }


def test_keywords_that_a_draft_does_not_know_are_left_out(tmp_path):
    both = {"prefixItems": [TEXT], "additionalItems": False, "unevaluatedItems": False, "dependencies": {"a": ["b"]}}
    assert set(written(tmp_path, a=both)) == {"prefixItems", "unevaluatedItems"}
    assert set(written(tmp_path, a=both | {"$schema": DRAFT_2019})) == {"additionalItems", "unevaluatedItems"}
    assert set(written(tmp_path, a=both | {"$schema": DRAFT_07})) == {"additionalItems", "dependencies"}


def test_large_code_lists_may_be_used_many_times(tmp_path):
    codes = {"enum": [f"A{number}" for number in range(10_000)]}
    schema = {"$defs": {"icd": codes}, "properties": {f"d{n}": {"$ref": "#/$defs/icd"} for n in range(20)}}
    began = time.process_time()
    found = written(tmp_path, a=schema)
    assert time.process_time() - began < 5
    assert found["properties"]["d19"] == codes


LEAVES = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"minimum": 2}, {"maxLength": 1}, True, False, {}])
NAMES = st.sampled_from("abc")
REFERENCES = st.sampled_from(["#/$defs/a", "#/$defs/b", "#c", "b.json", "b.json#/$defs/d", "urn:c"]).map(
    lambda reference: {"$ref": reference}
)
SCHEMAS = st.recursive(
    LEAVES | REFERENCES,
    lambda inner: st.one_of(
        st.builds(lambda *two: {"anyOf": list(two)}, inner, inner),
        st.builds(lambda *two: {"properties": {"p": two[0]}, "additionalProperties": two[1]}, inner, inner),
        st.builds(lambda one: {"items": one}, inner),
        st.builds(lambda one: {"not": one, "$ref": "#/$defs/b"}, inner),
        st.builds(lambda one: {"unevaluatedProperties": False, "properties": {"p": one}, "$ref": "#/$defs/a"}, inner),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.sampled_from(["", "xy", 1, 3, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
    max_leaves=5,
)


@given(schemas=st.tuples(SCHEMAS, LEAVES, SCHEMAS, LEAVES), values=st.lists(VALUES, min_size=3, max_size=8))
def test_what_is_written_out_means_the_same(tmp_path_factory, schemas, values):
    root, a, b, c = schemas
    base = tmp_path_factory.mktemp("pack")
    anchored = {"c": {"$anchor": "c"} | (c if isinstance(c, dict) else {"not": {}})}
    files = {
        "a": {"allOf": [root], "$defs": {"a": a, "b": b} | anchored},
        "b": {
            "$defs": {"d": a, "b": c, "a": c, "c": {"$anchor": "c"}},
            "minProperties": 1,
            "items": {"$ref": "#/$defs/d"},
        },
        "c": {"$id": "urn:c", "$defs": {"a": c}, "$ref": "#/$defs/a"},
    }
    try:
        found = written(base, **files)
    except SchemaRecursive:
        return
    registry = referencing.Registry().with_resources(
        (uri, DRAFT202012.create_resource(files[name]))
        for uri, name in (("file:///a.json", "a"), ("file:///b.json", "b"), ("urn:c", "c"))
    )
    theirs = jsonschema.Draft202012Validator({"$id": "file:///a.json"} | files["a"], registry=registry)
    mine = jsonschema_rs.Draft202012Validator(found)
    for value in values:
        assert mine.is_valid(value) == theirs.is_valid(value)


GOOD_PATTERNS = [
    "", "^$", "^[a-z]+(-[a-z]+)*$", r"^(\d+\.)*\d+$", r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$",
    "^[A-ZÆØÅ][a-zæøå]+( [A-ZÆØÅ][a-zæøå]+)*$", r"^\p{L}{1,100}$", r"^[\p{L} \-'.]{1,255}$", "^(0[1-9]|1[0-2])$",
    r"^[^\x00-\x1f]{1,4000}$", "^.{1,2000}$", r"^[A-Z0-9]{1,3}(\.[A-Z0-9]{1,4})*$", r"^oid:[0-2](\.(0|[1-9]\d*))+$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", r"^\S+@\S+\.\S+$", "(a?)*", r"\/", r"a\-b",
    "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", r"^[\w.-]+(\.[\w-]+)*$", r"^\[\]$", "^[]a]$", "a{3}?",
]  # fmt: skip


@pytest.mark.parametrize("pattern", GOOD_PATTERNS)
def test_patterns_that_schemas_have(pattern):
    prove_linear(pattern, "a.json", "/pattern")


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "c"]),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({})*".format, inner),
        st.builds("({})+".format, inner),
        st.builds("({})?".format, inner),
        st.builds("({}){{1,3}}".format, inner),
    ),
    max_leaves=6,
)


def ways(expression, text):
    """In how many ways a repetition of the expression reads the text, by trying them all."""
    from ktt.messages.packs.schemas import expression_reader as tree

    sample = {mark: tree.read(mark).members for mark in "abc"}

    def ends(part, at, rest):
        if isinstance(part, tree.Characters):
            return rest(at + 1) if at < len(text) and part.members & sample[text[at]] else 0
        if isinstance(part, tree.Branches):
            return sum(ends(one, at, rest) for one in part.parts)
        if isinstance(part, tree.Sequence):
            if not part.parts:
                return rest(at)
            tail = tree.Sequence(part.parts[1:])
            return ends(part.parts[0], at, lambda then: ends(tail, then, rest))
        more = 0
        if part.most is None or part.most > 0:
            left = tree.Repeated(part.inner, max(0, part.least - 1), None if part.most is None else part.most - 1)
            more = ends(part.inner, at, lambda then: ends(left, then, rest) if then > at else 0)
        return more + (rest(at) if part.least == 0 else 0)

    return ends(expression, 0, lambda at: int(at == len(text)))


@given(piece=PIECES)
def test_a_pattern_explodes_when_the_ways_to_read_a_text_double(piece):
    expression = read(f"({piece})*")
    if explodes(expression):
        return
    for mark in ("a", "b", "c", "ab", "ba", "ac"):
        counts = [ways(expression, mark * number) for number in (4, 8)]
        assert counts[1] <= 40 * max(1, counts[0]), "polynomial at most"


@pytest.mark.parametrize("pattern", ["(a+)+", "(a*)*", "(a|a)*", "(a|aa)+", "(x+x+)+y", r"(\d{1,3},?)*x"])
def test_patterns_that_explode_do_so_in_python(pattern):
    assert explodes(read(pattern))
    text = ("x" if "x+" in pattern else "1" if "d" in pattern else "a") * 18 + "!"
    began = time.process_time()
    assert not re.fullmatch(pattern, text)
    short = time.process_time() - began
    began = time.process_time()
    assert not re.fullmatch(pattern, text[:4] + text)
    assert time.process_time() - began > 3 * short
