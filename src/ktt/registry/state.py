"""What the registry holds of one unit, now or as it was known at an instant, as frames."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.schema import DTYPES, RecordType
from ktt.domain.unit import ReportingUnit
from ktt.registry.columns import Query, fetch
from ktt.registry.tables import LAYOUTS, Layout


def rows(connection: Connection, unit: ReportingUnit, layout: Layout, at: dt.datetime | None) -> pl.DataFrame:
    """The records as known at `at`, or now, without deleted ones, sorted by id; columns as the current table's."""
    return fetch(connection, _known(layout, unit, at), layout.schema).sort(layout.key)


def versions(connection: Connection, unit: ReportingUnit, layout: Layout) -> pl.DataFrame:
    """Every version, deletions too, with `known_to` (empty for the newest), by id and version."""
    current, history = layout.current, layout.history
    past = layout.schema | {"known_to": DTYPES["instant"]}
    frames = (
        fetch(connection, sa.select(*(history.c[name] for name in past)).where(_of_unit(history, unit)), past),
        fetch(connection, sa.select(current).where(_of_unit(current, unit)), layout.schema),
    )
    return pl.concat(frames, how="diagonal").sort(layout.key, "version")


def parts(rows: pl.DataFrame, record_type: RecordType) -> dict[str, pl.DataFrame]:
    """The flat part frames of root rows."""
    return {part.name: _flat(rows, record_type, part) for part in LAYOUTS[record_type.name].parts}


def _flat(rows: pl.DataFrame, record_type: RecordType, part: RecordType) -> pl.DataFrame:
    fields = {name: _as_json(dtype) for name, dtype in part.schema.items() if name != part.parent_key}
    lists = rows.select(record_type.key, pl.col(part.name).str.json_decode(pl.List(pl.Struct(fields)))).drop_nulls()
    return part.conform(lists.explode(part.name).unnest(part.name)).sort(record_type.key, *part.order)


def _as_json(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if dtype.is_decimal() else dtype  # hours are written "35.50", never as a float


def _of_unit(table: sa.Table, unit: ReportingUnit) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.municipality == unit.municipality, table.c.unit == unit.key)


def _known(layout: Layout, unit: ReportingUnit, at: dt.datetime | None) -> Query:
    current, history = layout.current, layout.history
    now = sa.select(current).where(_of_unit(current, unit), ~current.c.deleted)
    if at is None:
        return now
    names = [column.name for column in current.columns]
    then = sa.select(*(history.c[name] for name in names)).where(
        _of_unit(history, unit), ~history.c.deleted, history.c.known_from <= at, history.c.known_to > at
    )
    return sa.union_all(now.where(current.c.known_from <= at), then)
