"""Ingest, on SQLite and PostgreSQL: each message exactly once, in order, and what cannot be read waits with its unit."""

from __future__ import annotations

import json
import threading

import pytest
import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.registry.errors import ReleaseUnexplained, UnitNotHeld
from ktt.registry.ingest import ingest, page_parser, page_reader
from ktt.registry.tables import AUDIT_HEAD, INGEST_POSITION, INGESTED, QUARANTINE, VAULT_CHECK
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    START,
    STORED,
    UNIT,
    ListInbox,
    a_decision,
    lines,
    message,
    minute,
    service,
    services,
    shared,
    spoiled,
)


def test_a_message_that_is_read_twice_is_stored_once(registry):
    inbox = ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1", service_type="18"))))
    registry.ingest(inbox)
    before = lines(registry)
    with registry._database.transaction() as connection:
        connection.execute(sa.text("UPDATE ingest_position SET position = 0"))
    assert registry.ingest(inbox).messages == 0
    assert lines(registry) == before


@pytest.mark.parametrize("step", ["keep", "write_versions", "set_aside"])
def test_killed_half_way_leaves_nothing_half(registry, monkeypatch, step):
    inbox = ListInbox(message(1, a_decision(), record_type="decision"), message(2, services(service("T-1"))))

    def killed(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        target = registry.identities if step == "keep" else ingest
        patch.setattr(target, step, killed)
        with pytest.raises(KeyboardInterrupt):
            registry.ingest(inbox)
    with registry._database.reading() as connection:
        for table in STORED:
            if table not in (INGEST_POSITION, AUDIT_HEAD, VAULT_CHECK):
                assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.name
    assert registry.ingest(inbox).messages == 2


class BeforeWriting:
    """An ingest at work: `meanwhile` happens once, after a page was read and before it is written."""

    def __init__(self, monkeypatch, meanwhile):
        self._frames, self._meanwhile, self._done = page_reader.ParsedMessages, meanwhile, False
        monkeypatch.setattr(page_reader, "ParsedMessages", self)

    def __call__(self, *given):
        if not self._done:
            self._done = True
            self._meanwhile()
        return self._frames(*given)


class TestTwoAtOnce:
    """Each has read the position, and what was ingested already, before the other writes."""

    def test_ingest_each_message_once(self, registry, open_registry, monkeypatch):
        inbox = ListInbox(message(1, services(service("T-1"))))
        BeforeWriting(monkeypatch, lambda: open_registry().ingest(inbox))
        assert registry.ingest(inbox).messages == 0
        assert lines(registry) == [("T-1", 1, "15", 1, None)]

    def test_never_move_the_position_back(self, registry, open_registry, monkeypatch):
        """The first has read message 1 alone. Meanwhile the second has come to message 3."""
        inbox = ListInbox(*(message(n, services(service(f"T-{n}"))) for n in (1, 2, 3)))
        BeforeWriting(monkeypatch, lambda: open_registry().ingest(inbox))
        registry.ingest(ListInbox(inbox.messages[0]))
        assert position(registry) == 3
        assert [line[0] for line in lines(registry)] == ["T-1", "T-2", "T-3"]

    def test_a_release_is_not_lost_behind_a_page_that_was_under_way(self, registry, open_registry, monkeypatch):
        inbox = ListInbox(spoiled(message(1, services(service("T-1")))))
        registry.ingest(inbox)
        inbox.messages[:] = [message(n, services(service(f"T-{n}"))) for n in (1, 2)]
        BeforeWriting(monkeypatch, lambda: open_registry().release(UNIT, "Ingrid", "mended"))
        registry.ingest(inbox)
        assert [line[0] for line in lines(registry)] == ["T-1", "T-2"]


def position(registry):
    with registry._database.reading() as connection:
        return connection.scalars(sa.select(INGEST_POSITION.c.position)).one()


class TestAMessageThatCannotBeRead:
    def inbox(self):
        return ListInbox(
            message(1, services(service("T-1"))),
            spoiled(message(2, services(service("T-2")))),
            message(3, services(service("T-3"))),
            message(4, services(service("T-4")), unit=OTHER),
        )

    def test_holds_its_unit_and_no_other(self, registry):
        report = registry.ingest(self.inbox())
        assert [(one.unit, one.position) for one in report.set_aside] == [(UNIT.key, 2)]
        assert report.waiting == {UNIT.key}
        assert registry.current(UNIT, "care_service")["service_id"].to_list() == ["T-1"]
        assert registry.current(OTHER, "care_service")["service_id"].to_list() == ["T-4"]

    def test_stays_held_until_it_is_released_and_then_goes_on_in_order(self, registry):
        inbox = self.inbox()
        registry.ingest(inbox)
        inbox.messages.append(message(5, services(service("T-5"))))
        assert registry.ingest(inbox).waiting == {UNIT.key}
        inbox.messages.append(message(6, services(service("T-6")), unit=OTHER))
        assert registry.ingest(inbox).waiting == set()  # no message of the unit was passed over this time
        inbox.messages[1] = message(2, services(service("T-2")))  # the reader was mended
        registry.release(UNIT, "Ingrid", "mended")
        assert registry.ingest(inbox).messages == 3
        assert registry.current(UNIT, "care_service")["service_id"].to_list() == ["T-1", "T-2", "T-3", "T-5"]
        assert [line[0] for line in lines(registry, OTHER)] == ["T-4", "T-6"]
        assert registry.held() == []

    def test_is_set_aside_again_when_nothing_was_mended(self, registry):
        registry.ingest(self.inbox())
        registry.release(UNIT, "Ingrid", "hope")
        assert [one.position for one in registry.ingest(self.inbox()).set_aside] == [2]

    def test_is_counted_with_its_code_and_no_content(self, registry):
        registry.ingest(self.inbox())
        (aside,) = registry.held()
        assert aside.code.startswith("KTT-MSG")
        assert not any(number in aside.reason.en + aside.reason.nb for number in NUMBERS.values())

    def test_has_a_record_twice(self, registry):
        twice = message(1, services(service("T-1")))
        payload = json.loads(twice.payload)
        payload[0]["tjeneste"] *= 2
        report = registry.ingest(ListInbox(spoiled(twice, json.dumps(payload).encode())))
        assert [one.code for one in report.set_aside] == ["KTT-REG-06"]

    def test_a_fault_nobody_foresaw_keeps_its_kind_and_not_its_words(self, registry, monkeypatch):
        def broken(_type, _version):
            raise ValueError(NUMBERS["1"])

        monkeypatch.setattr(registry._ingest, "_find", broken)
        (aside,) = registry.ingest(ListInbox(message(1, services(service("T-1"))))).set_aside
        assert aside.code == "KTT-REG-01"
        assert "ValueError" in aside.reason.nb
        assert NUMBERS["1"] not in aside.reason.nb + aside.reason.en

    def test_there_is_nothing_to_release(self, registry):
        registry.ingest(self.inbox())
        with pytest.raises(UnitNotHeld):
            registry.release(OTHER, "Ingrid", "by mistake")
        assert [one.unit for one in registry.held()] == [UNIT.key]


class TestTwoUnitsThatWait:
    def inbox(self):
        return ListInbox(
            spoiled(message(1, services(service("T-1")), unit=OTHER)),
            spoiled(message(2, services(service("T-2")))),
            message(3, services(service("T-3"))),
            message(4, services(service("T-4")), unit=OTHER),
        )

    def test_are_listed_oldest_first(self, registry):
        inbox = self.inbox()
        registry.ingest(inbox)
        assert [(one.unit, one.position) for one in registry.held()] == [(OTHER.key, 1), (UNIT.key, 2)]
        registry.release(OTHER, "Ingrid", "hope")
        registry.ingest(inbox)  # set aside anew, and so written after the other
        assert [(one.unit, one.position) for one in registry.held()] == [(OTHER.key, 1), (UNIT.key, 2)]

    @pytest.mark.parametrize("order", [(UNIT, OTHER), (OTHER, UNIT)], ids=["newest first", "oldest first"])
    def test_are_released_one_by_one_and_nothing_is_passed_over(self, registry, order):
        inbox = self.inbox()
        registry.ingest(inbox)
        registry.release(order[0], "Ingrid", "mended")
        assert [one.unit for one in registry.held()] == [order[1].key]
        registry.release(order[1], "Ingrid", "mended")
        inbox.messages[:2] = [message(1, services(service("T-1")), unit=OTHER), message(2, services(service("T-2")))]
        assert registry.ingest(inbox).messages == 4
        assert [line[0] for line in lines(registry, UNIT)] == ["T-2", "T-3"]
        assert [line[0] for line in lines(registry, OTHER)] == ["T-1", "T-4"]

    def test_leave_who_released_them_and_why(self, registry):
        registry.ingest(self.inbox())
        registry.release(UNIT, "Ingrid", "mended")
        with registry._database.reading() as connection:
            rows = connection.execute(sa.select(QUARANTINE).order_by(QUARANTINE.c.position)).mappings().all()
        assert [(row.released_at, row.released_by, row.released_why) for row in rows] == [
            (None, None, None),
            (START, "Ingrid", "mended"),
        ]
        assert [(row.municipality, row.unit, row.received_at, row.set_aside_at) for row in rows] == [
            (OTHER.municipality, OTHER.key, minute(1), START),
            (UNIT.municipality, UNIT.key, minute(2), START),
        ]


def test_of_each_message_the_journal_keeps_what_it_changed(registry):
    inbox = ListInbox(
        message(1, services(service("T-1"), service("T-2"))),
        message(2, services(service("T-1"), service("T-2", service_type="18")), ["T-9"]),
        message(3, deletions=["T-1"], unit=UNIT),
    )
    report = registry.ingest(inbox)
    with registry._database.reading() as connection:
        rows = connection.execute(sa.select(INGESTED).order_by(INGESTED.c.position)).mappings().all()
    counts = [(row.position, row.unit, row.records, row.changed, row.deleted) for row in rows]
    assert counts == [(1, UNIT.key, 2, 2, 0), (2, UNIT.key, 2, 1, 0), (3, UNIT.key, 0, 0, 1)]
    assert (report.records, report.changed, report.deleted) == (4, 3, 1)
    assert [(row.received_at, row.ingested_at, row.correlation_id) for row in rows] == [
        (minute(n), START, f"correlation-{n}") for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_messages_are_ingested_than_were_asked_for(registry, limit):
    inbox = ListInbox(*(message(n, services(service(f"T-{n}"))) for n in (1, 2, 3)))
    assert registry.ingest(inbox, limit=limit).messages == limit
    assert position(registry) == limit


class TestAMessageAboutTwoUnits:
    def both(self, position):
        records = services(service(f"T-{position}"))
        return shared(position, (UNIT, records), (OTHER, records))

    def test_goes_to_each(self, registry):
        registry.ingest(ListInbox(self.both(1)))
        assert lines(registry, UNIT) == lines(registry, OTHER) == [("T-1", 1, "15", 1, None)]

    def test_waits_whole_when_one_of_them_waits(self, registry):
        bad = spoiled(message(1, services(service("T-9")), unit=OTHER))
        inbox = ListInbox(bad, self.both(2), message(3, services(service("T-3"))))
        report = registry.ingest(inbox)
        assert [(one.unit, one.position, one.code) for one in report.set_aside[1:]] == [(UNIT.key, 2, "KTT-REG-02")]
        assert report.waiting == {UNIT.key, OTHER.key}
        assert lines(registry, UNIT) == []
        inbox.messages[0] = message(1, services(service("T-9")), unit=OTHER)
        registry.release(OTHER, "Ingrid", "mended")
        registry.ingest(inbox)
        assert [line[0] for line in lines(registry, UNIT)] == ["T-2", "T-3"]
        assert [line[0] for line in lines(registry, OTHER)] == ["T-2", "T-9"]

    def test_holds_the_other_unit_when_its_own_waits_already(self, registry):
        bad = spoiled(message(1, services(service("T-1"))))
        inbox = ListInbox(bad, self.both(2), message(3, services(service("T-2", service_type="18")), unit=OTHER))
        report = registry.ingest(inbox)
        assert [(one.unit, one.position, one.code) for one in report.set_aside[1:]] == [(OTHER.key, 2, "KTT-REG-02")]
        assert lines(registry, OTHER) == []
        inbox.messages[0] = message(1, services(service("T-1")))
        registry.release(OTHER, "Ingrid", "mended")
        registry.ingest(inbox)
        assert lines(registry, OTHER) == [("T-2", 1, "15", 2, 3), ("T-2", 2, "18", 3, None)]

    def test_holds_both_when_it_cannot_be_read(self, registry):
        """The receiver knows its units, also when the registry cannot find them in it."""
        newer = message(2, services(service("T-1", service_type="18")), unit=OTHER)
        inbox = ListInbox(spoiled(self.both(1)), newer)
        report = registry.ingest(inbox)
        assert [(one.unit, one.position, one.code[:7]) for one in report.set_aside] == [
            (UNIT.key, 1, "KTT-MSG"),
            (OTHER.key, 1, "KTT-MSG"),
        ]
        assert lines(registry, OTHER) == []
        inbox.messages[0] = self.both(1)
        registry.release(UNIT, "Ingrid", "mended")
        registry.ingest(inbox)
        assert lines(registry, OTHER) == [("T-1", 1, "15", 1, 2), ("T-1", 2, "18", 2, None)]

    def test_is_not_opened_while_it_waits(self, registry, monkeypatch):
        opened = []
        parse = page_parser._Decoder.open
        monkeypatch.setattr(
            page_parser._Decoder, "open", lambda self, one: opened.append(one.position) or parse(self, one)
        )
        inbox = ListInbox(spoiled(message(1, services(service("T-9")), unit=OTHER)))
        registry.ingest(inbox)
        inbox.messages += [self.both(2), message(3, services(service("T-3")))]
        registry.ingest(inbox)
        assert opened == [1]


class TestUnitsThatWaitTogether:
    """A waits behind message 1; a message shared by A and B makes B wait, one shared by B and C makes C wait; and D waits
    for itself, until a message shared by C and D connects them, although both wait already.
    """

    A, B, C, D = (ReportingUnit("312000008", f"11{n}") for n in (11, 12, 14, 19))

    def inbox(self):
        a, b, c, d = ((unit, services(service("T-1"))) for unit in (self.A, self.B, self.C, self.D))
        return ListInbox(
            spoiled(message(1, a[1], unit=self.A)),
            shared(2, a, b),
            spoiled(message(3, d[1], unit=self.D)),
            shared(4, b, c),
            message(5, c[1], unit=self.C),
            message(6, d[1], unit=self.D),
        )

    def test_are_shown_with_each_other(self, registry):
        registry.ingest(self.inbox())
        found = {one.unit: (one.position, one.messages, one.together) for one in registry.held()}
        a, b, c, d = (unit.key for unit in (self.A, self.B, self.C, self.D))
        assert found == {a: (1, 2, (b, c)), b: (2, 2, (a, c)), c: (4, 2, (a, b)), d: (3, 2, ())}

    @pytest.mark.parametrize("named", ["A", "B", "C"])
    def test_are_released_together_whichever_is_named(self, registry, named):
        inbox = self.inbox()
        registry.ingest(inbox)
        released = registry.release(getattr(self, named), "Ingrid", "mended")
        assert [one.unit for one in released] == [unit.key for unit in (self.A, self.B, self.C)]
        assert [one.unit for one in registry.held()] == [self.D.key]
        inbox.messages[0] = message(1, services(service("T-1")), unit=self.A)
        assert registry.ingest(inbox).messages == 4

    def test_also_when_each_waited_before_a_message_connected_them(self, registry):
        inbox = self.inbox()
        records = services(service("T-2"))
        inbox.messages.append(shared(7, (self.C, records), (self.D, records)))
        registry.ingest(inbox)
        assert len(registry.release(self.D, "Ingrid", "mended")) == 4
        assert registry.held() == []

    def test_are_read_again_after_a_release_and_wait_anew_when_nothing_was_mended(self, registry):
        inbox = self.inbox()
        registry.ingest(inbox)
        before = [(one.unit, one.position, one.messages, one.together) for one in registry.held()]
        registry.release(self.B, "Ingrid", "hope")
        registry.ingest(inbox)
        assert [(one.unit, one.position, one.messages, one.together) for one in registry.held()] == before


class TestAReleaseWhileAnIngestRuns:
    """In each test the first ingest has read its page, with who waits, before the release and another ingest come."""

    def test_is_not_lost_when_another_ingest_has_come_as_far_again(self, registry, open_registry, monkeypatch):
        """The position is where it was, but who waits is not."""
        inbox = ListInbox(
            spoiled(message(1, services(service("T-1")))), message(2, services(service("T-2")), unit=OTHER)
        )
        registry.ingest(inbox)
        mended = message(1, services(service("T-1")))

        def meanwhile():
            other = open_registry()
            other.release(UNIT, "Ingrid", "mended")
            other.ingest(ListInbox(mended, inbox.messages[1]))

        BeforeWriting(monkeypatch, meanwhile)
        inbox.messages.append(message(3, services(service("T-3"))))
        registry.ingest(inbox)
        assert [line[0] for line in lines(registry)] == ["T-1", "T-3"]
        assert registry.held() == []

    def test_waits_for_a_page_that_is_being_written(self, registry, open_registry, monkeypatch):
        """So it takes along a unit that the page lets wait together with the one that is named."""
        records = services(service("T-2"))
        inbox = ListInbox(spoiled(message(1, services(service("T-1")))))
        registry.ingest(inbox)
        inbox.messages.append(shared(2, (UNIT, records), (OTHER, records)))
        other, released = open_registry(), []
        releasing = threading.Thread(target=lambda: released.extend(other.release(UNIT, "Ingrid", "mended")))
        note_waiting = ingest.note_waiting

        def writing(*given):
            if releasing.ident is None:
                releasing.start()
                releasing.join(0.3)
            note_waiting(*given)

        monkeypatch.setattr(ingest, "note_waiting", writing)
        registry.ingest(inbox)
        releasing.join()
        assert [one.unit for one in released] == [UNIT.key, OTHER.key]


class TestARelease:
    def held(self, registry):
        registry.ingest(ListInbox(spoiled(message(1, services(service("T-1"))))))

    @pytest.mark.parametrize(("who", "why"), [("Ingrid", " "), ("", "mended"), ("Ingrid", "")])
    def test_says_who_and_why(self, registry, who, why):
        self.held(registry)
        with pytest.raises(ReleaseUnexplained):
            registry.release(UNIT, who, why)
        assert [one.unit for one in registry.held()] == [UNIT.key]

    def test_keeps_no_number_of_a_person(self, registry):
        self.held(registry)
        registry.release(UNIT, "Ingrid", f"about {NUMBERS['1']}")
        with registry._database.reading() as connection:
            assert connection.scalars(sa.select(QUARANTINE.c.released_why)).all() == ["about •••"]

    def test_of_several_is_of_all_or_none(self, registry):
        self.held(registry)
        with pytest.raises(UnitNotHeld):
            registry._held.release([UNIT.key, OTHER.key], "Ingrid", "mended")
        assert [one.unit for one in registry.held()] == [UNIT.key]
