"""A record system's database, read through a mapping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import polars as pl
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.completeness import prove_counts, prove_fresh, prove_owner, prove_size
from ktt.sender.extract.errors import ColumnMissing, ColumnTwice, SourceKindUnknown, nearest
from ktt.sender.extract.extract import Extract, canonical_extract
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.sources.postgresql import open_postgresql
from ktt.sender.extract.sources.sqlite import open_sqlite


class Reader(Protocol):
    """An open reading transaction of some kind of database."""

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives; QueryRefused when the database does not take it."""
        ...

    def frame(self, name: str, query: str, columns: list[str]) -> pl.DataFrame:
        """These columns of a query's rows, as text; ReadBroken when it fails on the way."""
        ...


class SqlSource:
    """A municipality's record system behind an SQLAlchemy address (SQLite or PostgreSQL) and a mapping."""

    def __init__(self, url: URL, mapping: SourceMapping) -> None:
        self._url = url
        self.mapping = mapping

    def __repr__(self) -> str:
        return f"SqlSource({self._url.render_as_string(hide_password=True)!r}, {self.mapping.name!r})"

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """Everything the mapping names, read in one transaction, proved whole, and turned into canonical records.

        Raises a `KTT-SRC` fault when the source is not this unit's, not whole, or cannot be read: then nothing of it
        is used.
        """
        with self._open({"extracted_on": extracted_on.isoformat()}) as reader:
            owned = self._prove_owner(reader, unit)
            proof = self._rows(reader, "source.complete", self.mapping.complete)
            raw = {name: self._table(reader, name) for name in self.mapping.tables}
        counts = {name: frame.height for name, frame in raw.items()}
        if proof is not None:
            prove_counts(proof, counts, extracted_on)
        prove_size(self.mapping, counts)
        stale = prove_fresh(self.mapping, raw, extracted_on)
        return canonical_extract(
            self.mapping, raw, unit, extracted_on, environment, complete=owned and proof is not None, stale=stale
        )

    def _prove_owner(self, reader: Reader, unit: ReportingUnit) -> bool:
        rows = self._rows(reader, "source.unit", self.mapping.unit)
        if rows is None:
            return False
        prove_owner(rows, unit)
        return True

    def _rows(self, reader: Reader, name: str, query: str | None) -> pl.DataFrame | None:
        return None if query is None else reader.frame(name, query, _columns(reader, name, query))

    def _table(self, reader: Reader, name: str) -> pl.DataFrame:
        query = self.mapping.tables[name].query
        there = _columns(reader, name, query)
        wanted = self.mapping.columns_of(name)
        for column in wanted:
            if column not in there:
                raise ColumnMissing(query=name, column=column, **nearest(column, there))
        return reader.frame(name, query, wanted)

    @contextmanager
    def _open(self, parameters: dict[str, str]) -> Iterator[Reader]:
        if self._url.get_backend_name() == "postgresql":
            with open_postgresql(self._url, parameters, str(self.mapping.timezone)) as postgresql:
                yield postgresql
        else:
            with open_sqlite(Path(str(self._url.database)), parameters) as sqlite:
                yield sqlite


def _columns(reader: Reader, name: str, query: str) -> list[str]:
    columns = reader.columns(name, query)
    for column in columns:
        if columns.count(column) > 1:
            raise ColumnTwice(query=name, column=column)
    return columns


def open_source(url: str, mapping_path: Path) -> SqlSource:
    """The source at an address such as `sqlite:///epj.sqlite`, explained by a mapping file. Nothing is opened yet."""
    try:
        address = make_url(url)
        kind = address.get_backend_name()
    except ArgumentError as fault:
        raise SourceKindUnknown(kind=url.partition(":")[0]) from fault
    if kind not in {"sqlite", "postgresql"} or not address.database:
        raise SourceKindUnknown(kind=kind)
    return SqlSource(address, read_mapping(mapping_path))
