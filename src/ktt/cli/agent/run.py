"""`ktt agent run`: an agent that waits, for where there is no scheduler, as in a container."""

from __future__ import annotations

import datetime as dt
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, load_settings
from ktt.cli.show import told
from ktt.core.clock import Clock, SystemClock, norwegian_day
from ktt.core.errors import KttError
from ktt.sender.agent.schedule import UNFORESEEN, daily_time
from ktt.sender.agent.stopping import Stopping, options_that_stop, stopping_on
from ktt.sender.agent.waiting import WaitingAgent

if TYPE_CHECKING:
    from ktt.sender.sender import Sender
    from ktt.sender.settings import SenderSettings

_log = logging.getLogger("ktt.sender.agent")

Configs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config",
        help=told(
            nb="Innstillingsfilen til en enhet. Kan gjentas, én for hver enhet.  [standard: sender.toml]",
            en="The settings file of a unit. May be repeated, one for each unit.  [default: sender.toml]",
        ),
    ),
]


Fleets = Annotated[
    list[Path] | None,
    typer.Option(
        "--fleet",
        metavar="fleet.toml",
        help=told(
            nb="En fil med mange enheter, som kjøres sammen. Kan gjentas.",
            en="A file of many units, which are run together. May be repeated.",
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit's daily run from its settings file, as `ktt daily` runs it. The store is open only while it is used."""

    settings: SenderSettings
    clock: Clock
    stopping: Stopping
    open_sender: Callable[..., AbstractContextManager[Sender]]

    @property
    def unit(self) -> str:
        """The unit's key."""
        return self.settings.unit.reporting_unit.key

    @property
    def at(self) -> dt.time:
        """See `schedule.daily_time`."""
        return daily_time(self.settings.unit.reporting_unit)

    def reached(self) -> dt.date | None:
        """The day of the newest run of which everything was accepted; None before the first, and when it cannot be read."""
        from ktt.wiring.sender import history_from

        try:
            with history_from(self.settings) as history:
                newest = history.latest(self.settings.unit.reporting_unit, 1)
        except KttError as fault:
            _log.warning("unit %s: %s", self.unit, fault.code)
            return None
        return newest[-1].day if newest else None

    def run(self, now: dt.datetime) -> int:
        """A daily run for the day it is in Norway, and its alarms; every fault is told in the log and is an exit code."""
        code = self._exit_code(norwegian_day(now))
        self._ring()
        return code

    def _exit_code(self, day: dt.date) -> int:
        try:
            return self._run(day)
        except KttError as fault:
            _log.warning("unit %s: %s: %s", self.unit, fault.code, fault.says().nb)
            return fault.exit_code
        except Exception:  # noqa: BLE001 - what befalls one unit must not end the others
            _log.exception("unit %s: something unforeseen", self.unit)  # the type alone is written; the others go on
            return UNFORESEEN

    def _ring(self) -> None:
        from ktt.wiring.sender import ring_alarms

        faults: list[KttError] = []
        try:
            faults += ring_alarms(self.settings, clock=self.clock, only=self.settings.unit.reporting_unit)
        except KttError as broken:  # a secret that cannot be read
            faults.append(broken)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("unit %s: something unforeseen", self.unit)
        for fault in faults:
            _log.warning("unit %s: %s: %s", self.unit, fault.code, fault.says().nb)

    def _run(self, day: dt.date) -> int:
        from ktt.sender.daily import run_daily

        options = options_that_stop(self.stopping)
        with self.open_sender(self.settings, "daily", day, clock=self.clock, options=options) as sender:
            report = run_daily(sender, day)
        _log.info("unit %s: %d messages accepted, %d wait", self.unit, report.messages, report.undelivered)
        report.check()
        return report.exit_code


def run(config: Configs = None, fleet: Fleets = None) -> None:
    """Wait, and send each unit's changes once a day. SIGTERM or Ctrl-C ends it when the message under way is done."""
    from ktt.cli.agent.fleet_run import DailyFleet
    from ktt.sender.fleet.settings import Fleet

    fleets = [Fleet.load(each) for each in fleet or []]
    settings = [load_settings(each) for each in config or ([] if fleets else [CONFIG])]
    from ktt.core.log.handler import speak
    from ktt.wiring.sender import sender_for_run

    speak(logging.INFO)
    clock = SystemClock()
    with stopping_on(signal.SIGTERM, signal.SIGINT) as stopping:
        units = [Unit(each, clock, stopping, sender_for_run) for each in settings]
        together = [DailyFleet(each, clock, stopping) for each in fleets]
        WaitingAgent([*units, *together], clock, stopping, stopping.sleep).serve()
