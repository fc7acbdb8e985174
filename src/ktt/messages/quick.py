"""The first of two tiers at the door: a message that fits its schema beyond doubt is known by one typed parse.

What types cannot say is asked of each column's distinct values. A yes is certain; a no only means that the schema itself
must be asked, which lists every fault with its place. A property test holds the first half against the schema.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, combinations
from operator import attrgetter, is_not
from typing import Any

import jsonschema_rs
import msgspec

from ktt.domain.schema import Kind
from ktt.messages import strict
from ktt.messages.settings import PackSettings
from ktt.messages.shape import CONTROL, INSTANT, MONTH
from ktt.messages.table import PADDED, Field, MessageTable, Part, nested
from ktt.messages.typed import message_type

Rows = Sequence[Any]
Holds = Callable[[Rows], bool]
"""Whether all rows of one kind of object hold."""

_CONTROL = re.compile(f"[{CONTROL}]")
_INSTANT = re.compile(INSTANT, re.ASCII)
_MONTH = re.compile(MONTH, re.ASCII)
_DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ABOUT_TEXTS = frozenset({"enum", "pattern", "format", "minLength", "maxLength"})


class Quick:
    """Knows messages of one table. Everything is made once."""

    def __init__(self, table: MessageTable, settings: PackSettings) -> None:
        self._table = table
        self._decoder = msgspec.json.Decoder(message_type(table, settings))
        self._unit = _fields(table.unit, settings)
        self._gone = _fields((table.id_field,), settings)
        self._person = [*_fields(table.person, settings), *_one_identity(table.person)]
        self._body = _part(table.body, settings)

    def items(self, message: bytes) -> list[Any] | None:
        """The message's units as structs if it fits the schema for certain; None when that is not certain."""
        with strict.collector_paused():
            if b"\\" in message:  # only there can a control character, a colon or a lone surrogate hide
                return None
            try:
                items: list[Any] = self._decoder.decode(message)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                return None
            if message.count(b":") != msgspec.json.encode(items).count(b":") or not _printable(message):
                return None  # a member twice
            return items if items and self._hold(items) else None

    def _hold(self, items: Rows) -> bool:
        table = self._table
        gone = [getattr(item, table.delete_list) or () for item in items]
        said = [getattr(item, table.list_name) or () for item in items]
        if not all(one or other for one, other in zip(gone, said, strict=True)):
            return False
        records = list(chain.from_iterable(said))
        people = list(map(attrgetter(table.person_path), records))
        return (
            _all(self._unit, items)
            and _all(self._gone, list(chain.from_iterable(gone)))
            and _all(self._body, records)
            and _all(self._person, people)
        )


_there = partial(is_not, None)


def _all(holds: Iterable[Holds], rows: Rows) -> bool:
    return not rows or all(one(rows) for one in holds)


def _printable(message: bytes) -> bool:
    if message.isascii():
        return b"\x7f" not in message
    return _CONTROL.search(message.decode().translate(_WHITE)) is None


_WHITE = {ord(character): " " for character in "\t\r\n"}  # between values; inside one JSON does not allow them


def _part(part: Part, settings: PackSettings) -> list[Holds]:
    found = _fields(part.fields, settings)
    return [*found, _together(part.also)] if part.also else found


def _fields(fields: Iterable[Field], settings: PackSettings) -> list[Holds]:
    """What the values of these places must hold."""
    found: list[Holds] = []
    for name, inner in nested(fields).items():
        if isinstance(inner, tuple):
            found.append(_inside(name, _fields(inner, settings)))
        elif inner.part is not None:
            found.append(_lists(name, inner, _part(inner.part, settings)))
        elif (holds := _value(inner, settings)) is not None:
            found.append(_column(name, holds))
    return found


def _value(field: Field, settings: PackSettings) -> Callable[[Any], bool] | None:
    if field.kind in PADDED:
        return _digits if settings.ids_as == "string" else None
    if field.without:
        return _free_of(re.compile(f"[{field.without}]"))
    return _VALUES.get(field.kind)


def _column(name: str, holds: Callable[[Any], bool]) -> Holds:
    value = attrgetter(name)
    return lambda rows: all(one is None or holds(one) for one in set(map(value, rows)))


def _inside(name: str, inner: list[Holds]) -> Holds:
    value = attrgetter(name)
    return lambda rows: _all(inner, list(filter(_there, map(value, rows))))


def _lists(name: str, field: Field, inner: list[Holds]) -> Holds:
    value, (least, most) = attrgetter(name), field.limits["items"]

    def hold(rows: Rows) -> bool:
        lists = list(filter(_there, map(value, rows)))
        sizes = set(map(len, lists))
        fit = all(least <= size and (most is None or size <= most) for size in sizes)
        return fit and _all(inner, list(chain.from_iterable(lists)))

    return hold


def _one_identity(person: Iterable[Field]) -> Iterator[Holds]:
    """At most one of the places for a person number is filled."""
    names = [field.path for field in person if field.identity]
    for one, two in combinations(names, 2):
        pair = attrgetter(one, two)
        yield lambda rows, pair=pair: all(None in both for both in set(map(pair, rows)))  # type: ignore[misc]


def _together(conditions: Sequence[Mapping[str, Any]]) -> Holds:
    """Conditions between fields, in JSON Schema's words, asked of each distinct set of values.

    Texts are looked at only for being there: conditions that ask more of a text are left to the schema.
    """
    names = sorted(set(_named(conditions)))
    if _asks_of_texts(conditions):
        return lambda _rows: False
    fits = jsonschema_rs.Draft202012Validator({"allOf": [dict(one) for one in conditions]}).is_valid

    @lru_cache(maxsize=4096)
    def hold(values: tuple[Any, ...]) -> bool:
        return bool(fits({name: value for name, value in zip(names, values, strict=True) if value is not None}))

    columns = [attrgetter(name) for name in names]

    def hold_all(rows: Rows) -> bool:
        marks = ([_mark(value) for value in map(column, rows)] for column in columns)
        return all(map(hold, set(zip(*marks, strict=True))))

    return hold_all


def _mark(value: Any) -> Any:
    return "" if isinstance(value, str) else value


def _named(schema: Any) -> Iterator[str]:
    """Every property that a condition speaks of."""
    for inner in schema if isinstance(schema, Sequence) and not isinstance(schema, str) else ():
        yield from _named(inner)
    for keyword, value in schema.items() if isinstance(schema, Mapping) else ():
        if keyword in {"properties", "required"}:
            yield from value
        else:
            yield from _named(value)


def _asks_of_texts(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        const = isinstance(schema.get("const"), str)
        return const or not _ABOUT_TEXTS.isdisjoint(schema) or any(map(_asks_of_texts, schema.values()))
    return isinstance(schema, Sequence) and not isinstance(schema, str) and any(map(_asks_of_texts, schema))


def _free_of(unwanted: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: unwanted.search(text) is None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=65_536)  # all days of a hundred years
def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None and _parses(dt.date.fromisoformat, text)


def _is_instant(text: str) -> bool:
    return _INSTANT.fullmatch(text) is not None and _parses(
        dt.datetime.fromisoformat, text[:19] + text[19:].lstrip(".0123456789")
    )


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _two_decimals(hours: float) -> bool:
    return float(f"{hours:.2f}") == hours


_VALUES: Mapping[Kind, Callable[[Any], bool]] = {
    "day": _is_day,
    "instant": _is_instant,
    "month": lambda text: _MONTH.fullmatch(text) is not None,
    "district": _digits,
    "hours": _two_decimals,
}
