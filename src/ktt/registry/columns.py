"""Whole frames into a table and out of it, without a loop over rows in Python.

PostgreSQL takes them by COPY and gives arrays; SQLite takes them by one prepared statement and gives plain tuples.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.tables import STAGED
from ktt.storage.database import Database

if TYPE_CHECKING:  # the driver takes a quarter of a second to import, and SQLite has no use for it
    import psycopg

_INSTANT = "%Y-%m-%d %H:%M:%S%.6f"  # as SQLAlchemy writes it on SQLite, so that each reads what the other wrote
Query = sa.Select[Any] | sa.CompoundSelect[Any]
_SQLITE_TEXT = (cs.datetime().dt.strftime(_INSTANT), cs.date().dt.strftime("%Y-%m-%d"), cs.decimal().cast(pl.String))

_POSTGRESQL_BYTES = cs.binary().bin.encode("hex").str.replace("^", r"\x")


def insert(connection: Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """Add the frame's rows; its columns are named as the table's."""
    if frame.is_empty():
        return
    names = ", ".join(frame.columns)
    if connection.dialect.name == "postgresql":
        _copy_in(connection, f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)", frame)
        return
    marks = ", ".join("?" * frame.width)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names are ours, from the tables
    connection.exec_driver_sql(statement, frame.with_columns(*_SQLITE_TEXT).rows())


def fetch(connection: Connection, query: Query, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The query's rows as a frame of `schema`, whose columns are in the query's order."""
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    if connection.dialect.name == "postgresql":
        text = text.replace("%%", "%")  # doubled for a statement with parameters, which this one has none of
    read = _read_arrays if connection.dialect.name == "postgresql" else _read_rows
    plain = {name: pl.Int64() if dtype == pl.Int64 else pl.String() for name, dtype in schema.items()}
    return read(connection, text, plain).with_columns(_typed(name, dtype) for name, dtype in schema.items())


def stage(connection: Connection, keys: pl.DataFrame) -> None:
    """Make `keys` (municipality, unit, local_id, perhaps known_to) the rows of `staged_key`, and nothing else."""
    connection.execute(sa.delete(STAGED))
    insert(connection, STAGED, keys)


@contextmanager
def looking_up_keys(connection: Connection) -> Iterator[None]:
    """Inside, `staged_key` is joined by the index of the other table, key by key.

    PostgreSQL would rather read a whole table that is some times as large as the page, and so each page would cost more
    than the one before.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    others = ("enable_hashjoin", "enable_mergejoin")
    for name in others:
        connection.exec_driver_sql(f"SET LOCAL {name} TO off")
    yield
    for name in others:
        connection.exec_driver_sql(f"SET LOCAL {name} TO DEFAULT")


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A writing transaction in which `stage` can be used."""
    with database.transaction() as connection:
        connection.execute(sa.schema.CreateTable(STAGED, if_not_exists=True))
        yield connection


def _read_rows(connection: Connection, text: str, plain: Mapping[str, pl.DataType]) -> pl.DataFrame:
    cursor = connection.exec_driver_sql(text).cursor
    return pl.DataFrame(cursor.fetchall() if cursor else [], schema=plain, orient="row", strict=False)


def _read_arrays(connection: Connection, text: str, plain: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Each column as one array, which takes half the time of fetching rows."""
    arrays = ", ".join(
        f"array_agg({name})" if dtype == pl.Int64 else f"array_agg({name}::text)" for name, dtype in plain.items()
    )
    statement = f"SELECT {arrays} FROM ({text}) AS found ({', '.join(plain)})"  # noqa: S608 - names are ours
    with _driver(connection).cursor(binary=True) as cursor:
        cursor.execute("SET LOCAL TimeZone TO 'UTC'")
        found = cursor.execute(statement.encode()).fetchone() or ()
    columns = zip(plain.items(), found, strict=True)
    return pl.DataFrame([pl.Series(name, values or [], dtype) for (name, dtype), values in columns])


def _copy_in(connection: Connection, statement: str, frame: pl.DataFrame) -> None:
    text = io.BytesIO()
    frame.with_columns(_POSTGRESQL_BYTES).write_csv(text, include_header=False)  # empty cell: NULL; "": the empty text
    with _driver(connection).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(text.getbuffer())


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    import psycopg

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Boolean):
        return column.cast(pl.String).is_in(["1", "true"])
    if isinstance(dtype, pl.Datetime):
        return column.str.strip_suffix("+00").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    if isinstance(dtype, pl.Date):
        return column.str.to_date("%Y-%m-%d")
    return column.cast(dtype)
