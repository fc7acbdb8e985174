"""Runs of many units in threads: fair, isolated, and none waits for a slow one.

Every unit has one turn, in order. One that answers `AGAIN` comes once more behind all others, so that an initial load goes
on without a daily run waiting for it. A turn that has worked for too long leaves its place to the next; one that goes on
even longer is asked to stop, and then abandoned with its thread: it holds the lock of its own queue alone, and what it
has sent is written down as it would be if the process were killed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ktt.sender.fleet.reading_slots import Turn

Answer = TypeVar("Answer")
_GRACE = 90.0  # seconds, a little less than one request may take
_TICK = 0.2  # seconds between looks at who is slow


@dataclass(frozen=True, slots=True)
class Limits:
    """How many are under way and read, and after how many seconds a turn is slow, asked to stop, and abandoned."""

    workers: int
    readers: int
    slow_after: float
    give_up_after: float

    @property
    def abandon_after(self) -> float:
        """A while after it was asked to stop: a message under way may be answered."""
        return self.give_up_after + min(_GRACE, self.give_up_after / 2)


@dataclass(frozen=True, slots=True)
class Ended(Generic[Answer]):
    """A turn that has ended, or was abandoned (then without an answer)."""

    unit: str
    answer: Answer | None
    seconds: float
    slow: bool


@dataclass(slots=True)
class Pool(Generic[Answer]):
    """One run over the units. `work` gets a unit's name and its turn, and must not raise; `again` says who comes once more."""

    limits: Limits
    work: Callable[[str, Turn], Answer]
    again: Callable[[Answer], bool]
    stopping: Callable[[], bool]
    on_slow: Callable[[str], object] = lambda _unit: None
    _ended: queue.SimpleQueue[tuple[str, Answer]] = field(default_factory=queue.SimpleQueue)
    _under_way: dict[str, Turn] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)

    def run(self, units: Sequence[str]) -> Iterator[Ended[Answer]]:
        """Every turn as it ends. When an end is asked for, those under way are waited for and no other begins."""
        waiting, places = deque(units), threading.Semaphore(self.limits.readers)
        while self._under_way or (waiting and not self.stopping()):
            while waiting and not self.stopping() and len(self._under_way) - len(self._slow) < self.limits.workers:
                self._begin(waiting.popleft(), places)
            for one in self._wait():
                if one.answer is not None and self.again(one.answer):
                    waiting.append(one.unit)
                yield one

    def _begin(self, unit: str, places: threading.Semaphore) -> None:
        turn = self._under_way[unit] = Turn(places, self.stopping)
        threading.Thread(target=self._take, args=(unit, turn), name=f"unit {unit}", daemon=True).start()

    def _take(self, unit: str, turn: Turn) -> None:
        try:
            answer = self.work(unit, turn)
        finally:
            turn.end_reading()
        self._ended.put((unit, answer))

    def _wait(self) -> Iterator[Ended[Answer]]:
        try:
            unit, answer = self._ended.get(timeout=_TICK)
        except queue.Empty:
            pass
        else:
            if unit in self._under_way:  # one that was abandoned may end later
                yield self._end(unit, answer)
        yield from self._watch()

    def _watch(self) -> Iterator[Ended[Answer]]:
        limits = self.limits
        for unit, turn in list(self._under_way.items()):
            seconds = turn.seconds()
            if seconds > limits.slow_after and unit not in self._slow:
                self._slow.add(unit)
                turn.leave()
                self.on_slow(unit)
            turn.asked_to_stop |= seconds > limits.give_up_after
            if seconds > limits.abandon_after:
                yield self._end(unit, None)

    def _end(self, unit: str, answer: Answer | None) -> Ended[Answer]:
        slow = unit in self._slow
        self._slow.discard(unit)
        return Ended(unit, answer, time.monotonic() - self._under_way.pop(unit).begun, slow)
