"""What the registry was told of the wrong person, or otherwise wrongly: which records are deleted there and sent anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, RECIPIENT, ROOTS, frame_of
from ktt.sender.extract.extract import Extract
from ktt.sender.sender import Sender


@dataclass(frozen=True, slots=True)
class Correction:
    """Local ids by record type that the registry has, and how many of them the record system now has to send."""

    ids: Mapping[str, Sequence[str]]
    present: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many records are deleted at the registry."""
        return sum(map(len, self.ids.values()))


def find_correction(
    sender: Sender, on: dt.date, persons: Collection[str], ids: Mapping[str, Sequence[str]]
) -> Correction:
    """The accepted records of these persons (local ids) and with these ids, and the services of the decisions among them.

    Whose a record is, is what the record system says now: the registry's side is known by id alone. An id that is named is
    in the correction whether the registry has it or not, so that the store can refuse it.
    """
    extract = sender.source.read(sender.unit, on, sender.environment)
    everything = _all_of(extract)
    chosen = {kind.name: set(ids.get(kind.name, ())) for kind in ROOTS}
    for kind in ROOTS:
        known = set(sender.outbox.snapshot(sender.unit, kind.name)["local_id"])
        frame = everything[kind.name]
        wanted = pl.col(RECIPIENT.key).is_in(list(persons))
        if kind is CARE_SERVICE:
            wanted |= pl.col(DECISION.key).is_in(list(chosen[DECISION.name]))
        chosen[kind.name] |= set(frame.filter(wanted)[kind.key]) & known
    sent = {
        kind.name: int(frame_of(extract.records, kind)[kind.key].is_in(list(chosen[kind.name])).sum()) for kind in ROOTS
    }
    return Correction({name: sorted(some) for name, some in chosen.items() if some}, sent)


def _all_of(extract: Extract) -> dict[str, pl.DataFrame]:
    """What could be read of each root type, held or not."""
    parts = (extract.records, extract.held_records)
    return {kind.name: pl.concat([frame_of(one, kind) for one in parts], how="diagonal") for kind in ROOTS}
