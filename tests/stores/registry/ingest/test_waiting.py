"""Messages about several units, some unreadable, with holds, releases and pages in any order: each unit's content is always
what its first messages make of it, in order, and in the end what all of them make.

The model is the naive registry, which is told of one message after the other and knows of no holds, pages or positions.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ktt.domain.unit import ReportingUnit
from ktt.registry import Registry
from ktt.registry.ingest import page_reader
from ktt.registry.tables import INGEST_POSITION, INGESTED, WAITING
from support import effort
from support.naive_registry import NaiveRegistry
from support.registry_content import empty
from support.registry_inbox import START, ListInbox, lines, service, services, shared
from support.settable_clock import SettableClock
from support.unreadable_messages import FAULTS

UNITS = [ReportingUnit("312000008", f"11{n}") for n in (11, 12, 14, 19)]
ABOUT = st.lists(st.sampled_from(UNITS), min_size=1, max_size=3, unique=True)
ACTIONS = [*["send"] * 4, *["send_unreadable"] * 2, *["ingest"] * 4, "mend", *["release"] * 2, *["interrupted"] * 2]
SPOILERS = st.sampled_from(list(FAULTS.values()))
TYPES = ["15", "18", "6", "1", "2"]


class WaitingMachine(RuleBasedStateMachine):
    """A registry and the messages that the receiver has accepted; `url` is set by the test."""

    url = ""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.registry, self.other = self.open(), self.open()
        empty(self.registry)
        self.inbox = ListInbox()
        self.stated = {}  # position → unit → {service: type}, whether or not it can be read
        self.readable = {}  # position → the message as it was sent

    def open(self):
        keys = (Path(self.folder.name) / name for name in ("key", "identity.key"))
        return Registry.open(self.url, *keys, clock=SettableClock(START))

    def teardown(self):
        try:
            self.inbox.messages[:] = self.readable.values()
            while held := self.registry.held():
                self.let_go(self.registry, held[-1])
                self.registry.ingest(self.inbox)
                assert len(self.registry.held()) < len(held), "a release with everything mended lets units go on"
            self.registry.ingest(self.inbox)
            assert self.taken() == set(self.stated)
            self.compare()
        finally:
            for registry in (self.registry, self.other):
                registry.close()
            self.folder.cleanup()

    @initialize(page=st.sampled_from([1, 2, 3, 16]), data=st.data())
    def something_that_waits(self, page, data):
        page_reader._PAGE_MOST = page
        for action in ("send", "send_unreadable", "send"):
            self.live(action, data)

    @rule(action=st.sampled_from(ACTIONS), data=st.data())
    def live(self, action, data):
        """One thing happens. One rule, as Hypothesis switches whole rules off in most of its runs."""
        getattr(self, action)(data)
        self.compare()

    def send(self, data, *, readable=True):
        position = len(self.stated) + 1
        units = data.draw(ABOUT)
        kind = TYPES[position % len(TYPES)]  # each message tells something else of the same two services
        self.stated[position] = {unit: {data.draw(st.sampled_from(["T-1", "T-2"])): kind} for unit in units}
        parts = [
            (u, services(*(service(n, service_type=t) for n, t in s.items()))) for u, s in self.stated[position].items()
        ]
        self.readable[position] = shared(position, *parts)
        self.inbox.messages.append(
            self.readable[position] if readable else data.draw(SPOILERS)(self.readable[position])
        )

    def send_unreadable(self, data):
        self.send(data, readable=False)

    def ingest(self, data):
        limit = data.draw(st.sampled_from([None, 1, 2]))
        self.registry.ingest(self.inbox, limit)
        self.compare()
        if limit is None:
            self.everybody_else_went_on()

    def mend(self, data):
        """What a unit waits behind can be read from now on; nothing happens before a release."""
        if held := self.registry.held():
            position = data.draw(st.sampled_from(held)).position
            self.inbox.messages[position - 1] = self.readable[position]

    def release(self, data):
        """Whether or not anything was mended."""
        if held := self.registry.held():
            self.let_go(self.registry, data.draw(st.sampled_from(held)))

    def interrupted(self, data):
        """While a page is under way, another process releases a unit and ingests: all, or just as far as before."""
        self.send(data)
        if data.draw(st.booleans()):
            self.mend(data)
        held, frames = self.registry.held(), page_reader.ParsedMessages
        seen = self.position() if data.draw(st.booleans()) else len(self.stated)
        goes = data.draw(st.sampled_from(held)) if held else None
        pages = iter(range(data.draw(st.sampled_from([0, 1]))))  # read before it happens, the last of them ahead

        def meanwhile(*given):
            if next(pages, None) is not None:
                return frames(*given)
            page_reader.ParsedMessages = frames
            if goes:
                self.let_go(self.other, goes)
            self.other.ingest(ListInbox(*self.inbox.messages[:seen]))
            return frames(*given)

        page_reader.ParsedMessages = meanwhile
        try:
            self.registry.ingest(self.inbox, data.draw(st.sampled_from([None, 1, 2])))
        finally:
            page_reader.ParsedMessages = frames

    def let_go(self, registry, one):
        released = registry.release(ReportingUnit.from_key(one.unit), "Ingrid", "mended")
        assert {each.unit for each in released} == {one.unit, *one.together}

    def position(self):
        with self.registry._database.reading() as connection:
            return connection.scalars(sa.select(INGEST_POSITION.c.position)).one()

    def taken(self):
        with self.registry._database.reading() as connection:
            return set(connection.scalars(sa.select(INGESTED.c.position)))

    def everybody_else_went_on(self):
        """Of a unit that does not wait everything is there; what waits is known, and counted."""
        held = {one.unit: one.messages for one in self.registry.held()}
        taken = self.taken()
        left = [unit.key for position, units in self.stated.items() if position not in taken for unit in units]
        assert {unit: left.count(unit) for unit in left} == held
        with self.registry._database.reading() as connection:
            assert set(connection.scalars(sa.select(WAITING.c.position))) == set(self.stated) - taken

    def compare(self):
        taken, naive = self.taken(), NaiveRegistry()
        for position in sorted(taken):
            for unit, stated in self.stated[position].items():
                earlier = [n for n in range(1, position) if unit in self.stated[n]]
                assert taken.issuperset(earlier), f"{position} overtook {set(earlier) - taken} of {unit.key}"
                naive.take(position, unit, stated, ())
        for unit in UNITS:
            assert sorted(lines(self.registry, unit)) == naive.lines(unit)


def test_no_message_of_a_unit_ever_overtakes_another(registry_url, monkeypatch):
    monkeypatch.setattr(page_reader, "_PAGE_MOST", page_reader._PAGE_MOST)  # the machine chooses others
    WaitingMachine.url = registry_url
    run_state_machine_as_test(
        WaitingMachine,
        settings=settings(
            max_examples=effort.REGISTRY_WAITING,
            stateful_step_count=30,
            phases=tuple(Phase) if effort.FULL else (Phase.generate,),
        ),
    )
