"""The address of a record system: which kind it is, and how that kind is opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ktt.sender.extract.errors import SourceKindUnknown
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.mapping.plug_ins import plug_ins
from ktt.sender.extract.mapping.source_section import FILES, MESSAGES, SQL
from ktt.sender.extract.sources.drivers.mssql import open_mssql
from ktt.sender.extract.sources.drivers.oracle import open_oracle
from ktt.sender.extract.sources.errors import PlugInTwice
from ktt.sender.extract.sources.files import open_files
from ktt.sender.extract.sources.plug_in import PlugInAddress
from ktt.sender.extract.sources.sqlite import open_sqlite

_FILES_START, _MESSAGES_START = "files:///", "messages:///"
_OWN = {"sqlite", "postgresql", "mssql", "oracle"}  # a plug-in takes the place of none of ours


class Reader(Protocol):
    """An open reading of one moment. A `query` is what the mapping says of where rows are: of files, a file's name."""

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives; QueryRefused when the source does not take it."""
        ...

    def relations(self) -> list[str]:
        """The names of the tables and views, or files, that can be read."""
        ...

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a query's rows, as text, in one frame or more; ReadBroken when it fails on the way."""
        ...


class Address(Protocol):
    """Where a record system is. Its `repr` shows no password."""

    @property
    def kind(self) -> str:
        """The kind of source, as a mapping names it."""
        ...

    def open(self, mapping: SourceMapping, extracted_on: dt.date) -> AbstractContextManager[Reader]:
        """Everything that is read inside this is of one moment; a `KTT-SRC` fault when it cannot be."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseAddress:
    """An address of a database, as SQLAlchemy writes it."""

    url: URL
    kind: str = SQL

    def __repr__(self) -> str:
        return repr(self.url.render_as_string(hide_password=True))

    @property
    def has_schemas(self) -> bool:
        """Whether a point in a table's name stands between a schema and the table. An SQLite file has no schemas."""
        return self.url.get_backend_name() != "sqlite"

    @contextmanager
    def open(self, mapping: SourceMapping, extracted_on: dt.date) -> Iterator[Reader]:
        """One read-only transaction."""
        parameters = {"extracted_on": extracted_on.isoformat()}
        with self._opened(parameters, str(mapping.timezone)) as reader:
            yield reader

    def _opened(self, parameters: dict[str, str], timezone: str) -> AbstractContextManager[Reader]:
        match self.url.get_backend_name():
            case "postgresql":
                from ktt.sender.extract.sources.postgresql import open_postgresql  # its driver takes long to import

                return open_postgresql(self.url, parameters, timezone)
            case "mssql":
                return open_mssql(self.url, parameters)
            case "oracle":
                return open_oracle(self.url, parameters, timezone)
            case _:
                return open_sqlite(Path(str(self.url.database)), parameters)


@dataclass(frozen=True, slots=True)
class FilesAddress:
    """A folder of files, one for each table."""

    folder: Path
    kind: str = FILES

    def open(self, mapping: SourceMapping, extracted_on: dt.date) -> AbstractContextManager[Reader]:
        """The files of a day."""
        return open_files(self.folder, mapping, extracted_on)


@dataclass(frozen=True, slots=True)
class MessagesAddress:
    """A folder of messages that the record system has written itself."""

    folder: Path
    kind: str = MESSAGES


def read_address(url: str) -> Address | MessagesAddress:
    """The address that a text is, such as `sqlite:///epj.sqlite` or `files:///eksport`; SourceKindUnknown otherwise."""
    if url.startswith(_FILES_START) and url != _FILES_START:
        return FilesAddress(Path(url.removeprefix(_FILES_START)))
    if url.startswith(_MESSAGES_START) and url != _MESSAGES_START:
        return MessagesAddress(Path(url.removeprefix(_MESSAGES_START)))
    scheme = url.partition(":")[0]
    found = () if scheme in _OWN else plug_ins(scheme)  # to look for them takes longer than all else here
    if len(found) > 1:
        raise PlugInTwice(kind=scheme, found=", ".join(sorted(one.dist.name for one in found if one.dist)))
    if found:
        return PlugInAddress(found[0], url)
    try:
        address = make_url(url)
        kind = address.get_backend_name()
    except ArgumentError as fault:
        raise SourceKindUnknown(kind=scheme) from fault
    if kind not in _OWN or not address.database:
        raise SourceKindUnknown(kind=kind)
    return DatabaseAddress(address)
