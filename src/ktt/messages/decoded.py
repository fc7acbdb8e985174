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
        records, deletions, places = (
            {name: self._parts(frame) for name, frame in frames.items()}
            for frames in (self.records, self.deletions, self.places)
        )
        complete = {inner: (outer, self._parts(ids)) for inner, (outer, ids) in self.complete.items()}
        return [
            UnitBatch(
                unit=unit,
                deletions={name: _texts(parts[nth]) for name, parts in deletions.items() if not parts[nth].is_empty()},
                records={name: parts[nth] for name, parts in records.items()},
                complete={inner: (outer, _texts(parts[nth])) for inner, (outer, parts) in complete.items()},
                places={name: parts[nth].to_series() for name, parts in places.items()},
            )
            for nth, (_, unit) in enumerate(self.batches)
        ]

    def _parts(self, frame: pl.DataFrame) -> list[pl.DataFrame]:
        """The frame's rows of each batch, without its number."""
        if len(self.batches) == 1:
            return [frame.drop(BATCH)]
        none = frame.clear().drop(BATCH)
        found = frame.partition_by(BATCH, maintain_order=True, include_key=False, as_dict=True)
        return [found.get((nth,), none) for nth in range(len(self.batches))]


def _texts(frame: pl.DataFrame) -> tuple[str, ...]:
    return tuple(frame.to_series())
