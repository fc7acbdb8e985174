"""The open findings in memory, for the tests: the databases must answer as it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.rules.open_findings import FindingDiff
from ktt.sender.findings.store import HISTORY_SCHEMA, STORED, RecordedRun, ValidationRun


@dataclass(slots=True)
class _OfUnit:
    runs: list[RecordedRun] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)  # as HISTORY_SCHEMA


class MemoryFindings:
    """Keeps the promises of `FindingsStore` for as long as the process lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._units: dict[ReportingUnit, _OfUnit] = {}

    def _of(self, unit: ReportingUnit) -> _OfUnit:
        return self._units.setdefault(unit, _OfUnit())

    def record(self, unit: ReportingUnit, run: ValidationRun, diff: FindingDiff) -> RecordedRun:
        """See `FindingsStore`."""
        mine = self._of(unit)
        recorded = RecordedRun(len(mine.runs) + 1, **asdict(run), at=self._clock.now())
        mine.runs.append(recorded)
        for row in diff.seen_again.iter_rows(named=True):
            finding = mine.findings[row["number"] - 1]
            finding |= {"consequence": row["consequence"], "cause": row["cause"]} | _when("seen", recorded)
        for number in diff.closed["number"]:
            mine.findings[number - 1] |= _when("closed", recorded)
        for number, row in enumerate(diff.opened.select(STORED).iter_rows(named=True), len(mine.findings) + 1):
            mine.findings.append({"number": number} | row | _when("opened", recorded) | _when("seen", recorded))
        return recorded

    def still_open(self, unit: ReportingUnit) -> pl.DataFrame:
        """See `FindingsStore`."""
        return self._chosen(unit, lambda finding: "closed_on" not in finding)

    def closed(self, unit: ReportingUnit, since: dt.date) -> pl.DataFrame:
        """See `FindingsStore`."""
        return self._chosen(unit, lambda finding: "closed_on" in finding and finding["closed_on"] >= since)

    def last_run(self, unit: ReportingUnit) -> RecordedRun | None:
        """See `FindingsStore`."""
        return self._of(unit).runs[-1] if self._of(unit).runs else None

    def _chosen(self, unit: ReportingUnit, which: Callable[[dict[str, Any]], bool]) -> pl.DataFrame:
        rows = [finding for finding in self._of(unit).findings if which(finding)]
        return pl.DataFrame([[row.get(name) for name in HISTORY_SCHEMA] for row in rows], HISTORY_SCHEMA, orient="row")


def _when(what: str, run: RecordedRun) -> dict[str, Any]:
    return {f"{what}_run": run.number, f"{what}_on": run.extracted_on, f"{what}_at": run.at}
