"""What a message changes in the snapshot when it is accepted."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import orjson
import polars as pl

from ktt.sender.delta.planned_message import PlannedMessage

SNAPSHOT_SCHEMA = {"local_id": pl.String(), "fingerprint": pl.String()}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The ids that are deleted, and the ids that get a fingerprint. Lists, since making a frame of two rows costs 0.3 ms.

    No id is in both: deletions take effect before the records (messages § 7.4), so a record outlives its deletion.
    """

    deletions: list[str]
    local_ids: list[str]
    fingerprints: list[str]

    @classmethod
    def of(cls, message: PlannedMessage) -> Self:
        """The manifest of a planned message."""
        deletions = [local_id for local_id in message.deletions if local_id not in message.upserts]
        return cls(deletions, list(message.upserts), list(message.upserts.values()))

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read back what `pack` wrote."""
        return cls(*orjson.loads(zlib.decompress(packed)))

    def pack(self) -> bytes:
        """The manifest as compressed bytes."""
        return zlib.compress(orjson.dumps([self.deletions, self.local_ids, self.fingerprints]), 1)

    def frame(self) -> pl.DataFrame:
        """One row an id; the fingerprint is empty where the id is deleted."""
        changes = {
            "local_id": self.deletions + self.local_ids,
            "fingerprint": [None] * len(self.deletions) + self.fingerprints,
        }
        return pl.DataFrame(changes, schema=SNAPSHOT_SCHEMA)


def fold(snapshot: pl.DataFrame, manifests: Sequence[Manifest]) -> pl.DataFrame:
    """The snapshot after these manifests in order: for each id the last of them counts."""
    if not manifests:
        return snapshot
    layers = [snapshot, *(manifest.frame() for manifest in manifests)]
    last = pl.concat(layers).unique("local_id", keep="last", maintain_order=True)
    return last.filter(pl.col("fingerprint").is_not_null())
