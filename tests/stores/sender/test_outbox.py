"""The promises of the outbox, tested on its three implementations: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from ktt.messages.contract import Accepted, NotSent, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.errors import (
    FirstNotRejected,
    MessageUnknown,
    NotFirstInQueue,
    NothingParked,
    NothingToResend,
    PayloadGone,
    QueueNotEmpty,
    QueuePaused,
    RebuildTooEarly,
    ReceiptsAltered,
    SourceChangeMustWait,
)
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.manifest import Manifest
from ktt.sender.outbox.message import QueueNote, RunRecord, State
from ktt.sender.outbox.receipt_chain import FIRST_PREVIOUS, verify_receipts
from support.outbox_queues import OTHER, UNIT, as_dict, deliver, message, open_store

DAY = dt.date(2026, 3, 2)
SCHEMA_FAULT = Rejected(400, 2008, "SchemaValidationFailed", "/0/tjeneste/0 required", "c-1")
NO_ACCESS = Rejected(400, 2001, "ShouldNotReceiveMessage", "")
BAD_KEY = Rejected(400, 1004, "InvalidKeyId", "")


@pytest.fixture(scope="module")
def shared_postgres_url(_postgres_server):
    """One database for the whole suite: making one costs 0.2 s, emptying it 0.02 s."""
    from support.postgres import fresh_database

    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request, clock):
    urls = {"sqlite": "sqlite_url", "postgresql": "shared_postgres_url"}
    url = request.getfixturevalue(urls[request.param]) if request.param in urls else None
    with open_store(request.param, url, clock) as opened:
        yield opened


def sent(store, sequence, outcome):
    store.mark_sending(UNIT, sequence)
    return store.settle(UNIT, sequence, outcome)


def test_numbers_have_no_gaps_and_each_unit_has_its_own(store):
    assert list(store.enqueue(UNIT, [message("a"), message("b")])) == [1, 2]
    assert list(store.enqueue(OTHER, [message("x")])) == [1]
    assert list(store.enqueue(UNIT, [])) == []
    assert list(store.enqueue(UNIT, [message("c")])) == [3]
    assert [m.sequence for m in store.messages(UNIT)] == [1, 2, 3]


def test_a_batch_is_enqueued_wholly_or_not_at_all(store):
    def breaks_half_way():
        yield message("a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.enqueue(UNIT, breaks_half_way())
    assert store.first_undelivered(UNIT) is None
    assert list(store.enqueue(UNIT, [message("b")])) == [1]


def test_a_queued_message_has_its_facts_but_not_its_payload(store, clock):
    store.enqueue(UNIT, [message("a", s1="f1", s2="f2", delete=("s0",))])
    first = store.first_undelivered(UNIT)
    assert (first.message_type, first.version, first.pack, first.period) == (
        "KTT_Tjeneste",
        "1",
        "ktt_v1",
        "2026-03-01",
    )
    assert (first.upserts, first.deletions, first.payload_bytes, first.extracted_on) == (2, 1, 3, DAY)
    assert (first.queued_at, first.sent_at, first.settled_at) == (clock.now(), None, None)
    assert first == store.message(UNIT, 1)


def test_only_the_first_undelivered_message_may_be_sent(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    with pytest.raises(NotFirstInQueue):
        store.mark_sending(UNIT, 2)
    outgoing = store.mark_sending(UNIT, 1)
    assert (outgoing.payload, outgoing.unit, outgoing.message_type) == (b"[a]", UNIT, "KTT_Tjeneste")
    with pytest.raises(NotFirstInQueue):
        store.mark_sending(UNIT, 2)


def test_only_an_open_attempt_may_be_settled_and_only_once(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    for sequence in (1, 2, 9):
        with pytest.raises(NotFirstInQueue):
            store.settle(UNIT, sequence, Accepted("c"))
    assert sent(store, 1, Accepted("c")) is State.DELIVERED
    with pytest.raises(NotFirstInQueue):
        store.settle(UNIT, 1, Accepted("c"))


@pytest.mark.parametrize(
    ("before", "outcome", "after"),
    [
        # what the attempts said, in order          the last outcome     the state it leaves
        ([], Accepted("c"), State.DELIVERED),
        ([], Unknown("no answer"), State.UNCERTAIN),
        ([], NotSent("no connection"), State.WAITING),
        ([], Refused(401, "token"), State.WAITING),
        ([], BAD_KEY, State.WAITING),
        ([], NO_ACCESS, State.REJECTED),
        ([], SCHEMA_FAULT, State.REJECTED),
        ([], Rejected(404, None, "", ""), State.REJECTED),
        ([], TooLarge(413), State.REJECTED),
        ([NotSent("no token")], NotSent("no connection"), State.WAITING),
        ([Unknown("no answer")], Accepted("c"), State.DELIVERED),
        ([Unknown("no answer")], Unknown("no answer"), State.UNCERTAIN),
        ([Unknown("no answer")], NotSent("no connection"), State.UNCERTAIN),
        ([Unknown("no answer")], Refused(401, "token"), State.UNCERTAIN),
        ([Unknown("no answer")], BAD_KEY, State.UNCERTAIN),
        ([Unknown("no answer")], NO_ACCESS, State.UNCERTAIN),
        ([Unknown("no answer")], SCHEMA_FAULT, State.REJECTED),
        ([Unknown("no answer")], TooLarge(413), State.REJECTED),
        ([Unknown("no answer"), NotSent("no token")], Refused(403, "access"), State.UNCERTAIN),
    ],
)
def test_every_transition(store, before, outcome, after):
    store.enqueue(UNIT, [message("a")])
    for earlier in before:
        sent(store, 1, earlier)
    assert sent(store, 1, outcome) is after
    assert store.message(UNIT, 1).state is after


def test_a_sender_that_died_leaves_a_doubt(store):
    store.enqueue(UNIT, [message("a")])
    store.mark_sending(UNIT, 1)  # and here it died
    assert store.first_undelivered(UNIT).state is State.UNCERTAIN
    assert sent(store, 1, NotSent("no connection")) is State.UNCERTAIN
    assert sent(store, 1, Accepted("c")) is State.DELIVERED


def test_the_next_message_is_marked_as_the_one_before_it_is_delivered(store, clock):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", s2="f2")])
    store.enqueue(OTHER, [message("x")])
    store.mark_sending(UNIT, 1)
    state, following = store.settle_and_mark(UNIT, 1, Accepted("c-1"))
    assert (state, following) == (State.DELIVERED, store.message(UNIT, 2))
    assert (following.state, following.attempts, following.sent_at) == (State.UNCERTAIN, 1, clock.now())
    assert [attempt.ended_at for attempt in store.attempts(UNIT, 2)] == [None]
    assert store.read_payload(UNIT, 2) == b"[b]"
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1"}
    assert [receipt.correlation_id for receipt in store.receipts(UNIT)] == ["c-1"]
    assert store.message(OTHER, 1).state is State.WAITING
    assert store.settle_and_mark(UNIT, 2, Accepted("c-2")) == (State.DELIVERED, None)
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1", "s2": "f2"}


@pytest.mark.parametrize(
    "outcome", [Unknown("no answer"), NotSent("no connection"), Refused(403, "access"), SCHEMA_FAULT]
)
def test_nothing_behind_a_message_that_is_not_delivered_is_marked(store, outcome):
    store.enqueue(UNIT, [message("a"), message("b")])
    store.mark_sending(UNIT, 1)
    state, following = store.settle_and_mark(UNIT, 1, outcome)
    assert (state, following) == (store.message(UNIT, 1).state, None)
    assert state is not State.DELIVERED
    assert (store.message(UNIT, 2).state, store.attempts(UNIT, 2)) == (State.WAITING, [])


def test_a_pause_lets_what_is_under_way_be_delivered_and_marks_nothing_behind_it(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    store.mark_sending(UNIT, 1)
    store.pause(UNIT, by="ola", reason="bytter EPJ")
    assert store.settle_and_mark(UNIT, 1, Accepted("c-1")) == (State.DELIVERED, None)
    assert (store.message(UNIT, 2).state, store.attempts(UNIT, 2)) == (State.WAITING, [])


def test_what_cannot_be_settled_marks_nothing(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    for sequence in (1, 2):
        with pytest.raises(NotFirstInQueue):
            store.settle_and_mark(UNIT, sequence, Accepted("c"))
    assert [m.state for m in store.messages(UNIT)] == [State.WAITING, State.WAITING]


def test_a_rejected_message_holds_its_queue_and_no_other(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    store.enqueue(OTHER, [message("x")])
    sent(store, 1, SCHEMA_FAULT)
    for sequence in (1, 2):
        with pytest.raises(NotFirstInQueue):
            store.mark_sending(UNIT, sequence)
    assert store.first_undelivered(UNIT).sequence == 1
    assert deliver(store, OTHER) == 1


def test_every_attempt_is_written_down_without_values(store, clock):
    store.enqueue(UNIT, [message("a")])
    sent(store, 1, NotSent("no connection"))
    clock.advance(dt.timedelta(minutes=1))
    sent(store, 1, Rejected(400, 2008, "SchemaValidationFailed", "/0/person 13851299916 pattern", "c-7"))
    first, second = store.attempts(UNIT, 1)
    assert (first.number, first.outcome, first.details) == (1, "not_sent", "no connection")
    assert (second.number, second.at, second.ended_at) == (2, clock.now(), clock.now())
    assert (second.outcome, second.http_status, second.code, second.correlation_id) == ("rejected", 400, 2008, "c-7")
    assert second.details == "/0/person ••• pattern"
    assert store.message(UNIT, 1).attempts == 2


def test_the_snapshot_moves_only_with_a_receipt(store):
    store.enqueue(UNIT, [message("a", s1="f1", s2="f2"), message("b", s1="g1", delete=("s2",))])
    sent(store, 1, Unknown("no answer"))
    assert as_dict(store.snapshot(UNIT, "care_service")) == {}
    assert as_dict(store.expected(UNIT, "care_service")) == {"s1": "g1"}
    deliver(store)
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1", "s2": "f2"}
    deliver(store)
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "g1"}
    assert as_dict(store.expected(UNIT, "care_service")) == {"s1": "g1"}


def test_a_local_id_may_hold_any_character(store):
    ids = ['a"b', "a\\b", "blåbær", "\u00e5\u0308", "𝄞", "a\tb", "{}", "[1]", "1", "null", "a'b", "%s", "?", "", " "]
    store.enqueue(UNIT, [message("a", **dict.fromkeys(ids, "1")), message("b", delete=tuple(ids[::2]), last="2")])
    deliver(store)
    assert as_dict(store.snapshot(UNIT, "care_service")) == dict.fromkeys(ids, "1")
    deliver(store)
    assert as_dict(store.snapshot(UNIT, "care_service")) == dict.fromkeys(ids[1::2], "1") | {"last": "2"}


def test_expected_keeps_units_and_record_types_apart(store):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", "decision", s1="d1")])
    store.enqueue(OTHER, [message("x", s1="x1")])
    deliver(store)
    deliver(store, OTHER)
    assert as_dict(store.expected(UNIT, "care_service")) == {"s1": "f1"}
    assert as_dict(store.expected(UNIT, "decision")) == {"s1": "d1"}
    assert as_dict(store.expected(OTHER, "care_service")) == {"s1": "x1"}
    assert as_dict(store.expected(OTHER, "decision")) == {}


def test_a_record_that_is_deleted_and_sent_in_one_message_is_there_afterwards(store):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", s1="f2", delete=("s1",))])
    assert as_dict(store.expected(UNIT, "care_service")) == {"s1": "f2"}
    deliver(store)
    deliver(store)
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f2"}


def test_rebuild_takes_out_what_is_undelivered(store):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", s1="f2"), message("c", s3="f3")])
    deliver(store)
    sent(store, 2, SCHEMA_FAULT)
    assert store.rebuild(UNIT, by="ola", reason="rettet i EPJ") == 2
    assert [m.state for m in store.messages(UNIT)] == [State.DELIVERED, State.SUPERSEDED, State.SUPERSEDED]
    assert store.first_undelivered(UNIT) is None
    assert as_dict(store.expected(UNIT, "care_service")) == {"s1": "f1"}
    assert list(store.enqueue(UNIT, [message("d")])) == [4]
    assert store.rebuild(OTHER, by="ola", reason="") == 0


def test_rebuild_is_refused_while_an_outcome_is_unknown(store):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", s2="f2")])
    sent(store, 1, Unknown("no answer"))
    with pytest.raises(RebuildTooEarly):
        store.rebuild(UNIT, by="ola", reason="")
    assert [m.state for m in store.messages(UNIT)] == [State.UNCERTAIN, State.WAITING]
    deliver(store)
    assert store.rebuild(UNIT, by="ola", reason="") == 1


def known(**fingerprints):
    return pl.DataFrame({"local_id": list(fingerprints), "fingerprint": list(fingerprints.values())})


def test_the_snapshot_is_replaced_whole_and_of_one_unit(store, clock):
    store.enqueue(UNIT, [message(T1="a"), message(record_type="decision", V1="b"), message(delete=("T1",))])
    store.enqueue(OTHER, [message(T1="a")])
    for unit in (UNIT, UNIT, UNIT, OTHER):
        deliver(store, unit)
    store.replace_snapshot(UNIT, {"care_service": known(T1="", T2="c")}, "Ingrid", "reconciled")
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"T1": "", "T2": "c"}
    assert as_dict(store.expected(UNIT, "decision")) == {}
    assert as_dict(store.snapshot(OTHER, "care_service")) == {"T1": "a"}
    assert store.notes(UNIT) == [QueueNote(clock.now(), "reconciled", "Ingrid", "reconciled")]
    assert [one.sequence for one in store.receipts(UNIT)] == [1, 2, 3]


@pytest.mark.parametrize("outcome", [None, Unknown("no answer"), NotSent("no connection"), SCHEMA_FAULT])
def test_what_was_planned_from_a_snapshot_goes_with_it(store, outcome):
    """Also when nobody knows whether it arrived: what the registry has tells."""
    store.enqueue(UNIT, [message(T1="a"), message(T3="b")])
    store.enqueue(OTHER, [message(T1="a")])
    store.mark_sending(UNIT, 1)
    if outcome is not None:
        store.settle(UNIT, 1, outcome)
    store.replace_snapshot(UNIT, {"care_service": known(T2="c")}, "Ingrid", "reconciled")
    assert as_dict(store.expected(UNIT, "care_service")) == {"T2": "c"}
    assert [one.state for one in store.messages(UNIT)] == [State.SUPERSEDED] * 2
    assert (store.queue(UNIT).undelivered, store.queue(OTHER).undelivered) == (0, 1)
    with pytest.raises(PayloadGone):
        store.read_payload(UNIT, 1)


def test_a_unit_without_a_queue_gets_a_snapshot(store):
    store.replace_snapshot(UNIT, {"care_service": known(T2="c")}, "Ingrid", "the store was lost")
    assert as_dict(store.expected(UNIT, "care_service")) == {"T2": "c"}


def test_a_rejected_message_that_is_retried_waits_and_is_sent_as_it_is(store, clock):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b")])
    sent(store, 1, SCHEMA_FAULT)
    clock.advance(dt.timedelta(hours=1))
    assert store.retry(UNIT, by="ola", reason="mottaket har rettet skjemaet") == 1
    first = store.first_undelivered(UNIT)
    assert (first.sequence, first.state, first.attempts, first.settled_at) == (1, State.WAITING, 1, clock.now())
    assert (store.notes(UNIT)[0].act, store.notes(UNIT)[0].reason) == ("retried", "mottaket har rettet skjemaet")
    with pytest.raises(NotFirstInQueue):
        store.mark_sending(UNIT, 2)
    assert store.mark_sending(UNIT, 1).payload == b"[a]"
    assert store.settle(UNIT, 1, Accepted("c")) is State.DELIVERED
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1"}


@pytest.mark.parametrize("outcome", [None, NotSent("no connection"), Unknown("no answer"), Accepted("c")])
def test_only_a_rejected_message_is_retried(store, outcome):
    if outcome is not None:
        store.enqueue(UNIT, [message("a")])
        sent(store, 1, outcome)
    before = store.messages(UNIT)
    with pytest.raises(FirstNotRejected):
        store.retry(UNIT, by="ola", reason="")
    assert (store.messages(UNIT), store.notes(UNIT)) == (before, [])


def test_a_retried_message_keeps_the_doubt_of_its_earlier_attempts(store):
    store.enqueue(UNIT, [message("a")])
    sent(store, 1, Unknown("no answer"))
    sent(store, 1, SCHEMA_FAULT)
    store.retry(UNIT, by="ola", reason="")
    assert sent(store, 1, NotSent("no connection")) is State.UNCERTAIN


def test_a_payload_is_kept_until_it_is_delivered_or_superseded(store):
    store.enqueue(UNIT, [message("a"), message("b")])
    assert store.read_payload(UNIT, 1) == b"[a]"
    deliver(store)
    store.rebuild(UNIT, by="ola", reason="")
    for sequence in (1, 2):
        with pytest.raises(PayloadGone):
            store.read_payload(UNIT, sequence)
    for ask in (store.read_payload, store.message):
        with pytest.raises(MessageUnknown):
            ask(UNIT, 3)


def test_receipts_are_chained(store, clock):
    store.enqueue(UNIT, [message(name) for name in "abc"])
    for _ in range(3):
        clock.advance(dt.timedelta(seconds=1.000001))
        deliver(store)
    receipts = store.receipts(UNIT)
    assert verify_receipts(UNIT, receipts) == 3
    assert [r.correlation_id for r in receipts] == ["receipt-1", "receipt-2", "receipt-3"]
    assert [r.previous_hash for r in receipts] == [FIRST_PREVIOUS, receipts[0].hash, receipts[1].hash]
    with pytest.raises(ReceiptsAltered, match="message 3"):
        verify_receipts(UNIT, [receipts[0], receipts[2]])
    with pytest.raises(ReceiptsAltered, match="message 1"):
        verify_receipts(OTHER, receipts)


def test_nothing_is_sent_from_a_paused_queue_until_it_is_resumed(store, clock):
    store.enqueue(UNIT, [message("a")])
    store.pause(UNIT, by="ola", reason="bytter EPJ")
    pause = store.queue(UNIT).pause
    assert (pause.by, pause.reason, pause.at) == ("ola", "bytter EPJ", clock.now())
    with pytest.raises(QueuePaused, match="bytter EPJ"):
        store.mark_sending(UNIT, 1)
    assert store.first_undelivered(UNIT).state is State.WAITING
    store.resume(UNIT, by="kari", reason="byttet")
    assert store.queue(UNIT).pause is None
    assert deliver(store) == 1


def test_what_people_do_to_a_queue_is_recorded(store, clock):
    store.pause(UNIT, by="ola", reason="bytter EPJ")
    store.resume(UNIT, by="kari", reason="byttet, 13851299916 sa fra")
    store.rebuild(UNIT, by="kari", reason="rettet i EPJ")
    assert [(note.at, note.act, note.by, note.reason) for note in store.notes(UNIT)] == [
        (clock.now(), "paused", "ola", "bytter EPJ"),
        (clock.now(), "resumed", "kari", "byttet, ••• sa fra"),
        (clock.now(), "rebuilt", "kari", "rettet i EPJ"),
    ]
    assert store.notes(OTHER) == []


def test_the_status_of_queues(store, clock):
    store.enqueue(OTHER, [message("x")])
    store.enqueue(UNIT, [message("a"), message("b"), message("c")])
    deliver(store)
    sent(store, 2, SCHEMA_FAULT)
    mine, other = store.queues()
    assert (mine.unit, mine.undelivered, mine.delivered, mine.first.sequence) == (UNIT, 2, 1, 2)
    assert (mine.last_attempt.code, mine.last_accepted_at) == (2008, clock.now())
    assert (other.unit, other.undelivered, other.delivered, other.last_attempt) == (OTHER, 1, 0, None)
    assert store.queue(UNIT) == mine


def test_what_is_parked_leaves_the_queue_and_is_remembered_until_it_is_unparked(store, clock):
    begun = clock.now()
    store.enqueue(UNIT, [message("a", s1="f1", s2="f2", delete=("s0",)), message("b", "decision", d1="g1")])
    store.enqueue(OTHER, [message("x", s1="f1")])
    sent(store, 1, SCHEMA_FAULT)
    assert store.park(UNIT, by="ola", reason="mottaket avviser den") == 3
    parked = store.parked(UNIT)
    assert (parked.ids, parked.since, parked.count) == ({"care_service": ["s0", "s1", "s2"]}, begun, 3)
    assert [m.state for m in store.messages(UNIT)] == [State.SUPERSEDED] * 2
    assert as_dict(store.expected(UNIT, "care_service")) == {}
    clock.advance(dt.timedelta(days=1))
    store.enqueue(UNIT, [message("c", "decision", d1="g1")])
    sent(store, 3, SCHEMA_FAULT)
    assert store.park(UNIT, by="ola", reason="og den") == 1
    assert (store.parked(UNIT).ids["decision"], store.parked(UNIT).since) == (["d1"], begun)
    assert (store.parked(OTHER).count, store.parked(OTHER).since) == (0, None)
    assert store.unpark(UNIT, by="kari", reason="rettet") == 4
    assert store.parked(UNIT) == store.parked(OTHER)
    assert [note.act for note in store.notes(UNIT)] == ["parked", "parked", "unparked"]
    with pytest.raises(NothingParked):
        store.unpark(UNIT, by="kari", reason="rettet")


def test_what_is_kept_replaces_what_was_kept_and_waits_for_an_empty_queue(store):
    store.enqueue(UNIT, [message("a", s1="f1", s2="f2")])
    with pytest.raises(SourceChangeMustWait):
        store.keep(UNIT, {"care_service": ["s1"]}, by="ola", reason="ny EPJ")
    assert (store.kept(UNIT), store.notes(UNIT)) == ({}, [])
    deliver(store)
    store.keep(UNIT, {"care_service": ["s2", "s1"], "decision": ["d1"]}, by="ola", reason="ny EPJ")
    store.keep(OTHER, {"care_service": ["s9"]}, by="ola", reason="ny EPJ")
    assert store.kept(UNIT) == {"care_service": ["s1", "s2"], "decision": ["d1"]}
    store.keep(UNIT, {"care_service": ["s2"]}, by="ola", reason="enda en")
    assert (store.kept(UNIT), store.kept(OTHER)) == ({"care_service": ["s2"]}, {"care_service": ["s9"]})
    store.keep(UNIT, {}, by="kari", reason="skal bort")
    assert store.kept(UNIT) == {}
    assert [note.act for note in store.notes(UNIT)] == ["kept", "kept", "released"]
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1", "s2": "f2"}


@pytest.mark.parametrize("outcome", [None, NotSent("no connection"), Unknown("no answer"), Accepted("c")])
def test_only_a_rejected_message_is_parked(store, outcome):
    store.enqueue(UNIT, [message("a", s1="f1")])
    if outcome is not None:
        sent(store, 1, outcome)
    with pytest.raises(FirstNotRejected):
        store.park(UNIT, by="ola", reason="")
    assert (store.parked(UNIT).count, store.notes(UNIT)) == (0, [])


@pytest.mark.parametrize(
    ("wanted", "empty"),
    [
        (Resend(), {"s1", "s2", "s3", "d1"}),
        (Resend(ids={"care_service": ["s2"], "decision": ["d1"]}), {"s2", "d1"}),
        (Resend(day=dt.date(2026, 3, 2)), {"s2"}),
        (Resend(day=dt.date(2026, 3, 3)), {"s1", "s3", "d1"}),
        (Resend(period="2026-03-01"), {"s2"}),
        (Resend(period="2026-03"), {"s1", "s2", "s3", "d1"}),
    ],
    ids=["everything", "two ids", "a day", "another day", "a period that is a day", "a month"],
)
def test_what_is_to_be_sent_again_loses_its_fingerprint(store, wanted, empty):
    later = {"period": "2026-03-02", "extracted_on": dt.date(2026, 3, 3)}
    store.enqueue(UNIT, [message("a", s1="f", s2="f", s9="f")])
    store.enqueue(UNIT, [replace(message("b", s1="f", s3="f", delete=("s9",)), **later)])
    store.enqueue(UNIT, [replace(message("c", "decision", d1="f"), **later), message("d", "service@decision", s1="d1")])
    store.enqueue(OTHER, [message("x", s1="f")])
    for _ in range(4):
        deliver(store)
    deliver(store, OTHER)
    assert store.resend(UNIT, wanted, by="ola", reason="FHI har mistet noe") == len(empty)
    kept = as_dict(store.snapshot(UNIT, "care_service")) | as_dict(store.snapshot(UNIT, "decision"))
    assert {local_id for local_id, one in kept.items() if one == ""} == empty
    assert set(kept) == {"s1", "s2", "s3", "d1"}
    assert as_dict(store.snapshot(UNIT, "service@decision")) == {"s1": "d1"}
    assert as_dict(store.snapshot(OTHER, "care_service")) == {"s1": "f"}
    assert [note.act for note in store.notes(UNIT)] == ["resent"]


@pytest.mark.parametrize(
    "wanted",
    [
        Resend(ids={"care_service": ["s1", "s9"]}),
        Resend(ids={"decision": ["s1"]}),
        Resend(day=dt.date(2026, 3, 9)),
        Resend(period="2026-0"),
    ],
    ids=["one of two ids", "an id of another type", "a day", "half a month"],
)
def test_what_was_never_accepted_is_not_sent_again_and_nothing_is_changed(store, wanted):
    store.enqueue(UNIT, [message("a", s1="f"), message("b", s9="f")])
    deliver(store)
    with pytest.raises(NothingToResend):
        store.resend(UNIT, wanted, by="ola", reason="")
    assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f"}
    assert store.notes(UNIT) == []


def test_what_an_undelivered_message_changes(store):
    store.enqueue(UNIT, [message("a", s1="f1", s2="f2", delete=("s0", "s1"))])
    assert store.changes_of(UNIT, 1) == {"care_service": Manifest(["s0"], ["s1", "s2"], ["f1", "f2"])}
    deliver(store)
    with pytest.raises(PayloadGone):
        store.changes_of(UNIT, 1)


def test_a_queue_is_behind_since_the_first_message_that_was_never_accepted(store, clock):
    def since():
        return store.queue(UNIT).behind_since

    def hour():
        clock.advance(dt.timedelta(hours=1))
        return clock.now()

    store.enqueue(UNIT, [message("a")])
    deliver(store)
    store.record_run(UNIT, RunRecord("daily", DAY, {}))
    assert since() is None
    begun = hour()
    store.enqueue(UNIT, [message("b"), message("c")])
    assert since() == begun
    sent(store, 2, SCHEMA_FAULT)
    hour()
    store.rebuild(UNIT, by="ktt", reason="")
    assert since() is None
    store.enqueue(UNIT, [message("d"), message("e")])
    assert since() == begun, "what is made anew is no less behind"
    between = hour()
    deliver(store)
    assert since() < between
    store.rebuild(UNIT, by="ktt", reason="")
    store.record_run(UNIT, RunRecord("daily", DAY, {}))  # nothing was left to send: in step
    later = hour()
    store.enqueue(UNIT, [message("f")])
    assert since() == later


def test_a_queue_that_was_never_used_is_empty(store):
    queue = store.queue(UNIT)
    assert (queue.undelivered, queue.delivered, queue.first, queue.load, queue.pause) == (0, 0, None, None, None)


def test_row_counts_are_used_when_everything_of_the_run_is_accepted(store):
    assert store.accepted_row_counts(UNIT) == {}
    store.enqueue(UNIT, [message("a")])
    store.record_run(UNIT, RunRecord("load", DAY, {"tjeneste": 100}))
    assert store.accepted_row_counts(UNIT) == {}
    deliver(store)
    assert store.accepted_row_counts(UNIT) == {"tjeneste": 100}
    store.record_run(UNIT, RunRecord("daily", DAY, {"tjeneste": 101}))
    assert store.accepted_row_counts(UNIT) == {"tjeneste": 101}
    store.enqueue(UNIT, [message("b")])
    store.record_run(UNIT, RunRecord("daily", DAY, {"tjeneste": 50}))
    assert store.accepted_row_counts(UNIT) == {"tjeneste": 101}
    store.rebuild(UNIT, by="ola", reason="")
    assert store.accepted_row_counts(UNIT) == {"tjeneste": 101}


def test_the_initial_load_is_finished_only_when_the_queue_is_empty(store, clock):
    begun = store.begin_load(UNIT, DAY)
    store.enqueue(UNIT, [message("a")])
    with pytest.raises(QueueNotEmpty, match="1 message"):
        store.finish_load(UNIT)
    assert store.queue(UNIT).load.finished_at is None
    clock.advance(dt.timedelta(hours=1))
    assert store.begin_load(UNIT, DAY).begun_at == begun.begun_at
    deliver(store)
    assert store.finish_load(UNIT).finished_at == clock.now()
    assert store.queue(UNIT).load == store.finish_load(UNIT)


def test_one_process_at_a_time_works_on_a_queue(store):
    with store.exclusive(UNIT) as first, store.exclusive(UNIT) as second, store.exclusive(OTHER) as other:
        assert (first, second, other) == (True, False, True)
    with store.exclusive(UNIT) as again:
        assert again
