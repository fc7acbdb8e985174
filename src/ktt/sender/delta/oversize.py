"""Records that are larger than a message may be, found before anything is planned, so that they alone are kept back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ktt.domain.records import RECIPIENT, Records, frame_of, subset
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.sender.delta.batches import Limits, fits

_ROW = 4_000
"""Bytes of JSON that no row needs around its texts: names, numbers, days and instants of some 25 fields."""

_ESCAPED = 6
"""Bytes that one byte of text can become in JSON: a control character is written as six."""

_BLOCK = 10_000
"""Records weighed at a time, when they must be."""


def oversize(
    records: Records, versions: Sequence[MessageVersion], unit: ReportingUnit, limits: Limits
) -> Iterator[tuple[RecordType, pl.Series]]:
    """Per root type with any, the ids of records that no message of that size can hold, sorted.

    Mostly no record can come near, and a look at the longest texts and lists tells; only else each one is weighed.
    """
    for version in versions:
        kind = version.record_type
        if not fits(most(records, kind), limits):
            heavy = _weighed(records, version, unit, limits)
            if not heavy.is_empty():
                yield kind, heavy


def _weighed(records: Records, version: MessageVersion, unit: ReportingUnit, limits: Limits) -> pl.Series:
    kind = version.record_type
    heavy: list[str] = []
    for block in frame_of(records, kind)[kind.key].to_frame().iter_slices(_BLOCK):
        encoded = version.encode(unit, subset(records, kind, block[kind.key]))
        heavy += [record.local_id for record in encoded if not fits(len(record.json), limits)]
    return pl.Series(sorted(heavy), dtype=pl.String)


def most(records: Records, kind: RecordType) -> int:
    """Bytes that no record of the type exceeds."""
    parts = [part for part in kind.parts if not part.source_only]
    own = _widest(frame_of(records, kind)) + _widest(frame_of(records, RECIPIENT))
    return own + sum(_longest(frame_of(records, part), kind.key) * _widest(frame_of(records, part)) for part in parts)


def _longest(frame: pl.DataFrame, parent: str) -> int:
    most = frame.group_by(parent).len()["len"].max()
    return most if isinstance(most, int) else 0


def _widest(frame: pl.DataFrame) -> int:
    texts = frame.select(pl.selectors.string().str.len_bytes().max())
    return _ROW + _ESCAPED * sum(size or 0 for size in (texts.row(0) if texts.width else ()))
