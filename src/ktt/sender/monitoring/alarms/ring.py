"""Look at what is going on, and tell what has changed. A channel that is down or slow is tried again the next time."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.telling import SECONDS, Channel, Telling, tell_all
from ktt.sender.monitoring.alarms.sql import SqlAlarms
from ktt.sender.monitoring.overview import Status


def ring(
    alarms: SqlAlarms,
    look: Callable[[], Status],
    channels: Collection[Channel],
    only: str | None = None,
    seconds: float = SECONDS,
) -> list[AlarmNotDelivered]:
    """Note what has begun and ended since the last time, tell what is pending, and return the channels that failed.

    `only` looks at one unit and at what is common: what others do meanwhile is their own run's to tell. A notice may be
    told twice, when the process dies between the telling and the note of it, or when a channel took it too late to be
    waited for; each has a number.
    """
    if not channels:
        return []
    units = None if only is None else {only, ""}
    ringing = [one for one in look().things if one.rings and (units is None or (one.unit or "") in units)]
    alarms.look(units, ringing, [channel.name for channel in channels])
    with alarms.exclusive() as free:
        return _tell(alarms, channels, seconds) if free else []


def _tell(alarms: SqlAlarms, channels: Collection[Channel], seconds: float) -> list[AlarmNotDelivered]:
    tellings = [Telling(one, pending) for one in channels if (pending := alarms.pending(one.name))]
    faults = tell_all(tellings, seconds)
    failed = {fault.facts["channel"] for fault in faults}
    for telling in tellings:
        if telling.channel.name not in failed:
            alarms.delivered(telling.channel.name, telling.notices)
    return faults
