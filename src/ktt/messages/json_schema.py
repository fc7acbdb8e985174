"""The JSON Schema (draft 2020-12) of a message, made from its table so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

from ktt.domain.glossary import for_field
from ktt.domain.schema import Kind
from ktt.messages.settings import PackSettings
from ktt.messages.table import PADDED, Field, MessageTable, Part, nested

JsonSchema = dict[str, Any]

INSTANT = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
"""An instant with its offset: a year from 1000 on, no leap second."""
MONTH = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"
"""A month of a year from 1000 on."""
CONTROL = r"\u0000-\u001f\u007f-\u009f"
"""Control characters, as they stand in a regular expression's class; local ids are printable."""
RANGES: Mapping[str, tuple[int, int]] = {"organisation": (100_000_000, 999_999_999), "municipality": (1, 9999)}
"""Kinds that are numbers with leading zeros and have a range of their own: the least and the greatest."""
TEXT_LENGTH = 100
"""A local id has 1 to 100 characters (messages § 4)."""


def message_schema(table: MessageTable, settings: PackSettings) -> JsonSchema:
    """The whole schema. An optional field may be null, which the reader treats as absent; a required one may not."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ktt:{table.pack}:{table.message_type}:{table.version}",
        "title": f"{table.message_type} {table.version}",
        "type": "array",
        "minItems": 1,
        "items": _item(table, settings),
    }


def _item(table: MessageTable, settings: PackSettings) -> JsonSchema:
    item = _plain_object(table.unit, settings)
    for name, inside in ((table.delete_list, _deletion(table, settings)), (table.list_name, _record(table, settings))):
        item["properties"][name] = _explained(name) | _list(inside, (0, None), required=False)
    item["allOf"] = [something_to_say(table)]
    return item


def _record(table: MessageTable, settings: PackSettings) -> JsonSchema:
    person = _plain_object(table.person, settings) | {"allOf": [one_identity(table.person)]}
    record = _object(table.body, settings)
    record["properties"][table.person_path] = _explained(f"{table.list_name}[].{table.person_path}") | person
    record["required"].append(table.person_path)
    return record


def _deletion(table: MessageTable, settings: PackSettings) -> JsonSchema:
    shape = _plain_object((table.id_field,), settings)
    mark = {"type": "boolean"}  # only true is sent; false is read and has no effect (messages § 4)
    shape["properties"][table.deleted] = _explained(f"{table.delete_list}[].{table.deleted}") | mark
    shape["required"].append(table.deleted)
    return shape


def something_to_say(table: MessageTable) -> JsonSchema:
    """The condition on a unit: records or deletions, or both."""
    names = (table.delete_list, table.list_name)
    filled = [{"required": [name], "properties": {name: {"type": "array", "minItems": 1}}} for name in names]
    return {"description": f"{names[0]} and {names[1]} are not both absent or empty.", "anyOf": filled}


def one_identity(person: Iterable[Field]) -> JsonSchema:
    """The condition on a person: a number of one kind, or none."""
    names = [field.path for field in person if field.identity]
    filled = {"type": ["integer", "string"]}
    pairs = [{"required": [one, two], "properties": {one: filled, two: filled}} for one, two in combinations(names, 2)]
    return {"description": f"At most one of {', '.join(names)}.", "not": {"anyOf": pairs}}


def _object(part: Part, settings: PackSettings) -> JsonSchema:
    shape = _plain_object(part.fields, settings)
    if part.conditions:
        shape["allOf"] = [dict(condition) for condition in part.conditions]
    return shape


def _plain_object(fields: Iterable[Field], settings: PackSettings) -> JsonSchema:
    shape: JsonSchema = {"type": "object", "additionalProperties": False, "required": [], "properties": {}}
    for name, member in nested(fields).items():
        if isinstance(member, tuple):
            place, inner = member[0].place.rpartition(".")[0], _nullable(_plain_object(member, settings))
        else:
            place, inner = member.place, _value(member, settings)
            shape["required"] += [name] if member.required else []
        shape["properties"][name] = _explained(place) | inner
    return shape


def _explained(place: str) -> JsonSchema:
    """What the glossary says about a place: bokmål as the description, English as the comment."""
    term = for_field(place)
    return {} if term is None else {"description": term.meaning.nb, "$comment": term.meaning.en}


def _list(item: JsonSchema, size: tuple[int, int | None], *, required: bool) -> JsonSchema:
    least, most = size
    shape: JsonSchema = {"type": "array" if required else ["array", "null"]}
    if least:
        shape["minItems"] = least
    if most is not None:
        shape["maxItems"] = most
    return shape | {"items": item}


def _value(field: Field, settings: PackSettings) -> JsonSchema:
    if field.part is not None:
        least, most = field.limits["items"]
        return _list(_object(field.part, settings), (least, most), required=field.required)
    shape = _padded(field, settings) if field.kind in PADDED else _SHAPES[field.kind](field)
    return shape if field.required else _nullable(shape)


def _nullable(shape: JsonSchema) -> JsonSchema:
    shape["type"] = [shape["type"], "null"]
    if "enum" in shape:
        shape["enum"] = [*shape["enum"], None]
    return shape


def _padded(field: Field, settings: PackSettings) -> JsonSchema:
    if settings.ids_as == "string":
        return {"type": "string", "minLength": field.digits, "maxLength": field.digits, "pattern": "^[0-9]+$"}
    least, most = RANGES.get(field.kind, (1, 10**field.digits - 1))
    limits = field.limits
    return {"type": "integer", "minimum": limits.get("minimum", least), "maximum": limits.get("maximum", most)}


def _code(field: Field) -> JsonSchema:
    return {"type": "integer", "enum": [int(code) for code in field.codes]}


def _count(field: Field) -> JsonSchema:
    return {"type": "integer", "minimum": field.limits["minimum"], "maximum": field.limits["maximum"]}


def _hours(field: Field) -> JsonSchema:
    # Two decimals are demanded by `hundredths`: validators that count in binary refuse 0.07 as a multiple of 0.01.
    return {"type": "number", "minimum": field.limits["minimum"], "maximum": field.limits["maximum"]}


def _text(field: Field) -> JsonSchema:
    if field.codes:
        return {"type": "string", "enum": list(field.codes)}
    longest = field.limits.get("max_length", TEXT_LENGTH)
    # Not a bad character, instead of a pattern for the whole: engines differ on whether "$" matches before a newline.
    allowed = {"description": _allowed(field), "not": {"type": "string", "pattern": f"[{field.without}{CONTROL}]"}}
    return {"type": "string", "minLength": 1, "maxLength": longest, "allOf": [allowed]}


def _allowed(field: Field) -> str:
    return f"Printable characters only{f', without {field.without!r}' if field.without else ''}."


def _district(_field: Field) -> JsonSchema:
    return {"type": "string", "minLength": 2, "maxLength": 2, "pattern": "^[0-9]+$"}


def _day(_field: Field) -> JsonSchema:
    return {"type": "string", "format": "date", "pattern": "^[1-9]"}  # a year from 1000 on


def _instant(_field: Field) -> JsonSchema:
    return {"type": "string", "format": "date-time", "pattern": INSTANT}


def _month(_field: Field) -> JsonSchema:
    return {"type": "string", "minLength": 7, "maxLength": 7, "pattern": MONTH}


_SHAPES: Mapping[Kind, Callable[[Field], JsonSchema]] = {
    "id": _text,
    "text": _text,
    "code": _code,
    "day": _day,
    "instant": _instant,
    "month": _month,
    "hours": _hours,
    "count": _count,
    "district": _district,
}
