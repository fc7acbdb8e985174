"""The port of the open findings: what every implementation promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.rules.findings import FINDING_SCHEMA
from ktt.rules.open_findings import IDENTITY, FindingDiff

_DAY, _INSTANT, _NUMBER = pl.Date(), pl.Datetime("us", "UTC"), pl.Int64()
STORED = (*IDENTITY, "consequence", "cause")
"""The columns of a finding that are stored, besides when it was seen: where and which rule, never a value."""

HISTORY_SCHEMA: dict[str, pl.DataType] = {
    "number": _NUMBER,  # 1, 2, 3 … within the unit, never reused
    **{name: FINDING_SCHEMA[name] for name in STORED},
    **{
        f"{when}_{name}": kind
        for when in ("opened", "seen", "closed")
        for name, kind in {"run": _NUMBER, "on": _DAY, "at": _INSTANT}.items()
    },
}
"""A finding with its history: by which run, of which extraction day, at which instant it was opened, last seen, closed."""


@dataclass(frozen=True, slots=True)
class ValidationRun:
    """One validation of a unit's whole extract, by a run of some kind with one rule set."""

    kind: str
    extracted_on: dt.date
    rule_set: str


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A validation run that is recorded; the runs of a unit have numbers without gaps."""

    number: int
    kind: str
    extracted_on: dt.date
    rule_set: str
    at: dt.datetime


def as_stored(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings (`FINDING_SCHEMA`) as they are stored: the detail in the column of the part, which they have none of.

    Without it, two local codes that have no mapping in the same field of one record would be the same finding.
    """
    return findings.with_columns(part_id=pl.coalesce("part_id", "detail")).select(STORED)


class FindingsStore(Protocol):
    """The findings of each unit, open and closed.

    Promises, each kept through a crash at any instant:

    1. `record` happens wholly or not at all.
    2. A finding (`open_findings.IDENTITY`) is open at most once. One that returns after it closed is a new one.
    3. A closed finding is never changed.
    4. Units do not affect each other.
    """

    def record(self, unit: ReportingUnit, run: ValidationRun, diff: FindingDiff) -> RecordedRun:
        """Record a run: what it opened, saw again and closed. Findings that were not validated are left as they were.

        `diff` must be made of what `still_open` answers, by a caller that has the queue's lock.
        """
        ...

    def still_open(self, unit: ReportingUnit) -> pl.DataFrame:
        """The open findings (`HISTORY_SCHEMA`), in the order in which they were opened."""
        ...

    def closed(self, unit: ReportingUnit, since: dt.date) -> pl.DataFrame:
        """The findings that runs of that extraction day or later closed (`HISTORY_SCHEMA`), in the order they were opened."""
        ...

    def last_run(self, unit: ReportingUnit) -> RecordedRun | None:
        """The newest run, None before the first."""
        ...
