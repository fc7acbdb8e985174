"""What a message changes in the snapshot: a frame of `local_id` and `fingerprint`, empty fingerprint for a deletion."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import polars as pl

SNAPSHOT_SCHEMA = {"local_id": pl.String(), "fingerprint": pl.String()}


def manifest(upserts: pl.DataFrame, deletions: Sequence[str]) -> pl.DataFrame:
    """One row an id. Deletions take effect before the records (ktt-messages § 7.4), so a record wins over its deletion."""
    gone = pl.DataFrame({"local_id": list(deletions)}, schema={"local_id": pl.String()})
    kept = upserts.select(*SNAPSHOT_SCHEMA)
    return pl.concat([gone.join(kept, on="local_id", how="anti"), kept], how="diagonal").select(*SNAPSHOT_SCHEMA)


def pack(frame: pl.DataFrame) -> bytes:
    """The manifest as compressed bytes."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def unpack(packed: bytes) -> pl.DataFrame:
    """Read back what `pack` wrote."""
    return pl.read_ipc(io.BytesIO(packed))


def fold(snapshot: pl.DataFrame, manifests: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The snapshot after these manifests, in order: the last word about an id counts."""
    layers = [snapshot, *manifests]
    if len(layers) == 1:
        return snapshot
    last = pl.concat(layers).unique("local_id", keep="last", maintain_order=True)
    return last.filter(pl.col("fingerprint").is_not_null())
