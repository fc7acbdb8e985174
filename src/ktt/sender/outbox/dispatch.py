"""The sending loop: send the first undelivered message, write down its outcome, go on with the next. None overtakes.

A message's outcome and the mark of the one behind it are one transaction, so that the disk is waited for once a message;
what can be done of the one behind before its turn is done while the first is under way (`read_ahead`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ktt.core.errors import KttError
from ktt.core.text import Text, duration
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, OutgoingMessage, Send
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
    StopAsked,
)
from ktt.sender.outbox.message import Attempt, QueuedMessage, State
from ktt.sender.outbox.read_ahead import Prepare, ReadAhead
from ktt.sender.outbox.retry_policy import RetryPolicy

if TYPE_CHECKING:  # Polars comes with it, and whoever looks at the status of a queue needs none
    from ktt.sender.outbox.store import OutboxStore

Step = Literal["marking", "sending", "answered", "settled"]
"""The steps of an attempt: marked but no byte sent, answered, written down. `marking` comes before them when a message is
marked by itself: the first of a dispatch, or another try. One behind another is marked as that one is written down."""


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

    `prepare` is what the transport can do to a payload before its turn. `stopping` says that nothing new is to be begun: the
    message under way is written down, and the next is not marked. `on_step` is called at each step of an attempt with the message's number, `on_delivered` after each accepted message,
    `on_planned` when it is known how many records a run will send.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    prepare: Prepare = lambda _payload: None
    sleep: Callable[[float], object] = time.sleep
    stopping: Callable[[], bool] = lambda: False
    on_step: Callable[[Step, int], object] = lambda _step, _sequence: None
    on_delivered: Callable[[QueuedMessage], object] = lambda _message: None
    on_planned: Callable[[int], object] = lambda _records: None


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
    options = options or SendOptions()
    with ReadAhead(store, unit, options.prepare) as ahead:
        sending = _Sending(store, unit, send, options, ahead)
        stopped = sending.run()
    return DispatchReport(unit, sending.delivered, store.queue(unit).undelivered, stopped)


def _isolated(store: OutboxStore, unit: ReportingUnit, send: Send, options: SendOptions | None) -> DispatchReport:
    try:
        return dispatch(store, unit, send, options)
    except KttError as fault:
        return DispatchReport(unit, 0, store.queue(unit).undelivered, fault)


@dataclass(slots=True)
class _Sending:
    """One dispatch under way. `marked` is the next message, when it was marked as the one before it was settled."""

    store: OutboxStore
    unit: ReportingUnit
    send: Send
    options: SendOptions
    ahead: ReadAhead
    delivered: int = 0
    marked: QueuedMessage | None = None

    def run(self) -> KttError | None:
        """Send until the queue is empty (None), or must stop: then why."""
        stopped = None
        while stopped is None and (message := self.marked or self.store.first_undelivered(self.unit)) is not None:
            begun = self.marked is not None  # marked as under way: to leave it would be to leave its outcome unknown
            asked = not begun and self.options.stopping()
            stopped = StopAsked(unit=self.unit.key) if asked else self._deliver(message)
        return stopped

    def _deliver(self, message: QueuedMessage) -> KttError | None:
        """Try one message until it is delivered (None), or until this run gives up: then why."""
        attempts = 0
        while message.state is not State.REJECTED:
            try:
                outcome, state = self._attempt(message)
            except QueuePaused as paused:
                return paused
            attempts += 1
            if state is State.DELIVERED:
                self.delivered += 1
                self.options.on_delivered(message)
                return None
            delay = self.options.retry.delay(attempts, outcome)
            if delay is None or state is State.REJECTED:
                break
            self.options.sleep(delay)
            if self.options.stopping():
                break
        now = self.store.message(message.unit, message.sequence)
        return stop_reason(now, self.store.attempts(message.unit, message.sequence))

    def _attempt(self, message: QueuedMessage) -> tuple[Outcome, State]:
        outgoing = self._outgoing(message)
        self.ahead.begin(message.sequence + 1)
        self.options.on_step("sending", message.sequence)
        outcome = self.send(outgoing)
        self.options.on_step("answered", message.sequence)
        state = self._settle(message, outcome)
        self.options.on_step("settled", message.sequence)
        return outcome, state

    def _settle(self, message: QueuedMessage, outcome: Outcome) -> State:
        if self.options.stopping():
            return self.store.settle(message.unit, message.sequence, outcome)
        state, self.marked = self.store.settle_and_mark(message.unit, message.sequence, outcome)
        return state

    def _outgoing(self, message: QueuedMessage) -> OutgoingMessage:
        """The message, marked as under way."""
        marked, self.marked = self.marked, None
        if marked is not None:
            return self.ahead.take(marked)
        self.options.on_step("marking", message.sequence)
        return self.store.mark_sending(message.unit, message.sequence)


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
