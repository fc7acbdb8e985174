"""How what a registry holds of a unit differs from what the stored messages say when they are read anew.

A record is what its newest message says. When that message is stored it is what the new reading makes of it, and nothing
when the new reading does not find the record in it. When it is gone only a later message that is stored can tell, so what
only gone messages told stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.registry.columns import fetch
from ktt.registry.tables import LAYOUTS, Layout


class UnitMovedOn(Exception):
    """Messages of the unit were ingested after the stored ones were read anew."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Of one unit: by record type, rows of the current table with `kind` (new, changed, gone) and without a version."""

    unit: str
    rows: dict[str, pl.DataFrame] = field(repr=False)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records of each type come, change and go."""
        return {
            name: {str(kind): count for kind, count in frame["kind"].value_counts().sort("kind").iter_rows()}
            for name, frame in self.rows.items()
        }


def differences(held: Connection, anew: Connection, unit: str, stored: pl.Series) -> Differences:
    """What differs. `stored` are the positions of the messages that were read anew."""
    found = {name: _of_type(held, anew, layout, unit, stored) for name, layout in LAYOUTS.items()}
    return Differences(unit, {name: rows for name, rows in found.items() if not rows.is_empty()})


def _of_type(held: Connection, anew: Connection, layout: Layout, unit: str, stored: pl.Series) -> pl.DataFrame:
    key = layout.key
    names = ("municipality", key, "fingerprint", "position")
    query = sa.select(*(layout.current.c[name] for name in names)).where(layout.current.c.unit == unit)
    before = fetch(held, query, {name: layout.schema[name] for name in names})
    now = _rows(anew, layout, unit)
    both = before.join(now.select(names), on=key, how="full", suffix="_now", coalesce=True)
    was, is_, at, at_now = (pl.col(n) for n in ("fingerprint", "fingerprint_now", "position", "position_now"))
    kept = at.is_null() | at.is_in(stored.implode()) | (at_now > at)
    kind = (
        pl.when(was.is_null()).then(pl.lit("new")).when(is_.is_null()).then(pl.lit("gone")).otherwise(pl.lit("changed"))
    )
    # The newest message that says so: the one that stands may only have said the same again.
    placed = both.filter(was.ne_missing(is_), kept).select(
        key, kind=kind, place=pl.max_horizontal(at, at_now), town=pl.coalesce("municipality", "municipality_now")
    )
    if layout.record_type is RECIPIENT:  # whom nothing is told of any more is a person all the same
        placed = placed.filter(pl.col("kind") != "gone")
    rows = placed.join(now, on=key, how="left", maintain_order="left")
    gone = pl.col("kind") == "gone"
    return rows.with_columns(municipality="town", unit=pl.lit(unit), position="place", deleted=gone).select(
        *(name for name in layout.schema if name not in {"version", "known_from"}), "kind"
    )


def _rows(anew: Connection, layout: Layout, unit: str) -> pl.DataFrame:
    return fetch(anew, sa.select(layout.current).where(layout.current.c.unit == unit), layout.schema)


def versions_of(connection: Connection, layout: Layout, unit: str) -> pl.DataFrame:
    """Every version of the unit's records: what tells whether its past is the same."""
    known, names = layout.known.c, (layout.key, "version", "fingerprint", "position")
    query = sa.select(*(known[name] for name in names)).where(known.unit == unit)
    return fetch(connection, query, {name: layout.schema[name] for name in names}).sort(layout.key, "version")
