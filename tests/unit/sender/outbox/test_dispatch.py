"""The sending loop: order, holding, waiting, pausing, and that one queue does not stop another."""

from __future__ import annotations

import pytest

from ktt.messages.contract import Accepted, NotSent, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.dispatch import SendOptions, dispatch, dispatch_all, locked, stop_reason
from ktt.sender.outbox.errors import (
    AccessRefused,
    OutcomeUncertain,
    QueueBusy,
    QueueHeld,
    QueuePaused,
    ReceiverNotReached,
    StopAsked,
)
from ktt.sender.outbox.message import State
from ktt.sender.outbox.retry_policy import NO_RETRIES, RetryPolicy
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import OTHER, UNIT, message

REJECTED = Rejected(400, 2008, "SchemaValidationFailed", "/0 required", "c-1")


class Registry:
    """Answers as it is calls, then accepts; remembers what it was sent."""

    def __init__(self, *answers):
        self.answers, self.payloads = list(answers), []

    def send(self, outgoing):
        self.payloads.append(outgoing.payload.decode())
        return self.answers.pop(0) if self.answers else Accepted(f"c-{len(self.payloads)}")


@pytest.fixture
def store(clock):
    return MemoryOutbox(clock)


@pytest.fixture
def sleeps():
    return []


@pytest.fixture
def options(sleeps):
    return SendOptions(RetryPolicy(draw=lambda: 1.0), sleep=sleeps.append)


def queue(store, *names, unit=UNIT):
    store.enqueue(unit, [message(name) for name in names])


def test_a_queue_is_sent_in_order_until_it_is_empty(store, options):
    queue(store, "a", "b", "c")
    registry = Registry()
    report = dispatch(store, UNIT, registry.send, options)
    assert registry.payloads == ["[a]", "[b]", "[c]"]
    assert (report.delivered, report.undelivered, report.stopped) == (3, 0, None)


def test_an_empty_queue_sends_nothing(store, options):
    assert dispatch(store, UNIT, Registry().send, options).delivered == 0


def test_a_temporary_fault_is_retried_with_the_same_message(store, options, sleeps):
    queue(store, "a", "b")
    registry = Registry(NotSent("no connection"), Unknown("no answer"))
    report = dispatch(store, UNIT, registry.send, options)
    assert registry.payloads == ["[a]", "[a]", "[a]", "[b]"]
    assert sleeps == [1.0, 2.0]
    assert report.stopped is None


@pytest.mark.parametrize(
    ("answers", "error", "state"),
    [
        ([REJECTED], QueueHeld, State.REJECTED),
        ([TooLarge(413)], QueueHeld, State.REJECTED),
        ([Refused(401, "invalid_token")], AccessRefused, State.WAITING),
        ([Rejected(400, 1004, "InvalidKeyId", "")], AccessRefused, State.WAITING),
        ([NotSent("no connection")] * 4, ReceiverNotReached, State.WAITING),
        ([Unknown("HTTP 503")] * 4, OutcomeUncertain, State.UNCERTAIN),
        ([Unknown("HTTP 503"), REJECTED], QueueHeld, State.REJECTED),
        ([Unknown("HTTP 503"), Refused(403, "access")], OutcomeUncertain, State.UNCERTAIN),
    ],
)
def test_what_stops_a_queue(store, options, answers, error, state):
    queue(store, "a", "b")
    registry = Registry(*answers)
    report = dispatch(store, UNIT, registry.send, options)
    assert type(report.stopped) is error
    assert report.stopped.facts["sequence"] == 1
    assert (report.delivered, report.undelivered) == (0, 2)
    assert registry.payloads == ["[a]"] * len(answers)
    assert store.first_undelivered(UNIT).state is state


def test_a_held_queue_stays_held_and_says_why(store, options):
    queue(store, "a", "b")
    dispatch(store, UNIT, Registry(REJECTED).send, options)
    registry = Registry()
    report = dispatch(store, UNIT, registry.send, options)
    assert registry.payloads == []
    assert type(report.stopped) is QueueHeld
    assert "HTTP 400 2008 SchemaValidationFailed /0 required" in report.stopped.says().nb
    assert report.stopped.exit_code == 13


def test_a_queue_that_stopped_for_a_temporary_fault_goes_on_in_the_next_run(store, options):
    queue(store, "a", "b")
    dispatch(store, UNIT, Registry(*[Unknown("HTTP 503")] * 4).send, options)
    registry = Registry()
    assert dispatch(store, UNIT, registry.send, options).delivered == 2
    assert registry.payloads == ["[a]", "[b]"]


def test_what_stops_one_queue_stops_no_other(store, options):
    queue(store, "a", "b")
    queue(store, "x", "y", unit=OTHER)
    bad, good = Registry(REJECTED), Registry()
    mine, other = dispatch_all(store, {UNIT: bad.send, OTHER: good.send}, options)
    assert (type(mine.stopped), mine.undelivered) == (QueueHeld, 2)
    assert (other.stopped, other.delivered, good.payloads) == (None, 2, ["[x]", "[y]"])


def test_a_queue_that_another_process_works_on_is_left_alone(store, options):
    queue(store, "a")
    queue(store, "x", unit=OTHER)
    registry = Registry()
    with locked(store, UNIT):
        with pytest.raises(QueueBusy):
            dispatch(store, UNIT, registry.send, options)
        busy, other = dispatch_all(store, {UNIT: registry.send, OTHER: registry.send}, options)
    assert (type(busy.stopped), busy.undelivered, other.delivered) == (QueueBusy, 1, 1)
    assert registry.payloads == ["[x]"]


def test_a_pause_is_honoured_before_the_next_message(store, options):
    queue(store, "a", "b")

    def send(outgoing):
        store.pause(UNIT, by="ola", reason="bytter EPJ")
        return Accepted("c-1")

    report = dispatch(store, UNIT, send, options)
    assert (report.delivered, report.undelivered, type(report.stopped)) == (1, 1, QueuePaused)


def test_a_pause_is_honoured_before_the_next_try(store):
    queue(store, "a")
    registry = Registry(NotSent("no connection"))
    options = SendOptions(RetryPolicy(), sleep=lambda _: store.pause(UNIT, by="ola", reason=""))
    assert type(dispatch(store, UNIT, registry.send, options).stopped) is QueuePaused
    assert registry.payloads == ["[a]"]


@pytest.mark.parametrize("asked_at", ["marking", "sending", "answered"])
def test_asked_to_stop_the_message_under_way_is_done_and_the_next_not_begun(store, asked_at):
    queue(store, "a", "b")
    asked, registry = [], Registry()
    stopping = {"stopping": lambda: bool(asked), "on_step": lambda step, _: step == asked_at and asked.append(step)}
    report = dispatch(store, UNIT, registry.send, SendOptions(NO_RETRIES, **stopping))
    assert (type(report.stopped), report.delivered, registry.payloads) == (StopAsked, 1, ["[a]"])
    assert store.first_undelivered(UNIT).state is State.WAITING  # nothing of it is uncertain
    assert dispatch(store, UNIT, registry.send).stopped is None
    assert registry.payloads == ["[a]", "[b]"]


def test_asked_to_stop_when_the_next_is_marked_already_that_one_is_done_too(store):
    queue(store, "a", "b", "c")
    asked, registry = [], Registry()
    stopping = {"stopping": lambda: bool(asked), "on_step": lambda step, _: step == "settled" and asked.append(step)}
    report = dispatch(store, UNIT, registry.send, SendOptions(NO_RETRIES, **stopping))
    assert (type(report.stopped), registry.payloads) == (StopAsked, ["[a]", "[b]"])
    assert store.first_undelivered(UNIT).state is State.WAITING


def test_asked_to_stop_while_it_waits_for_another_try_there_is_none(store):
    queue(store, "a")
    asked, registry = [], Registry(NotSent("no connection"))
    options = SendOptions(RetryPolicy(), sleep=asked.append, stopping=lambda: bool(asked))
    assert type(dispatch(store, UNIT, registry.send, options).stopped) is ReceiverNotReached
    assert registry.payloads == ["[a]"]


def test_the_callbacks_of_a_message_come_in_order(store):
    queue(store, "a", "b")
    calls = []
    options = SendOptions(
        NO_RETRIES,
        on_step=lambda step, n: calls.append((step, n)),
        on_delivered=lambda m: calls.append(("done", m.sequence)),
    )
    dispatch(store, UNIT, Registry().send, options)
    steps = ["sending", "answered", "settled", "done"]  # the second is marked as the first is settled
    assert calls == [("marking", 1), *((step, n) for n in (1, 2) for step in steps)]


def test_a_queue_that_was_not_tried_has_no_stop_reason(store):
    queue(store, "a")
    assert stop_reason(store.first_undelivered(UNIT), []) is None


@pytest.mark.parametrize(
    ("outcome", "nb", "en"),
    [
        (NotSent("HelseID: no connection"), "HelseID: ingen forbindelse", "HelseID: no connection"),
        (NotSent("no connection in time"), "forbindelsen ble ikke opprettet i tide", "no connection in time"),
        (NotSent("HelseID: no token (HTTP 503)"), "HelseID: ikke noe token (HTTP 503)", "HelseID: no token (HTTP 503)"),
        (
            NotSent("keys: none usable (1 expired, 0 unfit)"),
            "nøkler: ingen kan brukes (1 utløpt, 0 uegnet)",
            "keys: none",
        ),
        (Unknown("no answer in time"), "svaret kom ikke i tide", "no answer in time"),
        (Refused(403, "HelseID: refused"), "HTTP 403 HelseID: avvist", "HTTP 403 HelseID: refused"),
        (Refused(401, "invalid_token"), "HTTP 401 invalid_token", "HTTP 401 invalid_token"),
        (Rejected(400, 2008, "PersonUnknown", "keys expired"), "PersonUnknown keys expired", "keys expired"),
    ],
)
def test_the_last_answer_is_told_in_both_languages(store, options, outcome, nb, en):
    queue(store, "a")
    stopped = dispatch(store, UNIT, Registry(*[outcome] * 4).send, options).stopped
    assert f"({nb})" in stopped.says().nb or f" {nb})" in stopped.says().nb
    assert en in stopped.says().en
