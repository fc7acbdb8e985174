"""Which of a unit's messages someone wants to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ktt.sender.outbox.message import QueuedMessage, State


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; what is empty does not matter. A `period` is a day, a month with its days, or a year."""

    state: State | None = None
    period: str | None = None
    message_type: str | None = None

    def of(self, messages: Iterable[QueuedMessage]) -> list[QueuedMessage]:
        """Those of the messages, in the same order."""
        return [one for one in messages if self._has(one)]

    def _has(self, message: QueuedMessage) -> bool:
        return (
            self.state in (None, message.state)
            and (self.period is None or is_in(message.period, self.period))
            and (self.message_type is None or message.message_type.lower() == self.message_type.lower())
        )


def is_in(period: str, wanted: str) -> bool:
    """Whether a message's period is the wanted one or a part of it: the day 2024-03-05 is in 2024-03."""
    return period == wanted or period.startswith(f"{wanted}-")
