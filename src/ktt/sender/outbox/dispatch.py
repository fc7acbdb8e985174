"""The sending loop: the head goes out, its outcome is written down, then the next is the head. Nothing overtakes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, Send
from ktt.sender.outbox.errors import LineBusy, LineHeld, LineNotReached, LinePaused, LineRefused, LineUnsettled
from ktt.sender.outbox.message import Attempt, QueuedMessage, State
from ktt.sender.outbox.retry_policy import Patience
from ktt.sender.outbox.store import OutboxStore

Step = Literal["marking", "sending", "answered", "settled"]
"""The steps of one attempt: before it is marked, marked and before a byte leaves, answered, written down."""


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What one drain did. `stopped` is why the line is not empty, and None when it is."""

    unit: ReportingUnit
    delivered: int
    undelivered: int
    stopped: KttError | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a drain waits and who is told.

    `steps` is called at each step of an attempt with the message's number; `delivered` after each accepted message.
    """

    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], object] = time.sleep
    steps: Callable[[Step, int], object] = lambda _step, _sequence: None
    delivered: Callable[[QueuedMessage], object] = lambda _message: None


@contextmanager
def hold(store: OutboxStore, unit: ReportingUnit) -> Iterator[None]:
    """Work alone on a unit's line while the block runs; LineBusy when another process does."""
    with store.exclusive(unit) as held:
        if not held:
            raise LineBusy(unit=unit.key)
        yield


def drain(store: OutboxStore, unit: ReportingUnit, send: Send, pace: Pace | None = None) -> DrainReport:
    """Send a unit's line until it is empty or must stop; LineBusy when another process is at it."""
    with hold(store, unit):
        return drain_held(store, unit, send, pace)


def drain_all(store: OutboxStore, sends: Mapping[ReportingUnit, Send], pace: Pace | None = None) -> list[DrainReport]:
    """Send each unit's line by its own `send`. What stops one stops no other."""
    return [_isolated(store, unit, send, pace) for unit, send in sends.items()]


def drain_held(store: OutboxStore, unit: ReportingUnit, send: Send, pace: Pace | None = None) -> DrainReport:
    """Send a unit's line, for one who holds it already."""
    pace, delivered, stopped = pace or Pace(), 0, None
    while stopped is None and (head := store.head(unit)) is not None:
        stopped = _deliver(store, head, send, pace)
        delivered += stopped is None
    return DrainReport(unit, delivered, store.line(unit).undelivered, stopped)


def _isolated(store: OutboxStore, unit: ReportingUnit, send: Send, pace: Pace | None) -> DrainReport:
    try:
        return drain(store, unit, send, pace)
    except KttError as fault:
        return DrainReport(unit, 0, store.line(unit).undelivered, fault)


def _deliver(store: OutboxStore, head: QueuedMessage, send: Send, pace: Pace) -> KttError | None:
    """One message until it is delivered (None), or why this run gives up on it."""
    tries = 0
    while head.state is not State.REJECTED:
        try:
            outcome, state = _attempt(store, head, send, pace)
        except LinePaused as paused:
            return paused
        tries += 1
        if state is State.DELIVERED:
            pace.delivered(head)
            return None
        wait = pace.patience.wait(tries, outcome)
        if wait is None or state is State.REJECTED:
            break
        pace.sleep(wait)
    now = store.message(head.unit, head.sequence)
    return why_stopped(now, store.attempts(head.unit, head.sequence))


def _attempt(store: OutboxStore, head: QueuedMessage, send: Send, pace: Pace) -> tuple[Outcome, State]:
    # A widening has its place here: the next message can be opened and sealed while this one is under way.
    pace.steps("marking", head.sequence)
    outgoing = store.mark_sending(head.unit, head.sequence)
    pace.steps("sending", head.sequence)
    outcome = send(outgoing)
    pace.steps("answered", head.sequence)
    state = store.settle(head.unit, head.sequence, outcome)
    pace.steps("settled", head.sequence)
    return outcome, state


def why_stopped(head: QueuedMessage, attempts: Iterable[Attempt]) -> KttError | None:
    """The error that a line stands for with this head, or None when its head has just not been tried yet."""
    last = max(attempts, key=lambda attempt: attempt.number, default=None)
    if last is None:
        return None
    facts = {"unit": head.unit.key, "sequence": head.sequence, "answer": _answer(last)}
    if head.state is State.REJECTED:
        return LineHeld(**facts)
    if head.state is State.UNCERTAIN:
        return LineUnsettled(**facts)
    return LineNotReached(**facts) if last.outcome == "not_sent" else LineRefused(**facts)


def _answer(attempt: Attempt) -> str:
    said = [attempt.http_status and f"HTTP {attempt.http_status}", attempt.code, attempt.name, attempt.details]
    words = " ".join(str(part) for part in said if part)
    return words or "?"
