"""An agent that waits: each unit's daily run at its own time, by a clock of its own, one run after the other.

A run that was missed while nothing ran is caught up at the start. A run that ended by what may be better soon is tried
again, three times, 20 minutes apart; everything else waits for the next day. Which day was reached is in the unit's own
store, so that what a person ran by hand counts too.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ktt.core.clock import OSLO, Clock
from ktt.sender.agent.schedule import (
    MAY_BE_BETTER_SOON,
    RETRIES,
    RETRY_AFTER,
    latest_due,
    next_due,
    outside_the_double_hour,
)
from ktt.sender.agent.stopping import Stopping

_LONGEST_WAIT = dt.timedelta(minutes=1)  # a clock that is put right, or a machine that slept, is noticed within it

_log = logging.getLogger("ktt.sender.agent")


class DailyRun(Protocol):
    """One unit's daily run."""

    @property
    def unit(self) -> str:
        """The unit's key."""
        ...

    @property
    def at(self) -> dt.time:
        """The time of day in Norway at which it is due."""
        ...

    def reached(self) -> dt.date | None:
        """The extraction day of the newest run that was finished."""
        ...

    def run(self, now: dt.datetime) -> int:
        """Run it; the exit code. It raises nothing."""
        ...


@dataclass(slots=True)
class _Turn:
    """When a unit's run begins next, and how often it has been tried since it was due."""

    daily: DailyRun
    begins: dt.datetime
    tries: int = 0


@dataclass(slots=True)
class WaitingAgent:
    """The daily runs of one or several units."""

    runs: Sequence[DailyRun]
    clock: Clock
    stopping: Stopping
    sleep: Callable[[float], object]
    _turns: list[_Turn] = field(default_factory=list)

    def serve(self) -> None:
        """Run what is due, wait for the next, until it is asked to stop."""
        now = self.clock.now()
        self._turns = [_Turn(daily, _first(daily, now)) for daily in self.runs]
        self._tell()
        while not self.stopping.asked:
            now = self.clock.now()
            turn = self._next(now)
            wait = turn.begins - now
            if wait > dt.timedelta():
                self.sleep(min(wait, _LONGEST_WAIT).total_seconds())
            else:
                self._take(turn)
        _log.info("stopped")

    def _next(self, now: dt.datetime) -> _Turn:
        for turn in self._turns:  # no run is further off than the next that is due, unless the clock was put back
            turn.begins = min(turn.begins, next_due(turn.daily.at, now))
        return min(self._turns, key=lambda turn: (turn.begins, turn.daily.unit))

    def _take(self, turn: _Turn) -> None:
        unit, now = turn.daily.unit, self.clock.now()
        turn.tries += 1
        _log.info("unit %s: run begins, try %d", unit, turn.tries)
        code = turn.daily.run(now)
        if self.stopping.asked:
            return
        again = code in MAY_BE_BETTER_SOON and turn.tries <= RETRIES
        ended = self.clock.now()
        turn.begins = outside_the_double_hour(ended + RETRY_AFTER) if again else next_due(turn.daily.at, ended)
        turn.tries = turn.tries if again else 0
        _log.info("unit %s: run ended with %d, next %s", unit, code, _shown(turn.begins))

    def _tell(self) -> None:
        for turn in self._turns:
            _log.info("unit %s: next run %s", turn.daily.unit, _shown(turn.begins))


def _first(daily: DailyRun, now: dt.datetime) -> dt.datetime:
    """At once when the newest run that was due was missed, else when the next is due."""
    due = latest_due(daily.at, now).astimezone(OSLO).date()
    reached = daily.reached()
    missed = reached is None or reached < due
    return outside_the_double_hour(now) if missed else next_due(daily.at, now)


def _shown(instant: dt.datetime) -> str:
    return instant.astimezone(OSLO).isoformat(timespec="minutes")
