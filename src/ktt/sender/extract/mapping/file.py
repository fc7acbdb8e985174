"""Read a municipality's mapping file (TOML) into `SourceMapping`, refusing everything that is not clear."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.complete import read_complete
from ktt.sender.extract.mapping.errors import (
    FieldDerived,
    FieldUnmapped,
    KeyMissing,
    NameUnknown,
    RecordTangled,
    RecordUnmapped,
)
from ktt.sender.extract.mapping.field_forms import read_field, read_format
from ktt.sender.extract.mapping.model import (
    Completeness,
    Freshness,
    RecordSource,
    SourceMapping,
    Table,
    is_derived,
    mapped_columns,
)
from ktt.sender.extract.mapping.section import Section
from ktt.sender.thresholds import DEFAULT_DROP_MAX

_MOVED = Text(
    nb=" Spørringen står nå under [complete], som «count».", en=" The query now stands under [complete], as `count`."
)
_VERSION = Text(nb="«ktt/1»", en="`ktt/1`")
_SQL = Text(nb="«sql»", en="`sql`")
_TRUE = Text(nb="true: ktt leser bare", en="true: ktt only reads")
_ZONE = Text(nb="en tidssone som «Europe/Oslo»", en="a time zone such as `Europe/Oslo`")
_SHARE = Text(nb="en andel som «20%»", en="a share such as `20%`")
_HOURS = Text(
    nb="et antall timer eller dager, som «26h» eller «2d»", en="a number of hours or days, such as `26h` or `2d`"
)
_KEY = Text(nb="en liste med minst én kolonne", en="a list of at least one column")


def read_mapping(file: Path) -> SourceMapping:
    """The mapping in `file`; code files are found relative to it. A `KTT-MAP` fault for each thing that is wrong."""
    top = Section.read(file)
    top.allow_only("mapping", "name", "timezone", "source", "complete", "table", "record")
    if top.text("mapping") != "ktt/1":
        raise top.value_fault("mapping", _VERSION)
    source = top.section("source")
    tables = _tables(top.section("table"))
    return SourceMapping(
        file=file,
        name=top.text("name"),
        timezone=_timezone(top),
        complete=read_complete(top.section("complete")) if "complete" in top.content else Completeness(),
        unit=_owner(source),
        tables=tables,
        records=_records(top.section("record"), tables),
    )


def _timezone(top: Section) -> ZoneInfo:
    try:
        return ZoneInfo(top.text("timezone"))
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise top.value_fault("timezone", _ZONE) from fault


def _owner(source: Section) -> str | None:
    """The query for whose the database is."""
    if "complete" in source.content:  # where it stood before there were several ways
        raise NameUnknown(file=source.file, key=source.path("complete"), hint_nb=_MOVED.nb, hint_en=_MOVED.en)
    source.allow_only("kind", "read_only", "unit")
    if source.text("kind") != "sql":
        raise source.value_fault("kind", _SQL)
    if source.required("read_only", _TRUE) is not True:
        raise source.value_fault("read_only", _TRUE)
    if "unit" not in source.content:
        return None
    unit = source.section("unit")
    unit.allow_only("query")
    return unit.query()


def _tables(section: Section) -> dict[str, Table]:
    return {name: _table(name, section.section(name)) for name in section.content}


def _table(name: str, section: Section) -> Table:
    section.allow_only("query", "key", "fresh", "expect", "since", "reason")
    expect = section.section_or_empty("expect")
    expect.allow_only("rows_min", "drop_max")
    key = section.texts("key")
    if not key:
        raise section.value_fault("key", _KEY)
    since = section.day_or_none("since")
    if since is not None and "reason" not in section.content:
        raise KeyMissing(
            file=section.file, key=section.path("reason"), expected_nb="grunnen til «since»", expected_en="why `since`"
        )
    return Table(
        name=name,
        query=section.query(),
        key=key,
        fresh=_fresh(section.section("fresh")) if "fresh" in section.content else None,
        rows_min=expect.number("rows_min", 0),
        drop_max=_share(expect),
        since=since,
        since_reason=section.text_or_none("reason"),
    )


def _fresh(section: Section) -> Freshness:
    section.allow_only("column", "instant", "warn_after", "error_after")
    return Freshness(
        section.text("column"),
        read_format(section, "instant"),
        _span(section, "warn_after"),
        _span(section, "error_after"),
    )


def _span(section: Section, name: str) -> dt.timedelta | None:
    written = section.text_or_none(name)
    if written is None:
        return None
    found = re.fullmatch(r"(\d{1,4})([hd])", written.strip())
    if not found:
        raise section.value_fault(name, _HOURS)
    return dt.timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


def _share(expect: Section) -> float:
    if "drop_max" not in expect.content:
        return DEFAULT_DROP_MAX
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s?%", expect.text("drop_max").strip())
    if not found or float(found[1]) > 100:  # noqa: PLR2004 (per cent)
        raise expect.value_fault("drop_max", _SHARE)
    return float(found[1]) / 100


def _records(section: Section, tables: dict[str, Table]) -> dict[str, RecordSource]:
    section.allow_only(*ALL_TYPES)
    for name in ALL_TYPES:
        if name not in section.content:
            raise RecordUnmapped(file=section.file, record=name)
    records = {name: _record(name, section.section(name), tables) for name in ALL_TYPES}
    for root in (RECIPIENT, *ROOTS):
        for part in root.parts:
            if records[root.name].absent and not records[part.name].absent:
                raise _tangled(section, part.name, f"«{root.name}» er fraværende", f"`{root.name}` is absent")
    return records


def _tangled(section: Section, name: str, reason_nb: str, reason_en: str) -> RecordTangled:
    return RecordTangled(file=section.file, key=section.path(name), reason_nb=reason_nb, reason_en=reason_en)


def _record(name: str, section: Section, tables: dict[str, Table]) -> RecordSource:
    section.allow_only("from", "fields", "absent")
    if "absent" in section.content:
        if len(section.content) > 1:
            raise _tangled(section, "absent", "både koblet og fraværende", "both mapped and absent")
        return RecordSource(name, None, {}, section.text("absent"))
    table = section.text("from")
    if table not in tables:
        raise NameUnknown(file=section.file, key=f"{section.path('from')} = {table}", **nearest(table, tables))
    fields = section.section("fields")
    for column in ALL_TYPES[name].columns:
        if is_derived(name, column) and column.name in fields.content:
            raise FieldDerived(file=section.file, key=fields.path(column.name))
    fields.allow_only(*(column.name for column in mapped_columns(name)))
    for column in mapped_columns(name):
        if column.name not in fields.content:
            raise FieldUnmapped(file=section.file, key=fields.path(column.name))
    return RecordSource(name, table, {c.name: read_field(fields, c) for c in mapped_columns(name)})
