"""Values as drivers give them, to the text that is read everywhere: a column at a time, by the types that are in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any


class NotOneValue(Exception):
    """A value of a type that is no single value. It names the types."""


def _decimal(value: Decimal) -> str:
    return format(value, "f")  # never with an exponent


_TEXTS: dict[type, Callable[[Any], str | None]] = {
    str: str,
    int: str,
    bool: lambda value: str(int(value)),  # a bit, as the database shows it
    float: repr,  # the shortest text that is read back as the same number
    Decimal: _decimal,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.datetime: lambda value: value.isoformat(" "),  # with its distance to UTC where it has one
    bytes: bytes.hex,
    uuid.UUID: lambda value: str(value).upper(),
    type(None): lambda _none: None,
}


def texts(values: tuple[Any, ...]) -> tuple[str | None, ...]:
    """The values as text. NotOneValue when one is no single value."""
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return values
    unknown = kinds - _TEXTS.keys()
    if unknown:
        raise NotOneValue(", ".join(sorted(kind.__name__ for kind in unknown)))
    return tuple(_TEXTS[type(value)](value) for value in values)
