"""A bound on how many extracts are read and judged at the same time: memory and processor follow it, not the number of units."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.outbox.errors import StopAsked
from ktt.sender.sender import Source

_LOOK = 0.2  # seconds between looks at whether somebody has asked for an end


@dataclass(slots=True)
class Turn:
    """One unit's run under way: its place among those that read, and how long it has worked.

    Time spent waiting for a place is not its own. Used by the unit's thread, and by the one that watches.
    """

    places: threading.Semaphore
    stopping: Callable[[], bool]
    begun: float = field(default_factory=time.monotonic)
    waiting: bool = False
    asked_to_stop: bool = False
    _reads: bool = False
    _left: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin_reading(self, unit: ReportingUnit) -> None:
        """Wait for a place; StopAsked when an end is asked for meanwhile."""
        waited_from, self.waiting = time.monotonic(), True
        try:
            while not self.places.acquire(timeout=_LOOK):
                if self.must_stop():
                    raise StopAsked(unit=unit.key)
        finally:
            self.begun, self.waiting = self.begun + time.monotonic() - waited_from, False
        self._reads = True
        if self._left:
            self.end_reading()

    def end_reading(self) -> None:
        """Give the place back: it waits for the network from here on, or has ended. May be called many times."""
        with self._lock:
            if self._reads:
                self._reads = False
                self.places.release()

    def leave(self) -> None:
        """It is slow: it no longer counts."""
        self._left = True
        self.end_reading()

    def must_stop(self) -> bool:
        """Whether it is to begin nothing new."""
        return self.asked_to_stop or self.stopping()

    def seconds(self) -> float:
        """How long it has worked."""
        return 0.0 if self.waiting else time.monotonic() - self.begun


class SlottedSource:
    """A source that is read when there is a place. The place is kept until the unit asks the network for something."""

    def __init__(self, source: Source, turn: Turn) -> None:
        self.source, self.turn = source, turn
        self.mapping: SourceMapping = source.mapping

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """See `Source`."""
        self.turn.begin_reading(unit)
        return self.source.read(unit, extracted_on, environment)
