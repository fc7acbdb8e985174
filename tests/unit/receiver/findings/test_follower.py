"""The follower, and the open findings that `/units/…/outstanding` shows."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time

import pytest
import sqlalchemy as sa

from ktt.messages.packs.message import PackedMessage
from ktt.receiver.errors import FollowerAlreadyRuns
from ktt.receiver.findings.follower import Follower
from ktt.receiver.store import tables
from ktt.wire import headers
from support.receiver_api import changed, decisions, follower, lookup, open_findings, outstanding, sent
from support.receiver_harness import OTHER_UNIT, ReceiverHarness, message

OWNER = {headers.CLAIM_PARENT: OTHER_UNIT.organisation}
AHEAD = "2031-01-01"
A_NUMBER = "08844110015"  # synthetic: month + 80


# ── open findings ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, make_receiver) -> ReceiverHarness:
    """A receiver on each of the databases."""
    return make_receiver(None if request.param == "sqlite" else request.getfixturevalue(request.param))


def test_a_finding_opens_stands_and_closes(either: ReceiverHarness):
    worker = follower(either)
    sent(either, decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {})))
    assert outstanding(either)["waiting"] == 1
    first = worker.run()
    assert first.messages == 1
    opened = outstanding(either)
    assert opened["waiting"] == 0
    assert {one["local_id"] for one in opened["findings"]} == {"V-1"}
    assert opened["standing"] == len(opened["findings"]) == first.opened
    assert {one["rule"] for one in opened["rules"]} == {one["rule"] for one in opened["findings"]}

    either.clock.advance(dt.timedelta(hours=24))
    sent(either, decisions(("V-2", {"sakId": "S-2"})))
    worker.run()
    assert outstanding(either)["findings"] == opened["findings"], "another record changes nothing"

    sent(either, decisions(("V-1", {"vedtakDato": AHEAD, "sakId": "S-1"})))
    worker.run()
    still = outstanding(either)["findings"]
    assert [one["since"] for one in still] == [one["since"] for one in opened["findings"]], "since the first time"
    assert {one["seen_at"] for one in still} == {3}

    sent(either, decisions(("V-1", {"sakId": "S-1"})))
    assert worker.run().closed == first.opened
    assert outstanding(either)["findings"] == []


def test_a_deletion_closes(fresh: ReceiverHarness):
    worker = follower(fresh)
    sent(fresh, decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {"vedtakDato": AHEAD})))
    worker.run()
    assert {name for name, _ in open_findings(fresh)} == {"V-1", "V-2"}
    sent(fresh, decisions(deleted=("V-1",)))
    worker.run()
    assert {name for name, _ in open_findings(fresh)} == {"V-2"}


def test_each_unit_and_type_by_itself(fresh: ReceiverHarness):
    sent(fresh, message())
    assert fresh.post(message("KTT_Tjeneste"), message_type="KTT_Tjeneste").status == 200
    follower(fresh).run()
    (unit,) = outstanding(fresh)["units"]
    assert (unit["unit"], unit["municipality"], unit["district"]) == ("312000008-1114", "1114", None)
    assert {one["message_type"]: one["messages"] for one in unit["received"]} == {"KTT_Vedtak": 1, "KTT_Tjeneste": 1}
    of_other = lookup(fresh, "/units/312000563/outstanding", claims=OWNER).json
    assert [(one["district"], one["received"]) for one in of_other["units"]] == [("03", [])]


def test_page_by_page_is_all_of_it(fresh: ReceiverHarness):
    sent(fresh, decisions(*((f"V-{n}", {"vedtakDato": AHEAD}) for n in range(7))))
    sent(fresh, decisions(*((f"V-{n}", {"vedtakDato": AHEAD}) for n in range(7, 10))))
    follower(fresh).run()
    whole = outstanding(fresh)
    pages, after = [], ""
    while True:
        page = outstanding(fresh, f"limit=4{after}")
        pages.append(page)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [one for page in pages for one in page["findings"]] == whole["findings"]
    assert {page["standing"] for page in pages} == {whole["standing"]}
    assert len(pages) == -(-whole["standing"] // 4)


def test_one_type_can_be_asked_for(fresh: ReceiverHarness):
    sent(fresh, decisions(("V-1", {"vedtakDato": AHEAD})))
    follower(fresh).run()
    assert outstanding(fresh, "type=KTT_Tjeneste")["findings"] == []
    assert outstanding(fresh, "type=KTT_Vedtak")["findings"]


def test_an_id_that_is_a_persons_number_is_not_shown_and_still_closes(fresh: ReceiverHarness, monkeypatch):
    """Such a message is refused now (ADR 0015), but an earlier version of the receiver may have accepted it."""
    monkeypatch.setattr(PackedMessage, "check_local_ids", lambda *_, **__: [])
    worker = follower(fresh)
    sent(fresh, decisions((A_NUMBER, {"vedtakDato": AHEAD})))
    worker.run()
    found = outstanding(fresh)
    assert found["findings"]
    assert A_NUMBER not in json.dumps(found)
    with fresh.database.reading() as connection:
        assert A_NUMBER not in str(connection.execute(sa.select(tables.OPEN_FINDING)).all())
    sent(fresh, decisions(deleted=(A_NUMBER,)))
    worker.run()
    assert outstanding(fresh)["findings"] == []


# ── the follower ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_that_does_not_open_is_set_aside_and_the_others_go_on(fresh: ReceiverHarness, caplog):
    first, bad, last = (sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD}))) for n in (1, 2, 3))
    with fresh.database.transaction() as connection:
        connection.execute(sa.update(tables.INBOX).where(tables.INBOX.c.position == 2).values(payload=b"spoilt"))
    done = follower(fresh).run()
    assert [one.position for one in done.set_aside] == [2]
    assert {name for name, _ in open_findings(fresh)} == {"V-1", "V-3"}
    assert [one["correlation_id"] for one in outstanding(fresh)["set_aside"]] == [bad]
    assert lookup(fresh, f"/receipts/{bad}").json["judging"]["state"] == "set_aside"
    assert lookup(fresh, f"/receipts/{last}").json["judging"]["state"] == "judged"
    assert "message 2 of unit 312000008-1114 is not validated" in caplog.text
    assert lookup(fresh, f"/receipts/{first}").json["judging"]["standing"] > 0


def test_a_message_whose_version_is_gone_is_set_aside(fresh: ReceiverHarness):
    sent(fresh, message())
    done = follower(fresh, find=lambda _type, _version: None).run()
    assert [(one.position, one.reason) for one in done.set_aside] == [(1, "LookupError")]


def test_a_fault_of_the_rules_quotes_nothing(fresh: ReceiverHarness, monkeypatch: pytest.MonkeyPatch, caplog):
    def validate_batches(*_given: object, **_more: object) -> None:
        raise ValueError("the name of a person")

    monkeypatch.setattr("ktt.receiver.findings.page_validation.validate_batches", validate_batches)
    sent(fresh, message())
    follower(fresh).run()
    (aside,) = outstanding(fresh)["set_aside"]
    assert aside["code"] == "KTT-000"
    assert "person" not in caplog.text


def test_one_at_a_time(fresh: ReceiverHarness):
    stop = threading.Event()
    running = threading.Thread(target=follower(fresh).follow, args=(stop,), kwargs={"pause": 0.01})
    running.start()
    try:
        sent(fresh, message())
        until = time.monotonic() + 20
        while outstanding(fresh)["waiting"] and time.monotonic() < until:
            time.sleep(0.02)
        assert outstanding(fresh)["waiting"] == 0
        with pytest.raises(FollowerAlreadyRuns):
            follower(fresh).follow(stop)
    finally:
        stop.set()
        running.join()


def test_two_that_run_at_once_write_each_page_once(fresh: ReceiverHarness):
    for n in range(6):
        sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD})))
    threads = [threading.Thread(target=follower(fresh).run) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {name for name, _ in open_findings(fresh)} == {f"V-{n}" for n in range(6)}


HISTORY = [
    decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {})),
    decisions(("V-1", {"vedtakDato": AHEAD, "sakId": "S-1"})),
    decisions(("V-2", {"vedtakDato": AHEAD}), ("V-3", {"vedtakDato": AHEAD})),
    decisions(("V-1", {}), deleted=("V-3",)),
    decisions(("V-1", {"vedtakDato": AHEAD})),
    message("KTT_Tjeneste"),
    decisions(("V-4", {"vedtakDato": AHEAD}), deleted=("V-2",)),
]


@pytest.mark.parametrize("most", [1, 2, 3, 64])
def test_where_the_pages_end_makes_no_difference(make_receiver, monkeypatch: pytest.MonkeyPatch, most: int):
    """Against a second opinion: each message validated alone, and each record's newest message wins."""
    receiver = make_receiver()
    for payload in HISTORY:
        kind = "KTT_Tjeneste" if payload == HISTORY[5] else "KTT_Vedtak"
        assert receiver.post(payload, message_type=kind).status == 200
        receiver.clock.advance(dt.timedelta(minutes=1))
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_MOST", most)
    follower(receiver).run()
    with receiver.database.reading() as connection:
        rows = connection.execute(sa.select(tables.OPEN_FINDING).order_by("opened_at", "nth")).all()
    found = {(row.local_id, row.opened_at, row.seen_at) for row in rows if row.local_id.startswith("V-")}
    assert found == {("V-1", 5, 5), ("V-4", 7, 7)}


def test_a_follower_that_is_stopped_goes_on_where_it_was(fresh: ReceiverHarness, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_MOST", 1)
    for n in range(3):
        sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD})))
    stop, worker = threading.Event(), follower(fresh)
    take = worker._take
    worker._take = lambda *given: (take(*given), stop.set())[0]
    assert worker.run(lambda: not stop.is_set()).messages == 1
    assert isinstance(worker, Follower)
    assert follower(fresh).run().messages == 2
    assert {name for name, _ in open_findings(fresh)} == {"V-0", "V-1", "V-2"}


def test_the_everyday_example_has_nothing_wrong(fresh: ReceiverHarness):
    sent(fresh, message())
    assert follower(fresh).run().opened == 0
    sent(fresh, changed(message(), vedtakDato=AHEAD))
    assert follower(fresh).run().opened > 0
