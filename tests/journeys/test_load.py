"""`ktt load` as a person types it: planned first, then sent, also only at night."""

from __future__ import annotations

import base64
import datetime as dt
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from ktt.core.clock import OSLO
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.registry_inbox import forget
from support.sender_desk import Desk


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


@pytest.fixture
def desk(tmp_path, sandbox, capsys):
    forget(sandbox.registry)
    return Desk(tmp_path, sandbox, capsys)


def test_a_plan_before_anything_exists_makes_nothing_and_is_what_is_sent(desk):
    text = desk.epj.mapping.read_text(encoding="utf-8")
    limited = text.replace("[table.diagnose]\n", '[table.diagnose]\nsince = "2017-01-01"\nreason = "bytte av EPJ"\n')
    desk.epj.mapping.write_text(limited, encoding="utf-8")
    day = desk.day(0)
    (desk.folder / "client.key").rename(desk.folder / "away")  # before HelseID knows the client
    files = sorted(path.name for path in desk.folder.iterdir())
    plan = desk.asks("load", "--plan", *day)
    code, out, err = desk.type("load", "--plan", *day)
    assert sorted(path.name for path in desk.folder.iterdir()) == files
    assert (code, err) == (0, "")
    for words in (
        "Ingenting er sendt",
        "9 poster i 9 meldinger",
        "2017-01 til 2017-06",
        "antatt å ta 1 s",
        "Minne: omtrent",
    ):
        assert words in out
    assert "Begrenset historikk: diagnose fra 2017-01-01 (bytte av EPJ)." in out
    (desk.folder / "away").rename(desk.folder / "client.key")
    loaded = desk.asks("load", *day)
    assert (loaded["messages"], loaded["changes"]) == (plan["messages"], plan["records"])
    assert loaded["limited"] == plan["limited"] == desk.asks("status")["units"][0]["limited"]
    assert "Begrenset historikk: diagnose fra 2017-01-01" in desk.type("status")[1]
    exported = desk.asks("receipts", "export", str(desk.folder / "kvitteringer.csv"))
    assert exported["limited"] == {"312000008-1114": plan["limited"]}
    signed = (desk.folder / "kvitteringer.csv.jws").read_text().split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(signed + "=="))["limited"] == exported["limited"]
    code, out, _ = desk.type("load", "--plan", *day)
    assert (code, "Den initielle lasten er ferdig fra før" in out, "ingenting å sende" in out) == (0, True, True)


def test_what_cannot_be_combined_or_read_is_refused(desk):
    assert desk.refused("load", "--plan", "--between", "22:00-06:00")[:2] == (2, "KTT-CLI-01")
    assert desk.refused("load", "--between", "om natten")[:2] == (2, "KTT-SND-03")


def hours(begin, end):
    now = dt.datetime.now(OSLO)
    return f"{now + dt.timedelta(hours=begin):%H:%M}-{now + dt.timedelta(hours=end):%H:%M}"


def test_within_the_hours_it_sends_and_outside_it_waits_until_it_is_asked_to_stop(desk):
    day = desk.day(0)
    words = ("load", "--config", str(desk.config), *day, "--between", hours(2, 4))
    waiting = subprocess.Popen([sys.executable, "-m", "ktt", *words], stderr=subprocess.PIPE, text=True)
    told = waiting.stderr.readline()
    assert "Venter til" in told
    assert desk.refused("daily", *day)[:2] == (13, "KTT-SND-01")  # not told that another run is at it: none is
    waiting.send_signal(signal.SIGTERM)
    rest = waiting.communicate(timeout=30)[1]
    assert (waiting.returncode, "KTT-OUT-20" in rest) == (14, True)
    assert desk.asks("load", *day, "--between", hours(-2, 2))["load"]["finished_at"]


def test_ctrl_c_ends_it_behind_the_message_under_way_and_the_next_goes_on(desk):
    day = desk.day(0)
    for number in range(3, 40):
        desk.epj._person(number)
    desk.epj.log(dt.date.fromisoformat(day[1]))
    words = ("load", "--config", str(desk.config), *day)
    running = subprocess.Popen(
        [sys.executable, "-m", "ktt", *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    store = desk.folder / "outbox.sqlite"
    until = time.monotonic() + 60
    while delivered(store) == 0 and running.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    if running.returncode == 14:
        assert "KTT-OUT-20" in err
        assert "Ctrl-C" in err
        with closing(sqlite3.connect(store)) as connection:
            states = {state for (state,) in connection.execute("SELECT state FROM outbox")}
        assert states == {"delivered", "waiting"}
    assert desk.asks("load", *day)["load"]["finished_at"]


def delivered(store):
    if not store.exists():
        return 0
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM outbox WHERE state = 'delivered'").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
