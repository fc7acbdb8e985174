"""A person's versions taken out of the registry, so that what is left is as if they had never been told.

A record that was about nobody else goes whole. One that was also somebody else's keeps their versions, numbered anew; where
it had passed on to the person it is deleted from then on, since it was no longer theirs. A local person who had another number
before or after keeps that.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.registry.columns import Query, fetch, insert, stage
from ktt.registry.month_records import recount
from ktt.registry.tables import INGESTED, LAYOUTS, STAGED, Layout
from ktt.registry.versions import build_versions

_AT_A_TIME = 500  # values in one statement
_NOBODYS = ("unit", "municipality", "deleted", "position", "known_from")


def erase_versions(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Erase them in the caller's transaction, and let the journal count what is left; how many, by record type."""
    erased: dict[str, int] = {}
    positions: set[int] = set()
    units: set[str] = set()
    for name, layout in LAYOUTS.items():
        rows = _versions(connection, layout, keys)
        erased[name] = rows.filter(pl.col("person_key").is_in(keys)).height
        if not rows.is_empty():
            positions |= set(rows["position"])
            units |= set(rows["unit"])
            _write(connection, layout, rows, _left(layout, rows, keys))
    _count_anew(connection, sorted(positions))
    recount(connection, sorted(units))
    return erased


def mixed_records(connection: Connection, layout: Layout, keys: Sequence[str]) -> pl.DataFrame:
    """The records of a type that were the person's and also somebody else's: unit, local_id."""
    rows = _versions(connection, layout, keys).filter(~pl.col("deleted"))
    others = rows.filter(~pl.col("person_key").is_in(keys))
    return others.select("unit", local_id=layout.key).unique()


def _versions(connection: Connection, layout: Layout, keys: Sequence[str]) -> pl.DataFrame:
    """Every version of every record that was ever about the person, in order."""
    known = layout.known.c
    columns = {"municipality": pl.String(), "unit": pl.String(), "local_id": pl.String()}
    mine = sa.select(known.municipality, known.unit, known[layout.key]).where(known.person_key.in_(keys)).distinct()
    stage(connection, fetch(connection, mine, columns))
    same = sa.and_(
        known.municipality == STAGED.c.municipality,
        known.unit == STAGED.c.unit,
        known[layout.key] == STAGED.c.local_id,
    )
    rows = fetch(connection, sa.select(layout.known).join(STAGED, same), layout.known_schema)
    return rows.sort("unit", layout.key, "version")


def _left(layout: Layout, rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """What is left of the versions, with `version` and `known_to` anew."""
    mine = pl.col("person_key").is_in(keys).fill_null(value=False)
    if layout.record_type is RECIPIENT:
        events = rows.filter(~mine)
    else:
        content = [name for name in layout.schema if name not in (*_NOBODYS, "version", layout.key)]
        emptied = [pl.when(~mine).then(pl.col(name)).alias(name) for name in content]
        events = rows.with_columns(*emptied, deleted=pl.col("deleted") | mine)
    stored = rows.clear().select("unit", layout.key, "version", "fingerprint", "known_from")
    # By their numbers: two versions have the same message when it was read anew (`registry.reprocessing`).
    events = events.with_columns(message="position", position="version").drop("version", "known_to", "newest")
    new = build_versions(stored, events, layout.key).new
    return new.with_columns(position="message").drop("message")


def _write(connection: Connection, layout: Layout, before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Put the versions in the place of those that stand."""
    stage(connection, before.select("municipality", "unit", local_id=layout.key).unique())
    staged = sa.select(STAGED.c.municipality, STAGED.c.unit, STAGED.c.local_id)
    for table in (layout.current, layout.history):
        key = sa.tuple_(table.c.municipality, table.c.unit, table.c[layout.key])
        connection.execute(sa.delete(table).where(key.in_(staged)))
    columns, newest = list(layout.schema), pl.col("known_to").is_null()
    insert(connection, layout.current, after.filter(newest).select(columns))
    insert(connection, layout.history, after.filter(~newest).select(*columns, "known_to"))


def _count_anew(connection: Connection, positions: Sequence[int]) -> None:
    """The journal's counts of these messages: what is left of the versions that they made."""
    for begin in range(0, len(positions), _AT_A_TIME):
        some = positions[begin : begin + _AT_A_TIME]
        counts = dict.fromkeys(some, (0, 0))
        for row in connection.execute(_made_by(some)):
            counts[row.position] = (row.changed, row.gone)
        change = sa.update(INGESTED).where(INGESTED.c.position == sa.bindparam("at"))
        change = change.values(changed=sa.bindparam("c"), deleted=sa.bindparam("d"))
        connection.execute(change, [{"at": at, "c": c, "d": d} for at, (c, d) in counts.items()])


def _made_by(positions: Sequence[int]) -> Query:
    views = (LAYOUTS[kind.name].known.c for kind in ROOTS)
    made = sa.union_all(
        *(sa.select(view.position, view.deleted).where(view.position.in_(positions)) for view in views)
    ).subquery()
    gone = sa.func.sum(sa.cast(made.c.deleted, sa.Integer))
    return sa.select(made.c.position, (sa.func.count() - gone).label("changed"), gone.label("gone")).group_by(
        made.c.position
    )
