"""A message against its schema: every violation with its place and a sentence, and never the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import jsonschema_rs

from ktt.messages import strict_json
from ktt.messages.excerpt import Excerpt, ListItems, Path
from ktt.messages.version import SchemaViolation

_SMALL = 64 * 1024  # bytes of a message that is asked about as a whole
_FEWEST, _GROWTH = 16, 4  # list items with faults that are looked at first, and how many times more each time after
_TOO_DENSE = "The message has more values than one of its size can have when it fits the schema."


class Checker:
    """Checks messages against one schema, compiled once. Formats (days, instants) are demanded, not only noted.

    `beside` finds what the schema has no keyword for, in a parsed message that fits it.
    """

    def __init__(self, schema: Mapping[str, Any], beside: Callable[[Any], Iterable[SchemaViolation]]) -> None:
        self._schema, self._beside = schema, beside
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
        self._items = ListItems()

    def check(self, message: bytes, at_most: int) -> list[SchemaViolation]:
        """Up to `at_most` violations in the order of the message; MessageNotJson when it is not strict JSON.

        Time and memory are in proportion to the message and to `at_most`, however many violations there are.
        """
        if strict_json.is_too_dense(message):
            strict_json.prove_syntax(message)
            return [SchemaViolation("", "maxItems", _TOO_DENSE)]
        with strict_json.collector_paused():
            value = strict_json.parse(message)
            if len(message) < _SMALL and self._validator.is_valid(value):
                return list(islice(self._beside(value), at_most))
            found = self._first_violations(value, at_most)
            if found:  # what fits the schema cannot be too deep or hold too large a number
                strict_json.prove_bounds(message, value)
            return found or list(islice(self._beside(value), at_most))

    def _first_violations(self, value: Any, at_most: int) -> list[SchemaViolation]:
        most = max(_FEWEST, at_most // _FEWEST)
        while True:
            excerpt = Excerpt(self._schema, value, self._items, most)
            errors = islice(_once_a_value(self._validator.iter_errors(excerpt.value)), at_most)
            found = [self._violation(error, excerpt.place(error.instance_path)) for error in errors]
            if excerpt.complete or len(found) == at_most:
                return found
            most *= _GROWTH

    def _violation(self, error: jsonschema_rs.ValidationError, place: Path) -> SchemaViolation:
        pointer = "".join(f"/{step}" for step in place)
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

_ABOUT_VALUES = frozenset({"type", "enum", "not", "minLength", "maxLength", "pattern", "format"})

_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": lambda names: f"The value is not of type {_types(names)}.",
    "additionalProperties": lambda _: "The object has a field that the schema does not know.",
    "enum": lambda values: f"The value is not one of: {_codes(values)}.",
    "const": lambda value: f"The value is not {value}.",
    "minimum": lambda limit: f"The number is below {limit}.",
    "maximum": lambda limit: f"The number is above {limit}.",
    "minLength": lambda length: f"The text is shorter than {length}.",
    "maxLength": lambda length: f"The text is longer than {length}.",
    "pattern": lambda rule: f"The text does not match {rule}.",
    "format": lambda name: f"The text is not a {name}.",
    "minItems": lambda count: f"The list has fewer than {count} items.",
    "maxItems": lambda count: f"The list has more than {count} items.",
}
