"""The whole road under anything that may befall it: what a sender says is right, is right.

A record system that changes every day, a sender that dies, waits and is interfered with, a receiver that loses answers,
is down and says no, a registry that ingests when it likes, and a store that is lost, old, or one of two. After every
step: what the receiver has stored is each queue's messages in order, none twice and none passed over; and whenever a run
has ended well, the registry equals the record system once it has ingested what was stored then. At the end everything
goes well again, and both ends agree.
"""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ktt.core.errors import KttError
from ktt.sender.outbox.errors import QueueHeld, RebuildTooEarly
from ktt.sender.outbox.message import State
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.sender.plausibility.asked import acceptance_of
from ktt.sender.plausibility.errors import QuestionsOpen
from support import effort
from support.receiver_end import UNREADABLE
from support.settable_clock import SettableClock
from support.whole_road import WholeRoad, unequal

START = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)
ACTIONS = [
    *["old_store", "day", "doubt"] * 2,
    *["loss", "emptied", "another_store", "reconcile", "ingest", "death", "rejection", "pause"],
]
FATES = st.lists(st.sampled_from(["stored", "lost", "lost", "not meant for us", "down", "refused"]), max_size=2)
STEPS = st.sampled_from(["answered", "answered", "settled", "sending", "marking"])
CHANGES = st.lists(
    st.sampled_from(["add", "diagnose", "regret", "renumber", "move", "end", "delete", "restore"]),
    min_size=2,
    max_size=4,
)


class Died(BaseException):
    """The process is gone: nothing in it is told, and nothing handles it."""


class RoadMachine(RuleBasedStateMachine):
    """One whole road. `seen` counts what has happened in all of them."""

    seen: ClassVar[Counter[str]] = Counter()

    @initialize(fates=FATES)
    def a_municipality_that_begins_its_load(self, fates):
        self.place = tempfile.TemporaryDirectory()
        self.road = WholeRoad(Path(self.place.name) / "road", SettableClock(START))
        self.names, self.added, self.deleted, self.promises = itertools.count(), [], [], []
        self.ingested, self.held, self.lagging = 0, False, False
        self.copy(None)
        self.lineage, self.before = 0, 0  # of the store, which was another one before; its last number at the beginning
        self.road.when_waited_for = self.when_waited_for
        self.road.receiver.fates[:] = fates
        self.run()

    @rule(action=st.sampled_from(ACTIONS), data=st.data())
    def live(self, action, data):
        """One thing happens. One rule, as Hypothesis switches whole rules off in most of its runs."""
        getattr(self, action)(data)

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────
    def day(self, data):
        if self.held and data.draw(st.booleans()):
            self.rebuild(data)
        self.a_new_day(data)
        self.road.receiver.fates[:] = data.draw(FATES)
        well = self.run()
        self.road.receiver.fates.clear()
        if well and data.draw(st.booleans()):
            self.a_quiet_run()

    def a_quiet_run(self):
        """What has ended well has nothing more to send."""
        before = len(self.road.receiver.posted)
        report = self.road.desk.daily()
        assert (report.exit_code, report.changes, report.messages) == (0, 0, 0)
        assert len(self.road.receiver.posted) == before

    def death(self, data):
        """As a day, but the process dies in the middle of it."""
        self.a_new_day(data)
        self.road.receiver.fates[:] = data.draw(FATES)
        self.dies(data.draw(STEPS), data.draw(st.integers(1, 2)))
        self.road.receiver.fates.clear()

    def doubt(self, data):
        """A message may be stored, nobody knows; what comes next must not make anybody forget that it may."""
        self.road.pass_days()
        self.epj_add(data)
        if data.draw(st.booleans()):
            self.dies("answered", 1)
        else:
            self.road.receiver.fates[:] = ["lost"]
            self.run()
        self.road.receiver.fates[:] = data.draw(st.sampled_from([[], ["not meant for us"], ["refused"], ["down"]]))
        if self.road.receiver.fates:
            self.run()
        self.rebuild(data)
        self.epj_regret(data)
        self.run()

    def rejection(self, data):
        """A record is rejected, and corrected some days later."""
        self.a_new_day(data)
        self.epj_add(data, UNREADABLE)
        assert not self.run()
        if data.draw(st.booleans()):
            self.day(data)
        self.road.epj.run("UPDATE tjeneste SET id = replace(id, ?, 'R')", UNREADABLE)
        self.rebuild(data)
        self.day(data)

    def dies(self, wanted, count, act=None):
        def step(name, _sequence):
            nonlocal count
            count -= name == wanted
            if name == wanted and count == 0:
                raise Died

        with suppress(Died):
            (act or self.run)(step)

    def rebuild(self, _data):
        with self.road.desk.sender() as sender:
            try:
                done = sender.outbox.rebuild(self.road.unit, by="ola", reason="")
            except RebuildTooEarly:
                self.seen["rebuild refused"] += 1
            else:
                self.seen["rebuilt"] += done > 0

    def pause(self, data):
        """A day in which nothing is sent."""
        with self.road.desk.sender() as sender:
            sender.outbox.pause(self.road.unit, by="ola", reason="oppgradering")
        self.day(data)
        with self.road.desk.sender() as sender:
            sender.outbox.resume(self.road.unit, by="ola", reason="ferdig")

    def ingest(self, data):
        """The registry lags behind from now on, or does not any more."""
        self.lagging = not self.lagging
        self.ingest_to(data.draw(st.integers(0, self.road.receiver.stored)))

    # ── what happens to the store, and to the other end ─────────────────────────────────────────────────────────────
    def copy(self, _data):
        self.kept = self.road.desk.keep_a_copy("kept")

    def loss(self, data):
        self.road.desk.lose_the_store(witness=data.draw(st.booleans()))
        self.trouble(data)

    def old_store(self, data):
        """An earlier copy is put back, or the whole folder of that day, and what was sent since is regretted."""
        if data.draw(st.booleans()):
            self.copy(data)
        self.road.pass_days()
        self.epj_add(data)
        self.run()
        self.road.desk.put_back(self.kept, witness=data.draw(st.booleans()))
        self.epj_regret(data)
        self.trouble(data)

    def another_store(self, data):
        """A copy of the store has sent for a day, and the first goes on as if nothing had happened."""
        first = self.road.desk.keep_a_copy("first")
        self.begin_a_lineage()
        self.day(data)
        self.road.desk.put_back(first, witness=True)
        self.trouble(data)

    def emptied(self, data):
        """The other end begins anew; what it had promised to hold is gone with it."""
        self.road.empty_the_registry()
        self.promises.clear()
        self.ingested = 0
        self.trouble(data)

    def trouble(self, data):
        """What people do then: perhaps go on as before, perhaps mend, perhaps not at once."""
        self.begin_a_lineage()
        if data.draw(st.booleans()):
            self.day(data)
        if data.draw(st.sampled_from([True, True, False])):
            self.a_new_day(data)
            self.road.receiver.fates[:] = data.draw(FATES)
            if data.draw(st.booleans()):
                self.dies(data.draw(STEPS), 1, self.mended)
            self.mended()
            self.road.receiver.fates.clear()

    def begin_a_lineage(self):
        """The numbers of a store that is another than before begin where they are in it."""
        self.lineage += 1
        with self.road.desk.sender() as sender:
            self.before = max((one.sequence for one in sender.outbox.messages(self.road.unit)), default=0)

    def reconcile(self, _data):
        """What `ktt reconcile` says of the registry is so, for what is ingested now."""
        try:
            found = self.road.desk.reconcile().found
        except KttError as refused:
            self.seen[f"reconcile: {type(refused).__name__}"] += 1
            return
        self.seen[f"reconcile {found.state}"] += 1
        assert found.state in {"equal", "different"}
        assert (found.state == "equal") is (unequal(self.road.epj.content(), self.road.held()) == set())

    # ── the record system ───────────────────────────────────────────────────────────────────────────────────────────
    def a_new_day(self, data):
        self.road.pass_days()
        for change in data.draw(CHANGES):
            getattr(self, f"epj_{change}")(data)

    def epj_add(self, data, prefix="N"):
        person, name = data.draw(st.sampled_from(["P0", "P1"])), f"{prefix}{next(self.names)}"
        self.road.epj.service(name, person, self.road.today)
        self.added.append(("tjeneste", name))

    def epj_diagnose(self, data):
        person, name = data.draw(st.sampled_from(["P0", "P1"])), f"E{next(self.names)}"
        self.road.epj.diagnosis(name, person, self.road.today)
        self.added.append(("diagnose", name))

    def epj_regret(self, _data):
        """What was added last was a mistake."""
        if self.added:
            table, name = self.added.pop()
            self.road.epj.run(f"DELETE FROM {table} WHERE id = ?", name)

    def a_service(self, data):
        return data.draw(st.sampled_from(self.road.epj.ids("tjeneste")))

    def epj_end(self, data):
        self.road.epj.run("UPDATE tjeneste SET slutt = ? WHERE id = ?", str(self.road.today), self.a_service(data))

    def epj_move(self, data):
        """The record belonged to someone else all the time."""
        moved = "UPDATE tjeneste SET person = CASE person WHEN 'P0' THEN 'P1' ELSE 'P0' END WHERE id = ?"
        self.road.epj.run(moved, self.a_service(data))

    def epj_renumber(self, _data):
        """Two persons had each other's national number."""
        self.road.epj.swap_numbers("P0", "P1")

    def epj_delete(self, data):
        if len(self.road.epj.ids("tjeneste")) > 1:
            gone = self.a_service(data)
            self.deleted.append(self.road.epj.take_out("tjeneste", gone))

    def epj_restore(self, _data):
        """A deletion that is regretted: the same record is there again."""
        if self.deleted:
            self.road.epj.services([self.deleted.pop()])

    # ── a run, and what it promises ─────────────────────────────────────────────────────────────────────────────────
    def run(self, step=lambda _name, _sequence: None):
        """A process that runs, the load until it is finished, and what follows from its report."""
        try:
            report = self.confirmed(self.the_run(), step)
        except KttError as refused:
            self.seen[type(refused).__name__] += 1
            return False
        self.held = isinstance(report.stopped, QueueHeld)
        self.seen[type(report.stopped).__name__ if report.stopped else f"run {report.exit_code}"] += 1
        return self.promised(report, report.comparison)

    def the_run(self):
        with self.road.desk.sender() as sender:
            load = sender.outbox.queue(self.road.unit).load
        return self.road.desk.daily if load and load.finished_at else self.road.desk.load

    def mended(self, step=lambda _name, _sequence: None):
        """`ktt reconcile --mend`."""
        try:
            report = self.confirmed(self.road.desk.mend, step)
        except KttError as refused:
            self.seen[f"mend: {type(refused).__name__}"] += 1
            return False
        self.held = isinstance(report.mended.stopped, QueueHeld)
        self.seen[f"mended {report.exit_code}"] += 1
        return self.promised(report, report.mended.comparison)

    def promised(self, report, compared):
        """A report that all is well is a promise, to be held against the registry once it has ingested what is stored."""
        well = report.exit_code == 0 and (compared is None or compared.state == "equal")
        if well:
            self.promises.append((self.road.receiver.stored, self.road.epj.content()))
        return well

    def confirmed(self, run, step):
        """A run; what it asks because it is odd, someone says is right."""

        def on_step(name, sequence):
            self.road.receiver.label = (self.lineage, sequence)
            step(name, sequence)

        options = self.road.desk.options(on_step)
        report = run(options)
        asked = getattr(report, "mended", report)
        if not isinstance(asked.stopped, QuestionsOpen):
            return report
        self.seen["confirmed"] += 1
        names = [question.name for question in asked.questions.questions]
        return run(options, accept=acceptance_of(names, "slettet i EPJ", "prøven"))

    def when_waited_for(self):
        if not self.lagging:
            self.ingest_to(self.road.receiver.stored)

    def ingest_to(self, position):
        """The registry ingests; at each place where a run had ended well, it is what the record system was then."""
        while self.promises and self.promises[0][0] <= position:
            (place, content), *self.promises = self.promises
            self.ingest_up_to(place)
            assert unequal(content, self.road.held()) == set(), "a run ended well, and the registry is different"
            self.seen["compared"] += 1
        self.ingest_up_to(position)

    def ingest_up_to(self, position):
        if position > self.ingested:
            done = self.road.ingest(position - self.ingested)
            assert done == position - self.ingested, (done, position, self.ingested)
            self.ingested = position

    # ── what always holds ───────────────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def each_message_is_stored_once_and_none_has_overtaken_another(self):
        first, stored = {}, {}
        for one in self.road.receiver.posted:
            first.setdefault(one.position, one.label)
            assert stored.setdefault(one.label, one.position) == one.position, "stored twice"
        of_this_store = [first[position] for position in sorted(first) if first[position][0] == self.lineage]
        order = [sequence for _, sequence in of_this_store]
        assert order == sorted(order), "overtaken"
        with self.road.desk.sender() as sender:
            messages = sender.outbox.messages(self.road.unit)
            receipts = sender.outbox.receipts(self.road.unit)
        assert verify_receipts(self.road.unit, receipts) == len(receipts)
        assert {one.sequence for one in receipts if one.sequence > self.before} <= set(order)
        passed = [one for one in messages if self.before < one.sequence < max(order, default=0)]
        assert all(one.state is State.SUPERSEDED for one in passed if one.sequence not in order), "passed over"

    def teardown(self):
        """All goes well again: one run, perhaps one after what a person does, and both ends agree."""
        if not hasattr(self, "road"):
            return
        try:
            self.road.pass_days()
            self.lagging = False
            self.road.receiver.fates.clear()
            if not self.run():
                self.rebuild(None)
                assert self.run() or self.mended(), "what stopped is never well again"
            self.ingest_to(self.road.receiver.stored)
            assert self.road.differences() == set()
        finally:
            self.road.close()
            self.place.cleanup()


def test_what_a_sender_says_is_right_is_right():
    machine = type("RoadMachine", (RoadMachine,), {"seen": Counter()})
    chosen = settings(max_examples=effort.WHOLE_ROADS, stateful_step_count=8, phases=(Phase.generate,))
    run_state_machine_as_test(machine, settings=chosen)
    seen = machine.seen
    assert all(seen[one] for one in ("run 0", "mended 0", "compared", "QueueHeld", "OutcomeUncertain")), seen
