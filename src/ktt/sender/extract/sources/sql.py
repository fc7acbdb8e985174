"""A record system's database or files, read through a mapping."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl

from ktt.core.errors import KttError
from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.completeness.count_file import stated_counts
from ktt.sender.extract.completeness.counts import prove_counts
from ktt.sender.extract.completeness.done_file import prove_done_counts, unchanged_done_file
from ktt.sender.extract.completeness.equal_reads import Digests, digests, prove_equal
from ktt.sender.extract.completeness.source_checks import owner_of, prove_fresh, prove_owner, prove_size
from ktt.sender.extract.completeness.watermark import prove_watermark
from ktt.sender.extract.errors import (
    ColumnMissing,
    ColumnTwice,
    QueryRefused,
    RelationMissing,
    nearest,
)
from ktt.sender.extract.extract import Extract, canonical_extract
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.mapping.model import SourceMapping, Table
from ktt.sender.extract.mapping.tables import without_schemas
from ktt.sender.extract.rows.row_filter import KeptRows, RowFilter
from ktt.sender.extract.rows.values import has_one_of
from ktt.sender.extract.sources.address import (
    Address,
    DatabaseAddress,
    FilesAddress,
    MessagesAddress,
    Reader,
    read_address,
)
from ktt.sender.extract.sources.errors import SourceKindDiffers
from ktt.sender.extract.sources.files import with_done_file_in
from ktt.sender.extract.sources.messages import MessageSource


class MappedSource:
    """A municipality's record system behind an address, and the mapping that explains it."""

    def __init__(
        self,
        address: Address,
        mapping: SourceMapping,
        sleep: Callable[[float], object] = time.sleep,
        *,
        closely: bool = False,
    ) -> None:
        """`closely` also counts the rows that nearly belong to one of another table, which takes longer."""
        self.address, self._sleep, self._closely = address, sleep, closely
        self.mapping = mapping

    def __repr__(self) -> str:
        return f"MappedSource({self.address!r}, {self.mapping.name!r})"

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """Everything the mapping names, read in one transaction, proved whole, and turned into canonical records.

        Raises a `KTT-SRC` fault when the source is not this unit's, not whole, or cannot be read: then nothing of it
        is used.
        """
        with unchanged_done_file(self.mapping.complete.done_file, extracted_on):
            first = self._first_reading(extracted_on)
            with self._open(extracted_on) as reader:
                owned = self._prove_owner(reader, unit)
                tables = self._proved_tables(reader, extracted_on)
        if first is not None:
            prove_equal(first, digests(tables))
        prove_size(self.mapping, {name: table.counts.kept for name, table in tables.items()})
        stale = prove_fresh(self.mapping, {name: table.frame for name, table in tables.items()}, extracted_on)
        return canonical_extract(
            self.mapping, tables, unit, extracted_on, environment, owned=owned, stale=stale, closely=self._closely
        )

    def faults(self, extracted_on: dt.date) -> list[KttError]:
        """What of the mapping's tables, columns and queries the source does not have, without reading a row of a table.

        Each is asked in a reading of its own, since a database that has refused a query answers no other.
        """
        found: list[KttError] = []
        for name in self.mapping.tables:
            try:
                with self._open(extracted_on) as reader:
                    found += self._faults_of(reader, name)
            except KttError as fault:
                found.append(fault)
        return found

    def _faults_of(self, reader: Reader, name: str) -> list[KttError]:
        table = self.mapping.tables[name]
        relations = reader.relations() if table.relation else []
        there = self._columns(reader, table, relations)
        return [
            ColumnMissing(query=name, column=column, **nearest(column, there))
            for column in self.mapping.columns_of(name)
            if column not in there
        ]

    def columns_there(self, extracted_on: dt.date) -> dict[str, list[str]]:
        """The columns that each of the mapping's tables has, whether they are read or not."""
        with self._open(extracted_on) as reader:
            return {name: self._columns(reader, table, []) for name, table in self.mapping.tables.items()}

    def owner(self, extracted_on: dt.date) -> ReportingUnit | None:
        """The unit that the source says that it is, None where the mapping names no way to ask."""
        if self.mapping.source.unit is None:
            return None
        with self._open(extracted_on) as reader:
            return owner_of(self._owner_rows(reader, self.mapping.source.unit))

    def _first_reading(self, extracted_on: dt.date) -> Digests | None:
        """The digests of an earlier reading, and then the pause, where two equal readings are the proof."""
        pause = self.mapping.complete.pause_seconds
        if pause is None:
            return None
        with self._open(extracted_on) as reader:
            first = digests(self._tables(reader))
        self._sleep(pause)
        return first

    def _proved_tables(self, reader: Reader, extracted_on: dt.date) -> dict[str, KeptRows]:
        complete = self.mapping.complete
        stated = self._stated(reader, extracted_on)
        if complete.watermark is not None:
            reached = self._rows(reader, "complete.watermark", complete.watermark.query)
            prove_watermark(reached, complete.watermark, str(self.mapping.timezone), extracted_on)
        tables = self._tables(reader)
        counts = {name: table.counts.read for name, table in tables.items()}
        places = {name: table.place for name, table in self.mapping.tables.items()}
        if stated is not None:
            prove_counts(stated, counts, extracted_on, places)
        if complete.done_file is not None:
            prove_done_counts(complete.done_file, counts, extracted_on, places)
        if complete.self_count:
            prove_counts(self._counted(reader), counts, extracted_on)
        return tables

    def _counted(self, reader: Reader) -> pl.DataFrame:
        """The tables, counted by ourselves."""
        counting = {
            name: f'SELECT count(*) AS "n" FROM (\n{table.query}\n) counted'  # noqa: S608 (the mapping's own query)
            for name, table in self.mapping.tables.items()
        }
        found = [_frame(reader, name, query, ["n"]).item() for name, query in counting.items()]
        return pl.DataFrame({"table": list(counting), "count": found})

    def _tables(self, reader: Reader) -> dict[str, KeptRows]:
        # asked before any table is: a refused query ends PostgreSQL's transaction
        relations = reader.relations() if any(table.relation for table in self.mapping.tables.values()) else []
        read: dict[str, KeptRows] = {}
        for name in self.mapping.reading_order():
            read[name] = self._table(reader, name, relations, read)
        return {name: read[name] for name in self.mapping.tables}

    def _prove_owner(self, reader: Reader, unit: ReportingUnit) -> bool:
        if self.mapping.source.unit is None:
            return False
        prove_owner(self._owner_rows(reader, self.mapping.source.unit), unit)
        return True

    def _owner_rows(self, reader: Reader, place: str) -> pl.DataFrame:
        source = self.mapping.source
        if not source.unit_where:
            return self._chosen(reader, "source.unit", place, list(source.unit_columns))
        columns = list(dict.fromkeys([*source.unit_columns, *source.unit_where]))
        rows = self._chosen(reader, "source.unit", place, columns)
        chosen = [has_one_of(column, values) for column, values in source.unit_where.items()]
        return rows.filter(*chosen).select(source.unit_columns)

    def _stated(self, reader: Reader, extracted_on: dt.date) -> pl.DataFrame | None:
        """How many rows the source says that it has; None where the mapping does not ask."""
        complete = self.mapping.complete
        if complete.count_file is not None:
            rows = self._chosen(reader, "complete.count", complete.count_file.file, complete.count_file.columns)
            return stated_counts(rows, complete.count_file, str(self.mapping.timezone), extracted_on)
        return None if complete.count is None else self._rows(reader, "complete.count", complete.count)

    def _chosen(self, reader: Reader, name: str, query: str, columns: list[str]) -> pl.DataFrame:
        """These columns in this order; all of them where none is named."""
        if not columns:
            return self._rows(reader, name, query)
        _refuse_wanted(name, columns, reader.columns(name, query))
        return _frame(reader, name, query, list(dict.fromkeys(columns))).select(columns)

    def _rows(self, reader: Reader, name: str, query: str) -> pl.DataFrame:
        columns = reader.columns(name, query)
        _refuse_twice(name, columns, columns)
        return _frame(reader, name, query, columns)

    def _table(self, reader: Reader, name: str, relations: list[str], read: Mapping[str, KeptRows]) -> KeptRows:
        table = self.mapping.tables[name]
        there = self._columns(reader, table, relations)
        wanted = self.mapping.columns_of(name)
        _refuse_wanted(name, wanted, there)
        others = {one.table: read[one.table].frame for one in table.counted_by}
        twice = self.mapping.complete.pause_seconds is not None
        filtered = RowFilter(self.mapping, name, others, digest=twice, closely=self._closely)
        for block in reader.blocks(name, table.query, wanted):
            filtered.add(block)
        return filtered.kept()

    def _columns(self, reader: Reader, table: Table, relations: list[str]) -> list[str]:
        try:
            return reader.columns(table.name, table.query)
        except QueryRefused:
            _refuse_missing(table, relations)
            raise

    def _open(self, extracted_on: dt.date) -> AbstractContextManager[Reader]:
        return self.address.open(self.mapping, extracted_on)


def _frame(reader: Reader, name: str, query: str, columns: list[str]) -> pl.DataFrame:
    return pl.concat(list(reader.blocks(name, query, columns)))


def _refuse_missing(table: Table, relations: list[str]) -> None:
    """Raise RelationMissing with the nearest name when the table is not among those of the database."""
    name = ".".join(table.relation)
    if table.relation and name not in relations:
        raise RelationMissing(query=table.name, name=name, **nearest(name, relations))


def _refuse_wanted(name: str, wanted: list[str], there: list[str]) -> None:
    """Raise when one of the columns is not there, or is there twice."""
    _refuse_twice(name, wanted, there)
    for column in wanted:
        if column not in there:
            raise ColumnMissing(query=name, column=column, **nearest(column, there))


def _refuse_twice(name: str, wanted: list[str], there: list[str]) -> None:
    for column in wanted:
        if there.count(column) > 1:
            raise ColumnTwice(query=name, column=column)


def open_source(
    url: str, mapping_path: Path, read: Callable[[Path], SourceMapping] = read_mapping
) -> MappedSource | MessageSource:
    """The source at an address such as `sqlite:///epj.sqlite`, explained by a mapping file. Nothing is opened yet."""
    address = read_address(url)
    mapping = read(mapping_path)
    if mapping.source.kind != address.kind:
        raise SourceKindDiffers(kind=address.kind, file=mapping_path, mapped=mapping.source.kind)
    if isinstance(address, MessagesAddress):
        return MessageSource(address.folder, with_done_file_in(address.folder, mapping))
    if isinstance(address, FilesAddress):
        mapping = with_done_file_in(address.folder, mapping)
    if isinstance(address, DatabaseAddress) and not address.has_schemas:
        mapping = without_schemas(mapping)
    return MappedSource(address, mapping)
