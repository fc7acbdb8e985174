"""Hours a week have at most two decimals (messages § 4): a demand beside the schema, since no keyword says it to all alike.

`multipleOf: 0.01` is read in binary by many validators, which then refuse 0.07, 0.14 and a sixth of all other hundredths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES
from ktt.messages.version import SchemaViolation

KEYWORD = "multipleOf"
"""The name that JSON Schema has for the demand."""
_LIMIT = "0.01"
_SAYS = Text(
    nb=f"Tallet skal være delelig med {_LIMIT}.",
    en=f"The number should be a multiple of {_LIMIT}.",
)
_ITEMS = "[]"


def hundredths_check(places: Mapping[str, tuple[str, str | None]]) -> Callable[[Any], Iterator[SchemaViolation]]:
    """The check of parsed messages that fit their schema: each number of hours with more decimals.

    `places` are a message's, with the column that each holds.
    """
    hours = [_steps(place) for place, (owner, column) in places.items() if column and _holds_hours(owner, column)]

    def violations(message: Any) -> Iterator[SchemaViolation]:
        for steps in hours:
            yield from (
                SchemaViolation(pointer, KEYWORD, _SAYS, _LIMIT)
                for pointer, value in _values(message, steps, "")
                if isinstance(value, float) and value != round(value * 100) / 100
            )

    return violations


def _holds_hours(owner: str, column: str) -> bool:
    return owner in ALL_TYPES and ALL_TYPES[owner].column(column).kind == "hours"


def _steps(place: str) -> list[str]:
    return place.replace(_ITEMS, f".{_ITEMS}").strip(".").split(".")


def _values(value: Any, steps: Sequence[str], pointer: str) -> Iterator[tuple[str, Any]]:
    """What stands at a place, each with its JSON pointer; an absent member or null is nothing."""
    if value is None:
        return
    if not steps:
        yield pointer, value
    elif steps[0] == _ITEMS:
        for at, item in enumerate(value):
            yield from _values(item, steps[1:], f"{pointer}/{at}")
    else:
        yield from _values(value.get(steps[0]), steps[1:], f"{pointer}/{steps[0]}")
