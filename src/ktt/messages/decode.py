"""From JSON bytes to canonical frames: one typed parse into structs made from the table, then column by column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl

from ktt.domain.records import RECIPIENT
from ktt.domain.schema import DTYPES, Kind
from ktt.domain.unit import ReportingUnit
from ktt.messages import strict_json
from ktt.messages.errors import MessageMalformed
from ktt.messages.settings import PackSettings
from ktt.messages.structs import message_type
from ktt.messages.table import PADDED, Field, MessageTable, Part, nested
from ktt.messages.version import UnitBatch

_PLACE = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")


class Reader:
    """Reads the messages of one table. The structs are made once."""

    def __init__(self, table: MessageTable, settings: PackSettings) -> None:
        self._table = table
        self._type = message_type(table, settings)
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
