"""Where a person lived on each record's own date, given only where it differs from the reporting unit."""

from __future__ import annotations

import polars as pl

from ktt.domain.records import own_date
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit

_ON, _PLACE = "own date", "row"


def with_home(
    record_type: RecordType, frame: pl.DataFrame, residence: pl.DataFrame, unit: ReportingUnit
) -> pl.DataFrame:
    """The frame with `home_municipality` and `home_district` as of each record's own date.

    The municipality is empty when it is the unit's own, the district when it is the unit's own too; both are empty
    where the residence is not known (messages § 4.1, `bostedKommuneNr` and `bostedBydelNr`).
    """
    if frame.is_empty() or residence.is_empty():
        return frame
    homes = residence.select("local_person_id", "starts_on", "ends_on", "municipality", "district").sort("starts_on")
    dated = frame.select("local_person_id", own_date(record_type).alias(_ON)).with_row_index(_PLACE)
    lived = (
        dated.drop_nulls()
        .sort(_ON)
        .join_asof(homes, left_on=_ON, right_on="starts_on", by="local_person_id", check_sortedness=False)
        .filter(pl.col("ends_on").is_null() | (pl.col("ends_on") >= pl.col(_ON)))
    )
    at_home = pl.col("municipality") == unit.municipality
    own_district = pl.lit(unit.district, pl.String)
    differing = lived.select(
        _PLACE,
        home_municipality=pl.when(~at_home).then("municipality"),
        home_district=pl.when(~at_home | pl.col("district").ne_missing(own_district)).then("district"),
    )
    placed = dated.select(_PLACE).join(differing, on=_PLACE, how="left", maintain_order="left")
    return frame.with_columns(placed["home_municipality"], placed["home_district"])
