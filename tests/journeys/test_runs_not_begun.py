"""A run that fails before it has begun is told like any other: as its outcome, in the status, and by one alarm."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import contextmanager

import pytest

from ktt.cli import app
from ktt.cli.agent.run import Unit
from ktt.core.clock import SystemClock
from ktt.sender.agent.stopping import Stopping
from ktt.sender.client import factory
from ktt.sender.keys.make import made_key, write_key
from ktt.sender.settings import SenderSettings
from ktt.wiring.sender import sender_for_run
from support.http_raw_server import raw_server
from support.sender_epj import UNIT
from support.settable_clock import SettableClock
from support.whole_road import _Client, whole_road

OK, DOWN = b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"


class Place:
    """A sender whose load is done, whose alarms go to a server of this test."""

    def __init__(self, road, web, capsys):
        self.road, self.web, self.capsys = road, web, capsys
        self.folder, self.config = road.desk.folder, road.desk.settings
        (self.folder / "alarm.secret").write_text("hemmelig")
        (self.folder / "alarm.secret").chmod(0o600)
        hook = f'\n[alarms.webhook]\nurl = "{web.url}"\nsecret_file = "alarm.secret"\n'
        self.config.write_text(self.config.read_text().partition("\n[alarms.")[0] + hook)

    def type(self, *words):
        """Exit code, and standard out and error together."""
        code = app.run([*words, "--config", str(self.config)])
        shown = self.capsys.readouterr()
        return code, shown.out + shown.err

    def told(self):
        """Event, cause and class of each notice, in order."""
        bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.web.requests]
        return [(one["event"], one["cause"], one["exit_code"]) for body in bodies for one in body["notices"]]

    @contextmanager
    def without(self, name):
        """While the block runs, the file is not there."""
        path = self.folder / name
        path.rename(path.with_name("away"))
        try:
            yield
        finally:  # a failure is not to be that of the next test too
            path.with_name("away").rename(path)

    @contextmanager
    def with_setting(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))
        try:
            yield
        finally:
            self.config.write_text(text)

    @contextmanager
    def without_a_database(self):
        kept = self.road.desk.keep_a_copy("kept")
        self.road.desk.lose_the_store()
        self.road.desk.store.write_bytes(b"no database " * 1000)
        yield
        self.road.desk.put_back(kept, witness=False)


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    clock = SettableClock(dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC))
    with whole_road(tmp_path_factory.mktemp("road") / "road", clock, persons=1) as road:
        key, now = road.desk.folder / "client.key", SystemClock().now()
        key.unlink()
        write_key(key, made_key("P-256", now, now + dt.timedelta(days=300)))
        road.desk.load().check()
        road.ingest()
        yield road


@pytest.fixture
def place(road, capsys, monkeypatch):
    monkeypatch.setenv("KTT_LANG", "nb")
    with raw_server(OK) as web:
        yield Place(road, web, capsys)


def day(place):
    """A daily run at the command line, of the road's day, that ends well when it begins."""
    place.road.epj.log(place.road.today)
    return place.type("daily", "--on", place.road.today.isoformat())


# what is wrong before the run begins | its exit code and code
WRONG = {
    "the mapping file is gone": (lambda p: p.without("../epj/mapping.toml"), 11, "KTT-MAP-01"),
    "the client's key is gone": (lambda p: p.without("client.key"), 15, "KTT-NET-01"),
    "the store's key is gone": (lambda p: p.without("store.key"), 16, "KTT-STO-03"),
    "nothing reads such a source": (lambda p: p.with_setting("sqlite:////", "arkiv:////"), 10, "KTT-SRC-01"),
    "a pack is gone": (lambda p: p.with_setting('["ktt_v1"]', '["./borte"]'), 2, "KTT-PACK-01"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_recorded_told_once_and_told_when_it_is_over(place, wrong, monkeypatch):
    breaks, exit_code, code = WRONG[wrong]
    with breaks(place):
        for _ in range(2):
            ended, said = day(place)
            assert (ended, code in said) == (exit_code, True), said
        assert [one for one in place.told() if one[1] == "run"] == [("began", "run", exit_code)], said
        _, status = place.type("status")
        assert "Siste kjøring stanset: " in status
        assert f"({code}). Kjør «ktt daily» på nytt" in " ".join(status.split())
    monkeypatch.setattr(factory, "open_receiver_client", lambda *_: _Client(place.road.receiver))
    ended, said = day(place)
    assert ended == 0, said
    assert ("ended", "run", exit_code) in place.told()
    assert place.type("status")[1].count("stanset") == 0


def test_a_store_that_cannot_be_opened_is_told_once_and_when_it_is_back(place, monkeypatch):
    monkeypatch.setattr(factory, "open_receiver_client", lambda *_: _Client(place.road.receiver))
    with place.without_a_database():
        place.web.replies[:] = [DOWN, OK]
        assert day(place)[0] == 16
        assert place.told() == [("began", "store", 16)], "the channel was down"
        assert day(place)[0] == 16
        assert place.type("status", "--alarm")[0] == 16
        assert place.told() == [("began", "store", 16)] * 2
        assert (place.folder / "store.key.alarm").exists()
    assert day(place)[0] == 0
    assert day(place)[0] == 0
    assert [one for one in place.told() if one[1] == "store"][2:] == [("ended", "store", 16)]
    assert not (place.folder / "store.key.alarm").exists()


def test_the_agent_that_waits_rings_too(place):
    one = Unit(SenderSettings.load(place.config), place.road.clock, Stopping(), sender_for_run)
    with place.without("../epj/mapping.toml"):
        assert [one.run(place.road.clock.now()) for _ in range(2)] == [11, 11]
    assert [each for each in place.told() if each[1] == "run"] == [("began", "run", 11)]


def test_a_run_that_is_under_way_is_not_written_over(place):
    """A second one that cannot begin meanwhile is no run of the unit's."""
    last = lambda: json.loads(place.type("status", "--json")[1])["units"][0]["last_run_at"]  # noqa: E731
    before = last()
    with place.road.desk.sender() as sender, sender.outbox.exclusive(UNIT), place.without("../epj/mapping.toml"):
        assert day(place)[0] == 11
    assert last() == before
