"""Events written as versions: current and history, set by set, in the caller's transaction."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.columns import fetch, insert, looking_up_keys, stage
from ktt.registry.month_records import add_months
from ktt.registry.tables import STAGED, Layout
from ktt.registry.versions import build_versions


def write_versions(connection: Connection, layout: Layout, events: pl.DataFrame) -> pl.DataFrame:
    """Write the versions that `events` make; returns how many (`len`) by `position` and `deleted`."""
    key = layout.key
    # Sorted as the index is, so that neighbours are looked up and written together.
    events = events.sort("municipality", "unit", key, maintain_order=True)
    keys = events.select("municipality", "unit", local_id=key).unique(maintain_order=True)
    stage(connection, keys)
    with looking_up_keys(connection):
        stored = _stored(connection, layout)
        versions = build_versions(stored.select("unit", key, "version", "fingerprint", "known_from"), events, key)
        _move_to_history(
            connection, layout, versions.ended.rename({key: "local_id"}).join(keys, on=("unit", "local_id"))
        )
    new = versions.new
    add_months(connection, layout, stored, versions)
    if not new.is_empty():
        columns = list(layout.schema)
        newest = pl.col("known_to").is_null()
        insert(connection, layout.current, new.filter(newest).select(columns))
        insert(connection, layout.history, new.filter(~newest).select(*columns, "known_to"))
    return new.group_by("position", "deleted").len()


def no_longer_inside(
    connection: Connection, layout: Layout, outer: str, complete: pl.DataFrame, events: pl.DataFrame
) -> pl.DataFrame:
    """The deletions that follow when records have all that is inside them in one message.

    `complete` has municipality, unit, position, known_from, and `local_id` of the records around, whose key is `outer`;
    `events` are those of the inner type. What refers to these records and is not among the events is deleted.
    """
    stage(connection, complete.select("municipality", "unit", "local_id").unique())
    table, key = layout.current, layout.key
    around = sa.and_(
        table.c.municipality == STAGED.c.municipality,
        table.c.unit == STAGED.c.unit,
        table.c[outer] == STAGED.c.local_id,
    )
    query = sa.select(table.c.unit, table.c[key], table.c[outer]).join(STAGED, around).where(~table.c.deleted)
    standing = fetch(connection, query, {name: layout.schema[name] for name in ("unit", key, outer)})
    gone = standing.join(events.select("unit", key), on=["unit", key], how="anti")
    rows = gone.join(complete, left_on=["unit", outer], right_on=["unit", "local_id"], maintain_order="left")
    deletions = rows.select("municipality", "unit", key, "position", "known_from", deleted=pl.lit(value=True))
    return pl.concat([events, deletions], how="diagonal")


def _same_record(table: sa.Table, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.municipality == STAGED.c.municipality,
        table.c.unit == STAGED.c.unit,
        table.c[key] == STAGED.c.local_id,
    )


def _stored(connection: Connection, layout: Layout) -> pl.DataFrame:
    columns = ("unit", layout.key, "version", "fingerprint", "known_from", *layout.record_type.own_date)
    table = layout.current
    query = sa.select(*(table.c[name] for name in columns)).join(STAGED, _same_record(table, layout.key))
    return fetch(connection, query, {name: layout.schema[name] for name in columns})


def _move_to_history(connection: Connection, layout: Layout, ended: pl.DataFrame) -> None:
    """Move the current rows of these records into history."""
    if ended.is_empty():
        return
    stage(connection, ended)
    table, history = layout.current, layout.history
    names = [column.name for column in table.columns]
    rows = sa.select(*(table.c[n] for n in names), STAGED.c.known_to).join(STAGED, _same_record(table, layout.key))
    connection.execute(sa.insert(history).from_select([*names, "known_to"], rows))
    key = sa.tuple_(table.c.municipality, table.c.unit, table.c[layout.key])
    staged = sa.select(STAGED.c.municipality, STAGED.c.unit, STAGED.c.local_id)
    connection.execute(sa.delete(table).where(key.in_(staged)))
