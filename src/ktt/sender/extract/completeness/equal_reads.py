"""Two readings with a pause between: a source that an export is still filling is not the same twice."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.sender.extract.completeness.errors import ReadsDiffer
from ktt.sender.extract.rows.row_filter import KeptRows

Digests = Mapping[str, pl.Series]


def digests(tables: Mapping[str, KeptRows]) -> dict[str, pl.Series]:
    """What all the rows of each table were, in 8 bytes a row and in whatever order they came."""
    return {name: table.digest for name, table in tables.items()}


def prove_equal(first: Digests, second: Digests) -> None:
    """Both readings must have had the same rows."""
    for name, rows in first.items():
        if not rows.equals(second[name]):
            raise ReadsDiffer(table=f"«{name}»", first=len(rows), second=len(second[name]))
