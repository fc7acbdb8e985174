"""A run whose outcome is recorded, however it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

import orjson
import sqlalchemy as sa

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.outcomes.store import RECONCILE, OutcomeStore, RunOutcome
from ktt.sender.registry_comparison import RegistryComparison
from ktt.sender.report import RunKind, RunReport


def recorded(
    store: OutcomeStore, unit: ReportingUnit, kind: RunKind, on: dt.date, work: Callable[[], RunReport]
) -> RunReport:
    """The report of the work, for a caller that has the queue's lock. What it raises is recorded and raised.

    A process that is killed records nothing: then the status says how long ago the last run was.
    """
    try:
        report = work()
    except Exception as fault:
        with suppress(KttError, sa.exc.SQLAlchemyError):  # a store that is gone must not hide the fault itself
            record_fault(store, unit, kind, on, fault)
        raise
    store.record(unit, _outcome(report))
    return report


def record_fault(store: OutcomeStore, unit: ReportingUnit, kind: RunKind, on: dt.date, fault: Exception) -> None:
    """Record what ended a run, for a caller that has the queue's lock."""
    known = fault if isinstance(fault, KttError) else KttError()
    store.record(unit, RunOutcome(kind, on, known.exit_code, known.code))


def record_comparison(store: OutcomeStore, unit: ReportingUnit, on: dt.date, found: RegistryComparison) -> None:
    """Record what a comparison found that nothing was sent for."""
    outcome = RunOutcome(RECONCILE, on, found.exit_code, comparison=found.state, differences=found.differences)
    store.record(unit, outcome)


def _outcome(report: RunReport) -> RunOutcome:
    comparison = report.comparison
    return RunOutcome(
        kind=report.kind,
        extracted_on=report.extracted_on,
        exit_code=report.exit_code,
        code=report.stopped.code if report.stopped else None,
        read=report.read and not report.stopped,
        messages=report.messages,
        changes=report.changes,
        held=report.held,
        missing=report.missing,
        comparison=comparison.state if comparison else None,
        differences=comparison.differences if comparison else 0,
        limited=orjson.dumps([asdict(one) for one in report.limited]).decode() if report.limited else None,
    )
