"""`ktt fleet`: many units in one process, some of which have bad luck, and the process killed in the middle.

Everything is real: record systems, stores, HTTP, HelseID, receiver and registry. What has come through is counted at the
registry, against the record systems' own account of themselves.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ktt.alarms.webhook import Webhook
from ktt.cli import app
from ktt.cli.agent.fleet_run import DailyFleet
from ktt.core.clock import SystemClock, norwegian_day
from ktt.sender.agent.stopping import Stopping
from ktt.sender.fleet.settings import settings_at
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wiring.sender import outbox_from
from support.effort import FLEET_UNITS, FULL
from support.example_plug_in import install
from support.fleet import BadLuck, FleetDesk, received, share_one_key, unequal_units, units

MONDAY = dt.date(2026, 3, 2)
TUESDAY = MONDAY + dt.timedelta(days=1)
pytestmark = pytest.mark.timeout(3000 if FULL else 300)  # all units and the sandbox share this process
SLOW, GIVEN_UP = (
    (0.1, 0.3) if FULL else (0.05, 0.15)
)  # minutes; with its grace less than the client waits for an answer
QUICK = f"[fleet]\nslow_after_minutes = {SLOW}\ngive_up_after_minutes = {GIVEN_UP}\n"
STUCK = """
import time
from contextlib import contextmanager


@contextmanager
def open_lines(address, *, extracted_on, timezone):
    time.sleep(600)
    yield None
"""
UNMAPPED = "Siste kjøring stanset: koblingsfilen er feil (KTT-MAP-01)."
STUCK_SOURCE = '\n[unit.source]\nurl = "linjer:///her"\nmapping = "stuck.toml"\n'


@pytest.fixture
def luck():
    return BadLuck()


@pytest.fixture
def desk(tmp_path):
    desk = FleetDesk(tmp_path / "fleet", units(FLEET_UNITS))
    desk.log(MONDAY)
    return desk


@pytest.fixture
def sandbox(tmp_path, desk, luck):
    folder = tmp_path / "sandbox"
    share_one_key(folder, desk.units)
    settings = SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)
    with Sandbox(settings, units=desk.units, intercept=luck.intercept) as sandbox:
        yield sandbox


def fleet(desk, capsys, *arguments, expect):
    """`ktt fleet …`; what it says as data."""
    assert app.run(["fleet", *arguments, "--config", str(desk.toml), "--json"]) == expect
    return json.loads(capsys.readouterr().out)


def change_a_day(desk):
    for epj in desk.epjs.values():
        epj.service("T9", "P0", TUESDAY)
        epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    desk.log(TUESDAY)


def test_bad_luck_of_some_is_nobody_elses(desk, sandbox, luck, capsys, monkeypatch):
    """One whose source never answers, one that is rejected, one that waits for ever for an answer, one without a mapping,
    one whose store is broken, and one whose entry is wrong: all others are done, and each of these is told for what it is.
    """
    desk.write(sandbox, QUICK)
    loaded = fleet(desk, capsys, "run", "--on", str(MONDAY), expect=0)
    assert loaded["totals"]["done"] == FLEET_UNITS
    assert {unit["kind"] for unit in loaded["units"]} == {"load"}
    assert unequal_units(sandbox, desk) == set()

    change_a_day(desk)
    stuck, rejected, hanging, unmapped, broken, wrong, *well = desk.units
    install(desk.folder / "plug-in", monkeypatch, STUCK)
    mapping = desk.epjs[stuck].mapping.read_text(encoding="utf-8").replace('kind = "sql"', 'kind = "linjer"')
    (desk.folder / "stuck.toml").write_text(mapping, encoding="utf-8")
    desk.epjs[unmapped].mapping.unlink()
    for path in (desk.folder / "stores" / broken.key).glob("outbox.sqlite*"):
        if path.suffix != ".witness":
            path.write_bytes(b"this is no database " * 500)
    luck.rejected, luck.hanging = {rejected.organisation}, {hanging.organisation}
    desk.write(sandbox, QUICK, {stuck: STUCK_SOURCE, wrong: '[unit.mottak]\nbase_ulr = "x"\n'})

    began = time.monotonic()
    report = fleet(desk, capsys, "run", "--on", str(TUESDAY), expect=16)
    took = time.monotonic() - began
    told = {unit["unit"]: unit for unit in report["units"]}
    assert {unit.key: told[unit.key]["exit_code"] for unit in well} == {unit.key: 0 for unit in well}
    assert max(told[unit.key]["seconds"] for unit in well) < took
    assert unequal_units(sandbox, desk) == {unit.key for unit in desk.units[:6]}
    codes = {name: told[unit.key]["code"] for name, unit in zip("srhubw", desk.units, strict=False)}
    assert codes == {
        "s": "KTT-FLT-05",
        "r": "KTT-OUT-03",
        "h": "KTT-FLT-05",
        "u": "KTT-MAP-01",
        "b": "KTT-STO-01",
        "w": "KTT-CFG-02",
    }
    assert {name for name in told if told[name]["slow"]} >= {stuck.key, hanging.key}
    assert [unit["exit_code"] for unit in report["units"]] == sorted(
        (unit["exit_code"] for unit in report["units"]), reverse=True
    )

    luck.hanging.clear()
    status = fleet(desk, capsys, "status", expect=16)
    needing = {unit["unit"] for unit in status["units"] if unit["things"]}
    assert needing == {unit.key for unit in desk.units[:6]}
    assert "base_url" in json.dumps(status, ensure_ascii=False)  # the nearest right name


def test_a_day_is_sent_once(desk, sandbox, capsys):
    desk.write(sandbox)
    fleet(desk, capsys, "run", "--on", str(MONDAY), expect=0)
    change_a_day(desk)
    first = fleet(desk, capsys, "run", "--on", str(TUESDAY), expect=0)
    assert first["totals"]["changes"] == FLEET_UNITS * 2
    assert unequal_units(sandbox, desk) == set()
    before = received(sandbox)
    again = fleet(desk, capsys, "run", "--on", str(TUESDAY), "--workers", "3", expect=0)
    assert again["totals"] == {**first["totals"], "changes": 0, "messages": 0}
    assert received(sandbox) == before
    assert fleet(desk, capsys, "status", expect=0)["common"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_in_the_middle_and_run_again_nothing_is_lost_doubled_or_reordered(desk, sandbox, capsys):
    desk.write(sandbox)
    for least in (3, FLEET_UNITS, 3 * FLEET_UNITS):
        with start(desk, MONDAY) as process:
            while process.poll() is None and sum(map(len, received(sandbox).values())) < least:
                time.sleep(0.02)
            process.kill()
    killed = sum(map(len, received(sandbox).values()))
    report = fleet(desk, capsys, "run", "--on", str(MONDAY), expect=0)
    assert report["totals"]["done"] == FLEET_UNITS
    assert unequal_units(sandbox, desk) == set()
    stored = received(sandbox)
    assert sum(map(len, stored.values())) >= killed > 0
    for unit in desk.units:
        with outbox_from(settings_of(desk, unit)) as store:
            receipts = [receipt.correlation_id for receipt in store.receipts(unit)]
        assert len(stored[unit.key]) == len(receipts) == len(set(receipts))
        assert positions(sandbox, unit) == receipts


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_asked_to_stop_those_under_way_end_and_a_second_run_meanwhile_is_refused(desk, sandbox, capsys):
    desk.write(sandbox)
    process = start(desk, MONDAY)
    while not received(sandbox):
        time.sleep(0.02)
    assert app.run(["fleet", "run", "--on", str(MONDAY), "--config", str(desk.toml)]) == 13
    assert "KTT-FLT-04" in capsys.readouterr().err
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    totals = json.loads(out)["totals"]
    assert totals["done"] < FLEET_UNITS
    for unit in desk.units:
        with outbox_from(settings_of(desk, unit)) as store:
            assert "uncertain" not in {message.state.value for message in store.messages(unit)}


def start(desk, day):
    """The fleet's run in a process of its own."""
    command = [sys.executable, "-m", "ktt", "fleet", "run", "--json", "--on", str(day), "--config", str(desk.toml)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ))


def settings_of(desk, unit):
    """The settings of one unit, as the other commands get them."""
    return settings_at(Path(f"{desk.toml}#{unit.key}"))


def positions(sandbox, unit):
    """The correlation ids of what the receiver stored of the unit, in its order."""
    return [one.correlation_id for one in sandbox.inbox.after(0, 100_000) if one.unit == unit]


def test_by_itself_every_day_told_once_and_as_the_operating_system_has_it(desk, sandbox, capsys, monkeypatch):
    clock, told = SystemClock(), []
    today = norwegian_day(clock.now())
    desk.log(today)
    monkeypatch.setattr(Webhook, "tell", lambda _self, notices: told.append([one.says for one in notices]))
    found = desk.write(sandbox, "[alarms.webhook]\nurl = 'https://127.0.0.1:9'\nsecret_file = 'alarm.secret'\n")
    (desk.folder / "alarm.secret").write_text("secret")
    (desk.folder / "alarm.secret").chmod(0o600)
    daily = DailyFleet(found, clock, Stopping())
    assert daily.reached() is None
    assert daily.run(clock.now()) == 0
    assert daily.reached() == today
    assert unequal_units(sandbox, desk) == set()
    for epj in desk.epjs.values():
        epj.mapping.unlink()
    assert daily.run(clock.now()) == 11
    assert told == [[UNMAPPED] * FLEET_UNITS]  # one message, however many units
    assert daily.run(clock.now()) == 11
    assert len(told) == 1
    capsys.readouterr()

    install = ["agent", "install", "--dry-run", "--for", "systemd", "--fleet", str(desk.toml), "--json"]
    assert app.run(install) == 0
    service = json.loads(capsys.readouterr().out)["files"][0]
    assert service["path"].endswith("ktt-daily-fleet.service")
    assert f"fleet run --config {desk.toml}" in service["text"]
    assert f"ReadWritePaths={desk.folder} {desk.folder / 'stores'} {desk.folder / 'vendor'}" in service["text"]
