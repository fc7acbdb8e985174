"""Read a municipality's mapping file (TOML) into `SourceMapping`, refusing everything that is not clear."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.sender.extract.mapping.complete import read_complete
from ktt.sender.extract.mapping.errors import RecordUnmapped
from ktt.sender.extract.mapping.model import RecordSource, SourceMapping, Table
from ktt.sender.extract.mapping.places import read_record, tangled
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import FILES, MESSAGES, SQL, SourceSection, read_source
from ktt.sender.extract.mapping.tables import read_tables

_VERSION = Text(nb="«ktt/1»", en="`ktt/1`")
_ZONE = Text(nb="en tidssone som «Europe/Oslo»", en="a time zone such as `Europe/Oslo`")


def read_mapping(file: Path) -> SourceMapping:
    """The mapping in `file`; code files are found relative to it. Raises the first of its `KTT-MAP` faults."""
    mapping, faults = examined(file)
    if mapping is None:
        raise faults[0]
    return mapping


def examined(file: Path) -> tuple[SourceMapping | None, list[KttError]]:
    """The mapping in `file`, or none and all that is wrong with it, in the order of the file's parts."""
    try:
        top = Section.read(file)
    except KttError as fault:
        return None, [fault]
    mapping = None
    with top.collecting():
        mapping = _whole(top)
    return (None, top.faults) if top.faults else (mapping, [])


def _whole(top: Section) -> SourceMapping | None:
    with top.collecting():
        if top.text("mapping") != "ktt/1":
            raise top.value_fault("mapping", _VERSION)
    source = SourceSection(_kind(top))
    with top.collecting():
        source = read_source(top.section("source"))
    in_tables = source.kind != MESSAGES
    top.allow_only("mapping", "name", "timezone", "source", "complete", *(("table", "record") if in_tables else ()))
    tables: dict[str, Table] = {}
    with top.collecting():
        tables = read_tables(top.section("table"), source) if in_tables else {}
    name, zone, complete, records = "", None, Completeness(), _of_messages()
    with top.collecting():
        name = top.text("name")
    with top.collecting():
        zone = _timezone(top)
    with top.collecting():
        complete = read_complete(top.section("complete"), source.kind) if "complete" in top.content else complete
    with top.collecting():
        records = _records(top.section("record"), _names(top)) if in_tables else records
    return SourceMapping(top.file, name, zone, complete, source, tables, records) if zone is not None else None


def _kind(top: Section) -> str:
    """The kind of source that is named, also where the rest of its section is wrong, so that tables are read as its own."""
    source = top.content.get("source")
    kind = source.get("kind") if isinstance(source, dict) else None
    return kind if kind in {SQL, FILES, MESSAGES} else SQL


def _names(top: Section) -> Collection[str]:
    """The tables that records may come from, also those with faults of their own."""
    tables = top.content.get("table")
    return list(tables) if isinstance(tables, dict) else ()


def _of_messages() -> dict[str, RecordSource]:
    """Messages have the records as they are sent, so nothing is mapped."""
    return {name: RecordSource(name, None, {}) for name in ALL_TYPES}


def _timezone(top: Section) -> ZoneInfo:
    try:
        return ZoneInfo(top.text("timezone"))
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise top.value_fault("timezone", _ZONE) from fault


def _records(section: Section, tables: Collection[str]) -> dict[str, RecordSource]:
    section.allow_only(*ALL_TYPES)
    records: dict[str, RecordSource] = {}
    for name in ALL_TYPES:
        with section.collecting():
            if name not in section.content:
                raise RecordUnmapped(file=section.file, record=name)
            records[name] = read_record(name, section.section(name), tables)
    for root in (RECIPIENT, *ROOTS):
        for part in root.parts:
            if _is_absent(records, root.name) and not _is_absent(records, part.name, otherwise=True):
                section.faults.append(
                    tangled(section, part.name, f"«{root.name}» er fraværende", f"`{root.name}` is absent")
                )
    return records


def _is_absent(records: dict[str, RecordSource], name: str, *, otherwise: bool = False) -> bool:
    return bool(records[name].absent) if name in records else otherwise
