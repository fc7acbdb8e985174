"""Telling by several channels at the same time, for no longer than a run may be kept waiting."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Protocol

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.notice import Notice
from ktt.core.text import Text

SECONDS = 15.0
"""How long all channels together may take. Name lookups, and each step with a mail server, have longer limits of their own."""
_SLOW = Text(nb="ikke ferdig på {seconds} sekunder", en="not done in {seconds} seconds")


class Channel(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """Its name, by which it is remembered what it has delivered."""
        ...

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell all of them, at once; AlarmNotDelivered when they are to be told again."""
        ...


@dataclass(slots=True)
class Telling:
    """What one channel is to tell, and how it went."""

    channel: Channel
    notices: Sequence[Notice]
    delivered: bool = False
    fault: Exception | None = None

    def tell(self) -> None:
        """Tell it; a fault is kept, since nobody catches what a thread raises."""
        try:
            self.channel.tell(self.notices)
            self.delivered = True
        except Exception as fault:  # noqa: BLE001 - one channel's fault is not to stop the others
            self.fault = fault


def tell_all(tellings: Sequence[Telling], seconds: float = SECONDS) -> list[AlarmNotDelivered]:
    """Tell all of them at once; the faults of those that were not delivered in time. One that goes on is left to itself."""
    threads = [Thread(target=one.tell, daemon=True, name=f"alarm-{one.channel.name}") for one in tellings]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return [_fault(one, seconds) for one in tellings if not one.delivered]


def _fault(one: Telling, seconds: float) -> AlarmNotDelivered:
    if isinstance(one.fault, AlarmNotDelivered):
        return one.fault
    reason = _SLOW.format(seconds=f"{seconds:g}") if one.fault is None else type(one.fault).__name__
    return AlarmNotDelivered(channel=one.channel.name, reason=reason, count=len(one.notices))
