"""Stopping when the operating system asks: the message under way is finished and written down, and the next not begun."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from ktt.sender.outbox.dispatch import SendOptions

_LOOK = 0.5
"""Seconds between looks at the flag while waiting. A signal's handler may not wake a thread that waits for a lock."""


@dataclass(slots=True)
class Stopping:
    """Whether somebody has asked for an end."""

    asked: bool = False

    def ask(self) -> None:
        """From now on nothing new is begun."""
        self.asked = True

    def is_asked(self) -> bool:
        """Whether to begin nothing new."""
        return self.asked

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than until it is asked."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK))


@contextmanager
def stopping_on(*signals: signal.Signals, asked: Callable[[], object] = lambda: None) -> Iterator[Stopping]:
    """While the block runs, these signals ask for an end instead of being one. Only the main thread can listen to them.

    `asked` is told of the first. A second SIGINT, from a person who will not wait, is an end.
    """
    stopping = Stopping()
    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return

    def ask(number: int, _frame: FrameType | None) -> None:
        if stopping.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not stopping.asked:
            stopping.ask()
            asked()

    before = {each: signal.signal(each, ask) for each in signals}
    try:
        yield stopping
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def options_that_stop(stopping: Stopping) -> SendOptions:
    """Sending that ends between two messages when it is asked to."""
    return SendOptions(sleep=stopping.sleep, stopping=stopping.is_asked)
