"""The sending loop: send the first undelivered message, write down its outcome, go on with the next. None overtakes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from ktt.core.errors import KttError
from ktt.core.text import Text, duration
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, Send
from ktt.sender.clock_offset import without_offset
from ktt.sender.outbox.answer_words import answer_of
from ktt.sender.outbox.errors import (
    AccessRefused,
    ClockWrong,
    OutcomeUncertain,
    QueueBusy,
    QueueHeld,
    QueuePaused,
    ReceiverNotReached,
)
from ktt.sender.outbox.message import Attempt, QueuedMessage, State
from ktt.sender.outbox.retry_policy import RetryPolicy
from ktt.sender.outbox.store import OutboxStore

Step = Literal["marking", "sending", "answered", "settled"]
"""The steps of one attempt: before it is marked, marked but no byte sent, answered, written down."""


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What one dispatch did. `stopped` is why the queue is not empty, and None when it is."""

    unit: ReportingUnit
    delivered: int
    undelivered: int
    stopped: KttError | None = None


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How often a message is tried, how the sender waits, and who is notified.

    `on_step` is called at each step of an attempt with the message's number, `on_delivered` after each accepted message.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], object] = time.sleep
    on_step: Callable[[Step, int], object] = lambda _step, _sequence: None
    on_delivered: Callable[[QueuedMessage], object] = lambda _message: None


@contextmanager
def locked(store: OutboxStore, unit: ReportingUnit) -> Iterator[None]:
    """The exclusive right to work on a unit's queue while the block runs; QueueBusy when another process has it."""
    with store.exclusive(unit) as ours:
        if not ours:
            raise QueueBusy(unit=unit.key)
        yield


def dispatch(store: OutboxStore, unit: ReportingUnit, send: Send, options: SendOptions | None = None) -> DispatchReport:
    """Send a unit's queue until it is empty or must stop; QueueBusy when another process works on it."""
    with locked(store, unit):
        return dispatch_locked(store, unit, send, options)


def dispatch_all(
    store: OutboxStore, sends: Mapping[ReportingUnit, Send], options: SendOptions | None = None
) -> list[DispatchReport]:
    """Send each unit's queue by its own `send`. What stops one queue stops no other."""
    return [_isolated(store, unit, send, options) for unit, send in sends.items()]


def dispatch_locked(
    store: OutboxStore, unit: ReportingUnit, send: Send, options: SendOptions | None = None
) -> DispatchReport:
    """As `dispatch`, for a caller that has the queue's lock already."""
    options, delivered, stopped = options or SendOptions(), 0, None
    while stopped is None and (message := store.first_undelivered(unit)) is not None:
        stopped = _deliver(store, message, send, options)
        delivered += stopped is None
    return DispatchReport(unit, delivered, store.queue(unit).undelivered, stopped)


def _isolated(store: OutboxStore, unit: ReportingUnit, send: Send, options: SendOptions | None) -> DispatchReport:
    try:
        return dispatch(store, unit, send, options)
    except KttError as fault:
        return DispatchReport(unit, 0, store.queue(unit).undelivered, fault)


def _deliver(store: OutboxStore, message: QueuedMessage, send: Send, options: SendOptions) -> KttError | None:
    """Try one message until it is delivered (None), or until this run gives up: then why."""
    attempts = 0
    while message.state is not State.REJECTED:
        try:
            outcome, state = _attempt(store, message, send, options)
        except QueuePaused as paused:
            return paused
        attempts += 1
        if state is State.DELIVERED:
            options.on_delivered(message)
            return None
        delay = options.retry.delay(attempts, outcome)
        if delay is None or state is State.REJECTED:
            break
        options.sleep(delay)
    now = store.message(message.unit, message.sequence)
    return stop_reason(now, store.attempts(message.unit, message.sequence))


def _attempt(store: OutboxStore, message: QueuedMessage, send: Send, options: SendOptions) -> tuple[Outcome, State]:
    options.on_step("marking", message.sequence)
    outgoing = store.mark_sending(message.unit, message.sequence)
    options.on_step("sending", message.sequence)
    outcome = send(outgoing)
    options.on_step("answered", message.sequence)
    state = store.settle(message.unit, message.sequence, outcome)
    options.on_step("settled", message.sequence)
    return outcome, state


def stop_reason(first: QueuedMessage, attempts: Iterable[Attempt]) -> KttError | None:
    """Why a queue with this first undelivered message has stopped; None when the message has not been tried yet."""
    last = max(attempts, key=lambda attempt: attempt.number, default=None)
    if last is None:
        return None
    details, offset = without_offset(last.details or "")
    answer = answer_of(replace(last, details=details))
    facts = {"unit": first.unit.key, "sequence": first.sequence, "answer": answer}
    if first.state is State.REJECTED:
        return QueueHeld(**facts)
    if first.state is State.UNCERTAIN:
        return OutcomeUncertain(**facts)
    if last.outcome == "not_sent":
        return ReceiverNotReached(**facts)
    return ClockWrong(**facts, offset=_told(offset)) if offset else AccessRefused(**facts)


def _told(offset: dt.timedelta) -> Text:
    fast = offset > dt.timedelta()
    ahead, behind = Text(nb="{span} for fort", en="{span} fast"), Text(nb="{span} for sent", en="{span} slow")
    return (ahead if fast else behind).format(span=duration(abs(offset)))
