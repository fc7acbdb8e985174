"""From canonical frames to JSON text, by columns: one expression per place, one text per record.

A place without value contributes nothing, so nothing is ever written as null and an empty list is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
    for field in table.body.fields:
        if field.part is not None:
            wide = wide.join(_lists(field.part, settings, records), on=kind.key, how="left")
    person = tuple(field for field in table.person if field.setting is None or getattr(settings, field.setting))
    _refuse_unwritable(kind.name, wide, (*table.body.fields, *person))
    members = [*_members(table.body.fields, settings), _member(table.person_path, _object(person, settings))]
    written = wide.select(local_id=kind.key, own_date=own_date(kind), json=_braces(members))
    _refuse_missing(kind.name, written)
    return [EncodedRecord(name, day, text.encode()) for name, day, text in written.sort("own_date", "local_id").rows()]


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
    _refuse_unwritable(kind.name, frame, part.fields)
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


def _refuse_unwritable(name: str, frame: pl.DataFrame, fields: Iterable[Field]) -> None:
    """A code or number that is not digits has no JSON integer: it is refused, never left out."""
    numbers = {field.path: field for field in fields if field.kind == "code" or field.kind in PADDED}
    wrong = frame.select(
        (~_held(field).str.contains(_digits(field))).sum().alias(path) for path, field in numbers.items()
    )
    for path, count in wrong.to_dicts()[0].items() if numbers else ():
        if count:
            raise RecordNotEncodable(record_type=name, column=numbers[path].column, count=count)


def _digits(field: Field) -> str:
    return _WHOLE if field.kind == "code" else "^0*[1-9][0-9]*$"


def _refuse_missing(name: str, written: pl.DataFrame) -> None:
    for column, count in zip(written.columns, written.null_count().row(0), strict=True):
        if count:
            raise RecordNotEncodable(record_type=name, column=column, count=count)
