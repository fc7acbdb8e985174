"""Made-up JSON Schemas of messages, of every keyword that the fast check understands, and messages for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.fast_check import UnitPlaces

LETTERS = "abzABZ019 -.,:;/æØ€😀"
PATTERNS = (
    ("^[A-Z]{1,3}[0-9]{2}$", ["A01", "ABC99"]),
    ("^(NO|SE)?[0-9]{3}$", ["NO123", "000"]),
    (r"^\d{4}-(0[1-9]|1[0-2])$", ["2026-01", "0000-12"]),
    (r"^[^a-z]+$", ["A", "1 2"]),
    (r"^\w+(-\w+)*$", ["a-b_c", "A"]),
    ("^[1-9]", ["1", "9abc"]),
    ("^x.y$", ["xzy", "x€y"]),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A schema, the places of its unit, and messages that mostly fit it."""

    schema: dict[str, Any]
    places: UnitPlaces
    unit: ReportingUnit
    messages: st.SearchStrategy[Any]


Shape = tuple[dict[str, Any], st.SearchStrategy[Any]]


def _whole(draw: st.DrawFn) -> Shape:
    least = draw(st.integers(0, 50))
    most = least + draw(st.integers(0, 300))
    lower = draw(st.sampled_from([{"minimum": least}, {"exclusiveMinimum": least - 1}, {"minimum": least - 0.5}]))
    upper = draw(st.sampled_from([{"maximum": most}, {"exclusiveMaximum": most + 1}, {"maximum": most + 0.5}]))
    return {"type": "integer"} | lower | upper, st.integers(least, most)


def _hundredths(draw: st.DrawFn) -> Shape:
    least, most = sorted(draw(st.tuples(st.integers(0, 20_000), st.integers(0, 20_000))))
    values = st.integers(least, most).map(lambda number: number / 100)
    return {"type": "number", "minimum": least / 100, "maximum": most / 100}, values


def _text(draw: st.DrawFn) -> Shape:
    least = draw(st.integers(0, 3))
    schema: dict[str, Any] = {
        "type": "string",
        "minLength": least,
        "maxLength": least + draw(st.sampled_from([1, 2, 9, 100, 4000])),
    }
    unwanted = draw(st.sampled_from([None, "[:;]", r"[\u0000-\u001fæ]", "[^A-Za-z0-9]"]))
    if unwanted is not None:
        bad = {"not": {"type": "string", "pattern": unwanted}}
        schema |= draw(st.sampled_from([bad, {"allOf": [{"description": "Printable."} | bad]}]))
    return schema, st.text("abzABZ019", min_size=least, max_size=min(schema["maxLength"], 12))


def _pattern(draw: st.DrawFn) -> Shape:
    pattern, values = draw(st.sampled_from(PATTERNS))
    return {"type": "string", "pattern": pattern}, st.sampled_from(values)


def _digits(draw: st.DrawFn) -> Shape:
    count = draw(st.integers(1, 11))
    return (
        {"type": "string", "minLength": count, "maxLength": count, "pattern": "^[0-9]+$"},
        st.text("0123456789", min_size=count, max_size=count),
    )


def _format(draw: st.DrawFn) -> Shape:
    name, values = draw(
        st.sampled_from(
            [
                ("date", ["2024-02-29", "1000-01-01"]),
                ("date-time", ["2026-01-31T23:59:59+01:00", "2026-01-31T00:00:00.5Z"]),
                ("uuid", ["0a1B2c3d-0000-4fff-9fff-0a1b2c3d4e5f"]),
            ]
        )
    )
    pattern = {"pattern": "^[1-9]"} if name == "date" and draw(st.booleans()) else {}
    return {"type": "string", "format": name} | pattern, st.sampled_from(values)


def _listed(draw: st.DrawFn) -> Shape:
    values = draw(
        st.sampled_from([[1, 2, 30], ["P", "K 1", "å"], [1, "1", None, True], [False], ["", "x"], [-5, 0]]),
    )
    schema: dict[str, Any] = {"enum": values} if draw(st.booleans()) else {"const": values[0]}
    return schema, st.sampled_from(schema.get("enum", values[:1]))


def _truth(_draw: st.DrawFn) -> Shape:
    return {"type": "boolean"}, st.booleans()


@st.composite
def scalars(draw: st.DrawFn) -> Shape:
    """A value that is no object and no list."""
    makers = [_whole, _hundredths, _text, _pattern, _digits, _format, _listed, _truth]
    return _dressed(draw, *draw(st.sampled_from(makers))(draw))


def _dressed(draw: st.DrawFn, schema: dict[str, Any], values: st.SearchStrategy[Any]) -> Shape:
    """The same value, perhaps null, in one of the ways to write that."""
    nullable = values | st.none()
    ways: list[Shape] = [
        (schema, values),
        ({"description": "A value.", "allOf": [schema]}, values),
        ({"anyOf": [schema, {"type": "null"}]}, nullable),
    ]
    if "type" in schema:
        ways.append((schema | {"type": [schema["type"], "null"]}, values if "not" in schema else nullable))
        ways.append(({"oneOf": [{"type": "null"}, schema], "title": "Perhaps."}, nullable))
    return draw(st.sampled_from(ways))


def _lists(draw: st.DrawFn, level: int) -> Shape:
    schema, values = draw(objects(level + 1)) if draw(st.booleans()) and level < 2 else draw(scalars())
    least, most = draw(st.integers(0, 2)), draw(st.sampled_from([None, 3, 25]))
    limits = {"minItems": least} if least else {}
    if most is not None:
        limits["maxItems"] = most
    sizes = st.sampled_from(sorted({least, least + 1, most or 4}))
    filled = sizes.flatmap(lambda size: st.lists(values, min_size=size, max_size=size))
    return _dressed(draw, {"type": "array", "items": schema} | limits, filled)


@st.composite
def objects(draw: st.DrawFn, level: int = 0) -> Shape:
    """An object with some members, and conditions between them."""
    names = draw(
        st.lists(st.sampled_from(["id", "kode", "år", "a b", "x", "y", "z"]), min_size=1, max_size=5, unique=True)
    )
    shapes: dict[str, Shape] = {}
    for name in names:
        kind = draw(st.sampled_from(["scalar", "scalar", "scalar", "object", "list"] if level < 2 else ["scalar"]))
        inner = draw(scalars()) if kind == "scalar" else None
        shapes[name] = inner or (_lists(draw, level) if kind == "list" else _dressed(draw, *draw(objects(level + 1))))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: shape for name, (shape, _) in shapes.items()},
        "required": draw(st.lists(st.sampled_from(names), unique=True)),
    }
    schema |= draw(st.sampled_from([{}, {"additionalProperties": False}, {"unevaluatedProperties": False}]))
    schema |= draw(_conditions(schema["properties"]))
    optional = [name for name in names if name not in schema["required"]]
    values = st.fixed_dictionaries(
        {name: shapes[name][1] for name in schema["required"]}, optional={name: shapes[name][1] for name in optional}
    )
    return schema, values.map(lambda given: {name: given[name] for name in names if name in given})


@st.composite
def _conditions(draw: st.DrawFn, properties: dict[str, Any]) -> dict[str, Any]:
    names = st.sampled_from(list(properties))
    one, other = draw(names), draw(names)
    asked = draw(st.sampled_from([None, {}, {"type": "null"}, {"not": {"type": "null"}}, *_about(properties[one])]))
    there: dict[str, Any] = {"required": [one]} | ({} if asked is None else {"properties": {one: asked}})
    keyword = draw(st.sampled_from(["none", "none", "anyOf", "not", "if", "oneOf", "dependentRequired", "allOf"]))
    then = {"required": [other]}
    return {
        "none": {},
        "anyOf": {"anyOf": [there, then]},
        "oneOf": {"oneOf": [there, then]},
        "not": {"not": {"allOf": [there, then]}},
        "if": {"if": there, "then": then, "else": {"type": "object"}},
        "dependentRequired": {"dependentRequired": {one: [other]}},
        "allOf": {
            "allOf": [{"description": "Both or none.", "if": there, "then": then}, {"anyOf": [then, {"not": there}]}]
        },
    }[keyword]


def _about(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a condition may ask of a value of that schema."""
    if "enum" in schema or "const" in schema:
        return [{"const": 1}, {"enum": ["P", "x", None]}, {"type": "integer", "minimum": 2}, {"pattern": "^P"}]
    if schema.get("type") == "integer":
        return [{"minimum": 30}, {"const": 17}, {"type": "integer", "maximum": 20}, {"exclusiveMaximum": 25}]
    if schema.get("type") == "array":
        return [{"minItems": 1}, {"maxItems": 0}, {"type": "array"}]
    if schema.get("type") == "string" and not {"pattern", "format"} & schema.keys():
        return [{"minLength": 1}, {"const": ""}, {"type": "string"}]
    return [{"type": ["string", "integer", "number"]}]


@st.composite
def made(draw: st.DrawFn) -> Made:
    """A whole message: a list of units, or an object with the unit in its header, in it, or in its one unit."""
    record, values = draw(objects())
    number = draw(st.booleans())
    unit = ReportingUnit("312000563", "0301", draw(st.sampled_from([None, "03"])))
    told = {"org": int(unit.organisation) if number else unit.organisation}
    told["kommune"] = int(unit.municipality) if number else unit.municipality
    told |= {} if unit.district is None else {"bydel": unit.district}
    where = _unit_schema(number=number)
    if draw(st.booleans()):
        where["properties"] = {"før": draw(scalars())[0]} | where["properties"]
    most, records = draw(st.sampled_from([None, 25, 2000])), st.lists(values, max_size=4)
    posts: dict[str, Any] = {"type": "array", "items": record} | ({} if most is None else {"maxItems": most})
    return draw(st.sampled_from([_list_of_units, _header, _flat, _header_last]))(where, posts, told, unit, records)


def _unit_schema(*, number: bool) -> dict[str, Any]:
    organisation = {"type": "integer", "minimum": 100_000_000, "maximum": 999_999_999}
    municipality = {"type": "integer", "minimum": 1, "maximum": 9999}
    if not number:
        organisation, municipality = {"type": "string", "pattern": "^[0-9]{9}$"}, {"type": "string"}
    district = {"anyOf": [{"type": "string", "pattern": "^[0-9]{2}$"}, {"type": "null"}]}
    properties = {"org": organisation, "kommune": municipality, "bydel": district}
    return {"type": "object", "additionalProperties": False, "required": ["org", "kommune"], "properties": properties}


def _places(start: str) -> UnitPlaces:
    return UnitPlaces(f"{start}org", f"{start}kommune", f"{start}bydel")


def _list_of_units(where: Any, posts: Any, told: Any, unit: ReportingUnit, records: Any) -> Made:
    item = where | {"properties": where["properties"] | {"poster": posts}}
    messages = records.map(lambda some: [told | {"poster": some}])
    return Made({"type": "array", "minItems": 1, "items": item}, _places("[]."), unit, messages)


def _header(where: Any, posts: Any, told: Any, unit: ReportingUnit, records: Any) -> Made:
    properties = {"hode": {"type": "object", "properties": {"avsender": where, "nr": {"const": 1}}}, "poster": posts}
    messages = records.map(lambda some: {"hode": {"avsender": told, "nr": 1}, "poster": some})
    return Made({"type": "object", "properties": properties}, _places("hode.avsender."), unit, messages)


def _flat(where: Any, posts: Any, told: Any, unit: ReportingUnit, records: Any) -> Made:
    schema = where | {"properties": {"fra": {"type": "boolean"}} | where["properties"] | {"poster": posts}}
    return Made(schema, _places(""), unit, records.map(lambda some: {"fra": True} | told | {"poster": some}))


def _header_last(where: Any, posts: Any, told: Any, unit: ReportingUnit, records: Any) -> Made:
    properties = {"poster": posts, "enheter": {"type": "array", "items": where}}
    messages = records.map(lambda some: {"poster": some, "enheter": [told]})
    return Made({"type": "object", "properties": properties}, _places("enheter[]."), unit, messages)


def written(value: Any, style: int) -> bytes:
    """The message with more or less space in it."""
    ways: list[dict[str, Any]] = [{}, {"indent": 1}, {"separators": (",", ":")}, {"separators": (" ,\n", "\t: ")}]
    return json.dumps(value, ensure_ascii=False, **ways[style % len(ways)]).encode()
