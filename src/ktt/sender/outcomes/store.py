"""The port of the run outcomes: what every implementation promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson

from ktt.domain.unit import ReportingUnit

RECONCILE = "reconcile"
"""The kind of what only compared."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How one run ended: counts and codes only.

    `code` is that of the fault that stopped it. `read` says whether it read the record system, and so whether `held` and
    `missing` are known. `limited` is JSON: what the record system has no whole history of, since when and why. `comparison` is the state of the comparison with the registry, empty when there was none.
    """

    kind: str
    extracted_on: dt.date
    exit_code: int
    code: str | None = None
    read: bool = False
    messages: int = 0
    changes: int = 0
    held: int = 0
    missing: int = 0
    comparison: str | None = None
    differences: int = 0
    limited: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """An outcome that is recorded, and when the run ended."""

    at: dt.datetime
    outcome: RunOutcome


@dataclass(frozen=True, slots=True)
class LastOutcomes:
    """The newest outcomes of a unit: of its runs, and of those that read, had something accepted, and compared.

    A reconciliation that sent nothing counts only among those that compared: it must not hide that the last run failed.
    """

    last: RecordedOutcome | None = None
    read: RecordedOutcome | None = None
    accepted: RecordedOutcome | None = None
    compared: RecordedOutcome | None = None

    @property
    def limited(self) -> list[dict[str, str]]:
        """What the record system has no whole history of, as the last run that read it was told."""
        told = self.read.outcome.limited if self.read else None
        return orjson.loads(told) if told else []


NO_OUTCOMES = LastOutcomes()


class OutcomeStore(Protocol):
    """How the runs of each unit ended.

    Promises, each kept through a crash at any instant:

    1. `record` happens wholly or not at all, and what it has done is durable.
    2. Outcomes are kept in the order in which they came, and never changed.
    3. Units do not affect each other.
    """

    def record(self, unit: ReportingUnit, outcome: RunOutcome) -> None:
        """Record how a run ended, at the present instant. The caller has the queue's lock."""
        ...

    def newest(self) -> Mapping[ReportingUnit, LastOutcomes]:
        """The newest outcomes of every unit that has any, by the same queries for any number of units."""
        ...

    def latest(self, runs: int) -> Mapping[ReportingUnit, list[RecordedOutcome]]:
        """The newest runs of every unit, at most so many of each, the oldest of them first."""
        ...
