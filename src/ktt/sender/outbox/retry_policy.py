"""How long one run waits for a temporary fault. The long waits are the next run's: the line itself remembers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ktt.messages.contract import NotSent, Outcome, Unknown


@dataclass(frozen=True, slots=True)
class Patience:
    """A few tries with exponential back-off and jitter (transport § 10.1: temporary faults). Seconds throughout.

    `first` doubles with each try up to `longest`; the wait is drawn between half of that and all of it, so that
    hundreds of senders that failed together do not come back together.
    """

    tries: int = 4
    first: float = 1.0
    longest: float = 30.0
    draw: Callable[[], float] = random.random

    def wait(self, tries: int, outcome: Outcome) -> float | None:
        """Seconds to wait before the next try after `tries` of them, or None to leave it to the next run."""
        if not isinstance(outcome, NotSent | Unknown) or tries >= self.tries:
            return None
        asked = outcome.retry_after
        if asked is not None:
            return asked if asked <= self.longest else None
        full = min(self.first * 2.0 ** (tries - 1), self.longest)
        return full * (0.5 + self.draw() / 2)


IMPATIENT = Patience(tries=1)
"""One try and no waiting."""
