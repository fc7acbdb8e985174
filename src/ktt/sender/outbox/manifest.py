"""What a message changes in the snapshot when it is accepted."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self

import orjson
import polars as pl

from ktt.sender.delta.planned_message import PlannedMessage

SNAPSHOT_SCHEMA = {"local_id": pl.String(), "fingerprint": pl.String()}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of one record type, the ids that are deleted, and the ids that get a fingerprint.

    Lists, since making a frame of two rows costs 0.3 ms; in the order of their ids, in which the snapshot's index takes
    them in two thirds of the time. No id is in both: deletions take effect before the records
    (messages § 7.4), so a record outlives its deletion.
    """

    deletions: list[str]
    local_ids: list[str]
    fingerprints: list[str]

    @classmethod
    def of(cls, message: PlannedMessage, record_type: str) -> Self:
        """What a planned message changes of one type."""
        upserts = message.upserts.get(record_type, {})
        deletions = [local_id for local_id in message.deletions.get(record_type, ()) if local_id not in upserts]
        local_ids = sorted(upserts)
        return cls(deletions, local_ids, [upserts[local_id] for local_id in local_ids])

    def frame(self) -> pl.DataFrame:
        """One row an id; the fingerprint is empty where the id is deleted."""
        changes = {
            "local_id": self.deletions + self.local_ids,
            "fingerprint": [None] * len(self.deletions) + self.fingerprints,
        }
        return pl.DataFrame(changes, schema=SNAPSHOT_SCHEMA)


def pack(message: PlannedMessage) -> bytes:
    """The manifests of a message by record type, as compressed bytes."""
    manifests = {name: Manifest.of(message, name) for name in message.record_types}
    return zlib.compress(orjson.dumps({name: astuple(one) for name, one in manifests.items()}), 1)


def unpack(packed: bytes, record_type: str) -> dict[str, Manifest]:
    """Read back what `pack` wrote. Before there were several types in a message, it wrote that of its one type alone."""
    found = orjson.loads(zlib.decompress(packed))
    return {name: Manifest(*one) for name, one in (found if isinstance(found, dict) else {record_type: found}).items()}


def fold(snapshot: pl.DataFrame, manifests: Sequence[Manifest]) -> pl.DataFrame:
    """The snapshot after these manifests in order: for each id the last of them counts."""
    if not manifests:
        return snapshot
    layers = [snapshot, *(manifest.frame() for manifest in manifests)]
    last = pl.concat(layers).unique("local_id", keep="last", maintain_order=True)
    return last.filter(pl.col("fingerprint").is_not_null())
