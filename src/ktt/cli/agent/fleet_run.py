"""A fleet's run as the agent that waits runs it."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from ktt.core.clock import Clock, norwegian_day
from ktt.core.errors import KttError
from ktt.sender.agent.schedule import MAY_BE_BETTER_SOON, UNFORESEEN, daily_time
from ktt.sender.agent.stopping import Stopping
from ktt.sender.fleet.report import FleetReport
from ktt.sender.fleet.settings import Fleet
from ktt.sender.settings import SenderSettings

_log = logging.getLogger("ktt.sender.agent")


@dataclass(frozen=True, slots=True)
class DailyFleet:
    """A fleet as a `DailyRun`, as `ktt fleet run` runs it."""

    fleet: Fleet
    clock: Clock
    stopping: Stopping

    @property
    def unit(self) -> str:
        """The name of its file."""
        return self.fleet.path.stem

    @property
    def at(self) -> dt.time:
        """The time of its first unit."""
        return daily_time(self._settings()[0].unit.reporting_unit) if self._settings() else dt.time(4)

    def reached(self) -> dt.date | None:
        """The day that every unit has reached; None when one has reached none, or cannot be read."""
        from ktt.wiring.fleet import day_reached

        try:
            days = [day_reached(settings) for settings in self._settings()]
        except KttError as fault:
            _log.warning("fleet %s: %s", self.unit, fault.code)
            return None
        return None if None in days else min((day for day in days if day), default=None)

    def run(self, now: dt.datetime) -> int:
        """A run for the day it is in Norway. Its exit code is one that another try may mend, if any unit has one."""
        try:
            report = self._run(norwegian_day(now))
        except KttError as fault:
            _log.warning("fleet %s: %s: %s", self.unit, fault.code, fault.says().nb)
            return fault.exit_code
        except Exception:  # noqa: BLE001 - what befalls one fleet must not end the others
            _log.exception("fleet %s: something unforeseen", self.unit)  # the type alone is written
            return UNFORESEEN
        codes = {one.exit_code() for one in report.results}
        return next((code for code in MAY_BE_BETTER_SOON if code in codes), report.exit_code)

    def _run(self, day: dt.date) -> FleetReport:
        from ktt.cli.fleet.fleet import ring_and_tell
        from ktt.sender.fleet.run import FleetRun
        from ktt.wiring.fleet import fleet_opener

        with fleet_opener(self.fleet, clock=self.clock) as opener:
            report = FleetRun(self.fleet, day, opener, self.stopping.is_asked).run(self.fleet.units)
        for one in report.needing_someone:
            _log.warning("unit %s: %s", one.unit, one.stopped.code if one.stopped else one.exit_code())
        totals = report.totals()
        _log.info("fleet %s: %d done, %d messages accepted", self.unit, totals["done"], totals["messages"])
        ring_and_tell(self.fleet)
        return report

    def _settings(self) -> list[SenderSettings]:
        return [unit.settings for unit in self.fleet.units if unit.settings is not None]
