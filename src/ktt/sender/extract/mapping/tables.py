"""The sections `[table.NAME]` of a mapping file: what is read, which of its rows count, what must hold for them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ktt.core.text import Text
from ktt.domain.schema import Column, Kind
from ktt.sender.extract.mapping.errors import NameUnknown, RecordTangled
from ktt.sender.extract.mapping.field_forms import COLUMN, SIGNS, read_field, read_format, read_formats
from ktt.sender.extract.mapping.lookups import read_lookups, read_others
from ktt.sender.extract.mapping.model import Freshness, Latest, Periods, SourceMapping, Table
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import SQL, SourceSection
from ktt.sender.thresholds import DEFAULT_DROP_MAX

_SHARE = Text(nb="en andel som «20%»", en="a share such as `20%`")
_HOURS = Text(
    nb="et antall timer eller dager, som «26h» eller «2d»", en="a number of hours or days, such as `26h` or `2d`"
)
_KEY = Text(nb="en liste med minst én kolonne", en="a list of at least one column")
_RELATION = Text(
    nb="navnet på en tabell eller visning, som «TJENESTE» eller «omsorg.TJENESTE»",
    en="the name of a table or view, such as `TJENESTE` or `omsorg.TJENESTE`",
)
_READ = Text(nb='name = "TABELL", eller query = "SELECT …"', en='name = "TABLE", or query = "SELECT …"')
_MOST_DIGITS = 100
_WIDTH = Text(nb=f"et antall siffer, 1 til {_MOST_DIGITS}", en=f"a number of digits, 1 to {_MOST_DIGITS}")
_SINCE = Text(nb="grunnen til «since»", en="why `since`")
_TRIMMED = Text(
    nb=" Blanke rundt verdier teller aldri, så dette trengs ikke.",
    en=" Blanks around values never count, so it is not needed.",
)


TABLE_KEYS = (
    "key",
    "where",
    "latest",
    "lookup",
    "with",
    "without",
    "upper",
    "strip",
    "pad",
    "periods",
    "fresh",
    "expect",
    "since",
    "reason",
)
"""The keys that a table has in every kind of source."""


def read_tables(section: Section, source: SourceSection) -> dict[str, Table]:
    """The tables by name. A `KTT-MAP` fault is noted for each thing that is wrong."""
    tables = {}
    for name in section.content:
        with section.collecting():
            tables[name] = _table(name, section.section(name), source, list(section.content))
    with section.collecting():
        _refuse_circle(section, tables)
    return tables


def _refuse_circle(section: Section, tables: Mapping[str, Table]) -> None:
    """Tables that decide for each other which rows count cannot be read one before the other."""
    left = {name: {one.table for one in table.counted_by} & set(tables) for name, table in tables.items()}
    while ready := [name for name, others in left.items() if not others & set(left)]:
        for name in ready:
            del left[name]
    if left:
        raise RecordTangled(
            file=section.file,
            key=section.path(next(iter(left))),
            reason_nb="«with» og «without» går i ring",
            reason_en="`with` and `without` go in a circle",
        )


def _table(name: str, section: Section, source: SourceSection, tables: Collection[str]) -> Table:
    if "trim" in section.content:
        raise NameUnknown(file=section.file, key=section.path("trim"), hint_nb=_TRIMMED.nb, hint_en=_TRIMMED.en)
    section.allow_only(*source.table_keys, *TABLE_KEYS)
    expect = section.section_or_empty("expect")
    expect.allow_only("rows_min", "drop_max")
    since = section.day_or_none("since")
    if since is not None:
        section.required("reason", _SINCE)
    relation = _relation(section) if source.kind == SQL else ()
    return Table(
        name=name,
        query=select_all(relation) if relation else source.place(section),
        key=_columns(section, "key"),
        form=source.form_of(section),
        relation=relation,
        where=section.values("where"),
        latest=_latest(section.section("latest")) if "latest" in section.content else None,
        lookups=read_lookups(section.section_or_empty("lookup"), tables),
        within=read_others(section.section_or_empty("with"), tables),
        without=read_others(section.section_or_empty("without"), tables),
        upper=_columns(section, "upper") if "upper" in section.content else (),
        strip=_signs(section.section_or_empty("strip")),
        pad=_digits(section.section_or_empty("pad")),
        periods=_periods(section.section("periods")) if "periods" in section.content else None,
        fresh=_fresh(section.section("fresh")) if "fresh" in section.content else None,
        rows_min=expect.number("rows_min", 0),
        drop_max=_share(expect),
        since=since,
        since_reason=section.text_or_none("reason"),
        place=relation[-1] if relation else _without_day(str(section.content.get("file", ""))),
    )


def _without_day(file: str) -> str:
    """What a file is called on every day: `TJENESTE` of `TJENESTE_%Y%m%d.csv`."""
    return re.sub(r"[_. -]?%[Ymd]", "", PurePosixPath(file).stem)


def _relation(section: Section) -> tuple[str, ...]:
    """The parts of the name of the table that is read; none where a query is written."""
    if "name" not in section.content:
        section.required("query", _READ)
        return ()
    if "query" in section.content:
        raise RecordTangled(
            file=section.file,
            key=section.key,
            reason_nb="den har både «name» og «query»",
            reason_en="it has both `name` and `query`",
        )
    parts = tuple(part.strip() for part in section.text("name").split("."))
    if not all(parts):
        raise section.value_fault("name", _RELATION)
    return parts


_OWN_SCHEMAS = ("main", "temp")  # what SQLite calls a file's own tables; each name in them is one name


def without_schemas(mapping: SourceMapping) -> SourceMapping:
    """The mapping for a database without schemas: there, `fag.Bruker` is the whole name of a table."""
    tables = {name: _of_one_name(table) for name, table in mapping.tables.items()}
    return replace(mapping, tables=tables)


def _of_one_name(table: Table) -> Table:
    if not table.relation or table.relation[0] in _OWN_SCHEMAS:
        return table
    name = ".".join(table.relation)
    return replace(table, relation=(name,), query=select_all((name,)), place=name)


def select_all(relation: tuple[str, ...]) -> str:
    """The query for all of a table. Names stand in quotes, as standard SQL has them, so that they are never words of SQL."""
    quoted = (part.replace('"', '""') for part in relation)
    return "SELECT * FROM " + ".".join(f'"{part}"' for part in quoted)  # noqa: S608 (names in quotes)


def _columns(section: Section, name: str) -> tuple[str, ...]:
    columns = section.texts(name)
    if not columns or not all(column.strip() for column in columns):
        raise section.value_fault(name, _KEY)
    return columns


def _latest(section: Section) -> Latest:
    section.allow_only("of", "by", "instant", "date", "among")
    kinds: Mapping[str, Kind] = {"instant": "instant", "date": "day"}
    said = [name for name in kinds if name in section.content]
    if len(said) > 1:
        raise RecordTangled(
            file=section.file,
            key=section.key,
            reason_nb="den har både «instant» og «date»",
            reason_en="it has both `instant` and `date`",
        )
    kind = kinds[said[0]] if said else "count"
    return Latest(
        of=_columns(section, "of"),
        by=section.text("by"),
        kind=kind,
        formats=read_formats(section, said[0], kind) if said else (),
        among=section.values("among"),
    )


def _signs(section: Section) -> dict[str, str]:
    """The signs that are taken out of each column."""
    for column, signs in section.content.items():
        if not isinstance(signs, str) or not signs:
            raise section.value_fault(column, SIGNS)
    return {column: str(signs) for column, signs in section.content.items()}


def _digits(section: Section) -> dict[str, int]:
    """How many digits each column has when none is lost."""
    for column in section.content:
        if not 1 <= section.number(column, 0) <= _MOST_DIGITS:
            raise section.value_fault(column, _WIDTH)
    return {column: section.number(column, 0) for column in section.content}


def _periods(section: Section) -> Periods:
    section.allow_only("of", "starts_on", "ends_on")
    section.required("starts_on", COLUMN)
    start, end = (
        read_field(section, Column(name, "day")) if name in section.content else None
        for name in ("starts_on", "ends_on")
    )
    assert start is not None, "it is there"
    for name, source in (("starts_on", start), ("ends_on", end)):
        if source is not None and (source.column is None or source.otherwise or "{" in source.column):
            raise section.value_fault(name, COLUMN)
    return Periods(_columns(section, "of"), start, end)


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
