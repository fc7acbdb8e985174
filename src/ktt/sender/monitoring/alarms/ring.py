"""Look at what is going on, and tell what has changed. A channel that is down is tried again the next time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from ktt.sender.monitoring.alarms.notice import Notice
from ktt.sender.monitoring.alarms.sql import SqlAlarms
from ktt.sender.monitoring.errors import AlarmNotDelivered
from ktt.sender.monitoring.overview import Status


class Channel(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """Its name, by which it is remembered what it has delivered."""
        ...

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell all of them, at once; AlarmNotDelivered when they are to be told again."""
        ...


def ring(
    alarms: SqlAlarms, look: Callable[[], Status], channels: Collection[Channel], only: str | None = None
) -> list[AlarmNotDelivered]:
    """Note what has begun and ended since the last time, tell what is pending, and return the channels that failed.

    `only` looks at one unit and at what is common: what others do meanwhile is their own run's to tell. A notice may be
    told twice, when the process dies between the telling and the note of it; each has a number.
    """
    if not channels:
        return []
    units = None if only is None else {only, ""}
    ringing = [one for one in look().things if one.rings and (units is None or (one.unit or "") in units)]
    alarms.look(units, ringing, [channel.name for channel in channels])
    with alarms.exclusive() as free:
        return [fault for channel in channels if (fault := _tell(alarms, channel)) is not None] if free else []


def _tell(alarms: SqlAlarms, channel: Channel) -> AlarmNotDelivered | None:
    pending = alarms.pending(channel.name)
    if not pending:
        return None
    try:
        channel.tell(pending)
    except AlarmNotDelivered as fault:
        return fault
    alarms.delivered(channel.name, pending)
    return None
