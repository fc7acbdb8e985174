"""Service types with the obligation matrix, and what follows from it for rules."""

from __future__ import annotations

from functools import cache

import polars as pl

from ktt.domain.codes import code_frame, obligations
from ktt.domain.codes.lists import LAST_DAY
from ktt.domain.codes.service_types import NEEDS

ASSESSED = ("1", "2", "3", "4", "7", "8", "9", "11", "15", "17", "18", "19", "20", "21", "22")
"""Types whose recipients should have a valid assessment (domain § 4.2)."""


@cache
def service_type_frame() -> pl.DataFrame:
    """One row per service type: the `needs_…` columns, `provider`, `needs_assessment`, `asks_for_nothing`, validity."""
    validity = code_frame("9151").select(pl.col("code").alias("service_type"), "valid_from", "valid_to")
    return (
        obligations()
        .join(validity, on="service_type")
        .with_columns(
            needs_assessment=pl.col("service_type").is_in(list(ASSESSED)),
            # A type that has ended has no row in the matrix: that says nothing of whether it needed a decision.
            asks_for_nothing=~pl.any_horizontal(*NEEDS) & (pl.col("valid_to") == pl.lit(LAST_DAY)),
        )
    )
