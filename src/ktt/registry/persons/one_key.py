"""One key for each person: those that were linked by hand count as one."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.tables import PERSON_LINK


def linked_keys(known_at: dt.datetime | None = None) -> sa.Subquery:
    """Each linked key (`person_key`) with the one where its links end (`root`), by the links that there were then."""
    then = sa.true() if known_at is None else PERSON_LINK.c.linked_at <= known_at
    links = sa.select(PERSON_LINK.c.person_key, PERSON_LINK.c.same_as).where(then).subquery()
    after, on = links.alias(), links.alias()
    way = sa.select(links.c.person_key, links.c.same_as.label("root")).cte("way", recursive=True)
    way = way.union(sa.select(way.c.person_key, after.c.same_as).join(after, after.c.person_key == way.c.root))
    goes_on = sa.exists().where(on.c.person_key == way.c.root)
    return sa.select(way.c.person_key, way.c.root).where(~goes_on).subquery()


def with_one_key(connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with one `person_key` for each person."""
    found = connection.execute(sa.select(linked_keys()))
    roots = {row.person_key: row.root for row in found}
    return rows.with_columns(pl.col("person_key").replace(roots)) if roots else rows
