"""The sending loop: order, holding, waiting, pausing, and one line not stopping another."""

from __future__ import annotations

import pytest

from ktt.messages.contract import Accepted, NotSent, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.dispatch import Pace, drain, drain_all, hold, why_stopped
from ktt.sender.outbox.errors import LineBusy, LineHeld, LineNotReached, LinePaused, LineRefused, LineUnsettled
from ktt.sender.outbox.memory import MemoryOutbox
from ktt.sender.outbox.message import State
from ktt.sender.outbox.retry_policy import IMPATIENT, Patience
from support.outbox_lines import OTHER, UNIT, message

REJECTED = Rejected(400, 2008, "SchemaValidationFailed", "/0 required", "c-1")


class Registry:
    """Answers as it is told, then accepts; remembers what it was sent."""

    def __init__(self, *answers):
        self.answers, self.payloads = list(answers), []

    def send(self, outgoing):
        self.payloads.append(outgoing.payload.decode())
        return self.answers.pop(0) if self.answers else Accepted(f"c-{len(self.payloads)}")


@pytest.fixture
def store(clock):
    return MemoryOutbox(clock)


@pytest.fixture
def naps():
    return []


@pytest.fixture
def pace(naps):
    return Pace(Patience(draw=lambda: 1.0), sleep=naps.append)


def queue(store, *names, unit=UNIT):
    store.enqueue(unit, [message(name) for name in names])


def test_a_line_is_sent_in_order_until_it_is_empty(store, pace):
    queue(store, "a", "b", "c")
    registry = Registry()
    report = drain(store, UNIT, registry.send, pace)
    assert registry.payloads == ["[a]", "[b]", "[c]"]
    assert (report.delivered, report.undelivered, report.stopped) == (3, 0, None)


def test_an_empty_line_has_nothing_to_say(store, pace):
    assert drain(store, UNIT, Registry().send, pace).delivered == 0


def test_temporary_faults_are_waited_out_with_the_same_message(store, pace, naps):
    queue(store, "a", "b")
    registry = Registry(NotSent("no connection"), Unknown("no answer"))
    report = drain(store, UNIT, registry.send, pace)
    assert registry.payloads == ["[a]", "[a]", "[a]", "[b]"]
    assert naps == [1.0, 2.0]
    assert report.stopped is None


@pytest.mark.parametrize(
    ("answers", "error", "state"),
    [
        ([REJECTED], LineHeld, State.REJECTED),
        ([TooLarge(413)], LineHeld, State.REJECTED),
        ([Refused(401, "invalid_token")], LineRefused, State.WAITING),
        ([Rejected(400, 1004, "InvalidKeyId", "")], LineRefused, State.WAITING),
        ([NotSent("no connection")] * 4, LineNotReached, State.WAITING),
        ([Unknown("HTTP 503")] * 4, LineUnsettled, State.UNCERTAIN),
        ([Unknown("HTTP 503"), REJECTED], LineHeld, State.REJECTED),
        ([Unknown("HTTP 503"), Refused(403, "access")], LineUnsettled, State.UNCERTAIN),
    ],
)
def test_what_stops_a_line(store, pace, answers, error, state):
    queue(store, "a", "b")
    registry = Registry(*answers)
    report = drain(store, UNIT, registry.send, pace)
    assert type(report.stopped) is error
    assert report.stopped.facts["sequence"] == 1
    assert (report.delivered, report.undelivered) == (0, 2)
    assert registry.payloads == ["[a]"] * len(answers)
    assert store.head(UNIT).state is state


def test_a_held_line_stays_held_and_says_why(store, pace):
    queue(store, "a", "b")
    drain(store, UNIT, Registry(REJECTED).send, pace)
    registry = Registry()
    report = drain(store, UNIT, registry.send, pace)
    assert registry.payloads == []
    assert type(report.stopped) is LineHeld
    assert "HTTP 400 2008 SchemaValidationFailed /0 required" in report.stopped.says().nb
    assert report.stopped.exit_code == 13


def test_a_line_that_stopped_for_a_while_goes_on_by_itself(store, pace):
    queue(store, "a", "b")
    drain(store, UNIT, Registry(*[Unknown("HTTP 503")] * 4).send, pace)
    registry = Registry()
    assert drain(store, UNIT, registry.send, pace).delivered == 2
    assert registry.payloads == ["[a]", "[b]"]


def test_what_stops_one_line_stops_no_other(store, pace):
    queue(store, "a", "b")
    queue(store, "x", "y", unit=OTHER)
    bad, good = Registry(REJECTED), Registry()
    mine, other = drain_all(store, {UNIT: bad.send, OTHER: good.send}, pace)
    assert (type(mine.stopped), mine.undelivered) == (LineHeld, 2)
    assert (other.stopped, other.delivered, good.payloads) == (None, 2, ["[x]", "[y]"])


def test_a_busy_line_is_left_alone(store, pace):
    queue(store, "a")
    queue(store, "x", unit=OTHER)
    registry = Registry()
    with hold(store, UNIT):
        with pytest.raises(LineBusy):
            drain(store, UNIT, registry.send, pace)
        busy, other = drain_all(store, {UNIT: registry.send, OTHER: registry.send}, pace)
    assert (type(busy.stopped), busy.undelivered, other.delivered) == (LineBusy, 1, 1)
    assert registry.payloads == ["[x]"]


def test_a_pause_is_honoured_before_the_next_message(store, pace):
    queue(store, "a", "b")

    def send(outgoing):
        store.pause(UNIT, by="ola", reason="bytter EPJ")
        return Accepted("c-1")

    report = drain(store, UNIT, send, pace)
    assert (report.delivered, report.undelivered, type(report.stopped)) == (1, 1, LinePaused)


def test_a_pause_is_honoured_before_the_next_try(store):
    queue(store, "a")
    registry = Registry(NotSent("no connection"))
    pace = Pace(Patience(), sleep=lambda _: store.pause(UNIT, by="ola", reason=""))
    assert type(drain(store, UNIT, registry.send, pace).stopped) is LinePaused
    assert registry.payloads == ["[a]"]


def test_the_steps_of_a_message_are_told_in_order(store):
    queue(store, "a", "b")
    told = []
    pace = Pace(
        IMPATIENT, steps=lambda step, n: told.append((step, n)), delivered=lambda m: told.append(("done", m.sequence))
    )
    drain(store, UNIT, Registry().send, pace)
    steps = ["marking", "sending", "answered", "settled", "done"]
    assert told == [(step, n) for n in (1, 2) for step in steps]


def test_nothing_has_stopped_a_line_that_was_not_tried(store):
    queue(store, "a")
    assert why_stopped(store.head(UNIT), []) is None
