"""A message as typed structs, made from its table: all that the schema demands of single values, as far as types can express it.

What types cannot express (how long lists may be, which days exist, which characters are allowed, conditions between
fields) is left to the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from ktt.domain.schema import Kind
from ktt.messages.json_schema import RANGES, TEXT_LENGTH
from ktt.messages.settings import PackSettings
from ktt.messages.table import PADDED, Field, MessageTable, nested

_MOST = 2**63 - 1  # JSON's integers have no end, ours have 64 bits


def message_type(table: MessageTable, settings: PackSettings) -> Any:
    """The type of a whole message, for msgspec: a list with a struct for each unit, optional members None."""
    deletion = _struct("Deletion", (table.id_field,), settings, (table.deleted, bool))
    person = _struct("Person", table.person, settings)
    record = _struct("Record", table.body.fields, settings, (table.person_path, person))
    lists: list[Any] = [
        (table.delete_list, list[deletion] | None, None),  # type: ignore[valid-type]
        (table.list_name, list[record] | None, None),  # type: ignore[valid-type]
    ]
    return list[_struct("Item", table.unit, settings, *lists)]  # type: ignore[misc]


def _struct(name: str, fields: Iterable[Field], settings: PackSettings, *more: tuple[Any, ...]) -> Any:
    """A struct of these places; what may be absent is None when it is."""
    members: list[Any] = [_struct_member(key, inner, settings) for key, inner in nested(fields).items()]
    return msgspec.defstruct(
        name, [*members, *more], kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
    )


def _struct_member(name: str, inner: Field | tuple[Field, ...], settings: PackSettings) -> tuple[Any, ...]:
    if isinstance(inner, tuple):
        return (name, _struct(name, inner, settings) | None, None)
    if inner.required:
        return (name, _type(inner, settings))
    return (name, _type(inner, settings) | None, None)


def _type(field: Field, settings: PackSettings) -> Any:
    if field.part is not None:
        return list[_struct(field.path, field.part.fields, settings)]  # type: ignore[misc]
    if field.kind in PADDED:
        return _padded(field, settings)
    return _TYPES[field.kind](field) if field.kind in _TYPES else str


def _padded(field: Field, settings: PackSettings) -> Any:
    if settings.ids_as == "string":
        return Annotated[str, msgspec.Meta(min_length=field.digits, max_length=field.digits)]
    least, most = RANGES.get(field.kind, (1, 10**field.digits - 1))
    return _whole(field.limits.get("minimum", least), field.limits.get("maximum", most))


def _whole(least: int, most: int) -> Any:
    return Annotated[int, msgspec.Meta(ge=least, le=min(most, _MOST))]


def _text(field: Field) -> Any:
    if field.codes:
        return Literal[field.codes]
    return Annotated[str, msgspec.Meta(min_length=1, max_length=field.limits.get("max_length", TEXT_LENGTH))]


def _hours(field: Field) -> Any:
    return Annotated[float, msgspec.Meta(ge=field.limits["minimum"], le=field.limits["maximum"])]


_TYPES: Mapping[Kind, Callable[[Field], Any]] = {
    "id": _text,
    "text": _text,
    "code": lambda field: Literal[tuple(map(int, field.codes))],
    "hours": _hours,
    "count": lambda field: _whole(field.limits["minimum"], field.limits["maximum"]),
    "district": lambda _: Annotated[str, msgspec.Meta(min_length=2, max_length=2)],
}
