"""What the registry holds of one unit, now or as of two times, as frames."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.registry.columns import fetch
from ktt.registry.tables import LAYOUTS, Layout
from ktt.registry.two_clocks import AsOf, records_as_of


def rows(connection: Connection, unit: ReportingUnit, layout: Layout, as_of: AsOf) -> pl.DataFrame:
    """The records as of two times, without deleted ones, sorted by id; columns as the current table's."""
    found = fetch(connection, records_as_of(layout, as_of, _of_unit(layout, unit)), layout.known_schema)
    return found.select(*layout.schema).sort(layout.key)


def versions(connection: Connection, unit: ReportingUnit, layout: Layout) -> pl.DataFrame:
    """Every version, deletions too, with `known_to` (empty for the newest), by id and version."""
    query = sa.select(layout.known).where(_of_unit(layout, unit))
    return fetch(connection, query, layout.known_schema).drop("newest").sort(layout.key, "version")


def parts(rows: pl.DataFrame, record_type: RecordType) -> dict[str, pl.DataFrame]:
    """The flat part frames of root rows."""
    return {part.name: _flat(rows, record_type, part) for part in LAYOUTS[record_type.name].parts}


def _flat(rows: pl.DataFrame, record_type: RecordType, part: RecordType) -> pl.DataFrame:
    fields = {name: _as_json(dtype) for name, dtype in part.schema.items() if name != part.parent_key}
    lists = rows.select(record_type.key, pl.col(part.name).str.json_decode(pl.List(pl.Struct(fields)))).drop_nulls()
    return part.conform(lists.explode(part.name).unnest(part.name)).sort(record_type.key, *part.order)


def _as_json(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if dtype.is_decimal() else dtype  # hours are written "35.50", never as a float


def _of_unit(layout: Layout, unit: ReportingUnit) -> sa.ColumnElement[bool]:
    return sa.and_(layout.known.c.municipality == unit.municipality, layout.known.c.unit == unit.key)
