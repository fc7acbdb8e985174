"""Whether what a rejected message says has been corrected in the record system since."""

from __future__ import annotations

import polars as pl

from ktt.sender.outbox.manifest import Manifest

_NOW = "_now"  # no snapshot column ends like this


def is_corrected(said: Manifest, present: pl.DataFrame, held: pl.Series) -> bool:
    """Whether a message made today would say something else of the records of one type.

    `said` is what the rejected message says of them, `present` the extract's `local_id` and `fingerprint`, `held` the
    ids that are held: they would not be sent. Records that the message does not have do not count, however they change.
    """
    now = present.select("local_id", pl.col("fingerprint").alias("fingerprint" + _NOW))
    frame = said.frame()
    sent, withdrawn = (frame.filter(condition) for condition in (_is_sent(), ~_is_sent()))
    differs = sent.join(now, on="local_id", how="left").filter(
        pl.col("fingerprint").ne_missing(pl.col("fingerprint" + _NOW))
    )
    there = pl.col("local_id").is_in(present["local_id"].implode()) | pl.col("local_id").is_in(held.implode())
    return not differs.is_empty() or not withdrawn.filter(there).is_empty()


def _is_sent() -> pl.Expr:
    return pl.col("fingerprint").is_not_null()
