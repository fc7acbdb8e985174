"""A change of units that dies at any step: whatever was done, the same command again ends as if nothing had happened."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted
from ktt.messages.register import pack
from ktt.sender.client.lookups import NotOffered
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.unit_changes.carry_out import ChangeRequest, Changing
from ktt.sender.unit_changes.change import Kind
from ktt.sender.unit_changes.guard import check_may_report
from ktt.sender.unit_changes.registry_rest import Way
from ktt.sender.unit_changes.withdrawal import UnitStores, told
from support.memory_findings import MemoryFindings
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import deliver, message
from support.unit_changes import MemoryUnitChanges

A, B, C = (ReportingUnit(number, "1114") for number in ("312000008", "312000113", "312000229"))
REQUEST = ChangeRequest(Kind.MERGE, dt.date(2026, 3, 2), "kommunereformen", "kari")
RECORDS = {A: {"decision": 2, "care_service": 3, "diagnosis": 1}, B: {"care_service": 2}}
WRITING = {"enqueue", "mark_sending", "settle", "settle_and_mark", "rebuild", "record", "begin", "mark_withdrawn"}


class DiedError(Exception):
    """The process is gone."""


class World:
    """Two units that leave and one that comes, each with stores of its own, and a registry that counts deletions."""

    def __init__(self, clock):
        self.clock, self.left = clock, None
        self.deleted, self._last = [], {}
        self.stores = {unit: self._stores(unit) for unit in (A, B, C)}
        for unit, counts in RECORDS.items():
            for kind, count in counts.items():
                ids = {f"{kind}-{unit.organisation}-{nth}": "f" for nth in range(count)}
                self.stores[unit].outbox.enqueue(unit, [message("load", kind, **ids)])
                deliver(self.stores[unit].outbox, unit)
            self.stores[unit].outbox.enqueue(unit, [message("waits", "diagnosis", **{f"waits-{unit.key}": "f"})])

    def _stores(self, unit):
        kept = MemoryOutbox(self.clock), MemoryFindings(self.clock), MemoryUnitChanges()
        return UnitStores(unit, "sandbox", *(Mortal(one, self.step) for one in kept), pack("ktt_v1"))

    def step(self):
        """One step: before or after anything that is written or sent."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise DiedError

    def send(self, outgoing):
        """Accepts everything, and a unit's last message again without taking it twice."""
        self.step()
        if self._last.get(outgoing.unit) != outgoing.payload:
            self._last[outgoing.unit] = outgoing.payload
            self.deleted += list(deletions(outgoing.payload))
        self.step()
        return Accepted("c")

    def run(self, die_after=None):
        """Carry out the change; dies after so many steps."""
        self.left = die_after
        leaving, coming = [self.stores[A], self.stores[B]], [self.stores[C]]
        ways = {unit: Way(self.send, lambda _: NotOffered()) for unit in (A, B)}
        try:
            return Changing(REQUEST, leaving, coming, ways, self.clock, SendOptions(NO_RETRIES)).carry_out()
        finally:
            self.left = None

    def check_safe(self):
        """Once anything is deleted, or any store knows of the change, the one that comes after may not report."""
        if self.deleted or any(self.stores[unit].changes.changes() for unit in (A, B)):
            whole = all(change.left == () for change in self.stores[C].changes.changes())
            if not whole:
                with pytest.raises(KttError, match="KTT-UNI-03"):
                    check_may_report(self.stores[C].changes.changes(), C)
            else:
                assert not told(self.stores[A])
                assert not told(self.stores[B])


class Mortal:
    """A store during whose writing the process may die, before it or after it, and never half-way."""

    def __init__(self, store, step):
        self._store, self._step = store, step

    def __getattr__(self, name):
        method = getattr(self._store, name)
        return self._mortal(method) if name in WRITING else method

    def _mortal(self, method):
        def called(*arguments, **named):
            self._step()
            done = method(*arguments, **named)
            self._step()
            return done

        return called


def deletions(payload):
    for batch in json.loads(payload):
        for name, items in batch.items():
            if name.startswith("slett"):
                yield from (next(value for key, value in item.items() if key.endswith("Id")) for item in items)


def outcome(world):
    """What the stores say in the end, without ids and instants of the change."""
    for stores in world.stores.values():
        (change,) = stores.changes.changes()
        assert (change.left, change.successors, change.reason) == ((), (C,), "kommunereformen")
    held = {unit: told(stores) for unit, stores in world.stores.items()}
    undelivered = {unit: stores.outbox.queue(unit).undelivered for unit, stores in world.stores.items()}
    return held, undelivered, sorted(world.deleted)


def steps_of_a_whole_run(clock):
    world, count = World(clock), 0

    def counting():
        nonlocal count
        count += 1

    world.step = counting
    for stores in world.stores.values():
        for store in (stores.outbox, stores.findings, stores.changes):
            store._step = counting
    world.run().check()
    return count, outcome(world)


def test_died_at_every_step_and_run_again_it_ends_the_same(clock):
    steps, wanted = steps_of_a_whole_run(clock)
    assert steps > 40
    assert wanted[0] == {A: {}, B: {}, C: {}}
    every = [
        f"{kind}-{unit.organisation}-{nth}" for unit in RECORDS for kind, n in RECORDS[unit].items() for nth in range(n)
    ]
    assert wanted[2] == sorted(every)  # each once, and what only waited not at all
    for die_after in range(steps):
        world = World(clock)
        with pytest.raises(DiedError):
            world.run(die_after)
        world.check_safe()
        world.run().check()
        assert outcome(world) == wanted, die_after


def test_dying_again_and_again_it_comes_through(clock):
    _, wanted = steps_of_a_whole_run(clock)
    world, deaths = World(clock), 0
    while True:
        try:
            world.run(die_after=8 + deaths).check()
            break
        except DiedError:
            deaths += 1
            world.check_safe()
        assert deaths < 100
    assert deaths > 2
    assert outcome(world) == wanted
