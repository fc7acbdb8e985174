"""First-time acceptance: how much of what was sent was accepted at the first try, by unit or by the program that sent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from ktt.messages.deliveries import Deliveries
from ktt.registry.coverage.software import with_software


def of_unit(told: Deliveries, unit: str | None) -> Deliveries:
    """What was accepted and rejected of one unit alone; None is every unit."""
    if unit is None:
        return told
    own = pl.col("unit") == unit
    return replace(told, accepted=told.accepted.filter(own), rejected=told.rejected.filter(own))


def first_tries(told: Deliveries, by: Sequence[str]) -> pl.DataFrame:
    """For each `by` (`unit`, or columns of `with_software`), the lowest share first.

    `accepted` messages, of which `retried` were rejected before; messages `standing` that were not accepted yet; `tries`
    that were rejected; the `share` accepted at the first try; the `code` of most rejected tries.
    """
    accepted = (
        with_software(told.accepted)
        .group_by(by)
        .agg(pl.col("messages").sum().alias("accepted"), units=pl.col("unit").n_unique().cast(pl.Int64))
    )
    rejected = with_software(told.rejected)
    tries = rejected.group_by(by).agg(
        retried=(~pl.col("stands")).sum().cast(pl.Int64),
        standing=pl.col("stands").sum().cast(pl.Int64),
        tries=pl.col("times").sum(),
    )
    codes = rejected.group_by(*by, "code").agg(pl.col("times").sum()).sort("times", "code", descending=[True, False])
    worst = codes.group_by(by, maintain_order=True).first().select(*by, "code")
    both = accepted.join(tries, on=by, how="full", coalesce=True).join(worst, on=by, how="left")
    counts = ("units", "accepted", "retried", "standing", "tries")
    both = both.with_columns(pl.col(*counts).fill_null(0))
    sent, at_once = pl.col("accepted") + pl.col("standing"), pl.col("accepted") - pl.col("retried")
    share = pl.when(sent > 0).then(pl.max_horizontal(at_once, 0) / sent)
    return both.with_columns(share=share).select(*by, *counts, "share", "code").sort("share", *by)
