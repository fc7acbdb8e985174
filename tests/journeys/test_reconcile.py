"""Both ends brought together, whatever befell either of them: shown by the record system's and the registry's own hashes."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
import sqlalchemy as sa

from ktt.core.errors import EXIT_NETWORK, EXIT_NOT_MET, EXIT_QUEUE
from ktt.messages.contract import NotSent
from ktt.registry.tables import LAYOUTS
from ktt.sender.binding.errors import AnotherSender, LastReceiptUnknown, StoreLost
from ktt.sender.outbox.message import State
from ktt.sender.plausibility.asked import acceptance_of
from ktt.sender.plausibility.errors import QuestionsOpen
from ktt.sender.reconciliation.errors import (
    InventoryNotAnswered,
    InventoryNotOffered,
    RegistryBehind,
    RegistryHolds,
)
from support.sender_epj import UNIT
from support.settable_clock import SettableClock
from support.whole_road import Desk, whole_road

MONDAY = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
BEGAN = dt.date(2026, 1, 12)


@pytest.fixture
def road(tmp_path):
    """A municipality whose registry has all that its record system has."""
    with whole_road(tmp_path, SettableClock(MONDAY), persons=6) as made:
        made.desk.load()
        assert made.differences() == set()
        yield made


def a_day(road, number):
    """A day of changes: one record new, one changed, one gone."""
    road.pass_days()
    road.epj.service(f"N{number}", "P1", BEGAN)
    road.epj.run("UPDATE tjeneste SET slutt = ? WHERE id = ?", f"2026-02-{number + 1:02}", f"T{number}a")
    road.epj.take_out("diagnose", f"D{number}")


def erase(road, record_type, *ids):
    """What a fault at the national end takes from the registry alone."""
    layout = LAYOUTS[record_type]
    with road.registry._database.transaction() as connection:
        gone = sa.delete(layout.current).where(layout.current.c[layout.key].in_(ids))
        assert connection.execute(gone).rowcount == len(ids)


def found(report):
    """The counts that are not nought, by record type."""
    counts = {
        name: {kind: getattr(one, kind) for kind in ("missing", "surplus", "different") if getattr(one, kind)}
        for name, one in report.found.types.items()
    }
    return {name: some for name, some in counts.items() if some}


def mended(road, desk=None, **more):
    """The report of a mending after which everything is the same at both ends, and a quiet day follows."""
    desk = desk or road.desk
    report = desk.mend(**more)
    assert (report.exit_code, report.mended.comparison.state) == (0, "equal")
    assert road.differences() == set()
    road.pass_days()
    quiet = desk.daily()
    assert (quiet.exit_code, quiet.changes, quiet.comparison.state) == (0, 0, "equal")
    return report


def test_nothing_differs_after_ordinary_days(road):
    for number in (1, 2):
        a_day(road, number)
        report = road.desk.daily()
        assert (report.exit_code, report.comparison.state) == (0, "equal")
    report = road.desk.reconcile()
    assert (report.exit_code, report.found.state, found(report)) == (0, "equal", {})
    assert report.found.types["care_service"].sent == 14
    assert road.differences() == set()


def test_the_store_is_lost(road):
    a_day(road, 1)
    road.desk.lose_the_store()
    with pytest.raises(StoreLost):
        road.desk.daily()
    assert found(road.desk.reconcile()) == {
        "care_service": {"missing": 1, "different": 1},
        "diagnosis": {"surplus": 1},
    }
    report = mended(road)
    assert report.mended.types["care_service"].new == 1
    assert report.mended.kind == "daily"


def test_the_store_is_lost_before_anything_was_sent(tmp_path):
    with whole_road(tmp_path, SettableClock(MONDAY)) as road:
        report = mended(road)
        assert (report.mended.kind, found(report)["care_service"]) == ("load", {"missing": 4})


def test_the_store_is_restored_from_yesterday(road):
    kept = road.desk.keep_a_copy("backup")
    a_day(road, 1)
    road.desk.daily()
    road.desk.lose_the_store()
    for path in kept.glob("outbox.sqlite*"):
        shutil.copy2(path, road.desk.folder)
    a_day(road, 2)
    assert found(road.desk.reconcile()) == {
        "care_service": {"missing": 1, "different": 1},
        "diagnosis": {"surplus": 1},
    }
    mended(road)


def test_what_waits_in_a_restored_queue_is_not_sent_out_of_order(road):
    a_day(road, 1)
    road.receiver.down = True
    road.desk.daily()
    kept = road.desk.keep_a_copy("backup")
    road.receiver.down = False
    road.desk.daily()
    road.epj.run("UPDATE tjeneste SET slutt = '2026-02-20' WHERE id = 'T1a'")
    road.desk.daily()
    shutil.copytree(kept, road.desk.folder, dirs_exist_ok=True)
    stored = road.receiver.stored
    report = mended(road)
    assert (report.undelivered > 0, found(report), road.receiver.stored) == (True, {}, stored)


def test_an_old_copy_does_not_send_what_nobody_knows_the_outcome_of(road):
    """What it says is outdated by now; the registry's own list tells whether it arrived."""
    road.pass_days()
    road.epj.run("UPDATE tjeneste SET slutt = '2026-02-10' WHERE id = 'T1a'")
    road.receiver.fates = ["lost"]
    road.desk.daily()
    kept = road.desk.keep_a_copy("backup")
    road.pass_days()
    road.epj.run("UPDATE tjeneste SET slutt = '2026-02-20' WHERE id = 'T1a'")
    road.desk.daily()
    assert road.differences() == set()
    versions = road.registry.versions(UNIT, "care_service").height
    road.desk.put_back(kept, witness=True)
    assert mended(road).undelivered == 1
    assert road.registry.versions(UNIT, "care_service").height == versions


@pytest.mark.parametrize("record_type", ["care_service", "diagnosis"])
def test_the_registry_has_lost_some(road, record_type):
    ids = {"care_service": ("T1a", "T2b"), "diagnosis": ("D0", "D5")}[record_type]
    erase(road, record_type, *ids)
    assert record_type in road.differences()
    report = road.desk.daily()
    assert (report.exit_code, report.comparison.state) == (EXIT_NOT_MET, "different")
    assert report.comparison.types[record_type].first == {"missing": list(ids)}
    mended(road)


def test_the_registry_has_lost_a_person_and_nothing_else(road):
    erase(road, "recipient", "P3")
    assert found(road.desk.reconcile()) == {"recipient": {"missing": 1}}
    mended(road)


def test_what_was_lost_is_just_what_the_last_message_said(road):
    """Sent again, it is a resend to the receiver, which changes nothing: then the persons' other records go with it."""
    road.pass_days()
    road.epj.diagnosis("D9", "P1", BEGAN)
    assert road.desk.daily().messages == 1
    erase(road, "diagnosis", "D9")
    mended(road)


def test_the_registry_begins_anew(road):
    road.empty_the_registry()
    assert isinstance(road.desk.daily().stopped, LastReceiptUnknown)
    assert found(road.desk.reconcile())["care_service"] == {"missing": 12}
    mended(road)


def test_two_stores_send_for_one_unit(road, tmp_path):
    other = Desk(road, tmp_path / "other")
    mended(road, other)
    a_day(road, 1)
    other.daily()
    assert road.differences() == set()
    a_day(road, 2)
    road.epj.take_out("tjeneste", "N1")  # only the other store knows it
    assert isinstance(road.desk.daily().stopped, AnotherSender)
    assert road.desk.reconcile().found.types["care_service"].first["surplus"] == ["N1"]
    mended(road)


def test_much_that_is_surplus_is_asked_about_before_it_is_deleted(road):
    for number in range(6):
        road.epj.take_out("diagnose", f"D{number}")
    road.desk.lose_the_store()
    asked = road.desk.mend().mended
    assert (type(asked.stopped), [one.name for one in asked.questions.questions]) == (QuestionsOpen, ["drop:diagnosis"])
    assert road.differences() == {"diagnosis"}
    mended(road, accept=acceptance_of(["drop:diagnosis"], "slettet i EPJ", "ola"))


def test_what_a_finding_holds_is_told_apart(road):
    road.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    report = road.desk.daily()
    assert report.comparison.state == "equal"
    found = road.desk.reconcile().found.types["care_service"]
    assert (found.held, found.differences, found.sent) == (1, 0, 11)


class TestNotCompared:
    def test_the_registry_is_behind(self, road):
        a_day(road, 1)
        road.when_waited_for = lambda: 0
        report = road.desk.daily()
        assert (report.exit_code, report.comparison.state, report.comparison.pending) == (0, "not_ingested", 2)
        with pytest.raises(RegistryBehind):
            road.desk.mend()

    def test_the_registry_holds_the_unit(self, road, monkeypatch):
        a_day(road, 1)
        monkeypatch.setattr(road.registry._ingest, "_find", None)
        report = road.desk.daily()
        assert (report.exit_code, report.comparison.state) == (EXIT_QUEUE, "held")
        with pytest.raises(RegistryHolds):
            road.desk.reconcile()

    def test_the_receiver_does_not_answer(self, road, monkeypatch):
        monkeypatch.setattr(road.receiver, "look_up", lambda _: NotSent("no route"))
        assert road.desk.daily().exit_code == EXIT_NETWORK
        with pytest.raises(InventoryNotAnswered) as fault:
            road.desk.reconcile()
        assert fault.value.exit_code == EXIT_NETWORK

    def test_the_receiver_has_no_such_address(self, road):
        road.receiver.offers_lookups = False
        assert road.desk.daily().comparison.state == "not_offered"
        with pytest.raises(InventoryNotOffered):
            road.desk.mend()
        report = road.desk.reconcile()
        assert (report.exit_code, report.found.source, report.found.state) == (0, "receipts", "equal")

    def test_without_it_only_what_has_receipts_is_compared(self, road):
        road.receiver.offers_lookups = False
        erase(road, "diagnosis", "D1")
        assert road.desk.reconcile().found.state == "equal", "it cannot know, and says that it is weaker"
        a_day(road, 1)
        report = road.desk.reconcile()
        assert (report.exit_code, found(report)["diagnosis"]) == (EXIT_NOT_MET, {"surplus": 1})


def test_a_message_that_may_have_arrived_is_settled_before_anything_is_compared(road):
    a_day(road, 1)
    road.receiver.fates = ["lost"] * 9
    road.desk.daily()
    with road.desk.sender() as sender:
        assert sender.outbox.first_undelivered(sender.unit).state is State.UNCERTAIN
    road.receiver.fates = []
    mended(road)


def test_the_report_is_plain_data(road):
    erase(road, "diagnosis", "D1")
    told = json.loads(json.dumps(road.desk.reconcile().as_data(), default=str))
    assert (told["found"]["state"], told["found"]["types"]["diagnosis"]["first"]) == ("different", {"missing": ["D1"]})
    assert (told["exit_code"], told["mended"]) == (EXIT_NOT_MET, None)
