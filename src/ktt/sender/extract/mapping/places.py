"""The sections `[record.TYPE]` and `[[record.TYPE.also]]`: the places that a record type comes from, and its fields there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.errors import FieldDerived, FieldUnmapped, NameUnknown, RecordTangled
from ktt.sender.extract.mapping.field_forms import read_field
from ktt.sender.extract.mapping.model import (
    NUMBER,
    VALUE,
    FieldSource,
    RecordSource,
    WideColumns,
    is_derived,
    mapped_columns,
)
from ktt.sender.extract.mapping.numbers import MOST, read_numbers
from ktt.sender.extract.mapping.section import Section

_PLACE_KEYS = ("skip", "columns", "distinct")
_TRUE = Text(nb="true; utelat den ellers", en="true; leave it out otherwise")
_PATTERN = Text(
    nb="navnet på kolonnene med «{n}» der tallet står, som «F{n}»",
    en="the columns' name with `{n}` where the number stands, such as `F{n}`",
)
_EACH = Text(
    nb="navn som feltene leser, og kolonnene med «{n}» der tallet står, som { KODE = «KODE{n}», FRA = «FRA{n}» }",
    en="names that the fields read, and the columns with `{n}` where the number stands, as { CODE = `CODE{n}` }",
)
_WIDTH = Text(nb="antall tegn i hver verdi, 1 eller mer", en="the number of signs of each value, 1 or more")
_UNREAD = Text(
    nb="sammen med felt som leser hvert av navnene i «each»", en="together with fields that read each name in `each`"
)
_BOTH = Text(
    nb="sammen med felt som leser kolonnene «n» og «value»",
    en="together with fields that read the columns `n` and `value`",
)


def read_record(name: str, section: Section, tables: Collection[str]) -> RecordSource:
    """The places of one record type, or why it is absent. A `KTT-MAP` fault for each thing that is wrong."""
    section.allow_only("from", "fields", *_PLACE_KEYS, "absent", "also")
    if "absent" in section.content:
        if len(section.content) > 1:
            raise tangled(section, "absent", "både koblet og fraværende", "both mapped and absent")
        return RecordSource(name, None, {}, section.text("absent"), key=section.key)
    return _place(name, section, tables, tuple(_further(name, one, tables) for one in section.sections("also")))


def tangled(section: Section, name: str, reason_nb: str, reason_en: str) -> RecordTangled:
    """The fault that a section contradicts itself."""
    return RecordTangled(file=section.file, key=section.path(name), reason_nb=reason_nb, reason_en=reason_en)


def _further(name: str, section: Section, tables: Collection[str]) -> RecordSource:
    section.allow_only("from", "fields", *_PLACE_KEYS)
    return _place(name, section, tables)


def _place(name: str, section: Section, tables: Collection[str], also: tuple[RecordSource, ...] = ()) -> RecordSource:
    table = section.text("from")
    if table not in tables:
        key = f"{section.path('from')} = {table}"
        section.faults.append(NameUnknown(file=section.file, key=key, **nearest(table, tables)))
    fields = _fields(name, section.section("fields"))
    wrong = len(fields) < len(mapped_columns(name))
    wide = _wide(section, fields, fields_are_wrong=wrong) if "columns" in section.content else None
    distinct = "distinct" in section.content
    if distinct and section.content["distinct"] is not True:
        raise section.value_fault("distinct", _TRUE)
    if distinct and wide is not None:
        raise tangled(section, "distinct", "den har «columns» også", "it has `columns` as well")
    return RecordSource(
        name, table, fields, skip=section.values("skip"), wide=wide, distinct=distinct, also=also, key=section.key
    )


def _fields(name: str, fields: Section) -> dict[str, FieldSource]:
    derived = [column.name for column in ALL_TYPES[name].columns if is_derived(name, column)]
    fields.faults.extend(
        FieldDerived(file=fields.file, key=fields.path(column)) for column in derived if column in fields.content
    )
    fields.allow_only(*(column.name for column in mapped_columns(name)), *derived)
    found = {}
    for column in mapped_columns(name):
        with fields.collecting():
            if column.name not in fields.content:
                raise FieldUnmapped(file=fields.file, key=fields.path(column.name))
            found[column.name] = read_field(fields, column)
    return found


def _wide(section: Section, fields: Mapping[str, FieldSource], *, fields_are_wrong: bool) -> WideColumns:
    columns = section.section("columns")
    way = _way(columns)
    columns.allow_only("n", "skip", way, *(["width"] if way == "column" else []))
    wide = _WAYS[way](columns)
    read = {column for source in fields.values() for column in source.columns}
    lacking = ({NUMBER, VALUE} if way != "each" else {*wide.patterns} - {*wide.skip}) - read
    if lacking and not fields_are_wrong:
        raise section.value_fault("columns", _UNREAD if way == "each" else _BOTH)
    return wide


def _way(columns: Section) -> str:
    """Which of the ways is said; RecordTangled when there are two."""
    said = [key for key in _WAYS if key in columns.content]
    if len(said) > 1:
        raise tangled(columns, said[1], f"den har «{said[0]}» også", f"it has `{said[0]}` as well")
    return said[0] if said else "pattern"


def _of_pattern(columns: Section) -> WideColumns:
    return WideColumns({VALUE: _pattern(columns, "pattern")}, read_numbers(columns), _skipped(columns))


def _of_positions(columns: Section) -> WideColumns:
    width = columns.number("width", 1)
    if not 1 <= width <= MOST:
        raise columns.value_fault("width", _WIDTH)
    return WideColumns({VALUE: columns.text("column")}, read_numbers(columns, with_void=True), _skipped(columns), width)


def _of_groups(columns: Section) -> WideColumns:
    each = columns.section("each")
    patterns = {name: _pattern(each, name) for name in each.content}
    if not patterns or NUMBER in patterns or any(set("{}.") & set(name) for name in patterns):
        raise columns.value_fault("each", _EACH)
    skip = columns.values("skip")
    columns.section_or_empty("skip").allow_only(*patterns)
    return WideColumns(patterns, read_numbers(columns), skip)


_WAYS: Mapping[str, Callable[[Section], WideColumns]] = {
    "pattern": _of_pattern,
    "column": _of_positions,
    "each": _of_groups,
}


def _pattern(section: Section, name: str) -> str:
    pattern = section.text(name)
    if "{n}" not in pattern:
        raise section.value_fault(name, _PATTERN)
    return pattern


def _skipped(columns: Section) -> dict[str, tuple[str, ...]]:
    texts = tuple(text.strip() for text in columns.texts("skip"))
    return {VALUE: texts} if texts else {}
