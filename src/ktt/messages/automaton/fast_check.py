"""The first of two checks of a message: one pass of an automaton tells that a message in the usual form fits.

A yes is certain. A no only means that the message must be checked against the schema, which lists every violation with
its place. Property
tests hold the first half against the schema. RE2 needs time in proportion to the message, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import re2  # type: ignore[import-untyped]

from ktt.domain.person_rule import AllowedPersons
from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.expressions import SPACE, either
from ktt.messages.automaton.grammar import NotRegular, is_long, message_language
from ktt.messages.settings import PackSettings
from ktt.messages.table import Field, MessageTable, walk

_MOST_BYTES = 256 << 20  # of an automaton: a bound, since its states are made only as messages lead to them
_ITEM = rf'\{{(?:[^"{{}}\[\]]|"[^"]*")*\}}{SPACE},{SPACE}'  # flat, as the grammar allows no other in a long list

FastCheck = Callable[[bytes], ReportingUnit | None]
"""Gives the one unit of a message that fits its schema for certain; None when that is not certain."""


def fast_check(table: MessageTable, settings: PackSettings, persons: AllowedPersons = "any") -> FastCheck | None:
    """The check of messages of one table that hold such person numbers only; None when no automaton can express it.

    It takes some tenths of a second to make: keep it.
    """
    try:
        automaton = _compiled(message_language(table, settings, persons))
    except (NotRegular, re2.error):
        return None
    head = re.compile(_unit_at_start(table.unit).encode())
    too_long = _too_long_lists([field for _, field in walk(table.body) if is_long(field)])

    def check(message: bytes) -> ReportingUnit | None:
        if automaton.fullmatch(message) is None or too_long(message):
            return None
        found = head.match(message)
        assert found is not None, "a message of this language begins with its unit"
        texts = ((field, found[field.column]) for field in table.unit)
        return ReportingUnit(**{field.column: text and text.decode().zfill(field.digits) for field, text in texts})  # type: ignore[arg-type]

    return check


def _compiled(language: str) -> Any:
    options = re2.Options()
    options.max_mem = _MOST_BYTES
    options.never_capture = True
    return re2.compile(language, options)


def _too_long_lists(fields: Iterable[Field]) -> Callable[[bytes], bool]:
    """Whether a message has more items in one of these lists than it may have, which the automaton does not count.

    Such a list is a long stretch without "]", which no text of the language holds; most messages have no such stretch.
    """
    long = list(fields)
    if not long:
        return lambda _message: False
    stretch = min(map(_shortest, long))
    pattern = _compiled(either(_more_than_allowed(field) for field in long))

    def found(message: bytes) -> bool:
        place = 0
        while len(message) - place > stretch:
            place = message.rfind(b"]", place, place + stretch) + 1
            if place == 0:
                return pattern.search(message) is not None
        return False

    return found


def _most(field: Field) -> int:
    return int(field.limits["items"][1])


def _shortest(field: Field) -> int:
    """The bytes of a list with as many items as it may have, each with nothing but what it must have."""
    required = [inner.path for inner in field.part.fields if inner.required] if field.part else []
    return _most(field) * len("{}," + ",".join(f'"{name}":0' for name in required))


def _more_than_allowed(field: Field) -> str:
    return f'"{field.path}"{SPACE}:{SPACE}\\[{SPACE}(?:{_ITEM}){{{_most(field)}}}'


def _unit_at_start(fields: Iterable[Field]) -> str:
    """The beginning of a message, with the unit's numbers by column."""
    numbers = (rf'"{field.path}"{SPACE}:{SPACE}(?:null|"?(?P<{field.column}>[0-9]+)"?){SPACE}' for field in fields)
    return rf"{SPACE}\[{SPACE}\{{{SPACE}" + "".join(f"(?:{number},?{SPACE})?" for number in numbers)
