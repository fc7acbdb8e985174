"""One run of a fleet: a daily run of each unit, and a turn of the initial load where that is not finished."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

import sqlalchemy as sa

from ktt.core.errors import KttError
from ktt.core.text import duration
from ktt.sender.daily import run_daily
from ktt.sender.fleet.errors import GivenUp, UnitFailed
from ktt.sender.fleet.pool import Ended, Limits, Pool
from ktt.sender.fleet.reading_slots import SlottedSource, Turn
from ktt.sender.fleet.report import FleetReport, UnitResult, worst_first
from ktt.sender.fleet.settings import Fleet, FleetSection, FleetUnit
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.errors import StopAsked
from ktt.sender.outcomes.recorded import record_fault
from ktt.sender.outcomes.store import OutcomeStore
from ktt.sender.sender import Sender
from ktt.sender.settings import SenderSettings

_MINUTE, _HOUR = 60.0, 3600.0
_log = logging.getLogger("ktt.sender.fleet")


class Opener(Protocol):
    """Opens what a unit's settings name; `ktt.wiring.sender` has it."""

    def sender(
        self, settings: SenderSettings, on: dt.date, options: SendOptions, before_request: Callable[[], object]
    ) -> AbstractContextManager[Sender]:
        """A sender, ready to run; one that cannot be opened is recorded as the outcome of its run."""
        ...

    def outcomes(self, settings: SenderSettings) -> AbstractContextManager[OutcomeStore]:
        """How the unit's runs ended, to record that one was abandoned."""
        ...


Told = Callable[[UnitResult, int], object]
"""Is told each result, and how many units are done."""


@dataclass(slots=True)
class FleetRun:
    """A run under way, for a caller that has the fleet's lock."""

    fleet: Fleet
    on: dt.date
    opener: Opener
    stopping: Callable[[], bool]
    strict: bool = False
    workers: int | None = None
    told: Told = lambda _result, _done: None
    _begun: float = field(default_factory=time.monotonic)
    _loading: set[str] = field(default_factory=set)

    def run(self, units: tuple[FleetUnit, ...]) -> FleetReport:
        """Run these units of the fleet. Whatever befalls one is in its result, and in nobody else's."""
        by_name = {unit.name: unit for unit in units}
        pool = Pool(_limits(self.fleet.section, self.workers), self._work(by_name), self._again, self.stopping, _slow)
        results: dict[str, UnitResult] = {}
        for ended in pool.run(list(by_name)):
            result = self._result(by_name[ended.unit], ended, results.get(ended.unit))
            results[ended.unit] = result
            self.told(result, sum(not one.goes_on for one in results.values()))
        left = tuple(name for name in by_name if name not in results)
        return FleetReport(self.on, worst_first(results.values(), strict=self.strict), left, self.strict)

    def _work(self, units: dict[str, FleetUnit]) -> Callable[[str, Turn], UnitResult]:
        return lambda name, turn: self._turn(units[name], turn)

    def _turn(self, unit: FleetUnit, turn: Turn) -> UnitResult:
        """One turn of a unit; raises nothing."""
        if unit.settings is None:
            return UnitResult(unit.name, fault=unit.fault)
        try:
            with self._sender(unit.settings, turn) as sender:
                return self._run(sender, turn)
        except KttError as known:
            fault = known
        except Exception as unforeseen:  # noqa: BLE001 - what befalls one unit must not end the others
            _log.exception("unit %s: something unforeseen", unit.name)  # the type alone is written
            fault = UnitFailed(unit=unit.name, kind=type(unforeseen).__name__, config=self.fleet.config(unit.name))
        return UnitResult(unit.name, "daily", fault=fault)

    def _sender(self, settings: SenderSettings, turn: Turn) -> AbstractContextManager[Sender]:
        options = SendOptions(sleep=_sleeping(turn), stopping=turn.must_stop)
        return self.opener.sender(settings, self.on, options, turn.end_reading)

    def _run(self, sender: Sender, turn: Turn) -> UnitResult:
        """A daily run, or a turn of the load. The first time a load is only noticed, so that daily runs go before it."""
        unit, load = sender.unit.key, sender.outbox.queue(sender.unit).load
        slotted = replace(sender, source=SlottedSource(sender.source, turn))
        if load is not None and load.finished_at is not None:
            report = run_daily(slotted, self.on)
            return UnitResult(unit, "daily", report, accepted=report.messages)
        if unit not in self._loading:
            self._loading.add(unit)
            return UnitResult(unit, "load", goes_on=True)
        return self._load(slotted, turn)

    def _load(self, sender: Sender, turn: Turn) -> UnitResult:
        ends = time.monotonic() + self.fleet.section.load_turn_minutes * _MINUTE
        options = replace(sender.options, stopping=lambda: turn.must_stop() or time.monotonic() > ends)
        report = run_load(replace(sender, options=options), self.on)
        goes_on = isinstance(report.stopped, StopAsked)
        return UnitResult(sender.unit.key, "load", report, goes_on=goes_on, accepted=report.messages)

    def _again(self, result: UnitResult) -> bool:
        """A load that goes on has a turn once it is noticed, and more of them until it is late."""
        late = time.monotonic() - self._begun > self.fleet.section.load_hours * _HOUR
        return result.goes_on and (result.report is None or not late)

    def _result(self, unit: FleetUnit, ended: Ended[UnitResult], before: UnitResult | None) -> UnitResult:
        result = ended.answer
        if result is None:
            config, span = self.fleet.config(unit.name), duration(dt.timedelta(seconds=ended.seconds))
            result = UnitResult(unit.name, "daily", fault=GivenUp(unit=unit.name, span=span, config=config))
            if unit.settings is not None and result.fault is not None:
                self._record(unit.settings, result.fault)
        earlier = before or UnitResult(unit.name)
        return replace(
            result,
            slow=ended.slow or earlier.slow,
            seconds=ended.seconds + earlier.seconds,
            accepted=result.accepted + earlier.accepted,
        )

    def _record(self, settings: SenderSettings, fault: KttError) -> None:
        """What an abandoned run cannot record itself; the thread that it was has the queue's lock."""
        with suppress(KttError, sa.exc.SQLAlchemyError), self.opener.outcomes(settings) as outcomes:
            record_fault(outcomes, settings.unit.reporting_unit, "daily", self.on, fault)


def _limits(section: FleetSection, workers: int | None) -> Limits:
    slow, given_up = section.slow_after_minutes * _MINUTE, section.give_up_after_minutes * _MINUTE
    return Limits(workers or section.workers, section.readers, slow, given_up)


def _slow(unit: str) -> None:
    _log.warning("unit %s: slow; another unit takes its place", unit)


def _sleeping(turn: Turn) -> Callable[[float], None]:
    """Waiting between two attempts, but not longer than until an end is asked for."""

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while not turn.must_stop() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))

    return sleep
