"""How long one run waits for a temporary fault. It never waits long: the queue keeps the message for the next run."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ktt.messages.contract import NotSent, Outcome, Unknown


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A few attempts with exponential back-off and jitter (transport § 10.1: temporary faults). Delays are in seconds.

    `first_delay` doubles with each attempt up to `longest_delay`. The delay is drawn between half of that and all of
    it (`draw` gives 0 to 1), so that hundreds of senders that failed together do not return together.
    """

    attempts: int = 4
    first_delay: float = 1.0
    longest_delay: float = 30.0
    draw: Callable[[], float] = random.random

    def delay(self, attempts: int, outcome: Outcome) -> float | None:
        """Seconds to wait before the next attempt after so many, or None to leave it to the next run."""
        if not isinstance(outcome, NotSent | Unknown) or attempts >= self.attempts:
            return None
        if outcome.retry_after is not None:
            return outcome.retry_after if outcome.retry_after <= self.longest_delay else None
        full = min(self.first_delay * 2.0 ** (attempts - 1), self.longest_delay)
        return full * (0.5 + self.draw() / 2)


NO_RETRIES = RetryPolicy(attempts=1)
"""One attempt and no waiting."""
