"""What must hold for the local ids of a message beyond its schema: readable, without national numbers, each once.

One typed parse reads the ids alone, which takes some microseconds for a message of 2 kB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec

from ktt.domain.local_ids import holds_national_number, may_hold_national_number, unreadable_among
from ktt.messages.table import Field, MessageTable
from ktt.messages.version import SchemaViolation

NATIONAL_NUMBER, STANDS_TWICE, UNIT_TWICE, NOT_READABLE = "nationalNumber", "uniqueId", "uniqueUnit", "readableId"
"""Keywords of the violations; no keyword of JSON Schema has these names."""

_SAYS = {
    NATIONAL_NUMBER: "the id holds a national number",
    STANDS_TWICE: "the id stands more than once, records and deletions taken together",
    UNIT_TWICE: "the unit stands more than once",
    NOT_READABLE: "the id begins or ends with a blank, or has characters that cannot be seen",
}
_ID_VALUES = re.compile(rb'Id"[ \t\r\n]*:[ \t\r\n]*"([^"]*)"')  # the names of all members that hold local ids end so
_own_id_decoders: dict[tuple[str, ...], msgspec.json.Decoder[list[Any]]] = {}
_decoders: dict[tuple[str, ...], msgspec.json.Decoder[list[Any]]] = {}


def local_id_violations(table: MessageTable, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
    """Up to `at_most` violations in a message that fits its schema: the place, never the id."""
    if _certainly_none(table, message):
        return []
    return list(islice(_violations(table, _decoder(table).decode(message)), at_most))


def _certainly_none(table: MessageTable, message: bytes) -> bool:
    """Whether a look at the bytes and at the records' own ids tells that there is no violation; five times as fast."""
    if b"\\" in message:  # an escape can hide a digit or the name of a member
        return False
    ids = b'"x"'.join([b"", *_ID_VALUES.findall(message), b""])
    if not ids.isascii() or b'" ' in ids or b' "' in ids or may_hold_national_number(ids.decode()):
        return False
    items = _own_id_decoder(table).decode(message)
    if len(items) != 1:
        return False
    own = [one for name in (table.list_name, table.delete_list) for one in getattr(items[0], name) or ()]
    return len(set(map(attrgetter(table.id_field.path), own))) == len(own)


def beyond_rules(table: MessageTable, message: bytes, *, at_most: int = 100) -> list[SchemaViolation]:
    """Those of them that no rule finds: ids that cannot be read, and what is wrong with deletions and units."""
    if _certainly_none(table, message):
        return []
    found = _violations(table, _decoder(table).decode(message))
    return list(islice((one for one in found if not _by_rule(table, one)), at_most))


def _by_rule(table: MessageTable, violation: SchemaViolation) -> bool:
    """Whether a rule of the catalogue finds the same, since rules see records."""
    in_records = violation.pointer.split("/")[2:3] == [table.list_name]
    return in_records and violation.keyword in {NATIONAL_NUMBER, STANDS_TWICE}


def _violations(table: MessageTable, items: list[Any]) -> Iterator[SchemaViolation]:
    units: set[tuple[Any, ...]] = set()
    odd = unreadable_among(local_id for item in items for _, local_id, _ in _ids(table, item))
    is_number = lru_cache(maxsize=10_000)(holds_national_number)  # one person has many records
    for index, item in enumerate(items):
        unit = tuple(_same(getattr(item, field.path)) for field in table.unit)
        if unit in units:
            yield _violation(UNIT_TWICE, f"/{index}")
        units.add(unit)
        own: set[str] = set()
        for place, local_id, is_own in _ids(table, item):
            if is_number(local_id):
                yield _violation(NATIONAL_NUMBER, f"/{index}{place}")
            if local_id in odd:
                yield _violation(NOT_READABLE, f"/{index}{place}")
            if is_own:
                if local_id in own:
                    yield _violation(STANDS_TWICE, f"/{index}{place}")
                own.add(local_id)


def _same(value: Any) -> Any:
    """JSON Schema counts 1.0 as an integer, and a number may stand as text."""
    return str(int(value)) if isinstance(value, float) else None if value is None else str(value)


def _violation(keyword: str, pointer: str) -> SchemaViolation:
    return SchemaViolation(pointer, keyword, _SAYS[keyword])


def _ids(table: MessageTable, item: Any) -> Iterator[tuple[str, str, bool]]:
    """Place, id, and whether it is the id of a record or deletion itself."""
    key = table.id_field.path
    for name in (table.list_name, table.delete_list):
        for row, record in enumerate(getattr(item, name) or ()):
            for below, local_id in _inside(record):
                yield f"/{name}/{row}{below}", local_id, below == f"/{key}"


def _inside(found: Any) -> Iterator[tuple[str, str]]:
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str):
            yield f"/{name}", value
        elif isinstance(value, list):
            for row, part in enumerate(value):
                yield from ((f"/{name}/{row}{below}", local_id) for below, local_id in _inside(part))
        elif value is not None:
            yield from ((f"/{name}{below}", local_id) for below, local_id in _inside(value))


def _key(table: MessageTable) -> tuple[str, ...]:
    return table.pack, table.message_type, table.version, table.list_name, table.delete_list


def _decoder(table: MessageTable) -> msgspec.json.Decoder[list[Any]]:
    key = _key(table)
    if key not in _decoders:
        person = _struct("Person", table.person)
        record = _struct("Record", table.body.fields, (table.person_path, person | None, None))
        deletion = _struct("Deletion", (table.id_field,))
        unit = [(field.path, int | float | str | None, None) for field in table.unit]
        lists = [(table.list_name, list[record] | None, None), (table.delete_list, list[deletion] | None, None)]  # type: ignore[valid-type]
        _decoders[key] = msgspec.json.Decoder(list[msgspec.defstruct("Item", [*unit, *lists], gc=False)])  # type: ignore[misc]
    return _decoders[key]


def _own_id_decoder(table: MessageTable) -> msgspec.json.Decoder[list[Any]]:
    key = _key(table)
    if key not in _own_id_decoders:
        own = _struct("Own", (table.id_field,))
        lists = [(name, list[own] | None, None) for name in (table.list_name, table.delete_list)]  # type: ignore[valid-type]
        _own_id_decoders[key] = msgspec.json.Decoder(list[msgspec.defstruct("Item", lists, gc=False)])  # type: ignore[misc]
    return _own_id_decoders[key]


def _struct(name: str, fields: Iterable[Field], *more: tuple[Any, ...]) -> Any:
    """The ids of these places, and the lists that hold ids."""
    members = [(field.path, str | None, None) for field in fields if field.kind == "id"]
    lists = [(field.path, list[_struct(field.path, field.part.fields)] | None, None) for field in fields if field.part]  # type: ignore[misc]
    return msgspec.defstruct(name, [*members, *lists, *more], gc=False)
