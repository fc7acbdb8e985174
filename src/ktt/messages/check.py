"""A message against its schema: every violation with its place and a sentence, and never the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import jsonschema_rs

from ktt.messages import strict_json
from ktt.messages.version import SchemaViolation


class Checker:
    """Checks messages against one schema, compiled once. Formats (days, instants) are demanded, not only noted."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)

    def check(self, message: bytes, at_most: int) -> list[SchemaViolation]:
        """Up to `at_most` violations in the order of the message; MessageNotJson when it is not strict JSON."""
        with strict_json.collector_paused():
            value = strict_json.parse(message)
            found = list(islice(_once_a_value(self._validator.iter_errors(value)), at_most))
            if found:
                strict_json.examine(message)  # what fits the schema cannot be too deep or hold too large a number
        return [self._violation(error) for error in found]

    def _violation(self, error: jsonschema_rs.ValidationError) -> SchemaViolation:
        pointer = "".join(f"/{step}" for step in error.instance_path)
        holder = _holder(self._schema, error.schema_path)
        return SchemaViolation(pointer, error.kind.name, _sentence(error, holder), _limit(error, holder))


def _once_a_value(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """A value that breaks several keywords (not a text, so not a day either) counts once, with the first of them."""
    seen: set[tuple[str | int, ...]] = set()
    for error in errors:
        place = tuple(error.instance_path)
        if error.kind.name not in _ABOUT_VALUES or place not in seen:
            yield error
        if error.kind.name in _ABOUT_VALUES:
            seen.add(place)


def _holder(schema: Any, path: Sequence[str | int]) -> Mapping[str, Any]:
    """The subschema that holds the keyword at the end of the path."""
    for step in path[:-1]:
        schema = schema[step]
    assert isinstance(schema, dict)
    return schema


def _sentence(error: jsonschema_rs.ValidationError, holder: Mapping[str, Any]) -> str:
    keyword = error.kind.name
    if keyword == "required":
        return f"The required field {error.kind.value} is missing."  # the schema's name, not the message's
    if (sentence := _SENTENCES.get(keyword)) is not None:
        return sentence(holder[keyword])
    return str(holder.get("description", "The value does not fit the schema."))


def _limit(error: jsonschema_rs.ValidationError, holder: Mapping[str, Any]) -> str:
    """What the schema demands at the place, without a sentence around it."""
    keyword = error.kind.name
    if keyword == "required":
        return str(error.kind.value)
    if keyword not in _SENTENCES:
        return str(holder.get("description", ""))
    return _LIMITS.get(keyword, str)(holder[keyword])


def _types(names: str | list[str]) -> str:
    return " or ".join([names] if isinstance(names, str) else [name for name in names if name != "null"])


def _codes(values: list[object]) -> str:
    return ", ".join(str(value) for value in values if value is not None)


_LIMITS: Mapping[str, Callable[[Any], str]] = {"type": _types, "enum": _codes, "additionalProperties": lambda _: ""}

_ABOUT_VALUES = frozenset({"type", "enum", "not", "minLength", "maxLength", "pattern", "format", "multipleOf"})

_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": lambda names: f"The value is not of type {_types(names)}.",
    "additionalProperties": lambda _: "The object has a field that the schema does not know.",
    "enum": lambda values: f"The value is not one of: {_codes(values)}.",
    "const": lambda value: f"The value is not {value}.",
    "minimum": lambda limit: f"The number is below {limit}.",
    "maximum": lambda limit: f"The number is above {limit}.",
    "multipleOf": lambda step: f"The number is not a multiple of {step}.",
    "minLength": lambda length: f"The text is shorter than {length}.",
    "maxLength": lambda length: f"The text is longer than {length}.",
    "pattern": lambda rule: f"The text does not match {rule}.",
    "format": lambda name: f"The text is not a {name}.",
    "minItems": lambda count: f"The list has fewer than {count} items.",
    "maxItems": lambda count: f"The list has more than {count} items.",
}
