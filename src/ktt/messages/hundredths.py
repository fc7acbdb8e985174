"""Hours a week have at most two decimals (messages § 4): a demand beside the schema, since no keyword says it to all alike.

`multipleOf: 0.01` is read in binary by many validators, which then refuse 0.07, 0.14 and a sixth of all other hundredths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ktt.messages.table import MessageTable, walk
from ktt.messages.version import SchemaViolation

KEYWORD = "multipleOf"
"""The name that JSON Schema has for the demand."""
_LIMIT = "0.01"
_SAYS = f"The number is not a multiple of {_LIMIT}."


def hundredths_check(table: MessageTable) -> Callable[[Any], Iterator[SchemaViolation]]:
    """The check of messages of one table that fit its schema, parsed: each number of hours with more decimals."""
    places = [place.split(".") for place, field in walk(table.body, f"{table.list_name}[].") if field.kind == "hours"]

    def violations(message: Any) -> Iterator[SchemaViolation]:
        for at, item in enumerate(message if places else ()):
            for steps in places:
                yield from (
                    SchemaViolation(pointer, KEYWORD, _SAYS, _LIMIT)
                    for pointer, value in _values(item, steps, f"/{at}")
                    if isinstance(value, float) and value != round(value * 100) / 100
                )

    return violations


def _values(holder: Any, steps: Sequence[str], pointer: str) -> Iterator[tuple[str, Any]]:
    """What stands at a place, `tjenester[].timerUke`, each with its JSON pointer; an absent member or null is nothing."""
    name = steps[0].removesuffix("[]")
    value, pointer = holder.get(name), f"{pointer}/{name}"
    if value is None:
        return
    if len(steps) == 1:
        yield pointer, value
    elif steps[0].endswith("[]"):
        for at, item in enumerate(value):
            yield from _values(item, steps[1:], f"{pointer}/{at}")
    else:
        yield from _values(value, steps[1:], pointer)
