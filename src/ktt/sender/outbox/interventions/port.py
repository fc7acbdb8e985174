"""The port of the interventions: what a person may do to a queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.interventions.parked import Parked
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.manifest import Manifest
from ktt.sender.outbox.message import QueueNote


class Interventions(Protocol):
    """Each act is one transaction that also keeps a note of who did it (`by`), when and why (`reason`)."""

    def pause(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """Refuse `mark_sending` until `resume`."""
        ...

    def resume(self, unit: ReportingUnit, by: str, reason: str) -> None:
        """End the pause."""
        ...

    def retry(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """Let the rejected first message wait again, as it is, and return its number; the next run sends it.

        FirstNotRejected when the first undelivered message is not rejected, or there is none.
        """
        ...

    def rebuild(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """Supersede everything undelivered and return how many; the next run plans anew from the snapshot.

        RebuildTooEarly while the first of it is `uncertain`.
        """
        ...

    def park(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """Set the rejected first message's records aside, supersede everything undelivered, and return how many records.

        FirstNotRejected as for `retry`. Who plans takes what is `parked` neither for new, nor for changed, nor for gone.
        """
        ...

    def unpark(self, unit: ReportingUnit, by: str, reason: str) -> int:
        """Let all that is set aside be planned again, and return how many records; NothingParked when there are none."""
        ...

    def parked(self, unit: ReportingUnit) -> Parked:
        """What is set aside."""
        ...

    def keep(self, unit: ReportingUnit, ids: Mapping[str, Sequence[str]], by: str, reason: str) -> None:
        """Let these accepted records, and no others, stay at the registry while the record system does not have them.

        SourceChangeMustWait while something is undelivered, for then it is not known what the registry will have.
        """
        ...

    def kept(self, unit: ReportingUnit) -> Mapping[str, Sequence[str]]:
        """The ids of those by record type, sorted."""
        ...

    def resend(self, unit: ReportingUnit, wanted: Resend, by: str, reason: str) -> int:
        """Have accepted records sent again, as they then are in the record system, and return how many.

        Their fingerprints in the snapshot become empty, so that whoever compares finds them changed until they are
        accepted again, or found to be deleted first. CorrectionMustWait for that while something is undelivered, which
        would overwrite it. NothingToResend when there are none, or the registry has not accepted one that is named.
        """
        ...

    def replace_snapshot(self, unit: ReportingUnit, snapshot: Mapping[str, pl.DataFrame], by: str, reason: str) -> None:
        """Let the snapshot be these records of each type (`local_id`, `fingerprint`) and no others.

        What is undelivered was planned from the snapshot that is replaced, and is superseded: what the registry has tells
        whether a message arrived, also one with no known outcome.
        """
        ...

    def notes(self, unit: ReportingUnit) -> Sequence[QueueNote]:
        """What people did to the queue, in order."""
        ...

    def changes_of(self, unit: ReportingUnit, sequence: int) -> Mapping[str, Manifest]:
        """What an undelivered message changes, by record type; PayloadGone when it is not kept any more."""
        ...
