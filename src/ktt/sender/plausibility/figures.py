"""What one run saw of a unit, in numbers that tell nothing of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from ktt.core.clock import OSLO
from ktt.domain.records import CARE_SERVICE, RECIPIENT, ROOTS, Records

if TYPE_CHECKING:  # they take half a second to import, and whoever looks at a store needs neither
    from ktt.sender.delta.compare import Changes
    from ktt.sender.extract.extract import Extract

NEWEST = 3
"""How many of the newest registrations are kept: two of them may be deleted on an ordinary day."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Records that are held are counted too, since they are in the record system.

    `services` are the care services of each type and `records` the records of each type. `newest` are the newest
    instants of registration up to the end of the extraction day, newest first.
    """

    kind: str
    day: dt.date
    services: Mapping[str, int]
    records: Mapping[str, int]
    recipients: int
    unidentified: int
    newest: tuple[dt.datetime, ...]
    new: int = 0
    changed: int = 0
    gone: int = 0

    @property
    def differing(self) -> int:
        """Records that were new, changed or gone."""
        return self.new + self.changed + self.gone

    @property
    def size(self) -> int:
        """Records of all types."""
        return sum(self.records.values())

    def with_changes(self, changes: Mapping[str, Changes]) -> Figures:
        """The same with what differs from the expected state, without what a person wants sent again."""
        new, changed, gone = (
            sum(len(getattr(change, name)) for change in changes.values()) for name in ("new", "changed", "gone")
        )
        resent = sum(change.resent_count for change in changes.values())
        return replace(self, new=new, changed=changed - resent, gone=gone)


def measure(kind: str, extract: Extract) -> Figures:
    """The figures of an extract as it was read."""
    seen = (extract.records, extract.held_records)
    services = pl.concat(_column(seen, CARE_SERVICE.name, "service_type")).drop_nulls()
    recipients = pl.concat(_column(seen, RECIPIENT.name, "person_number"))
    return Figures(
        kind=kind,
        day=extract.extracted_on,
        services=dict(services.value_counts().iter_rows()),
        records={root.name: sum(map(len, _column(seen, root.name, root.key))) for root in ROOTS},
        recipients=len(recipients),
        unidentified=recipients.null_count(),
        newest=_newest(seen, extract.extracted_on),
    )


def _column(seen: tuple[Records, ...], record_type: str, column: str) -> list[pl.Series]:
    return [records[record_type][column] for records in seen if record_type in records]


def _newest(seen: tuple[Records, ...], day: dt.date) -> tuple[dt.datetime, ...]:
    tomorrow = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    instants = pl.concat(column for root in ROOTS for column in _column(seen, root.name, "recorded_at"))
    before = instants.drop_nulls().unique().to_frame("at").filter(pl.col("at") < tomorrow)
    return tuple(before["at"].top_k(NEWEST).sort(descending=True))
