"""`ktt registry held|release`: what waits, for people and as data; and a release that says who and why."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.core.clock import SystemClock
from ktt.messages.contract import Accepted
from ktt.receiver.service.settings import ServiceSettings
from ktt.registry import Registry
from ktt.registry.ingest import page_parser
from ktt.registry.tables import QUARANTINE
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox import UNIT as SANDBOX_UNIT
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.receiver_service import outgoing
from support.registry_inbox import NUMBERS, OTHER, UNIT, ListInbox, message, service, services, shared, spoiled


@pytest.fixture
def told(capfd, monkeypatch):
    """Run a command; its output as data, or as text."""
    monkeypatch.setenv("SUDO_USER", "ingrid")

    def tell(*words, code=0, data=True):
        assert run(["registry", *map(str, words), *(["--json"] if data else [])]) == code
        out, err = capfd.readouterr()
        return json.loads(out or err) if data else " ".join((out + err).split())

    return tell


@pytest.fixture
def registry(tmp_path, capfd):
    """The registry of a receiver in `tmp_path`, where UNIT waits for a message that cannot be read, and OTHER for it."""
    assert run(["mottak", "init", str(tmp_path)]) == 0
    capfd.readouterr()
    place = ServiceSettings.load(tmp_path / "mottak.toml").registry
    opened = Registry.open(place.url, place.key_file, place.identity_key_file)
    records = services(service("T-2"))
    bad = spoiled(message(1, services(service("T-1"))))
    opened.ingest(ListInbox(bad, shared(2, (UNIT, records), (OTHER, records)), message(3, records, unit=OTHER)))
    capfd.readouterr()
    yield opened
    opened.close()


def test_what_waits_as_data(told, registry, tmp_path):
    first, second = told("held", "--config", tmp_path / "mottak.toml")
    assert (first["unit"], first["position"], first["messages"], first["together"]) == (UNIT.key, 1, 2, [OTHER.key])
    assert (second["unit"], second["position"], second["messages"], second["code"]) == (OTHER.key, 2, 2, "KTT-REG-02")
    assert first["correlation_id"] == "correlation-1"
    assert told("held", "--unit", OTHER.key, "--config", tmp_path / "mottak.toml") == [second]
    assert set(first["reason"]) == set(first["remedy"]) == {"nb", "en"}


def test_what_waits_for_a_spreadsheet(told, registry, tmp_path, capfd):
    assert run(["registry", "held", "--csv", "--config", str(tmp_path / "mottak.toml")]) == 0
    first, second = csv.DictReader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff")), delimiter=";")
    assert (first["Enhet"], first["Meldinger"], second["Kode"]) == (UNIT.key, "2", "KTT-REG-02")
    assert first["Hva må gjøres"].startswith("Finn og rett årsaken")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("Venter siden", "ktt registry release", "Slippes fri sammen med")),
        ("en", ("Waits since", "ktt registry release", "Is released together with")),
    ],
)
@pytest.mark.usefixtures("registry")
def test_what_waits_for_people(told, tmp_path, monkeypatch, language, words):
    monkeypatch.setenv("KTT_LANG", language)
    shown = told("held", "--config", tmp_path / "mottak.toml", data=False)
    for word in (*words, UNIT.key, "KTT-MSG-04"):
        assert word in shown


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("command", "advised"),
    [("held", f"release {UNIT.key}"), ("units", "held"), ("status", "held"), ("cases", "cases open")],
)
def test_a_command_that_is_advised_names_the_same_registry(told, tmp_path, command, advised):
    place = f" --config {tmp_path / 'mottak.toml'}"
    assert f"ktt registry {advised}{place}" in told(*f"{command}{place}".split(), data=False)
    assert told("declarations", *place.split(), data=False) == "Ingen erklæringer."


def test_release_says_what_went_on_and_keeps_who_and_why(told, registry, tmp_path):
    config = ["--config", tmp_path / "mottak.toml"]
    shown = told("release", OTHER.key, "--reason", f"mended, was {NUMBERS['1']}", *config, data=False)
    assert UNIT.key in shown
    assert OTHER.key in shown
    assert f"ktt registry held --config {tmp_path / 'mottak.toml'}" in shown
    assert told("held", *config) == []
    assert "✓" in told("held", *config, data=False)
    with registry._database.reading() as connection:
        rows = connection.execute(sa.select(QUARANTINE.c.released_by, QUARANTINE.c.released_why)).all()
    assert rows == [("ingrid", "mended, was •••")] * 2


@pytest.mark.parametrize(
    ("words", "told_code"),
    [
        (["release", "312000101-4601", "--reason", "x"], "KTT-REG-03"),
        (["release", UNIT.key, "312000101-4601", "--reason", "x"], "KTT-REG-03"),
        (["release", UNIT.key, "--reason", "  "], "KTT-REG-07"),
        (["release", UNIT.key], "KTT-CLI-01"),
        (["release", "--reason", "x"], "KTT-CLI-01"),
    ],
    ids=["a unit that does not wait", "one of two", "a blank reason", "no reason", "no unit"],
)
def test_what_cannot_be_released_stays(told, registry, tmp_path, words, told_code):
    assert told(*words, "--config", tmp_path / "mottak.toml", code=2)["code"] == told_code
    assert len(registry.held()) == 2


def test_a_receiver_without_registry(told, tmp_path, capfd):
    assert run(["mottak", "init", str(tmp_path), "--no-registry"]) == 0
    capfd.readouterr()
    assert told("held", "--config", tmp_path / "mottak.toml", code=2)["code"] == "KTT-REG-08"


def test_there_is_no_sandbox_in_the_folder(told, tmp_path):
    assert told("held", "--folder", tmp_path, code=2)["code"] == "KTT-SBX-06"


@pytest.mark.parametrize("database", ["files", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def test_a_running_sandbox_reads_on(told, tmp_path, monkeypatch, request, database):
    url = None if database == "files" else request.getfixturevalue(database)
    settings = SandboxSettings(folder=tmp_path / "s", helseid_port=0, mottak_port=0, database_url=url)
    decoder = page_parser._Decoder
    whole = decoder.open

    def broken(self, message):
        self.faults[message.position] = ValueError()
        return self.faults[message.position]

    monkeypatch.setattr(decoder, "open", broken)
    with Sandbox(settings) as sandbox:
        sender = SenderSettings.load(sandbox.write_sender(tmp_path / "sender"))
        with open_receiver_client(sender, SystemClock()) as mottak:
            assert isinstance(mottak.send(outgoing(SANDBOX_UNIT, 1)), Accepted)
        sandbox.wait_for_ingest()
        (held,) = told("held", "--folder", settings.folder)
        assert (held["unit"], held["code"]) == (SANDBOX_UNIT.key, "KTT-REG-01")
        monkeypatch.setattr(decoder, "open", whole)
        told("release", SANDBOX_UNIT.key, "--reason", "mended", "--folder", settings.folder)
        sandbox.wait_for_ingest()
        assert told("held", "--folder", settings.folder) == []
        assert "V-1" in sandbox.registry.current(SANDBOX_UNIT, "decision")["decision_id"].to_list()
        found = told("verify", "--messages", "--folder", settings.folder)
        assert (found["holds"], found["recomputed_units"], found["messages"]) == (True, 1, 1)
        (unit,) = told("units", "--folder", settings.folder)
        assert unit["decision"] == sandbox.registry.current(SANDBOX_UNIT, "decision").height
    if url is None:
        assert told("held", "--folder", settings.folder) == [], "also when it is not running"
