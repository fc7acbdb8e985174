"""Several messages decoded together: one frame for each record type, whose rows tell which message and unit they are of.

Making a frame costs the same whether it has eight rows or eight thousand, so a thousand small messages are decoded a
hundred times as fast together as one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit

BATCH = "batch"
"""The column that numbers the batches: what one message says about one unit."""


@dataclass(frozen=True, slots=True)
class ParsedJson:
    """A message as it came, and its typed value."""

    text: bytes = field(repr=False)
    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnitBatch:
    """What one message says about one reporting unit. `deletions` are ids by record type, and take effect first.

    `complete` has, for each record type inside another, the key of that one and its ids: of the inner records that refer
    to these, there are no others than those in `records`. `places` are JSON pointers of each frame's rows, if asked for.
    """

    unit: ReportingUnit
    deletions: Mapping[str, tuple[str, ...]]
    records: Records = field(repr=False)
    complete: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    places: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class DecodedMessages:
    """The content of several messages of one version. `batches` has the message's number and the unit of each batch.

    `records` are canonical frames by record type, `deletions` frames with the ids withdrawn, `complete` has for each
    record type inside another the key of that one and a frame with the ids (`local_id`) that have all of theirs; see
    `UnitBatch`. `places` are JSON pointers, if asked for. Every frame has `batch`, and its rows are in the order of the
    messages as far as they come from the same place in them.
    """

    batches: Sequence[tuple[int, ReportingUnit]]
    records: Mapping[str, pl.DataFrame] = field(repr=False)
    deletions: Mapping[str, pl.DataFrame] = field(repr=False)
    complete: Mapping[str, tuple[str, pl.DataFrame]] = field(repr=False)
    places: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    def split(self) -> list[UnitBatch]:
        """Each batch by itself."""
        return [self._batch(nth, unit) for nth, (_, unit) in enumerate(self.batches)]

    def _batch(self, nth: int, unit: ReportingUnit) -> UnitBatch:
        gone = {name: tuple(self._of(nth, frame).to_series()) for name, frame in self.deletions.items()}
        return UnitBatch(
            unit=unit,
            deletions={name: ids for name, ids in gone.items() if ids},
            records={name: self._of(nth, frame) for name, frame in self.records.items()},
            complete={
                inner: (outer, tuple(self._of(nth, ids).to_series())) for inner, (outer, ids) in self.complete.items()
            },
            places={name: self._of(nth, frame).to_series() for name, frame in self.places.items()},
        )

    def _of(self, nth: int, frame: pl.DataFrame) -> pl.DataFrame:
        mine = frame if len(self.batches) == 1 else frame.filter(pl.col(BATCH) == nth)
        return mine.drop(BATCH)
