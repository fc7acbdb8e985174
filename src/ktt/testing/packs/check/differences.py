"""What was read against what was written: rows and columns that are not the same, counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ktt.domain.records import ALL_TYPES, Records, frame_of
from ktt.domain.schema import RecordType
from ktt.testing.packs.check.carried import Columns

_NTH = "_nth"


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one type that are not there again, or have another value in a column; `column` is empty for whole rows."""

    record_type: str
    column: str
    rows: int
    of: int


def differences(written: Records, read: Records, columns: Columns) -> Iterator[Difference]:
    """Every difference in the columns that a message carries."""
    for name, carried in columns.items():
        if name in ALL_TYPES:
            yield from _of_type(ALL_TYPES[name], written, read, carried)


def _of_type(kind: RecordType, written: Records, read: Records, carried: frozenset[str]) -> Iterator[Difference]:
    names = [name for name in kind.schema if name in carried]
    by = [name for name in _identity(kind) if name in carried]
    before, after = (_numbered(frame_of(records, kind).select(names), by) for records in (written, read))
    keys = [*by, _NTH]
    lost = before.join(after, on=keys, how="anti", nulls_equal=True).height
    more = after.join(before, on=keys, how="anti", nulls_equal=True).height
    if lost or more:
        yield Difference(kind.name, "", max(lost, more), before.height)
    both = before.join(after, on=keys, how="inner", nulls_equal=True, suffix="_read")
    for name in names:
        if name not in by and (count := both.select(pl.col(name).ne_missing(pl.col(f"{name}_read")).sum()).item()):
            yield Difference(kind.name, name, count, before.height)


def _identity(kind: RecordType) -> tuple[str, ...]:
    """What tells the rows of a type apart."""
    return (kind.key,) if kind.parent_key is None else (kind.parent_key, *kind.order)


def _numbered(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Rows that are alike in what tells them apart, by number in an order of their own."""
    order = frame.sort(frame.columns, nulls_last=True)
    return order.with_columns(pl.int_range(pl.len()).over(by).alias(_NTH) if by else pl.int_range(pl.len()).alias(_NTH))
