"""The first of two tiers at the door: a message in the usual form is known to fit by one pass of an automaton over it.

A yes is certain; a no only means that the schema itself must be asked, which lists every fault with its place. Property
tests hold the first half against the schema. RE2 needs time in proportion to the message, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import re2  # type: ignore[import-untyped]

from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.expressions import SPACE, either
from ktt.messages.automaton.grammar import NotRegular, Persons, is_long, message_language
from ktt.messages.settings import PackSettings
from ktt.messages.table import Field, MessageTable, walk

_MOST_BYTES = 256 << 20  # of an automaton: a bound, since its states are made only as messages lead to them
_ITEM = rf'\{{(?:[^"{{}}\[\]]|"[^"]*")*\}}{SPACE},{SPACE}'  # flat, as `canonical` allows no other in a long list


class Quick:
    """Knows messages of one table. Everything is made once, when it is first needed."""

    def __init__(self, table: MessageTable, settings: PackSettings) -> None:
        self._unit_fields = table.unit
        self._unit = re.compile(_unit(table.unit).encode())
        long = [field for _, field in walk(table.body) if is_long(field)]
        self._stretch = min(map(_shortest, long), default=0)
        self._long_list = _compiled(_long_lists(long)) if long else None
        self._automaton = cache(lambda persons: _automaton(table, settings, persons))

    def unit(self, message: bytes, persons: Persons = "any") -> ReportingUnit | None:
        """The unit of a message that fits the schema for certain; None when that is not certain."""
        automaton = self._automaton(persons)
        if automaton is None or automaton.fullmatch(message) is None or self._has_long_list(message):
            return None
        found = self._unit.match(message)
        assert found is not None, "a message of this language begins with its unit"
        texts = ((field, found[field.column]) for field in self._unit_fields)
        return ReportingUnit(**{field.column: text and text.decode().zfill(field.digits) for field, text in texts})  # type: ignore[arg-type]

    def _has_long_list(self, message: bytes) -> bool:
        """A list that is too long is a long stretch without "]", which no text here holds; most messages have none."""
        place = 0
        while self._long_list is not None and len(message) - place > self._stretch:
            place = message.rfind(b"]", place, place + self._stretch) + 1
            if place == 0:
                return self._long_list.search(message) is not None
        return False


def _automaton(table: MessageTable, settings: PackSettings, persons: Persons) -> Any:
    try:
        return _compiled(message_language(table, settings, persons))
    except NotRegular:
        return None


def _compiled(language: str) -> Any:
    options = re2.Options()
    options.max_mem = _MOST_BYTES
    options.never_capture = True
    return re2.compile(language, options)


def _most(field: Field) -> int:
    return int(field.limits["items"][1])


def _shortest(field: Field) -> int:
    """The bytes of a list with as many items as it may have, each with nothing but what it must have."""
    required = [inner.path for inner in field.part.fields if inner.required] if field.part else []
    return _most(field) * len("{}," + ",".join(f'"{name}":0' for name in required))


def _long_lists(fields: Iterable[Field]) -> str:
    """Finds a list with more items than it may have."""
    return either(f'"{field.path}"{SPACE}:{SPACE}\\[{SPACE}(?:{_ITEM}){{{_most(field)}}}' for field in fields)


def _unit(fields: Iterable[Field]) -> str:
    """The beginning of a message, with the unit's numbers by column."""
    numbers = (rf'"{field.path}"{SPACE}:{SPACE}(?:null|"?(?P<{field.column}>[0-9]+)"?){SPACE}' for field in fields)
    return rf"{SPACE}\[{SPACE}\{{{SPACE}" + "".join(f"(?:{number},?{SPACE})?" for number in numbers)
