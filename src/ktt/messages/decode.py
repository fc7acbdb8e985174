"""From JSON bytes to canonical frames: one typed parse into structs made from the table, then column by column.

The types of the structs hold all that the schema demands of single values, as far as types can express it. How long lists
may be, which days exist, which characters are allowed and conditions between fields are left to the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
import polars as pl

from ktt.domain.records import RECIPIENT
from ktt.domain.schema import DTYPES, Kind
from ktt.domain.unit import ReportingUnit
from ktt.messages import strict_json
from ktt.messages.errors import MessageMalformed
from ktt.messages.json_schema import RANGES, TEXT_LENGTH
from ktt.messages.settings import PackSettings
from ktt.messages.table import PADDED, Field, MessageTable, Part, nested
from ktt.messages.version import UnitBatch

_MOST = 2**63 - 1  # JSON's integers have no end, ours have 64 bits
_PLACE = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")


class Reader:
    """Reads the messages of one table. The structs are made once."""

    def __init__(self, table: MessageTable, settings: PackSettings) -> None:
        self._table = table
        self._type = _message_type(table, settings)
        self._decoder = msgspec.json.Decoder(self._type)

    def read(self, message: bytes) -> list[UnitBatch]:
        """One batch per reporting unit; MessageNotJson or MessageMalformed when it cannot be one."""
        with strict_json.collector_paused():
            items = self._parse(message)
            try:
                return [_batch(self._table, item) for item in items]
            except pl.exceptions.PolarsError:  # a day or an instant that is none; Polars quotes it, so no cause
                raise self._malformed("") from None

    def _parse(self, message: bytes) -> list[Any]:
        try:
            items: list[Any] = self._decoder.decode(message)
        except msgspec.ValidationError:
            return self._convert(strict_json.examine(message))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            strict_json.refuse(message)
        strict_json.prove_whole(message, msgspec.json.encode(items))
        return items

    def _convert(self, value: Any) -> list[Any]:
        """The plain way for what the fast one refused: JSON Schema counts 1.0 as an integer, and so do we."""
        try:
            items: list[Any] = msgspec.convert(_whole_numbers(value), self._type)
        except msgspec.ValidationError as fault:
            raise self._malformed(_pointer(str(fault))) from None
        return items

    def _malformed(self, pointer: str) -> MessageMalformed:
        return MessageMalformed(message_type=self._table.message_type, version=self._table.version, pointer=pointer)


def _pointer(explanation: str) -> str:
    """The JSON pointer in msgspec's explanation: known names and positions only, so it cannot hold content."""
    place = _PLACE.search(explanation)
    return "".join(f"/{position or name}" for position, name in _STEP.findall(place[1] if place else ""))


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _batch(table: MessageTable, item: Any) -> UnitBatch:
    unit = {field.column: _padded_text(getattr(item, field.path), field) for field in table.unit}
    gone = [row for row in getattr(item, table.delete_list) or () if getattr(row, table.deleted)]
    name = attrgetter(table.id_field.path)
    return UnitBatch(
        unit=ReportingUnit(**unit),  # type: ignore[arg-type]
        deletions=tuple(map(name, gone)),
        records=_records(table, getattr(item, table.list_name) or []),
    )


def _padded_text(value: object, field: Field) -> str | None:
    return None if value is None else str(value).zfill(field.digits)


def _records(table: MessageTable, rows: Sequence[Any]) -> dict[str, pl.DataFrame]:
    kind = table.body.record_type
    body = _frame(table.body.fields, rows)
    people = _frame(table.person, list(map(attrgetter(table.person_path), rows)))
    about = people.select("local_person_id", "home_municipality", "home_district")
    records = {kind.name: kind.conform(pl.concat([body, about], how="horizontal"))}
    for field in table.body.fields:
        if field.part is not None:
            records[field.part.record_type.name] = _parts(field.part, field.path, table.id_field.path, rows)
    recipients = people.unique("local_person_id", keep="last", maintain_order=True)
    return records | {RECIPIENT.name: RECIPIENT.conform(recipients)}


def _parts(part: Part, path: str, id_path: str, rows: Sequence[Any]) -> pl.DataFrame:
    """The rows of one list over all records, each with its record's id."""
    kind = part.record_type
    lists = list(map(attrgetter(path), rows))
    parents = [parent for parent, inner in zip(map(attrgetter(id_path), rows), lists, strict=True) for _ in inner or ()]
    frame = _frame(part.fields, [row for inner in lists for row in inner or ()])
    assert kind.parent_key is not None
    return kind.conform(frame.with_columns(pl.Series(kind.parent_key, parents, dtype=pl.String)))


def _frame(fields: Sequence[Field], rows: Sequence[Any]) -> pl.DataFrame:
    """The places as canonical columns. Several places of one column (the person numbers) are at most once filled."""
    leaves = list(_leaves(fields, rows))
    raw = pl.DataFrame([pl.Series(str(at), values) for at, (_, values) in enumerate(leaves)])
    columns: dict[str, pl.Expr] = {}
    kinds: list[pl.Expr] = []
    for at, (field, _) in enumerate(leaves):
        value = _canonical(field, pl.col(str(at)))
        columns[field.column] = pl.coalesce(columns[field.column], value) if field.column in columns else value
        if field.identity is not None:
            kinds.append(pl.when(pl.col(str(at)).is_not_null()).then(pl.lit(field.identity)))
    if kinds:
        columns["person_number_kind"] = pl.coalesce(kinds)
    return raw.select(**columns)


def _leaves(fields: Sequence[Field], rows: Sequence[Any]) -> Iterator[tuple[Field, list[Any]]]:
    """Each place that holds a value, with its values in the order of the rows."""
    for name, inner in nested(fields).items():
        if isinstance(inner, tuple):
            objects = list(map(attrgetter(name), rows))
            for field in inner:
                value = attrgetter(field.path)
                yield field, [None if item is None else value(item) for item in objects]
        elif inner.part is None:
            yield inner, list(map(attrgetter(name), rows))


def _canonical(field: Field, column: pl.Expr) -> pl.Expr:
    if field.kind in PADDED:
        return column.cast(pl.String).str.zfill(field.digits)
    value = _VALUES.get(field.kind, _text)(column)
    return value if field.default is None else value.fill_null(field.default)


def _text(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String)


def _instant(column: pl.Expr) -> pl.Expr:
    return _text(column).str.to_datetime("%+", time_unit="us", time_zone="UTC")  # RFC 3339 with any offset


_VALUES: Mapping[Kind, Callable[[pl.Expr], pl.Expr]] = {
    "day": lambda column: _text(column).str.to_date("%Y-%m-%d"),
    "instant": _instant,
    "hours": lambda column: column.cast(pl.Float64).cast(DTYPES["hours"]),
    "count": lambda column: column.cast(pl.Int64),
}


def _message_type(table: MessageTable, settings: PackSettings) -> Any:
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
        return (name, _value_type(inner, settings))
    return (name, _value_type(inner, settings) | None, None)


def _value_type(field: Field, settings: PackSettings) -> Any:
    if field.part is not None:
        return list[_struct(field.path, field.part.fields, settings)]  # type: ignore[misc]
    if field.kind in PADDED:
        return _padded_type(field, settings)
    return _STRUCT_TYPES[field.kind](field) if field.kind in _STRUCT_TYPES else str


def _padded_type(field: Field, settings: PackSettings) -> Any:
    if settings.ids_as == "string":
        return Annotated[str, msgspec.Meta(min_length=field.digits, max_length=field.digits)]
    least, most = RANGES.get(field.kind, (1, 10**field.digits - 1))
    return _whole_type(field.limits.get("minimum", least), field.limits.get("maximum", most))


def _whole_type(least: int, most: int) -> Any:
    return Annotated[int, msgspec.Meta(ge=least, le=min(most, _MOST))]


def _text_type(field: Field) -> Any:
    if field.codes:
        return Literal[field.codes]
    return Annotated[str, msgspec.Meta(min_length=1, max_length=field.limits.get("max_length", TEXT_LENGTH))]


def _hours_type(field: Field) -> Any:
    return Annotated[float, msgspec.Meta(ge=field.limits["minimum"], le=field.limits["maximum"])]


_STRUCT_TYPES: Mapping[Kind, Callable[[Field], Any]] = {
    "id": _text_type,
    "text": _text_type,
    "code": lambda field: Literal[tuple(map(int, field.codes))],
    "hours": _hours_type,
    "count": lambda field: _whole_type(field.limits["minimum"], field.limits["maximum"]),
    "district": lambda _: Annotated[str, msgspec.Meta(min_length=2, max_length=2)],
}
