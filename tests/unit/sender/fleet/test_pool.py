"""The threads of a fleet: fair, bounded, and none waits for one that is stuck."""

from __future__ import annotations

import threading
import time

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.sender.fleet.pool import Limits, Pool
from ktt.sender.fleet.reading_slots import Turn
from ktt.sender.outbox.errors import StopAsked

UNIT = ReportingUnit("312000008", "1114")
NEVER = Limits(workers=4, readers=2, slow_after=60, give_up_after=120)


def ended(pool, units):
    return list(pool.run(units))


class Counted:
    """How many are inside at the same time, at most."""

    def __init__(self):
        self.now, self.most, self._lock = 0, 0, threading.Lock()

    def __enter__(self):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_fault):
        with self._lock:
            self.now -= 1


def test_never_more_at_once_than_are_allowed_to_run_and_to_read():
    running, reading = Counted(), Counted()

    def work(unit, turn):
        with running:
            turn.begin_reading(UNIT)
            with reading:
                time.sleep(0.01)
            turn.end_reading()
            time.sleep(0.02)
        return unit

    names = [f"u{number}" for number in range(30)]
    pool = Pool(NEVER, work, lambda _: False, lambda: False)
    assert sorted(one.answer for one in ended(pool, names)) == sorted(names)
    assert (running.most, reading.most) == (4, 2)


def test_those_that_come_again_come_after_all_others_and_take_turns():
    order, left = [], {"load a": 3, "load b": 2}

    def work(unit, _turn):
        order.append(unit)
        left[unit] = left.get(unit, 0) - 1
        return unit

    pool = Pool(Limits(1, 1, 60, 120), work, lambda unit: left[unit] > 0, lambda: False)
    ended(pool, ["load a", "load b", "c", "d"])
    assert order == ["load a", "load b", "c", "d", "load a", "load b", "load a"]


def test_a_stuck_one_leaves_its_place_is_asked_to_stop_and_is_abandoned():
    stuck, asked, slow = threading.Event(), [], []
    limits = Limits(workers=1, readers=1, slow_after=0.3, give_up_after=0.8)

    def work(unit, turn):
        if unit == "stuck":
            turn.begin_reading(UNIT)
            stuck.wait(20)
            asked.append(turn.must_stop())
        else:
            turn.begin_reading(UNIT)
        return unit

    began = time.monotonic()
    found = ended(Pool(limits, work, lambda _: False, lambda: False, slow.append), ["stuck", "a", "b"])
    assert time.monotonic() - began < 10
    assert [(one.unit, one.answer, one.slow) for one in found] == [
        ("a", "a", False),
        ("b", "b", False),
        ("stuck", None, True),
    ]
    assert slow == ["stuck"]
    stuck.set()
    time.sleep(0.1)
    assert asked == [True]


def test_time_spent_waiting_for_a_place_is_not_ones_own():
    places = threading.Semaphore(0)
    turn = Turn(places, lambda: False)
    waiter = threading.Thread(target=turn.begin_reading, args=(UNIT,))
    waiter.start()
    time.sleep(0.5)
    assert turn.seconds() == 0
    places.release()
    waiter.join()
    assert turn.seconds() < 0.4


def test_who_waits_for_a_place_stops_when_asked_and_keeps_none():
    places, stop = threading.Semaphore(0), threading.Event()
    turn = Turn(places, stop.is_set)
    stop.set()
    with pytest.raises(StopAsked):
        turn.begin_reading(UNIT)
    turn.end_reading()
    assert not places.acquire(blocking=False)


def test_asked_to_stop_those_under_way_are_waited_for_and_no_other_begins():
    stop = threading.Event()

    def work(unit, _turn):
        stop.set()
        time.sleep(0.2)
        return unit

    found = ended(Pool(Limits(2, 2, 60, 120), work, lambda _: True, stop.is_set), ["a", "b", "c"])
    assert {one.unit for one in found} <= {"a", "b"}
    assert found
