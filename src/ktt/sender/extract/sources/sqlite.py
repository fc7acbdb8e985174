"""Read an SQLite database as columns of text, in one read-only transaction."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ktt.sender.extract.errors import QueryRefused, ReadBroken, SourceUnavailable

_ROWS = 2_000
"""Rows fetched at a time: 1.4 s per million rows of 7 columns; 1.9 s at 1 000 and 3.1 s at 10 000 and more."""

_BUSY_SECONDS = 30


class SqliteReader:
    """One open reading transaction. Everything it reads is of the same moment."""

    def __init__(self, connection: sqlite3.Connection, parameters: dict[str, str]) -> None:
        self._connection = connection
        self._parameters = parameters

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives, without reading rows."""
        try:
            cursor = self._connection.execute(f"SELECT * FROM ({query}) LIMIT 0", self._parameters)  # noqa: S608
        except (sqlite3.Error, sqlite3.Warning) as fault:  # names tables and columns only: no row has been read
            raise QueryRefused(query=name, reason=str(fault)) from fault
        return [column[0] for column in cursor.description]

    def frame(self, name: str, query: str, columns: list[str]) -> pl.DataFrame:
        """These columns of a query's rows, as text."""
        texts = ", ".join(f"CAST({_quoted(c)} AS TEXT) AS {_quoted(c)}" for c in columns)
        schema = dict.fromkeys(columns, pl.String())
        blocks = [pl.DataFrame(schema=schema)]
        try:
            with _without_garbage_collection():
                cursor = self._connection.execute(f"SELECT {texts} FROM ({query})", self._parameters)  # noqa: S608
                while rows := cursor.fetchmany(_ROWS):
                    blocks.append(pl.DataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)), schema=schema))
        except sqlite3.Error as fault:  # the message may hold a value, so only its kind is reported
            raise ReadBroken(
                query=name,
                reason=fault.sqlite_errorname if hasattr(fault, "sqlite_errorname") else type(fault).__name__,
            ) from None
        return pl.concat(blocks, rechunk=True)


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
    try:
        connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
        )
    except sqlite3.Error as fault:
        raise SourceUnavailable(source=file, reason=str(fault)) from fault
    try:
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master")  # the snapshot starts at the first read
        except sqlite3.Error as fault:
            raise SourceUnavailable(source=file, reason=str(fault)) from fault
        yield SqliteReader(connection, parameters)
    finally:
        connection.close()
