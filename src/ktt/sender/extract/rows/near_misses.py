"""Rows that find no row in another table, but would if their keys were written alike: the silent way to lose them."""

from __future__ import annotations

import polars as pl

from ktt.sender.extract.mapping.model import Lookup
from ktt.sender.extract.mapping.values.template import filled

_GUID = r"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"


def near_misses(rows: pl.DataFrame, other: pl.DataFrame, lookup: Lookup) -> int:
    """How many of these rows, which all lack a row in the other table, have one when the keys are read loosely."""
    keys = [f"key {number}" for number in range(len(lookup.on))]
    here = rows.select(_loosely(column).alias(key) for key, column in zip(keys, lookup.on.values(), strict=True))
    there = other.select(_loosely(column).alias(key) for key, column in zip(keys, lookup.on, strict=True))
    return here.join(there.unique(), on=keys, how="semi").height


def _loosely(column: str) -> pl.Expr:
    """A key without what one system writes and another does not: capitals, blanks, braces, a GUID's dashes, noughts in front."""
    text = filled(column).str.to_lowercase().str.replace_all(r"[\s{}]", "").str.replace(r"^0+([0-9]+)$", "$1")
    return pl.when(text.str.contains(_GUID)).then(text.str.replace_all("-", "", literal=True)).otherwise(text)
