"""The messages read anew into a registry of their own: every version must come out as the one that is there."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.messages.contract import AcceptedMessage, Inbox
from ktt.registry.columns import fetch
from ktt.registry.registry import Registry
from ktt.registry.tables import INGESTED_UNIT, LAYOUTS, Layout
from ktt.registry.verification.inconsistency import Inconsistency, Verification
from ktt.registry.verification.versions import SHOWN

_COMPARED = ("municipality", "unit", "fingerprint", "deleted", "position", "known_from", "version", "known_to")


class KeptMessages:
    """Of an inbox, the messages that were ingested. What waits is left out, and what came since."""

    def __init__(self, inbox: Inbox, ingested: set[int]) -> None:
        self._inbox, self._ingested = inbox, ingested
        self.seen: set[int] = set()

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        """See `messages.contract.Inbox`."""
        while page := self._inbox.after(position, limit):
            kept = [message for message in page if message.position in self._ingested]
            self.seen |= {message.position for message in kept}
            if kept:
                return kept
            position = page[-1].position
        return []


def judge_recomputed(connection: Connection, anew: Registry, inbox: Inbox, into: Verification) -> None:
    """Ingest what is kept of the messages into `anew`, and compare. Units that miss a message are counted, not compared."""
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
    with anew.reading() as again:
        for layout in LAYOUTS.values():
            held, made = (_versions(one, layout).join(left_out, on="unit", how="anti") for one in (connection, again))
            _compare(layout, held, made, into)


def _compare(layout: Layout, held: pl.DataFrame, made: pl.DataFrame, into: Verification) -> None:
    on = held.columns
    differ = pl.concat(
        [one.join(other, on=on, how="anti", nulls_equal=True) for one, other in ((held, made), (made, held))]
    )
    place = ["unit", layout.key, "version"]
    rows = differ.unique(place, keep="first", maintain_order=True).sort(place)
    found = rows.head(SHOWN).select(*place, "position").rows()
    into.add("recomputed", [Inconsistency("recomputed", layout.record_type.name, *one) for one in found], rows.height)


def _versions(connection: Connection, layout: Layout) -> pl.DataFrame:
    names = (layout.key, *_COMPARED)
    query = sa.select(*(layout.known.c[name] for name in names))
    return fetch(connection, query, {name: layout.known_schema[name] for name in names})
