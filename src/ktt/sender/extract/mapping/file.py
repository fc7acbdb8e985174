"""Read a municipality's mapping file (TOML) into `SourceMapping`, refusing everything that is not clear."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.sender.extract.mapping.complete import read_complete
from ktt.sender.extract.mapping.errors import RecordUnmapped
from ktt.sender.extract.mapping.model import Completeness, RecordSource, SourceMapping, Table
from ktt.sender.extract.mapping.places import read_record, tangled
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import MESSAGES, read_source
from ktt.sender.extract.mapping.tables import read_tables

_VERSION = Text(nb="«ktt/1»", en="`ktt/1`")
_ZONE = Text(nb="en tidssone som «Europe/Oslo»", en="a time zone such as `Europe/Oslo`")


def read_mapping(file: Path) -> SourceMapping:
    """The mapping in `file`; code files are found relative to it. A `KTT-MAP` fault for each thing that is wrong."""
    top = Section.read(file)
    if top.text("mapping") != "ktt/1":
        raise top.value_fault("mapping", _VERSION)
    source = read_source(top.section("source"))
    in_tables = source.kind != MESSAGES
    top.allow_only("mapping", "name", "timezone", "source", "complete", *(("table", "record") if in_tables else ()))
    tables = read_tables(top.section("table"), source) if in_tables else {}
    return SourceMapping(
        file=file,
        name=top.text("name"),
        timezone=_timezone(top),
        complete=read_complete(top.section("complete"), source.kind) if "complete" in top.content else Completeness(),
        source=source,
        tables=tables,
        records=_records(top.section("record"), tables) if in_tables else _of_messages(),
    )


def _of_messages() -> dict[str, RecordSource]:
    """Messages have the records as they are sent, so nothing is mapped."""
    return {name: RecordSource(name, None, {}) for name in ALL_TYPES}


def _timezone(top: Section) -> ZoneInfo:
    try:
        return ZoneInfo(top.text("timezone"))
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise top.value_fault("timezone", _ZONE) from fault


def _records(section: Section, tables: dict[str, Table]) -> dict[str, RecordSource]:
    section.allow_only(*ALL_TYPES)
    for name in ALL_TYPES:
        if name not in section.content:
            raise RecordUnmapped(file=section.file, record=name)
    records = {name: read_record(name, section.section(name), tables) for name in ALL_TYPES}
    for root in (RECIPIENT, *ROOTS):
        for part in root.parts:
            if records[root.name].absent and not records[part.name].absent:
                raise tangled(section, part.name, f"«{root.name}» er fraværende", f"`{root.name}` is absent")
    return records
