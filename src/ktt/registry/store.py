"""What was said, written: set by set, current and history, in the caller's transaction."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.columns import fetch, insert, stage
from ktt.registry.tables import STAGED, Layout
from ktt.registry.versions import unfold


def store(connection: Connection, layout: Layout, events: pl.DataFrame) -> pl.DataFrame:
    """Write the versions that come of `events`; returns how many (`len`) by `position` and `deleted`."""
    key = layout.key
    keys = events.select("municipality", "unit", local_id=key).unique()
    stage(connection, keys)
    unfolded = unfold(_held(connection, layout), events, key)
    fresh = unfolded.fresh
    if not fresh.is_empty():
        _close(connection, layout, unfolded.closed.rename({key: "local_id"}).join(keys, on=("unit", "local_id")))
        columns = list(layout.schema)
        newest = pl.col("known_to").is_null()
        insert(connection, layout.current, fresh.filter(newest).select(columns))
        insert(connection, layout.history, fresh.filter(~newest).select(*columns, "known_to"))
    return fresh.group_by("position", "deleted").len()


def _same_record(table: sa.Table, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.municipality == STAGED.c.municipality,
        table.c.unit == STAGED.c.unit,
        table.c[key] == STAGED.c.local_id,
    )


def _held(connection: Connection, layout: Layout) -> pl.DataFrame:
    columns = ("unit", layout.key, "version", "fingerprint", "known_from")
    table = layout.current
    query = sa.select(*(table.c[name] for name in columns)).join(STAGED, _same_record(table, layout.key))
    return fetch(connection, query, {name: layout.schema[name] for name in columns})


def _close(connection: Connection, layout: Layout, closed: pl.DataFrame) -> None:
    """Move the current rows whose version ended into history."""
    if closed.is_empty():
        return
    stage(connection, closed)
    table, history = layout.current, layout.history
    names = [column.name for column in table.columns]
    ended = sa.select(*(table.c[n] for n in names), STAGED.c.known_to).join(STAGED, _same_record(table, layout.key))
    connection.execute(sa.insert(history).from_select([*names, "known_to"], ended))
    key = sa.tuple_(table.c.municipality, table.c.unit, table.c[layout.key])
    staged = sa.select(STAGED.c.municipality, STAGED.c.unit, STAGED.c.local_id)
    connection.execute(sa.delete(table).where(key.in_(staged)))
