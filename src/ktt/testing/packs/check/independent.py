"""A second opinion by the validator `jsonschema`, which shares no code with the engine, where it is installed."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ktt.messages.mapping.places import JsonSchema

INSTALLED = importlib.util.find_spec("jsonschema") is not None


def second_opinion(schema: JsonSchema) -> Callable[[bytes], bool]:
    """Whether a message fits, by a validator made once; only where `INSTALLED`."""
    library = importlib.import_module("jsonschema")
    formats = library.FormatChecker(formats=())
    formats.checks("date", raises=ValueError)(_day)
    formats.checks("date-time", raises=ValueError)(_instant)
    kind = library.validators.validator_for(schema, default=library.Draft202012Validator)
    validator = kind(_exact(json.dumps(schema)), format_checker=formats)
    return lambda message: bool(validator.is_valid(_exact(message)))


def _exact(text: bytes | str) -> Any:
    """JSON with decimal numbers, and 15.0 the integer that JSON Schema says it is."""
    return json.loads(text, parse_float=_number)


def _number(digits: str) -> int | Decimal:
    number = Decimal(digits)
    return int(number) if number == number.to_integral_value() else number


def _day(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(dt.date.fromisoformat(value)))  # noqa: PLR2004 - ISO


def _instant(value: object) -> bool:
    """RFC 3339: with a T and an offset."""
    if not isinstance(value, str):
        return True
    return value[10:11] == "T" and dt.datetime.fromisoformat(value).tzinfo is not None
