"""Read an SQLite database as columns of text, in one read-only transaction."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl

from ktt.sender.extract.errors import QueryRefused
from ktt.sender.extract.sources.database_words import of_sqlite
from ktt.sender.extract.sources.errors import SourceEmpty
from ktt.sender.extract.sources.sqlite_faults import BUSY_SECONDS, check_file, of_file, of_opening, of_reading

_ROWS = 2_000
"""Rows fetched at a time: 1.4 s per million rows of 7 columns; 1.9 s at 1 000 and 3.1 s at 10 000 and more."""

_FETCHES = 50
"""Fetches in a block, which is then looked through as a whole."""

_NOT_UTF_8 = "UTF-8"  # in the words of Python's sqlite3, which has no code for a text that it cannot decode


class SqliteReader:
    """One open reading transaction. Everything it reads is of the same moment."""

    def __init__(self, connection: sqlite3.Connection, file: Path, parameters: dict[str, str]) -> None:
        self._connection = connection
        self._file = file
        self._parameters = parameters

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives, without reading rows."""
        try:
            cursor = self._connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0", self._parameters)  # noqa: S608
        except (sqlite3.Error, sqlite3.Warning) as fault:  # names tables and columns only: no row has been read
            known = of_file(fault, self._file) if isinstance(fault, sqlite3.Error) else None
            raise known or QueryRefused(query=name, reason=of_sqlite(str(fault))) from fault
        return [column[0] for column in cursor.description]

    def relations(self) -> list[str]:
        """The names of the tables and views."""
        found = self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
        return [str(name) for (name,) in found]

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a query's rows, as text, some thousands at a time; one block at least."""
        texts = ", ".join(f"CAST({_quoted(c)} AS TEXT) AS {_quoted(c)}" for c in columns)
        statement = f"SELECT {texts} FROM (\n{query}\n)"  # noqa: S608
        given = 0
        try:
            try:
                for block in self._blocks(statement, columns):
                    yield block
                    given += block.height
            except sqlite3.OperationalError as fault:
                if _NOT_UTF_8 not in str(fault):
                    raise
                # Python's own decoding is four times as slow, so it is used only where a byte is no character: that
                # becomes U+FFFD, which `typed_columns` finds and tells with its place. One statement in one
                # transaction gives its rows in one order, so those that were given are passed over.
                self._connection.text_factory = _lenient
                for block in self._blocks(statement, columns):
                    yield block.slice(max(given, 0))
                    given -= block.height
        except sqlite3.Error as fault:
            raise of_reading(fault, self._file, name) from None
        finally:
            self._connection.text_factory = str

    def _blocks(self, statement: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        schema = dict.fromkeys(columns, pl.String())
        cursor = self._connection.execute(statement, self._parameters)
        rows: list[tuple[str, ...]] | None = None
        while rows is None or rows:
            gathered: list[pl.DataFrame] = []
            with _without_garbage_collection():
                for _ in range(_FETCHES):
                    rows = cursor.fetchmany(_ROWS)
                    if not rows:
                        break
                    texts = dict(zip(columns, zip(*rows, strict=True), strict=True))
                    gathered.append(pl.DataFrame(texts, schema=schema))
            yield pl.concat(gathered) if gathered else pl.DataFrame(schema=schema)


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Pause the garbage collector, which would take a third of the reading time and find nothing in the row tuples."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@contextmanager
def open_sqlite(file: Path, parameters: dict[str, str]) -> Iterator[SqliteReader]:
    """The database in a file that must exist, opened so that it cannot be written to."""
    check_file(file)
    address = f"{file.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.Error as fault:
        raise of_opening(fault, file) from fault
    with closing(connection):
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]  # the snapshot starts here
        except sqlite3.Error as fault:
            raise of_opening(fault, file) from fault
        if not tables:
            raise SourceEmpty(source=file)
        yield SqliteReader(connection, file, parameters)
