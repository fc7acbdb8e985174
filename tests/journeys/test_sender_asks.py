"""What only the registry can tell: a run asks it before it sends, and a run without anything to send asks whether it is there."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager

import pytest

from ktt.messages.contract import NotSent, Refused
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import RetryPolicy
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.sender_desk import Desk
from support.sender_municipality import MONDAY
from support.whole_road import whole_road


@pytest.fixture
def road(tmp_path, clock):
    """A road whose load is done."""
    with whole_road(tmp_path, clock) as road:
        assert road.desk.load().stopped is None
        yield road


def another_day(road):
    """A day on which a service begins, sent."""
    road.pass_days()
    road.epj.service(f"T{road.today:%d}", "P0", MONDAY)
    report = road.desk.daily()
    assert (report.messages, report.stopped) == (1, None)
    return report


def quiet(road, options=None):
    road.pass_days()
    return road.desk.daily(options)


def put_back(road, copy):
    """All that was in the folder then, the witness too: a snapshot of a whole machine."""
    for path in road.desk.folder.glob("outbox.sqlite*"):
        path.unlink()
    for path in copy.iterdir():
        shutil.copy(path, road.desk.folder)


def told(report):
    return report.exit_code, report.stopped.code, report.stopped.says().nb


def test_a_quiet_day_says_what_was_asked(road):
    report = quiet(road)
    assert (report.messages, report.changes, report.exit_code) == (0, 0, 0)
    assert report.as_data()["asked"] == {"receipt": "last", "keys_and_token": True}
    road.receiver.offers_lookups = False
    report = quiet(road)
    assert (report.exit_code, report.as_data()["asked"]) == (0, {"receipt": "not_offered", "keys_and_token": True})


def test_a_day_with_changes_asks_for_the_receipt_alone(road):
    assert another_day(road).as_data()["asked"] == {"receipt": "last", "keys_and_token": None}


def test_a_dead_address_is_found_on_a_day_without_changes(road):
    road.receiver.down = True
    slept = []
    options = SendOptions(RetryPolicy(attempts=3, draw=lambda: 1.0), sleep=slept.append)
    code, name, words = told(quiet(road, options))
    assert (code, name, slept) == (14, "KTT-BND-13", [1.0, 2.0])
    assert "Ingenting viser at registeret kan nås" in words
    road.receiver.down = False
    assert quiet(road).exit_code == 0


def test_a_clock_that_was_ahead_and_could_send_nothing_leaves_no_day_behind(road):
    road.clock.advance(dt.timedelta(days=40))
    road.receiver.down = True  # as HelseID and the receiver are to a clock that is wrong
    assert road.desk.daily().exit_code == 14
    road.clock.advance(-dt.timedelta(days=39))
    road.receiver.down = False
    report = road.desk.daily()
    assert (report.exit_code, report.questions.open) == (0, [])


def test_a_clock_that_is_put_back_is_asked_about(road):
    another_day(road)
    road.pass_days(-2)
    before = road.receiver.stored
    report = road.desk.daily()
    assert (report.exit_code, [one.name for one in report.questions.open]) == (5, ["day"])
    assert "er før forrige kjørings dag" in report.stopped.says().nb
    assert road.receiver.stored == before
    road.pass_days(3)
    assert road.desk.daily().exit_code == 0


def test_a_receipt_that_is_not_answered_for_is_asked_for_again(road, monkeypatch):
    answers, look_up = [NotSent("no answer in time")] * 2, type(road.receiver).look_up

    def slowly(end, path):
        return answers.pop() if answers and path.startswith("/receipts/") else look_up(end, path)

    monkeypatch.setattr(type(road.receiver), "look_up", slowly)
    options = SendOptions(RetryPolicy(attempts=3), sleep=lambda _seconds: None)
    assert quiet(road, options).as_data()["asked"] == {"receipt": "last", "keys_and_token": True}
    monkeypatch.setattr(type(road.receiver), "look_up", lambda *_: Refused(401, "invalid_token"))
    code, name, words = told(quiet(road))
    assert (code, name) == (15, "KTT-BND-14")
    assert "Neste melding ville også blitt avvist" in words


def test_an_emptied_registry(road):
    another_day(road)
    road.empty_the_registry()
    road.epj.service("T-ny", "P1", MONDAY)
    code, name, words = told(quiet(road))
    assert (code, name) == (17, "KTT-BND-11")
    assert "registeret er tømt eller et annet" in words
    assert road.receiver.stored == 0, "and nothing was sent to it"
    with road.desk.sender() as sender:
        sender.binding.check(mending=True)
        sender.binding.renew("kari", "registeret ble tømt")
    report = quiet(road)
    assert (report.stopped, report.messages) == (None, 1), "what was mended against is not asked for again"
    assert quiet(road).as_data()["asked"]["receipt"] == "last"


def test_a_machine_put_back_as_a_whole_and_two_copies_of_a_store(road):
    copy = road.desk.keep_a_copy("yesterday")
    another_day(road)
    ours = road.desk.keep_a_copy("today")
    put_back(road, copy)
    before = road.receiver.stored
    for _ in range(2):
        road.epj.service(f"T-{road.today:%d}", "P1", MONDAY)
        code, name, words = told(quiet(road))
        assert (code, name) == (17, "KTT-BND-12")
        assert "et annet lager sender for samme enhet" in words
    assert road.receiver.stored == before
    put_back(road, ours)
    assert quiet(road).exit_code == 0


def test_a_mended_store_asks_for_what_the_registry_had_then(road):
    copy = road.desk.keep_a_copy("yesterday")
    another_day(road)
    put_back(road, copy)
    with road.desk.sender() as sender:
        sender.binding.check(mending=True)
        sender.binding.renew("kari", "maskinen ble satt tilbake")
    assert quiet(road).as_data()["asked"]["receipt"] == "last"
    another_day(road)
    assert quiet(road).exit_code == 0


@pytest.fixture
def sandbox(tmp_path):
    @contextmanager
    def open_():
        settings = SandboxSettings(folder=tmp_path / "sandbox", helseid_port=0, mottak_port=0)
        with Sandbox(settings, ingest=lambda _inbox: None) as running:
            yield running

    return open_


def test_the_commands_say_it_too(tmp_path, sandbox, capsys, monkeypatch):
    monkeypatch.setattr(RetryPolicy, "delay", lambda *_: None)
    with sandbox() as running:
        desk = Desk(tmp_path, running, capsys)
        loaded = desk.asks("load", *desk.day(0))
        assert (loaded["bound"], loaded["asked"]["receipt"]) == (True, "none")
        assert desk.asks("daily", *desk.day(1))["asked"] == {"receipt": "last", "keys_and_token": True}
        code, out, _ = desk.type("daily", *desk.day(2))
        assert (code, "Mottaket svarer, og kjenner det siste som er sendt." in out) == (0, True)
        running.helseid.clients._clients = {}
        code, name, words = desk.refused("daily", *desk.day(3))
        assert (code, name) == (15, "KTT-BND-14")
        assert "invalid_client" in words
    code, out, err = desk.type("daily", *desk.day(4))
    assert (code, err.split(":")[0]) == (14, "KTT-BND-13")
    assert out.splitlines()[0] == "✗ 2026-03-06: 0 endringer, men registeret svarer ikke."
