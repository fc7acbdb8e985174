"""`ktt agent run` as a container runs it, and the daily run of a unit through it on the whole road."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ktt.cli import app
from ktt.cli.agent.run import Unit
from ktt.sender.agent.stopping import Stopping
from ktt.sender.agent.waiting import WaitingAgent
from ktt.sender.client import factory
from ktt.sender.outbox.message import State
from ktt.sender.settings import SenderSettings
from ktt.wiring.sender import outbox_from
from support import agent_process
from support.sender_epj import UNIT
from support.whole_road import _Client, whole_road


@pytest.fixture
def road(tmp_path, clock):
    with whole_road(tmp_path, clock) as road:
        yield road


def serve(road, monkeypatch, days):
    """An agent that waits and runs until so many runs have begun, while the record system changes before each.

    Its unit, the days on which runs began, and their exit codes.
    """
    stopping, begun, ended = Stopping(), [], []

    @contextmanager
    def opened(*_run, **more):
        ingesting = replace(more["options"], sleep=lambda _seconds: road.ingest())  # in the place of waiting for it
        with road.desk.sender(ingesting) as sender:
            yield sender

    one = Unit(SenderSettings.load(road.desk.settings), road.clock, stopping, opened)
    run = Unit.run

    def changed(self, now):
        road.epj.service(f"T{road.today:%m%d}", "P0", road.today)
        road.epj.log(road.today)
        begun.append(road.today)
        ended.append(run(self, now))
        return ended[-1]

    def sleep(seconds):
        road.clock.advance(dt.timedelta(seconds=seconds))
        if len(begun) == days:
            stopping.ask()

    with monkeypatch.context() as patched:
        patched.setattr(Unit, "run", changed)
        WaitingAgent([one], road.clock, stopping, sleep).serve()
    return one, begun, ended


def test_a_week_by_itself_and_every_day_is_told_once(road, monkeypatch):
    """The clock is moved, and the record system changes every day."""
    road.desk.load().check()
    one, begun, ended = serve(road, monkeypatch, 5)
    assert begun == [begun[0] + dt.timedelta(days=day) for day in range(5)]
    assert set(ended) <= {0, 3}
    assert one.reached() == begun[-1]
    assert road.differences() == set()


def test_nights_on_which_the_machine_was_off_are_one_run_when_it_is_on_again(road, monkeypatch):
    """As `Persistent=` has systemd do: what was missed three times is run once, at once, and then every night."""
    road.desk.load().check()
    _, before, _ = serve(road, monkeypatch, 1)
    road.pass_days(3)
    at = road.clock.now()
    road.epj.service("T-missed", "P0", road.today)
    _, after, ended = serve(road, monkeypatch, 2)
    assert after == [at.date(), at.date() + dt.timedelta(days=1)]
    assert (after[0] - before[0]).days >= 3
    assert ended == [0, 0]
    assert road.differences() == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_the_process_waits_says_what_it_does_and_ends_when_asked(road, number):
    """Nobody answers here, so the run that was missed fails, is told, and is tried again later."""
    agent = subprocess.Popen(
        agent_process.command(road.desk.settings), stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[1], env={**os.environ, "KTT_LANG": "nb"},
    )  # fmt: skip
    lines = []
    for line in agent.stderr:
        lines.append(json.loads(line))
        if "run ended with" in line:
            break
    agent.send_signal(number)
    asked = time.monotonic()
    assert agent.wait(timeout=30) == 0
    assert time.monotonic() - asked < 5
    agent.stderr.close()
    said = " ".join(line["event"] for line in lines)
    assert f"unit {UNIT.key}: run begins, try 1" in said
    assert {line["component"] for line in lines} == {"sender"}


def test_what_would_be_installed_is_shown_and_nothing_is_written(road, capsys, monkeypatch):
    monkeypatch.setenv("KTT_LANG", "nb")
    before = sorted(road.desk.folder.iterdir())
    base = ["agent", "install", "--dry-run", "--config", str(road.desk.settings)]
    assert app.run([*base, "--for", "systemd"]) == 0
    shown = capsys.readouterr()
    assert f"/etc/systemd/system/ktt-daily-{UNIT.key}.timer" in shown.out
    assert f"ReadWritePaths={road.desk.folder}" in shown.out
    assert f"--config {road.desk.settings}" in shown.out
    assert f"systemctl enable --now ktt-daily-{UNIT.key}.timer" in shown.out
    assert "Ingenting er endret" in shown.err
    assert app.run([*base, "--for", "windows", "--json", "--account", "KOMMUNE\\ktt$"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert "<StartWhenAvailable>true</StartWhenAvailable>" in file["text"]
    assert sorted(road.desk.folder.iterdir()) == before


def test_for_another_system_there_is_only_a_dry_run(road, capsys):
    assert app.run(["agent", "install", "--for", "windows", "--config", str(road.desk.settings)]) == 2
    assert "KTT-CLI-01" in capsys.readouterr().err


def test_asked_to_stop_in_the_middle_of_a_load_the_message_is_done_and_the_next_run_goes_on(road, capsys, monkeypatch):
    """As `systemctl stop` asks: SIGTERM while a message is under way."""
    sent, send = [], road.receiver.send

    def ask_at_the_second(message):
        sent.append(message.message_type)
        if len(sent) == 2:
            signal.raise_signal(signal.SIGTERM)
        return send(message)

    monkeypatch.setattr(road.receiver, "send", ask_at_the_second)
    monkeypatch.setattr(factory, "open_receiver_client", lambda *_: _Client(road.receiver))
    road.epj.log(road.today)
    command = ["load", "--config", str(road.desk.settings), "--on", str(road.today)]
    mine = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert app.run(command) == 14
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN  # given back
    finally:
        signal.signal(signal.SIGTERM, mine)
    assert "KTT-OUT-20" in capsys.readouterr().err
    assert len(sent) == 2
    with outbox_from(SenderSettings.load(road.desk.settings)) as store:
        states = [message.state for message in store.messages(UNIT)]
    assert states[:2] == [State.DELIVERED] * 2
    assert set(states[2:]) == {State.WAITING}
    road.desk.load().check()
    assert road.differences() == set()
