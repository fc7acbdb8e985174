"""A plain sentence for every keyword of JSON Schema, and what it demands. Only the schema's words, never the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ktt.messages.packs.schemas.faults import Fault

_OTHER = "The value does not fit the schema."
_MOST_CODES = 1_000  # characters; a code list may have ten thousand
_CONDITIONS = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains"})
_WORDS = frozenset({"description", "$comment"})


def sentence(fault: Fault) -> str:
    """What is wrong. A condition that stands alone with a description is told in the description's words."""
    if fault.keyword == "required":
        return f"The required field {fault.missing} is missing."  # the schema's name, not the message's
    if described := _described(fault):
        return described
    found = _SENTENCES.get(fault.keyword)
    return found(fault.holder.get(fault.keyword)) if found else _OTHER


def limit(fault: Fault) -> str:
    """What the schema demands at the place, without a sentence around it."""
    if fault.keyword == "required":
        return fault.missing
    if fault.keyword in _LIMITS:
        return _LIMITS[fault.keyword](fault.holder.get(fault.keyword))
    return _described(fault)


def _described(fault: Fault) -> str:
    """The description of a schema that is one condition: elsewhere it tells what the value is, not what is demanded."""
    words = fault.holder.get("description", "")
    alone = fault.keyword in _CONDITIONS and _WORDS.issuperset(set(fault.holder) - _CONDITIONS)
    return words if alone and isinstance(words, str) else ""


def _types(names: str | list[str]) -> str:
    return " or ".join([names] if isinstance(names, str) else [name for name in names if name != "null"] or names)


def _codes(values: list[object]) -> str:
    whole = ", ".join(str(value) for value in values if value is not None)
    return whole if len(whole) <= _MOST_CODES else f"{whole[:_MOST_CODES].rpartition(', ')[0]}, …"


def _is(text: str) -> Callable[[Any], str]:
    return lambda _held: text


_PLAIN = (
    "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "pattern", "format", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
"""Keywords whose value in the schema is itself what is demanded."""

_LIMITS: dict[str, Callable[[Any], str]] = {"type": _types, "enum": _codes, "additionalProperties": _is("")}
_LIMITS |= dict.fromkeys(_PLAIN, str)

_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": lambda names: f"The value is not of type {_types(names)}.",
    "enum": lambda values: f"The value is not one of: {_codes(values)}.",
    "const": lambda value: f"The value is not {value}.",
    "minimum": lambda least: f"The number is below {least}.",
    "maximum": lambda most: f"The number is above {most}.",
    "exclusiveMinimum": lambda least: f"The number is not above {least}.",
    "exclusiveMaximum": lambda most: f"The number is not below {most}.",
    "multipleOf": lambda step: f"The number is not a multiple of {step}.",
    "minLength": lambda length: f"The text is shorter than {length}.",
    "maxLength": lambda length: f"The text is longer than {length}.",
    "pattern": lambda rule: f"The text does not match {rule}.",
    "format": lambda name: f"The text is not a {name}.",
    "contentEncoding": lambda name: f"The text is not written in {name}.",
    "contentMediaType": lambda name: f"The text is not {name}.",
    "minItems": lambda count: f"The list has fewer than {count} items.",
    "maxItems": lambda count: f"The list has more than {count} items.",
    "uniqueItems": _is("The list has two items that are equal."),
    "additionalItems": _is("The list has more items than the schema knows."),
    "unevaluatedItems": _is("The list has an item that no part of the schema takes."),
    "contains": _is("The list has too few or too many items of a kind that the schema counts."),
    "minProperties": lambda count: f"The object has fewer than {count} fields.",
    "maxProperties": lambda count: f"The object has more than {count} fields.",
    "additionalProperties": _is("The object has a field that the schema does not know."),
    "unevaluatedProperties": _is("The object has a field that no part of the schema takes."),
    "propertyNames": _is("The object has a field whose name does not fit the schema."),
    "anyOf": _is("The value fits none of the forms that the schema allows."),
    "oneOf": _is("The value does not fit exactly one of the forms that the schema allows."),
    "not": _is("The value has a form that the schema forbids."),
    "falseSchema": _is("The schema allows no value here."),
}
