"""The message behind the one under way is prepared meanwhile; the queue alone decides what is sent, and when."""

from __future__ import annotations

import threading

import pytest

from ktt.messages.contract import Accepted, Rejected, Unknown
from ktt.sender.outbox.dispatch import SendOptions, dispatch
from ktt.sender.outbox.errors import PayloadGone, QueueHeld, QueuePaused
from ktt.sender.outbox.message import State
from ktt.sender.outbox.read_ahead import ReadAhead
from ktt.sender.outbox.retry_policy import NO_RETRIES, RetryPolicy
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import UNIT, message

REJECTED = Rejected(400, 2008, "SchemaValidationFailed", "/0 required", "c-1")
PATIENCE = 30  # seconds until a test that waits for the other thread has failed


class Transport:
    """Prepares as the client does, and answers as it is told, then accepts."""

    def __init__(self, *answers):
        self.answers, self.sent, self.prepared = list(answers), [], []
        self.one_is_prepared = threading.Semaphore(0)
        self.meanwhile = lambda: None

    def prepare(self, payload):
        self.prepared.append(payload)
        self.one_is_prepared.release()
        return b"sealed " + payload

    def send(self, outgoing):
        self.sent.append((outgoing.payload, outgoing.prepared))
        self.meanwhile()
        return self.answers.pop(0) if self.answers else Accepted("c")

    def wait_for_the_next(self):
        assert self.one_is_prepared.acquire(timeout=PATIENCE)


@pytest.fixture
def store(clock):
    return MemoryOutbox(clock)


def send_all(store, transport, retry=NO_RETRIES):
    return dispatch(store, UNIT, transport.send, SendOptions(retry, prepare=transport.prepare, sleep=lambda _: None))


def test_the_next_message_is_prepared_while_this_one_is_under_way_and_sent_after_it(store):
    store.enqueue(UNIT, [message("a"), message("b"), message("c")])
    transport, states = Transport(), []

    def meanwhile():
        if len(transport.sent) < 3:
            transport.wait_for_the_next()
        states.append([m.state for m in store.messages(UNIT)])

    transport.meanwhile = meanwhile
    assert send_all(store, transport).delivered == 3
    assert transport.sent == [(b"[a]", None), (b"[b]", b"sealed [b]"), (b"[c]", b"sealed [c]")]
    done, under_way, waiting = State.DELIVERED, State.UNCERTAIN, State.WAITING
    assert states == [[under_way, waiting, waiting], [done, under_way, waiting], [done, done, under_way]]


def test_another_try_of_a_message_does_not_use_what_was_prepared(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    transport = Transport(Accepted("c-1"), Unknown("HTTP 503"))
    transport.meanwhile = lambda: transport.wait_for_the_next() if len(transport.sent) == 1 else None
    assert send_all(store, transport, RetryPolicy()).delivered == 2
    assert transport.sent == [(b"[a]", None), (b"[b]", b"sealed [b]"), (b"[b]", None)]
    assert transport.prepared == [b"[b]"]


def test_what_was_prepared_behind_a_rejected_message_is_thrown_away(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    transport = Transport(REJECTED)
    transport.meanwhile = transport.wait_for_the_next
    assert type(send_all(store, transport).stopped) is QueueHeld
    assert transport.sent == [(b"[a]", None)]
    assert store.message(UNIT, 2).state is State.WAITING
    store.rebuild(UNIT, by="ola", reason="rettet")
    store.enqueue(UNIT, [message("new")])
    again = Transport()
    assert send_all(store, again).delivered == 1
    assert again.sent == [(b"[new]", None)]


def test_a_pause_stops_a_message_that_is_prepared(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    transport = Transport()

    def meanwhile():
        transport.wait_for_the_next()
        store.pause(UNIT, by="ola", reason="bytter EPJ")

    transport.meanwhile = meanwhile
    assert type(send_all(store, transport).stopped) is QueuePaused
    assert transport.sent == [(b"[a]", None)]
    assert (store.message(UNIT, 2).state, store.attempts(UNIT, 2)) == (State.WAITING, [])


def test_only_the_message_that_the_queue_gives_next_is_taken(store):
    store.enqueue(UNIT, [message("a"), message("b"), message("c")])
    with ReadAhead(store, UNIT, Transport().prepare) as ahead:
        ahead.begin(2)
        outgoing = ahead.take(store.message(UNIT, 3))
    assert (outgoing.payload, outgoing.prepared) == (b"[c]", None)


def test_what_could_not_be_read_ahead_is_read_when_it_is_taken(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    faults = iter([PayloadGone(unit=UNIT.key, sequence=2)])

    def prepare(payload):
        for fault in faults:
            raise fault
        return payload

    with ReadAhead(store, UNIT, prepare) as ahead:
        ahead.begin(2)
        outgoing = ahead.take(store.message(UNIT, 2))
    assert (outgoing.payload, outgoing.prepared) == (b"[b]", None)


def test_a_fault_of_the_preparation_itself_is_not_hidden(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    options = SendOptions(prepare=lambda _payload: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dispatch(store, UNIT, lambda _outgoing: Accepted("c"), options)
    assert [m.state for m in store.messages(UNIT)] == [State.DELIVERED, State.UNCERTAIN]
