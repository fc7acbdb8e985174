"""The outbox under any interleaving of outcomes and crashes, with the implementation in memory as the model.

A model that shares nothing with the implementations remembers what a registry would have stored. After every step: order is
kept, never two are under way, the next is not sent before the first is settled, and the snapshot is the fold of what was
delivered. Crashes drop the connection and open the database again, as a new process would.
"""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ktt.messages.contract import Accepted, NotSent, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.errors import (
    FirstNotRejected,
    NotFirstInQueue,
    NothingParked,
    NothingToResend,
    RebuildTooEarly,
)
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.message import UNDELIVERED, State
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import SCHEMA
from ktt.storage.database import Database
from support import effort
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import OTHER, UNIT, VAULT, as_dict, empty, message
from support.settable_clock import SettableClock

UNITS = st.sampled_from([UNIT, OTHER])
IDS = st.sampled_from(["s1", "s2", "s3"])
TYPES = st.sampled_from(["care_service", "decision"])
ACTIONS = [
    *["send"] * 5,
    *["settle"] * 5,
    *["enqueue"] * 2,
    "overtake",
    "crash",
    "rebuild",
    "retry",
    "park",
    "unpark",
    "resend",
]
NUMBERS = itertools.count(1)
OUTCOMES = st.sampled_from(
    [
        *[Accepted("c")] * 4,  # or queues would seldom move
        Unknown("no answer"),
        NotSent("no connection"),
        Refused(401, "token"),
        Rejected(400, 2008, "SchemaValidationFailed", ""),
        Rejected(400, 2001, "ShouldNotReceive", ""),
        Rejected(400, 1004, "InvalidKeyId", ""),
        TooLarge(413),
    ]
)


class OutboxMachine(RuleBasedStateMachine):
    """One database store beside the model; `url` is set by the test."""

    url = ""
    seen: ClassVar[Counter[State]] = Counter()

    def __init__(self):
        super().__init__()
        self.clock = SettableClock(dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC))
        self.model = MemoryOutbox(self.clock)
        self.open()
        empty(self.store)
        self.delivered = {UNIT: {}, OTHER: {}}  # unit → record type → id → fingerprint: what the registry has
        self.order = {UNIT: [], OTHER: []}  # accepted sequences, as the registry got them
        self.under_way = {UNIT: None, OTHER: None}
        self.changes = {}
        self.parked = {UNIT: set(), OTHER: set()}

    def open(self):
        self.database = Database.open(self.url, SCHEMA)
        self.store = SqlOutbox(self.database, VAULT, self.clock)

    def teardown(self):
        self.database.close()

    def both(self, act):
        """Do the same to both; they answer alike, also when they refuse."""
        answers = []
        for store in (self.model, self.store):
            try:
                answers.append(act(store))
            except (FirstNotRejected, NotFirstInQueue, NothingParked, NothingToResend, RebuildTooEarly) as refusal:
                answers.append(repr(refusal))
        assert answers[0] == answers[1]
        return answers[0]

    @initialize(names=st.lists(st.tuples(UNITS, TYPES, IDS), min_size=3, max_size=6))
    def some_messages_to_begin_with(self, names):
        for unit, kind, local_id in names:
            self.put(unit, kind, {local_id}, set())

    @rule(action=st.sampled_from(ACTIONS), data=st.data())
    def live(self, action, data):
        """One thing happens. One rule, as Hypothesis switches whole rules off in most of its runs."""
        getattr(self, action)(data)

    def enqueue(self, data):
        one = st.tuples(UNITS, TYPES, st.sets(IDS, max_size=2), st.sets(IDS, max_size=1))
        self.put(*data.draw(one))

    def put(self, unit, kind, upserts, gone):
        number = next(NUMBERS)
        ids = dict.fromkeys(sorted(upserts), f"f{number}")
        deletions = tuple(sorted(gone - upserts))
        new = message(f"m{number}", kind, delete=deletions, **ids)
        (sequence,) = self.both(lambda store: store.enqueue(unit, [new]))
        self.changes[unit, sequence] = (kind, ids, deletions)

    def first_messages(self):
        return [first for unit in (UNIT, OTHER) if (first := self.model.first_undelivered(unit)) is not None]

    def send(self, data):
        if not self.first_messages():
            return
        first = data.draw(st.sampled_from(self.first_messages()))
        outgoing = self.both(lambda store: store.mark_sending(first.unit, first.sequence))
        assert isinstance(outgoing, str) is (first.state is State.REJECTED)
        if first.state is not State.REJECTED:
            self.under_way[first.unit] = first.sequence

    def overtake(self, data):
        """Anything but the first: never handed out, never settled."""
        if not self.first_messages():
            return
        first = data.draw(st.sampled_from(self.first_messages()))
        other = first.sequence + data.draw(st.sampled_from([-1, 1]))
        for refused in (
            self.both(lambda store: store.mark_sending(first.unit, other)),
            self.both(lambda store: store.settle(first.unit, other, Accepted("c"))),
        ):
            assert isinstance(refused, str)

    def settle(self, data):
        under_way = [(unit, sequence) for unit, sequence in self.under_way.items() if sequence]
        if not under_way:
            return
        (unit, sequence), outcome = data.draw(st.sampled_from(under_way)), data.draw(OUTCOMES)
        and_mark = data.draw(st.booleans())
        settle = "settle_and_mark" if and_mark else "settle"
        answer = self.both(lambda store: getattr(store, settle)(unit, sequence, outcome))
        state, following = answer if and_mark else (answer, None)
        self.seen[state] += 1
        self.under_way[unit] = None if following is None else following.sequence
        if state is State.DELIVERED:
            self.order[unit].append(sequence)
            kind, ids, deletions = self.changes[unit, sequence]
            held = self.delivered[unit].setdefault(kind, {})
            for local_id in deletions:
                held.pop(local_id, None)
            held.update(ids)

    def crash(self, _data):
        """The process dies: what was under way is open for ever, and everything is read again from the disk."""
        self.under_way = dict.fromkeys(self.under_way)
        self.database.close()
        self.open()

    def rebuild(self, data):
        unit = data.draw(UNITS)
        first = self.model.first_undelivered(unit)
        done = self.both(lambda store: store.rebuild(unit, by="ola", reason=""))
        self.seen[State.SUPERSEDED] += done if isinstance(done, int) else 0
        assert isinstance(done, str) is (first is not None and first.state is State.UNCERTAIN)

    def retry(self, data):
        """A rejected first message waits again, as it is; any other is refused."""
        unit = data.draw(UNITS)
        first = self.model.first_undelivered(unit)
        done = self.both(lambda store: store.retry(unit, by="ola", reason=""))
        assert isinstance(done, int) is (first is not None and first.state is State.REJECTED)

    def park(self, data):
        """The records of a rejected first message are set aside, and nothing is left in the queue."""
        unit = data.draw(UNITS)
        first = self.model.first_undelivered(unit)
        if isinstance(self.both(lambda store: store.park(unit, by="ola", reason="")), int):
            kind, ids, deletions = self.changes[unit, first.sequence]
            self.parked[unit] |= {(kind, local_id) for local_id in (*ids, *deletions)}
            assert self.store.first_undelivered(unit) is None

    def unpark(self, data):
        unit = data.draw(UNITS)
        done = self.both(lambda store: store.unpark(unit, by="ola", reason=""))
        assert isinstance(done, str) or done == len(self.parked[unit])
        self.parked[unit] = set()

    def resend(self, data):
        """An accepted record loses its fingerprint; one that was never accepted is refused."""
        unit, kind, local_id = data.draw(st.tuples(UNITS, TYPES, IDS))
        held = self.delivered[unit].get(kind, {})
        done = self.both(lambda store: store.resend(unit, Resend(ids={kind: [local_id]}), by="ola", reason=""))
        assert isinstance(done, int) is (local_id in held)
        if local_id in held:
            held[local_id] = ""

    @invariant()
    def what_is_set_aside_stays_so(self):
        for unit in (UNIT, OTHER):
            parked = self.store.parked(unit)
            assert {(kind, one) for kind, ids in parked.ids.items() for one in ids} == self.parked[unit]
            assert parked == self.model.parked(unit)

    @invariant()
    def the_database_answers_as_the_model(self):
        for unit in (UNIT, OTHER):
            assert self.store.messages(unit) == self.model.messages(unit)
            assert self.store.first_undelivered(unit) == self.model.first_undelivered(unit)

    @invariant()
    def order_is_kept_and_never_two_are_under_way(self):
        for unit in (UNIT, OTHER):
            messages = self.store.messages(unit)
            assert [m.sequence for m in messages] == list(range(1, len(messages) + 1))
            assert self.order[unit] == sorted(self.order[unit])
            waiting = [m for m in messages if m.state in UNDELIVERED]
            assert all(m.state is State.WAITING for m in waiting[1:])
            if waiting:
                assert all(m.sequence < waiting[0].sequence for m in messages if m.state is State.DELIVERED)

    @invariant()
    def the_snapshot_is_what_was_delivered_and_expected_adds_what_waits(self):
        for unit, kind in itertools.product((UNIT, OTHER), ("care_service", "decision")):
            held = dict(self.delivered[unit].get(kind, {}))
            assert as_dict(self.store.snapshot(unit, kind)) == dict(sorted(held.items()))
            for waiting in (m for m in self.model.messages(unit) if m.state in UNDELIVERED):
                of, ids, deletions = self.changes[unit, waiting.sequence]
                if of == kind:
                    held = {local_id: f for local_id, f in held.items() if local_id not in deletions} | ids
            assert as_dict(self.store.expected(unit, kind)) == dict(sorted(held.items()))

    @invariant()
    def every_delivery_has_its_receipt(self):
        for unit in (UNIT, OTHER):
            receipts = self.store.receipts(unit)
            assert [receipt.sequence for receipt in receipts] == self.order[unit]
            assert verify_receipts(unit, receipts) == len(receipts)


def run(url, examples):
    machine = type("OutboxMachine", (OutboxMachine,), {"url": url, "seen": Counter()})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=30,
        phases=(Phase.generate,),  # shrinking opens the database hundreds of times; a failure is short enough as it is
    )
    run_state_machine_as_test(machine, settings=chosen)
    return machine.seen


def test_the_state_machine_on_sqlite():
    with tempfile.TemporaryDirectory() as folder:
        seen = run(f"sqlite:///{Path(folder) / 'outbox.sqlite'}", examples=effort.OUTBOX_SQLITE)
    assert all(seen[state] >= 3 for state in State), f"the machine must have been everywhere: {seen}"


@pytest.mark.postgres
def test_the_state_machine_on_postgresql(postgres_url):
    assert run(postgres_url, examples=effort.OUTBOX_POSTGRESQL)[State.DELIVERED] >= 3
