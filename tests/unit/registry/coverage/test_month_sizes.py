"""What the month matrix says of municipalities of every size: no gap where nothing is missing, and the planted ones found."""

from __future__ import annotations

from random import Random

import polars as pl
import pytest

from ktt.registry.coverage.months import UNIT_MONTH, Told, ended_months, matrix, years
from support.month_counts import ON, SEEDS, SIZES, counts

MONTHS = ended_months(ON)
EVERY = 10  # plantings of each municipality


def gaps(given):
    heard = given.select("unit").unique().with_columns(month=pl.lit(f"{ON:%Y-%m}"))
    return matrix(given, ON, Told(heard=heard)).filter(pl.col("state") != "complete")


def planted(given, width, number, kind=None):
    """The same without some months of each municipality (of one type), and which those are."""
    rng = Random(f"{width} {number}")
    rows = []
    for unit in sorted(set(given["unit"])):
        first = rng.randrange(6, len(MONTHS) - 2 - width)
        rows += [(unit, month) for month in MONTHS[first : first + width]]
    missing = pl.DataFrame(rows, schema=UNIT_MONTH, orient="row")
    of_type = given if kind is None else given.filter(record_type=kind)
    return given.join(of_type.join(missing, on=["unit", "month"]), on=given.columns, how="anti"), missing


@pytest.mark.parametrize("size", SIZES)
def test_who_lacks_nothing_has_no_gap(size):
    given = counts(size)
    found = gaps(given)
    assert set(given["unit"]) == {f"{size}-{seed}" for seed in range(SEEDS)}
    assert found.height <= 0.01 * SEEDS * len(MONTHS)
    assert years(matrix(given, ON, Told())).filter(pl.col("complete") == 0, pl.col("months") == 12).is_empty()


FOUND = {
    "two months at thirty recipients": (30, 2, None, 0.9),
    "a quarter at thirty recipients": (30, 3, None, 0.99),
    "a year at thirty recipients": (30, 12, None, 0.97),
    "a year of one type at thirty recipients": (30, 12, "care_service", 0.85),
    "a month": (400, 1, None, 1.0),
    "a month of one type in a large municipality": (5000, 1, "care_service", 1.0),
    "a month of a rare type in a large municipality": (5000, 1, "diagnosis", 1.0),
    "a quarter of one type": (400, 3, "care_service", 1.0),
    "half a year of a rare type": (400, 6, "diagnosis", 0.99),
    "a year at five recipients, more often than not": (5, 12, None, 0.6),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_gap_is_found_and_its_neighbours_are_left_alone(name):
    size, width, kind, share = FOUND[name]
    seen = beside = 0
    for number in range(EVERY):
        given, missing = planted(counts(size), width, number, kind)
        found = gaps(given)
        seen += found.join(missing, on=["unit", "month"], how="semi").height
        beside += found.join(missing, on=["unit", "month"], how="anti").height
    assert seen >= share * EVERY * SEEDS * width
    assert beside <= 0.01 * EVERY * SEEDS * len(MONTHS)
