"""Scans a record system that no mapping explains yet: every table, view or file that can be read, one at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ktt.core.errors import KttError
from ktt.sender.extract.mapping.model import SourceMapping, Table
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.mapping.source_section import SourceSection
from ktt.sender.extract.mapping.tables import select_all
from ktt.sender.extract.profiling.disclosure import LEAST
from ktt.sender.extract.profiling.errors import AtLeastTooSmall, NothingReadable, NothingToScan
from ktt.sender.extract.profiling.file_names import day_files, guessed_forms
from ktt.sender.extract.profiling.joins import with_joins
from ktt.sender.extract.profiling.labels import with_labels
from ktt.sender.extract.profiling.model import SourceProfile, TableProfile
from ktt.sender.extract.profiling.table import TableProfiler
from ktt.sender.extract.sources.address import (
    Address,
    DatabaseAddress,
    FilesAddress,
    MessagesAddress,
    read_address,
)

_ZONE = ZoneInfo("Europe/Oslo")

Progress = Callable[[int, int, str], object]


def scan_source(url: str, today: dt.date, at_least: int, progress: Progress = lambda *_: None) -> SourceProfile:
    """The profile of what is at an address. Nothing is written, and only one block of one table is in memory at a time.

    A table that cannot be read is in the profile with the reason. Raises a `KTT-SRC` fault when nothing can be opened or read.
    """
    if at_least < LEAST:
        raise AtLeastTooSmall(given=at_least, least=LEAST)
    address = read_address(url)
    if isinstance(address, MessagesAddress):
        raise NothingToScan(kind=address.kind)
    places = _files(address) if isinstance(address, FilesAddress) else _relations(address, today)
    if not places:
        raise NothingToScan(kind=address.kind)
    tables, seen = [], {}
    names = frozenset(
        name for one, _day in places for name in (one.name.casefold(), one.name.rpartition(".")[2].casefold())
    )
    for number, (table, day) in enumerate(places):
        progress(number, len(places), table.name)
        found, seen[table.name] = _scanned(address, table, day or today, at_least, names)
        tables.append(found)
    if all(one.fault for one in tables):  # a draft of it would propose that nothing is there
        raise NothingReadable(count=len(tables), reason_nb=tables[0].fault, reason_en=tables[0].fault)
    return SourceProfile(
        address.kind, _shown(url), today.isoformat(), at_least, with_labels(with_joins(tables, seen), seen, at_least)
    )


def _relations(address: Address, today: dt.date) -> list[tuple[Table, dt.date | None]]:
    """The tables and views; a name without its schema where that is enough."""
    with address.open(_mapping(address.kind, ()), today) as reader:
        names = reader.relations()
    if _is_without_schemas(address):
        return [(_relation(address, name), None) for name in names]
    bare = {name for name in names if "." not in name}
    several = {name for name in bare if sum(one.endswith(f".{name}") for one in names) > 1}
    left = [
        name
        for name in names
        if name not in several and (name in bare or name.rpartition(".")[2] not in bare - several)
    ]
    return [(_relation(address, name), None) for name in sorted(set(left))]


def _relation(address: Address, name: str) -> Table:
    if address.kind != "sql":
        return Table(name, name, ())
    return Table(name, select_all((name,) if _is_without_schemas(address) else tuple(name.split("."))), ())


def _is_without_schemas(address: Address) -> bool:
    """Whether a point is part of a table's name, as in an SQLite file."""
    return isinstance(address, DatabaseAddress) and not address.has_schemas


def _files(address: FilesAddress) -> list[tuple[Table, dt.date | None]]:
    with address.open(_mapping(address.kind, ()), dt.date.min) as reader:
        found = day_files(reader.relations())
    forms = guessed_forms([address.folder / (one.day or dt.date.min).strftime(one.pattern) for one in found])
    return [(Table(one.table, one.pattern, (), form=form), one.day) for one, form in zip(found, forms, strict=True)]


def _scanned(
    address: Address, table: Table, day: dt.date, at_least: int, names: frozenset[str]
) -> tuple[TableProfile, TableProfiler]:
    """One table, in a reading of its own: a database that has refused one query answers no other."""
    try:
        with address.open(_mapping(address.kind, (table,)), day) as reader:
            columns = list(dict.fromkeys(reader.columns(table.name, table.query)))
            profiler = TableProfiler(table.name, columns, names)
            for block in reader.blocks(table.name, table.query, columns):
                profiler.add(block)
    except KttError as fault:
        return TableProfile(table.name, fault=fault.says().nb), TableProfiler(table.name, [])
    found = profiler.profile(at_least)
    if isinstance(address, FilesAddress):
        found = replace(found, file=table.query, form=table.form)
    return found, profiler


def _mapping(kind: str, tables: tuple[Table, ...]) -> SourceMapping:
    """What a source is opened with, where no mapping is there."""
    named = {table.name: table for table in tables}
    return SourceMapping(Path(), "", _ZONE, Completeness(), SourceSection(kind), named, {})


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.partition(":")[0] + "://…"
