"""From canonical frames to JSON text, by columns: one expression per place, one text per record.

A place without value contributes nothing, so nothing is ever written as null and an empty list is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import orjson
import polars as pl

from ktt.domain.places import today_number
from ktt.domain.records import RECIPIENT, Records, frame_of, own_date
from ktt.domain.schema import Kind, RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import MessageEmpty, RecordNotEncodable
from ktt.messages.settings import PackSettings
from ktt.messages.table import PADDED, Field, MessageTable, Part, nested
from ktt.messages.version import EncodedRecord

_ESCAPES = {'"': '\\"', "\\": "\\\\"} | {chr(n): f"\\u{n:04x}" for n in range(32)}
_WHOLE = r"^(0|[1-9][0-9]*)$"  # a code or count as JSON writes it


def encode_records(
    table: MessageTable, settings: PackSettings, unit: ReportingUnit, records: Records
) -> list[EncodedRecord]:
    """Each root record as JSON, sorted by own date, then id. RecordNotEncodable when a value has no place in JSON."""
    kind = table.body.record_type
    wide = _with_person(kind, settings, unit, records)
    for record_type, column, ids in _unwritable(table, settings, wide, records):
        raise RecordNotEncodable(record_type=record_type, column=column, count=len(ids))
    for field in table.body.fields:
        if field.part is not None:
            wide = wide.join(_lists(field.part, settings, records), on=kind.key, how="left")
    person = _person(table, settings)
    members = [*_members(table.body.fields, settings), _member(table.person_path, _object(person, settings))]
    written = wide.select(local_id=kind.key, own_date=own_date(kind), json=_braces(members))
    return [EncodedRecord(name, day, text.encode()) for name, day, text in written.sort("own_date", "local_id").rows()]


def unwritable_records(
    table: MessageTable, settings: PackSettings, unit: ReportingUnit, records: Records
) -> Iterator[tuple[str, str, pl.Series]]:
    """What `encode_records` refuses: record type or part, the column with the value, and the root records' ids."""
    return _unwritable(table, settings, _with_person(table.body.record_type, settings, unit, records), records)


def assemble_message(
    table: MessageTable,
    settings: PackSettings,
    unit: ReportingUnit,
    deletions: Sequence[str],
    encoded: Sequence[EncodedRecord],
) -> bytes:
    """The whole message: an array with one unit, empty lists left out. MessageEmpty when there is nothing in it."""
    if not deletions and not encoded:
        raise MessageEmpty
    item: dict[str, object] = {}
    for field in table.unit:
        if (value := getattr(unit, field.column)) is not None:
            item[field.path] = int(value) if field.kind in PADDED and settings.ids_as == "integer" else value
    if deletions:
        item[table.delete_list] = [{table.id_field.path: name, table.deleted: True} for name in deletions]
    if encoded:
        item[table.list_name] = [orjson.Fragment(record.json) for record in encoded]
    return orjson.dumps([item])


def _with_person(kind: RecordType, settings: PackSettings, unit: ReportingUnit, records: Records) -> pl.DataFrame:
    """The root records with their recipient's columns beside them, and the home municipality as it is to be sent."""
    recipients = frame_of(records, RECIPIENT).unique("local_person_id", keep="last")
    wide = frame_of(records, kind).join(recipients, on="local_person_id", how="left")
    home = pl.col("home_municipality")
    if settings.historic_municipality == "current":
        home = today_number(home)
    return wide.with_columns(home_municipality=pl.when(home != unit.municipality).then(home))


def _lists(part: Part, settings: PackSettings, records: Records) -> pl.DataFrame:
    """Parent id and the JSON list of its parts, in the part's own order."""
    kind = part.record_type
    frame = frame_of(records, kind)
    assert kind.parent_key is not None
    order = [_sort_key(kind, name) for name in kind.order]
    ordered = frame.sort(*order, nulls_last=True).select(kind.parent_key, text=_object(part.fields, settings))
    joined = ordered.group_by(kind.parent_key).agg(pl.col("text").str.join(","))
    return joined.select(kind.parent_key, pl.format("[{}]", "text").alias(kind.name))


def _sort_key(kind: RecordType, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64) if kind.column(name).kind == "code" else pl.col(name)


def _object(fields: Iterable[Field], settings: PackSettings) -> pl.Expr:
    return _braces(_members(fields, settings))


def _braces(members: Sequence[pl.Expr]) -> pl.Expr:
    """Members, each ending in a comma or empty, as one object."""
    return pl.concat_str(pl.lit("{"), pl.concat_str(members).str.strip_suffix(","), pl.lit("}"))


def _members(fields: Iterable[Field], settings: PackSettings) -> list[pl.Expr]:
    """The places in order; an object inside the object is left out when nothing is in it."""
    return [
        _member(name, _unless_empty(_object(inner, settings)) if isinstance(inner, tuple) else _value(inner, settings))
        for name, inner in nested(fields).items()
    ]


def _member(name: str, value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f'"{name}":'), value, pl.lit(",")).fill_null("")


def _unless_empty(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "{}").then(text)


def _value(field: Field, settings: PackSettings) -> pl.Expr:
    column = _held(field)
    if field.part is not None or field.kind == "code":
        return column
    if field.kind in PADDED and settings.ids_as == "integer":
        return column.str.strip_chars_start("0")
    return _VALUES[field.kind](column)


def _held(field: Field) -> pl.Expr:
    """What the place holds: its column, or for a place for one kind of person number, the numbers of that kind."""
    column = pl.col(field.column)
    return column if field.identity is None else pl.when(pl.col("person_number_kind") == field.identity).then(column)


def _quoted(column: pl.Expr) -> pl.Expr:
    escaped = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))


def _day(column: pl.Expr) -> pl.Expr:
    return column.dt.to_string('"%Y-%m-%d"')


def _instant(column: pl.Expr) -> pl.Expr:
    """With Norway's offset, whole seconds unless there is more."""
    return column.dt.convert_time_zone("Europe/Oslo").dt.to_string('"%Y-%m-%dT%H:%M:%S%.f%:z"')


def _number(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Float64).cast(pl.String)


_VALUES: Mapping[Kind, Callable[[pl.Expr], pl.Expr]] = {
    "id": _quoted,
    "text": _quoted,
    "organisation": _quoted,
    "municipality": _quoted,
    "person_number": _quoted,
    "district": _quoted,
    "month": _quoted,
    "day": _day,
    "instant": _instant,
    "hours": _number,
    "count": lambda column: column.cast(pl.String),
}


def _person(table: MessageTable, settings: PackSettings) -> tuple[Field, ...]:
    return tuple(field for field in table.person if field.setting is None or getattr(settings, field.setting))


def _unwritable(
    table: MessageTable, settings: PackSettings, wide: pl.DataFrame, records: Records
) -> Iterator[tuple[str, str, pl.Series]]:
    """Values that have no place in JSON: they are refused, never left out."""
    kind = table.body.record_type
    for column, missing in ((kind.key, pl.col(kind.key)), (kind.own_date[0], own_date(kind))):
        if not (ids := wide.filter(missing.is_null())[kind.key]).is_empty():
            yield kind.name, column, ids
    yield from _without_digits(kind.name, kind.key, wide, (*table.body.fields, *_person(table, settings)))
    for part in (field.part for field in table.body.fields if field.part is not None):
        frame = frame_of(records, part.record_type)
        yield from _without_digits(part.record_type.name, kind.key, frame, part.fields)


def _without_digits(
    name: str, key: str, frame: pl.DataFrame, fields: Iterable[Field]
) -> Iterator[tuple[str, str, pl.Series]]:
    """A code or number that is not digits has no JSON integer."""
    numbers = {field.path: field for field in fields if field.kind == "code" or field.kind in PADDED}
    wrong = {path: ~_held(field).str.contains(_digits(field)) for path, field in numbers.items()}
    counts = frame.select(one.sum().alias(path) for path, one in wrong.items())
    for path, field in numbers.items():
        if counts[path].item():
            yield name, field.column, frame.filter(wrong[path])[key].unique(maintain_order=True)


def _digits(field: Field) -> str:
    return _WHOLE if field.kind == "code" else "^0*[1-9][0-9]*$"
