"""The hours of the day in which a load may send: clock times in Norway, also over midnight."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from ktt.core.clock import OSLO, Clock
from ktt.sender.agent.stopping import Stopping
from ktt.sender.load_plan.errors import HoursUnreadable
from ktt.sender.outbox.errors import StopAsked
from ktt.sender.report import RunReport

_Told = TypeVar("_Told")
_FORM = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
_MINUTE, _SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SendingHours:
    """From and with `begins` until `ends`, as the clocks on the wall say it.

    An hour that comes twice, or never, does so here as well: 22:00-06:00 is nine hours on one night and seven on another.
    """

    begins: dt.time
    ends: dt.time

    @classmethod
    def parse(cls, text: str) -> Self:
        """`22:00-06:00`; HoursUnreadable for anything else, and for hours that begin when they end."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise HoursUnreadable(given=text)
        first, second, third, fourth = map(int, found.groups())
        hours = cls(dt.time(first, second), dt.time(third, fourth))
        if hours.begins == hours.ends:
            raise HoursUnreadable(given=text)
        return hours

    def include(self, instant: dt.datetime) -> bool:
        """Whether something may be sent at this instant."""
        clock = instant.astimezone(OSLO).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def next_from(self, instant: dt.datetime) -> dt.datetime:
        """The instant itself if it is within the hours, else the first whole minute that is.

        Each minute is looked at: then no night on which the clocks are changed needs a rule of its own.
        """
        if self.include(instant):
            return instant
        minute = instant.replace(second=0, microsecond=0) + _MINUTE
        while not self.include(minute):
            minute += _MINUTE
        return minute


def run_within(
    hours: SendingHours,
    clock: Clock,
    run: Callable[[], tuple[RunReport, _Told]],
    *,
    stopping: Stopping,
    waits: Callable[[dt.datetime], object],
) -> tuple[RunReport, _Told] | None:
    """Run within the hours, each time anew, until it ends for another reason than that the hours do.

    `run` ends with StopAsked outside the hours. Between two runs nothing is held: no queue, no extract, no connection.
    `waits` hears until when. None when it is asked to stop while it waits.
    """
    while True:
        begins = hours.next_from(clock.now())
        if begins > clock.now():
            waits(begins)
        while not stopping.asked and not hours.include(now := clock.now()):
            stopping.sleep(min(_MINUTE, max(begins - now, _SECOND)).total_seconds())
        if stopping.asked:
            return None
        ended = run()
        if stopping.asked or not isinstance(ended[0].stopped, StopAsked):
            return ended
