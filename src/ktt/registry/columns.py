"""Whole frames into a table: COPY on PostgreSQL, one prepared statement on SQLite. Nothing here is per row in Python."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.tables import STAGED
from ktt.storage.database import Database

# How SQLAlchemy itself writes a day and an instant on SQLite, so that both paths read each other's rows.
_SQLITE_TEXT = (
    cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.6f"),
    cs.date().dt.strftime("%Y-%m-%d"),
    cs.decimal().cast(pl.String),
)


def insert(connection: Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """Add the frame's rows; its columns are named as the table's."""
    if frame.is_empty():
        return
    names = ", ".join(frame.columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)", frame)
        return
    marks = ", ".join("?" * frame.width)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names are ours, from the tables
    connection.exec_driver_sql(statement, frame.with_columns(*_SQLITE_TEXT).rows())


def stage(connection: Connection, keys: pl.DataFrame) -> None:
    """Make `keys` (municipality, unit, local_id, perhaps known_to) the rows of `staged_key`, and nothing else."""
    connection.execute(sa.delete(STAGED))
    insert(connection, STAGED, keys)


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A writing transaction in which `stage` can be used."""
    with database.transaction() as connection:
        connection.execute(sa.schema.CreateTable(STAGED, if_not_exists=True))
        yield connection


def _copy(connection: Connection, statement: str, frame: pl.DataFrame) -> None:
    text = io.BytesIO()
    frame.write_csv(text, include_header=False)  # empty cell: NULL; "": the empty text
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text.getbuffer())
