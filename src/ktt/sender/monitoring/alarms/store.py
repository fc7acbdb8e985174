"""The port of the alarms: what every implementation promises."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from ktt.alarms.notice import Notice
from ktt.sender.monitoring.things import Thing


class AlarmStore(Protocol):
    """What is going on, and what must still be told of it.

    Promises, each kept through a crash at any instant:

    1. Every method is one transaction: it happens wholly or not at all, and what it has done is durable.
    2. For each unit and cause there is one notice when it begins and one when it ends, however often it is looked at.
    3. A notice is pending in a channel until it is delivered there, whatever happens in the others.
    4. A notice that is told everywhere is removed by a look 400 days later, unless what it told of goes on.
    """

    def look(self, units: Collection[str] | None, ringing: Sequence[Thing], channels: Collection[str]) -> int:
        """Compare with what was going on in these units (all without any) and note what has begun and ended; how many.

        Common things belong to the unit with the empty name.
        """
        ...

    def pending(self, channel: str) -> Sequence[Notice]:
        """What is not delivered in a channel, oldest first."""
        ...

    def delivered(self, channel: str, notices: Sequence[Notice]) -> None:
        """Note that they are delivered."""
        ...
