"""The messages read anew into a registry of their own: every version must come out as the one that is there."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.messages.contract import Inbox
from ktt.registry.columns import fetch
from ktt.registry.kept_messages import KeptMessages
from ktt.registry.registry import Registry
from ktt.registry.tables import INGESTED_UNIT, LAYOUTS, REPROCESSING, Layout
from ktt.registry.verification.inconsistency import Inconsistency, Verification
from ktt.registry.verification.versions import SHOWN

_COMPARED = ("municipality", "unit", "fingerprint", "deleted", "position", "known_from", "version", "known_to")


def judge_recomputed(connection: Connection, anew: Registry, inbox: Inbox, into: Verification) -> None:
    """Ingest what is kept of the messages into `anew`, and compare. Units that miss a message are counted, not compared.

    Of a unit whose messages were reprocessed only what is current is compared: its past was read in another way.
    """
    about = pl.DataFrame(
        [tuple(row) for row in connection.execute(sa.select(INGESTED_UNIT.c.unit, INGESTED_UNIT.c.position))],
        schema={"unit": pl.String, "position": pl.Int64},
        orient="row",
    )
    kept = KeptMessages(inbox, set(about["position"].to_list()))
    anew.ingest(kept)
    lost = about.filter(~pl.col("position").is_in(kept.seen))["unit"]
    left_out = pl.Series("unit", sorted({*lost, *(one.unit for one in anew.held())}), pl.String).to_frame()
    into.not_kept = left_out.height
    into.recomputed = about["unit"].n_unique() - left_out.height
    reprocessed = pl.Series("unit", connection.scalars(sa.select(REPROCESSING.c.unit).distinct()).all(), pl.String)
    with anew.reading() as again:
        for layout in LAYOUTS.values():
            both = [_versions(one, layout).join(left_out, on="unit", how="anti") for one in (connection, again)]
            often = pl.col("unit").is_in(reprocessed.implode())
            held, made = (one.filter(~often).drop("newest") for one in both)
            _compare(layout, held, made, into)
            held, made = (_current(layout, one.filter(often)) for one in both)
            if layout.record_type is RECIPIENT:  # whom nothing is told of any more stays
                held = held.join(made, on=["unit", layout.key], how="semi")
            _compare(layout, held, made, into)


def _compare(layout: Layout, held: pl.DataFrame, made: pl.DataFrame, into: Verification) -> None:
    on = held.columns
    differ = pl.concat(
        [one.join(other, on=on, how="anti", nulls_equal=True) for one, other in ((held, made), (made, held))]
    )
    place = ["unit", layout.key, *(name for name in ("version",) if name in on)]
    rows = differ.unique(place, keep="first", maintain_order=True).sort(place)
    found = rows.head(SHOWN).select(*place, *(name for name in ("position",) if name in on)).rows()
    into.add("recomputed", [Inconsistency("recomputed", layout.record_type.name, *one) for one in found], rows.height)


def _current(layout: Layout, versions: pl.DataFrame) -> pl.DataFrame:
    """The current rows, without when they came."""
    standing = versions.filter("newest", ~pl.col("deleted"))
    return standing.select("municipality", "unit", layout.key, "fingerprint")


def _versions(connection: Connection, layout: Layout) -> pl.DataFrame:
    names = (layout.key, *_COMPARED, "newest")
    query = sa.select(*(layout.known.c[name] for name in names))
    return fetch(connection, query, {name: layout.known_schema[name] for name in names})
