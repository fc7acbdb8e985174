"""Read a PostgreSQL database as columns of text, in one read-only transaction of one moment."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import psycopg
from sqlalchemy.engine import URL

from ktt.core.text import Text
from ktt.sender.extract.errors import QueryRefused, ReadBroken, SourceUnavailable
from ktt.sender.extract.sources.database_words import of_postgresql

_CONNECT_SECONDS = 10
_BLOCK = 16 * 2**20
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)\b")  # `:name`, and not the cast `::name`
_UNWRITABLE = Text(
    nb="den har et tegn som databasens tegnsett ikke har",
    en="it has a character that the database's character set lacks",
)

_SESSION = {
    "DateStyle": "ISO, DMY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "xmlbinary": "base64",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "statement_timeout": "1h",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",
}
"""What decides how values and queries are read, and how long reading may take. Roles, databases and the environment of
the process have settings of their own; reading must not depend on them. `search_path` is theirs: it says which tables
are meant. `lc_*` are the database's own and change only what a query formats by itself.
"""

# Those that this version of PostgreSQL has, for this transaction; the encoding is the database's own, so that nothing
# is converted on the way and a byte that is no character does not end the reading.
_SET = """
SELECT set_config(name, value, true)
FROM pg_settings JOIN unnest(%s::text[], %s::text[]) AS wanted (setting_name, value) ON lower(name) = lower(setting_name)
"""

_RELATIONS = """
SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
 UNION
SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND pg_table_is_visible(oid)
   AND relnamespace <> 'pg_catalog'::regnamespace
"""


class PostgresqlReader:
    """One open reading transaction at REPEATABLE READ. Everything it reads is of the same moment."""

    def __init__(self, connection: psycopg.Connection, parameters: dict[str, str]) -> None:
        self._connection = connection
        self._parameters = parameters
        encoding = connection.info.encoding
        self._encoding = "utf-8" if encoding == "ascii" else encoding  # SQL_ASCII says nothing of what bytes mean

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives, without reading rows."""
        statement = self._statement(name, f"SELECT * FROM (\n{self._filled(query)}\n) AS source LIMIT 0")  # noqa: S608
        try:
            # A prepared statement is one statement, so nothing can be appended to the query.
            cursor = self._connection.execute(statement, prepare=True)
        except psycopg.OperationalError as fault:
            raise ReadBroken(query=name, reason=_kind(fault)) from None
        except psycopg.Error as fault:  # names tables and columns only: no row has been read
            raise QueryRefused(query=name, reason=_words(fault)) from fault
        result = cursor.pgresult
        names = [result.fname(place) or b"" for place in range(result.nfields)] if result else []
        return [column.decode(self._encoding, "replace") for column in names]

    def relations(self) -> list[str]:
        """The names of the tables and views, with their schema; without it too where that is enough."""
        return [str(name) for (name,) in self._connection.execute(_RELATIONS)]

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a query's rows, as text, some megabytes at a time; one block at least.

        By COPY, which takes 1.1 s per million rows; a cursor takes 3.3 s.
        """
        texts = ", ".join(f"{_quoted(column)}::text" for column in columns)
        rows = f"SELECT {texts} FROM (\n{self._filled(query)}\n) AS source"  # noqa: S608
        schema = dict.fromkeys(columns, pl.String())
        yield pl.DataFrame(schema=schema)
        buffer = io.BytesIO()
        try:
            with self._connection.cursor().copy(self._statement(name, f"COPY ({rows}) TO STDOUT (FORMAT csv)")) as copy:
                for row in copy:  # the protocol has one row in each message
                    buffer.write(row)
                    if buffer.tell() >= _BLOCK:
                        yield self._frame(buffer, schema)
                        buffer = io.BytesIO()
        except psycopg.Error as fault:  # the message may hold a value, so only its kind is reported
            raise ReadBroken(query=name, reason=_kind(fault)) from None
        if buffer.tell():
            yield self._frame(buffer, schema)

    def _frame(self, buffer: io.BytesIO, schema: dict[str, pl.String]) -> pl.DataFrame:
        # A byte that is no character becomes U+FFFD, which `typed_columns` finds and tells with its place.
        content = buffer.getvalue().decode(self._encoding, "replace").encode()
        return pl.read_csv(content, has_header=False, schema=schema)

    def _statement(self, name: str, text: str) -> bytes:
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError as fault:
            raise QueryRefused(query=name, reason=_UNWRITABLE) from fault

    def _filled(self, query: str) -> str:
        return _PARAMETER.sub(self._literal, query)

    def _literal(self, found: re.Match[str]) -> str:
        value = self._parameters.get(found[1])
        return found[0] if value is None else "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _words(fault: psycopg.Error) -> Text:
    return of_postgresql(fault.diag.message_primary or _kind(fault))


def _kind(fault: psycopg.Error) -> str:
    return f"{type(fault).__name__} {fault.sqlstate or ''}".strip()


@contextmanager
def open_postgresql(url: URL, parameters: dict[str, str], timezone: str) -> Iterator[PostgresqlReader]:
    """The database at an address, opened so that it cannot be written to, its session set to what reading needs."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    shown = url.render_as_string(hide_password=True)
    try:
        connection = psycopg.connect(address, connect_timeout=_CONNECT_SECONDS)
    except psycopg.Error as fault:
        # libpq's message names host, port, user and database, never the password
        raise SourceUnavailable(source=shown, reason=of_postgresql(" ".join(str(fault).split()))) from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        try:
            _set_session(connection, timezone)
            reader = PostgresqlReader(connection, parameters)
        except psycopg.Error as fault:
            raise SourceUnavailable(source=shown, reason=_words(fault)) from None
        yield reader


def _set_session(connection: psycopg.Connection, timezone: str) -> None:
    encoding = connection.info.parameter_status("server_encoding") or "UTF8"
    wanted = {**_SESSION, "TimeZone": timezone, "client_encoding": encoding}
    connection.execute(_SET, (list(wanted), list(wanted.values())))
