"""A sender that somebody else runs: the suite says what it is to send, and waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.testing.conformance.sender.drivers.driver import Ability, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.preparation import Preparation

_INTERVAL = 0.1  # seconds between two looks at what has come


@dataclass
class ListeningDriver:
    """Waits up to `wait` seconds for what was asked for, and ends when no request has come for `quiet` seconds.

    `tell` shows a text to whoever operates the sender.
    """

    tell: Callable[[Text], None]
    wait: float = 60.0
    quiet: float = 3.0
    abilities: frozenset[Ability] = field(default=frozenset({Ability.QUEUE, Ability.CONTENT}), init=False)

    def begin(self, context: ScenarioContext) -> None:
        """Announce a new scenario."""
        self._context, self._began, self._expected = context, context.last(), 0
        self.tell(Text(f"— {context.scenario}", f"— {context.scenario}"))

    def prepare(self, preparation: Preparation) -> None:
        """Ask whoever operates the sender."""
        self._expected += preparation.messages
        self.tell(preparation.describe())

    def run(self) -> Sequence[SenderRun]:
        """Wait until everything that was asked for is delivered, or the time is over."""
        after, began = self._context.last(), time.monotonic()
        self.tell(
            Text(
                f"Venter på sendingen, høyst {self.wait:.0f} s.", f"Waiting for it to send, at most {self.wait:.0f} s."
            )
        )
        newest, since = after, began
        while time.monotonic() - began < self.wait:
            last = self._context.last()
            if last != newest:
                newest, since = last, time.monotonic()
            if self._done() and newest > self._began and time.monotonic() - since >= self.quiet:
                break
            time.sleep(_INTERVAL)
        return [SenderRun(after, seconds=time.monotonic() - began)]

    def _done(self) -> bool:
        return self._context.settled() and self._context.delivered(self._began) >= self._expected
