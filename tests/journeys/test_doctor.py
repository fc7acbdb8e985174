"""`ktt doctor` against the sandbox: every line good, and every line bad, with the others as they should be then."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import sqlite3
import ssl
import sys
from contextlib import closing

import pytest

from ktt.cli.app import run
from ktt.core.clock import SystemClock
from ktt.core.http.client import HttpClient
from ktt.core.http.reach import connect, resolves
from ktt.sender.agent.job import job_of, this_program
from ktt.sender.agent.task_scheduler import task
from ktt.sender.doctor.examine import CHECKS, examine
from ktt.sender.doctor.patient import Network, Patient
from ktt.sender.keys.status import set_expiry
from ktt.sender.settings import SenderSettings
from ktt.storage.vault import Vault
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.faults.faults import Fault
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wiring.sender import SCHEMAS, scheduled_task, store_refusal
from support.http_raw_server import http, raw_server
from support.self_signed_certificate import self_signed
from support.sender_epj import Epj

NOT_HERE = {"proxy", "tls-helseid", "tls-receiver", "schedule"}  # of a sandbox: plain http on this machine


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


class Ward:
    """A sender on this machine that can be made ill, and is examined."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox = folder, sandbox
        self.config = sandbox.write_sender(folder, epj=folder)
        self.epj = Epj(folder, persons=1)
        set_expiry(folder / "client.key", SystemClock().now() + dt.timedelta(days=300))
        self.ahead, self.environment, self.timers = dt.timedelta(), {}, ()
        self.trust = self.task = None
        self.has_systemd = True

    def now(self):
        return SystemClock().now() + self.ahead

    def network(self, route):
        client = HttpClient(self.trust, route)
        return Network(client.exchange, client.certificate, resolves, connect, client.close)

    def examine(self):
        looked_at = (self.environment, self.timers, SCHEMAS, store_refusal, self.task, self.has_systemd)
        found = examine(Patient(self.config, self, self.network, *looked_at))
        assert [line.name for line in found.lines] == [check.name for check in CHECKS]
        return found

    def setting(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def address(self, section, url):
        urls = {"helseid": self.sandbox.helseid_url, "mottak": self.sandbox.mottak_url}
        self.setting(f'"{urls[section]}"', f'"{url}"')

    def fault(self, kind):
        self.sandbox.control.faults.clear()
        self.sandbox.control.faults.add(Fault(kind))


@pytest.fixture
def ward(tmp_path, sandbox):
    yield Ward(tmp_path, sandbox)
    sandbox.control.faults.clear()


def everything(folder):
    """Each file below a folder with its bytes, mode and time: what a look must leave as it is."""
    return {
        path: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_is_well_and_nothing_is_changed(ward, sandbox):
    before, accepted = everything(ward.folder), len(sandbox.inbox.after(0, 10))
    found = ward.examine()
    assert {line.name: line.says.en for line in found.lines if line.state not in {"good", "not_needed"}} == {}
    assert {line.name for line in found.lines if line.state == "not_needed"} == NOT_HERE | {"store", "binding"}
    assert found.exit_code == 0
    assert everything(ward.folder) == before
    assert len(sandbox.inbox.after(0, 10)) == accepted
    says = {line.name: line.says.nb for line in found.lines}
    assert says["token"].startswith("organisasjon 312000008, scope fhi:slash.mottak/all, gjelder til klokka ")
    assert says["message"].endswith("ble åpnet og lest, ingenting er lagret")


def test_the_command_says_it_for_people_and_for_programs(ward, capsys):
    assert run(["doctor", "--config", str(ward.config)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "✓ Innstillingene: enhet 312000008-1114, miljø sandbox"
    assert (out.splitlines()[-1], err) == ("✓ Alt i orden.", "")
    (ward.folder / "mapping.toml").unlink()
    assert run(["doctor", "--config", str(ward.config)]) == 11
    out = capsys.readouterr().out
    assert "(EPJ-leverandøren gjør det)" in out
    assert "– EPJ-databasen: ikke prøvd, fordi «Koblingsfilen» ikke er i orden" in out
    assert run(["doctor", "--config", str(ward.config), "--json"]) == 11
    shown = json.loads(capsys.readouterr().out)
    assert shown["exit_code"] == 11
    assert {line["name"] for line in shown["lines"] if line["state"] == "bad"} == {"mapping"}


def days_left(days):
    return lambda ward: set_expiry(ward.folder / "client.key", ward.now() + dt.timedelta(days=days))


def clock_off(ward):
    ward.ahead = dt.timedelta(seconds=90)


def foreign_key(ward):
    other = ward.folder / "other"
    other.mkdir(mode=0o700)
    ward.sandbox.write_sender(other, vendor=True)
    shutil.copy(other / "client.key", ward.folder / "client.key")
    set_expiry(ward.folder / "client.key", ward.now() + dt.timedelta(days=300))


def store_of_text(ward):
    path = ward.folder / "outbox.sqlite"
    path.write_text("not a database" * 100)
    path.chmod(0o600)


def store_without_key(ward):
    run(["outbox", "--config", str(ward.config)])
    (ward.folder / "store.key").unlink()


def newer_store(ward):
    run(["outbox", "--config", str(ward.config)])
    with closing(sqlite3.connect(ward.folder / "outbox.sqlite")) as connection, connection:
        connection.execute("UPDATE outbox_version SET version_num = '9999'")


def full_disk(ward):
    ward.disk = shutil.disk_usage


def sleeping_timer(ward):
    folder = ward.folder / "systemd"
    folder.mkdir(mode=0o700)
    (folder / "ktt-daily.timer").write_text("[Timer]\nOnCalendar=daily\n")
    (folder / "ktt-daily.service").write_text("[Service]\nExecStart=/opt/ktt/bin/ktt daily\n")
    ward.timers = (folder,)


def epj_without_a_column(ward):
    with closing(sqlite3.connect(ward.folder / "epj.sqlite")) as connection, connection:
        connection.execute("ALTER TABLE person RENAME COLUMN fnr TO nummer")


HELSEID_GONE, RECEIVER_GONE = {"clock-helseid", "token", "message"}, {"clock-receiver", "message"}
EVERYTHING = {check.name for check in CHECKS[1:]}
ILLNESSES = {
    "settings: not there": (
        lambda w: w.config.unlink(),
        "settings",
        2,
        "municipality",
        EVERYTHING,
    ),
    "settings: unknown name": (
        lambda w: w.setting("[unit]", "[enhet]"),
        "settings",
        2,
        "municipality",
        EVERYTHING,
    ),
    "settings: http to another machine": (
        lambda w: w.address("mottak", "http://mottak.example"),
        "settings",
        2,
        "municipality",
        EVERYTHING,
    ),
    "settings: a name that cannot travel": (
        lambda w: w.setting('vendor = "ktt"', 'vendor = "Åsen"'),
        "settings",
        2,
        "municipality",
        EVERYTHING,
    ),
    "key: gone": (
        lambda w: (w.folder / "client.key").unlink(),
        "key",
        15,
        "municipality",
        {"key-days", "discovery", *HELSEID_GONE, "binding"},
    ),
    "key: no JWK": (
        lambda w: (w.folder / "client.key").write_text("x"),
        "key",
        15,
        "municipality",
        {"key-days", "discovery", *HELSEID_GONE, "binding"},
    ),
    "key-days: five": (days_left(5), "key-days", 15, "municipality", set()),
    "key-days: fifty": (days_left(50), "key-days", 4, "municipality", set()),
    "proxy: dead": (
        lambda w: w.environment.update(HTTPS_PROXY="http://127.0.0.1:1"),
        "proxy",
        14,
        "municipality",
        {
            "name-helseid",
            "tls-helseid",
            "discovery",
            *HELSEID_GONE,
            "name-receiver",
            "tls-receiver",
            "keys",
            "clock-receiver",
        },
    ),
    "proxy: no address": (
        lambda w: w.environment.update(HTTPS_PROXY="socks5://x"),
        "proxy",
        2,
        "municipality",
        {
            "name-helseid",
            "tls-helseid",
            "discovery",
            *HELSEID_GONE,
            "name-receiver",
            "tls-receiver",
            "keys",
            "clock-receiver",
        },
    ),
    "name-helseid: unknown": (
        lambda w: w.address("helseid", "https://helseid.invalid"),
        "name-helseid",
        14,
        "municipality",
        {"tls-helseid", "discovery", *HELSEID_GONE},
    ),
    "tls-helseid: nobody there": (
        lambda w: w.address("helseid", "https://127.0.0.1:1"),
        "tls-helseid",
        14,
        "municipality",
        {"discovery", *HELSEID_GONE},
    ),
    "discovery: nobody there": (
        lambda w: w.address("helseid", "http://127.0.0.1:1"),
        "discovery",
        14,
        "municipality",
        HELSEID_GONE,
    ),
    "discovery: another server": (
        lambda w: w.address("helseid", w.sandbox.mottak_url),
        "discovery",
        14,
        "municipality",
        HELSEID_GONE,
    ),
    "token: another key": (foreign_key, "token", 15, "municipality", {"message"}),
    "token: another client": (
        lambda w: w.setting('client_id = "', 'client_id = "x'),
        "token",
        15,
        "municipality",
        {"message"},
    ),
    "token: a scope that is not ours": (
        lambda w: w.setting("fhi:slash.mottak/all", "fhi:slash.mottak/annet"),
        "token",
        15,
        "municipality",
        {"message"},
    ),
    "token: HelseID is down": (lambda w: w.fault("token-down"), "token", 14, "nhn", {"message"}),
    "token: bearer": (lambda w: w.fault("token-bearer"), "token", 15, "municipality", {"message"}),
    "token: expired": (lambda w: w.fault("token-expired"), "token", 15, "nhn", {"message"}),
    "token: for another service": (lambda w: w.fault("token-audience"), "token", 15, "nhn", {"message"}),
    "token: of another issuer": (lambda w: w.fault("token-issuer"), "token", 15, "nhn", {"message"}),
    "token: bound to another key": (lambda w: w.fault("token-binding"), "token", 15, "nhn", {"message"}),
    "token: without the scope": (lambda w: w.fault("token-scope"), "token", 15, "municipality", {"message"}),
    "token: without an organisation": (
        lambda w: w.fault("token-organisation"),
        "token",
        15,
        "municipality",
        {"message"},
    ),
    "name-receiver: unknown": (
        lambda w: w.address("mottak", "https://mottak.invalid"),
        "name-receiver",
        14,
        "municipality",
        {"tls-receiver", "keys", *RECEIVER_GONE},
    ),
    "tls-receiver: nobody there": (
        lambda w: w.address("mottak", "https://127.0.0.1:1"),
        "tls-receiver",
        14,
        "municipality",
        {"keys", *RECEIVER_GONE},
    ),
    "keys: nobody there": (
        lambda w: w.address("mottak", "http://127.0.0.1:1"),
        "keys",
        14,
        "municipality",
        RECEIVER_GONE,
    ),
    "keys: another server": (lambda w: w.address("mottak", w.sandbox.helseid_url), "keys", 14, "fhi", RECEIVER_GONE),
    "keys: expired": (lambda w: w.fault("keys-expired"), "keys", 14, "fhi", RECEIVER_GONE),
    "keys: weak": (lambda w: w.fault("keys-weak"), "keys", 14, "fhi", RECEIVER_GONE),
    "keys: down": (lambda w: w.fault("keys-down"), "keys", 14, "fhi", RECEIVER_GONE),
    "message: another unit": (
        lambda w: w.setting('municipality = "1114"', 'municipality = "0301"'),
        "message",
        15,
        "fhi",
        set(),
    ),
    "mapping: gone": (lambda w: (w.folder / "mapping.toml").unlink(), "mapping", 11, "vendor", {"source", "read-only"}),
    "source: gone": (lambda w: (w.folder / "epj.sqlite").unlink(), "source", 10, "vendor", {"read-only"}),
    "source: a column is gone": (epj_without_a_column, "source", 10, "vendor", {"read-only"}),
    "store: no database": (store_of_text, "store", 16, "municipality", {"binding"}),
    "store: its key is gone": (store_without_key, "store", 16, "municipality", {"binding"}),
    "store: of a newer ktt": (newer_store, "store", 16, "municipality", {"binding"}),
    "permissions: the folder": (lambda w: w.folder.chmod(0o755), "permissions", 16, "municipality", set()),
    "permissions: the store's key": (
        lambda w: (w.folder / "store.key").chmod(0o644),
        "permissions",
        16,
        "municipality",
        set(),
    ),
    "schedule: a timer that is not enabled": (sleeping_timer, "schedule", 4, "municipality", set()),
}


@pytest.mark.parametrize("illness", ILLNESSES)
def test_each_line_finds_what_it_is_for(ward, illness):
    make_ill, name, exit_code, who, blocked = ILLNESSES[illness]
    make_ill(ward)
    found = ward.examine()
    bad = {line.name: line for line in found.lines if line.state == "bad"}
    assert {name: line.says.en for name, line in bad.items()}.keys() == {name}
    assert {line.name for line in found.lines if line.state == "blocked"} == blocked
    assert (found.exit_code, bad[name].who) == (exit_code, who)
    assert bad[name].remedy.nb
    assert all(len(line.says.nb) < 300 for line in found.lines)


def test_a_clock_that_is_wrong_is_told_by_both_ends(ward):
    ward.ahead = dt.timedelta(seconds=-90)
    found = {line.name: line for line in ward.examine().lines}
    assert {name for name, line in found.items() if line.state == "bad"} == {"clock-helseid", "clock-receiver"}
    assert re.search("Klokka her går (89|90) sekunder bak", found["clock-helseid"].says.nb)
    assert "ntp.nhn.no" in found["clock-receiver"].remedy.nb
    assert found["token"].state == found["message"].state == "blocked"


def test_a_key_that_others_may_read(ward):
    (ward.folder / "client.key").chmod(0o640)
    found = {line.name: line for line in ward.examine().lines if line.state == "bad"}
    assert found.keys() == {"key", "permissions"}
    assert found["key"].code == "KTT-STO-04"


def test_a_password_in_settings_that_others_may_read(ward):
    ward.setting("[mottak]", '[network]\nproxy = "http://ola:hemmelig@127.0.0.1:1"\n[mottak]')
    ward.config.chmod(0o644)
    found = ward.examine()
    bad = {line.name: line for line in found.lines if line.state == "bad"}
    assert bad.keys() == {"proxy", "permissions"}
    assert "hemmelig" not in json.dumps([line.says.nb for line in found.lines])


def test_a_disk_that_is_nearly_full(ward, monkeypatch):
    usage = shutil.disk_usage(ward.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=5 << 20))
    (bad,) = [line for line in ward.examine().lines if line.state == "bad"]
    assert (bad.name, "Bare 5 MB ledig" in bad.says.nb) == ("disk", True)


def test_a_timer_that_is_enabled(ward):
    sleeping_timer(ward)
    (folder,) = ward.timers
    (folder / "timers.target.wants").mkdir()
    (folder / "timers.target.wants" / "ktt-daily.timer").symlink_to(folder / "ktt-daily.timer")
    (line,) = [line for line in ward.examine().lines if line.name == "schedule"]
    assert (line.state, line.says.en) == ("good", "ktt-daily.timer is enabled")


def test_a_machine_without_a_scheduler_that_is_known(ward):
    ward.has_systemd = False
    (line,) = [line for line in ward.examine().lines if line.name == "schedule"]
    assert (line.state, "ktt kjenner ikke" in line.says.nb) == ("not_needed", True)


# what the Task Scheduler has | how the line stands | what it says
TASKS = {
    "no task": (None, "not_needed", "fant ikke oppgaven «ktt-daily-"),
    "as it should be": (lambda xml: xml, "good", "er som den skal"),
    "switched off": (
        lambda xml: xml.replace("<Enabled>true</Enabled>\n    <Hidden>", "<Enabled>false</Enabled>\n    <Hidden>"),
        "bad",
        "Settings/Enabled er «false»",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="a Task Scheduler that is a script")
@pytest.mark.parametrize("case", TASKS)
def test_a_task_of_windows_is_asked_for_as_agent_status_does(ward, case, tmp_path, monkeypatch):
    altered, state, says = TASKS[case]
    scheduler = tmp_path / "bin" / "schtasks"
    scheduler.parent.mkdir()
    scheduler.write_text('#!/bin/sh\nexec cat "${0%/*}/task.xml"\n')
    scheduler.chmod(0o755)
    if altered:
        job = job_of(SenderSettings.load(ward.config), ward.config, this_program(), "KOMMUNE\\ktt$")
        scheduler.with_name("task.xml").write_text(altered(task(job)))
    monkeypatch.setenv("PATH", f"{scheduler.parent}:/usr/bin:/bin")
    ward.task = scheduled_task
    (line,) = [line for line in ward.examine().lines if line.name == "schedule"]
    assert (line.state, says in line.says.nb) == (state, True), line.says.nb
    assert (line.who == "municipality" and line.remedy is not None) is (state == "bad")


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate(ward, tmp_path, trusted):
    """One that nobody vouches for, and one that ends within a week (the test's own lasts for twelve hours)."""
    path = self_signed(tmp_path)
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(path)
    ward.trust = ssl.create_default_context(cafile=path) if trusted else None
    with raw_server(http("200 OK", b"{}"), tls=server_side) as server:
        ward.address("helseid", server.url)
        found = {line.name: line for line in ward.examine().lines}
    line = found["tls-helseid"]
    assert (line.state, line.who, line.exit_code) == ("bad", "nhn" if trusted else "municipality", 4 if trusted else 15)
    assert ("loopback" in line.says.en) is trusted
    assert found["discovery"].state == "blocked"


def test_an_unforeseen_fault_stops_nothing(ward, monkeypatch):
    def broken(_folder):
        raise RuntimeError("with a value that nobody must see")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    found = ward.examine()
    (bad,) = [line for line in found.lines if line.state == "bad"]
    assert (bad.name, bad.exit_code, "RuntimeError" in bad.says.nb, "value" in bad.says.en) == ("disk", 1, True, False)
    assert found.lines[-1].name == "schedule"


def test_a_store_that_is_in_use_is_looked_at_beside_it(ward):
    run(["outbox", "--config", str(ward.config)])
    Vault.from_file(ward.folder / "store.key")
    (line,) = [line for line in ward.examine().lines if line.name == "store"]
    assert line.state == "good"


def loaded(ward):
    on = dt.date(2026, 3, 2)
    ward.epj.log(on)
    assert run(["load", "--on", on.isoformat(), "--config", str(ward.config)]) == 0
    return ward


def test_a_store_that_was_used(ward):
    before = everything(loaded(ward).folder)
    found = {line.name: line for line in ward.examine().lines}
    assert (found["store"].state, found["binding"].state) == ("good", "good")
    assert everything(ward.folder) == before


def test_a_store_without_its_witness(ward):
    (witness,) = loaded(ward).folder.glob("*.witness")
    witness.unlink()
    found = ward.examine()
    (bad,) = [line for line in found.lines if line.state == "bad"]
    assert (bad.name, bad.code, bad.exit_code) == ("binding", "KTT-BND-04", found.exit_code)
    assert not witness.exists()


def test_a_store_of_another_unit(ward):
    loaded(ward).setting('municipality = "1114"', 'municipality = "0301"')
    bad = {line.name: line for line in ward.examine().lines if line.state == "bad"}
    assert bad.keys() == {"binding", "message"}
    assert bad["binding"].code.startswith("KTT-BND-")


def test_every_need_stands_earlier():
    names = [check.name for check in CHECKS]
    for place, check in enumerate(CHECKS):
        assert set(check.needs) <= set(names[:place])
