"""The month of the initial load in which a record is sent (messages § 7.5)."""

from __future__ import annotations

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, Records, frame_of
from ktt.domain.schema import RecordType
from ktt.sender.thresholds import OPENING

_EARLIEST = "earliest service"


def with_month(record_type: RecordType, frame: pl.DataFrame, records: Records) -> pl.DataFrame:
    """The frame (`local_id`, `own_date` …) with `period`, the month as `2017-01`.

    A decision is sent no later than the first service that refers to it, so that a parent is there before its child.
    """
    day = pl.col("own_date")
    if record_type is DECISION:
        services = (
            frame_of(records, CARE_SERVICE).group_by("decision_id").agg(pl.col("starts_on").min().alias(_EARLIEST))
        )
        frame = frame.join(services, left_on="local_id", right_on="decision_id", how="left", maintain_order="left")
        day = pl.min_horizontal("own_date", _EARLIEST)
    month = pl.max_horizontal(day, pl.lit(OPENING)).dt.strftime("%Y-%m")
    return frame.select("local_id", "fingerprint", "own_date", month.alias("period"))
