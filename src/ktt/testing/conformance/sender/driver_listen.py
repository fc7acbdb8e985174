"""A sender that is not ours to start: the suite says what it waits for, and judges what comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.testing.conformance.sender.driver import Ability, Place, Ran
from ktt.testing.conformance.sender.request import Kind, Wish

Tell = Callable[[Text], None]
_LOOK = 0.1  # seconds between looks


@dataclass
class Listening:
    """Waits up to `wait` seconds for what was asked for, and ends when it has been quiet for `quiet` seconds."""

    tell: Tell
    wait: float = 60.0
    quiet: float = 3.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    abilities: frozenset[Ability] = field(default=frozenset({Ability.LINE, Ability.CONTENT}), init=False)

    def begin(self, place: Place) -> None:
        """A new scene."""
        self._place, self._began, self._wanted = place, place.last(), 0
        self.tell(Text(f"— {place.scene}", f"— {place.scene}"))

    def fulfil(self, wish: Wish) -> None:
        """Ask whoever looks after the sender."""
        self._wanted += wish.count if wish.kind is not Kind.MEND else 0
        self.tell(wish.says())

    def run(self) -> Sequence[Ran]:
        """Wait."""
        after, began = self._place.last(), self.clock()
        self.tell(
            Text(
                f"Venter på sendingen, høyst {self.wait:.0f} s.", f"Waiting for it to send, at most {self.wait:.0f} s."
            )
        )
        newest, since = after, began
        while self.clock() - began < self.wait:
            last = self._place.last()
            if last != newest:
                newest, since = last, self.clock()
            if self._done() and newest > self._began and self.clock() - since >= self.quiet:
                break
            self.sleep(_LOOK)
        return [Ran(after, seconds=self.clock() - began)]

    def _done(self) -> bool:
        return self._place.settled() and self._place.delivered(self._began) >= self._wanted
