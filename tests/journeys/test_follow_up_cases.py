"""A case from silence to the message that closes it: the controller opens it, the municipality sees it and sends."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time

import pytest
import sqlalchemy as sa

from ktt.cli.app import run
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.store.tables import HEARD, RECEIPT
from ktt.registry.tables import SCHEMA, SILENCE
from ktt.storage.database import Database
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.http_raw_server import raw_server
from support.registry_commands import ask
from support.sender_desk import Desk
from support.sender_municipality import MONDAY
from support.small_nation import (
    BROKEN,
    DAY,
    JUMPED,
    LIMITED,
    MERGED,
    SILENT,
    UNREADABLE,
    WRONG,
    make_nation,
)

PATIENCE = 20  # seconds for the sandbox to ingest


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nation")
    make_nation(folder)
    return folder


@pytest.fixture
def town(tmp_path, capsys):
    with Sandbox(SandboxSettings(folder=tmp_path / "sandbox", helseid_port=0, mottak_port=0)) as sandbox:
        yield Town(tmp_path, sandbox, capsys)


class Town:
    """A municipality that has loaded, and the registry's commands about it."""

    def __init__(self, folder, sandbox, capsys):
        self.sandbox, self.capsys = sandbox, capsys
        (folder / "desk").mkdir()
        self.desk = Desk(folder / "desk", sandbox, capsys)

    def registry(self, *words, code=0, data=True):
        return ask(_Both(self.capsys), *words, "--folder", self.sandbox.folder, code=code, data=data)

    def time_passes(self, days):
        """What was heard, was heard so many days ago."""
        earlier = dt.timedelta(days=days)
        with self.sandbox._database.transaction() as connection:
            for at in connection.execute(sa.select(RECEIPT.c.position, RECEIPT.c.received_at)).all():
                this = sa.update(RECEIPT).where(RECEIPT.c.position == at.position)
                connection.execute(this.values(received_at=at.received_at - earlier))
            connection.execute(sa.delete(HEARD))

    def things(self, *words):
        _, out, _ = self.desk.type("status", *words)
        return [line.strip() for line in out.splitlines() if "FHI venter på dere" in line]

    def heard_again(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.registry("cases", "check")
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError("the case did not close")


class _Both:
    """Capsys where capfd is asked for."""

    def __init__(self, capsys):
        self._capsys = capsys

    def readouterr(self):
        return self._capsys.readouterr()


def test_from_silence_to_the_message_that_closes_it(town):
    assert town.desk.type("load", *town.desk.day(0))[0] == 0
    assert town.registry("cases", "open") == []
    town.time_passes(14)
    planned = town.registry("cases", "open", "--plan")
    assert [(one["event"], one["cause"]) for one in planned] == [("opened", "silence")]
    assert town.registry("cases") == []
    (opened,) = town.registry("cases", "open")
    assert town.registry("cases", "open") == []
    number, unit = opened["number"], opened["unit"]
    assert town.registry("cases", "assign", number, "--to", "ingrid")["status"] == "under_way"
    for form, words in (("bokmål", "Vi hører ikke fra dere"), ("nynorsk", "Vi høyrer ikkje frå dykk")):
        letter = town.registry("cases", "letter", number, "--form", form, data=False)
        assert f"Sak {number}: {words}" in letter

    assert town.things() == []
    (told,) = town.things("--ask")
    assert told.startswith(f"{unit}: FHI venter på dere: Ikke hørt fra siden ")
    assert f"(sak {number}). Kjør «ktt daily»" in told
    assert town.registry("cases", "check") == []
    assert "FHI venter på dere" in town.desk.type("findings")[1]

    town.desk.epj.service("T9", "P0", MONDAY)
    assert town.desk.type("daily", *town.desk.day(1))[0] == 0
    (closed,) = town.heard_again()
    assert (closed["event"], closed["number"]) == ("closed", number)
    shown = town.registry("cases", "show", number)
    assert (shown["status"], shown["closed_by"]) == ("closed", None)
    assert [(one["act"], one["who"] is None) for one in shown["events"]] == [
        *(("opened", False), ("assigned", False), ("closed", True)),
    ]
    assert "hørt fra igjen" in shown["events"][-1]["says"]["nb"]
    assert town.desk.type("daily", *town.desk.day(2))[0] == 0
    assert town.things() == []

    town.time_passes(14)
    (back,) = town.registry("cases", "open")
    assert (back["event"], back["number"]) == ("reopened", number)


def test_what_is_planted_in_a_small_nation_is_proposed(nation, capfd):
    capfd.readouterr()
    found = ask(capfd, "cases", "open", "--plan", "--day", DAY, "--config", nation / "mottak.toml")
    causes = {}
    for one in found:
        assert one["event"] == "opened"
        causes.setdefault(one["unit"], set()).add(one["cause"])
    assert "silence" in causes[SILENT.key]
    assert [causes[unit.key] for unit in BROKEN] == [{"version"}] * 3
    assert "held" in causes[UNREADABLE.key]
    assert "coverage" in causes[LIMITED.key]
    assert "volume" in causes[JUMPED.key]
    assert "rules" in causes[WRONG.key]
    assert MERGED.key not in causes
    alone = {SILENT.key: 1, JUMPED.key: 1, LIMITED.key: 1, UNREADABLE.key: 1}
    assert {unit: len(causes[unit]) for unit in alone} == alone


def test_the_cases_of_the_nation_are_worked_on(nation, capfd):
    """The day is long past for the clock of the commands: everybody is silent, and that is what they say."""
    place = ("--config", nation / "mottak.toml")
    capfd.readouterr()
    ask(capfd, "cases", "open", *place)
    first, *_ = ask(capfd, "cases", *place)
    assert ask(capfd, "cases", "--with", "nobody", *place) == []
    ask(capfd, "cases", "set-deadline", first["number"], "2020-01-01", *place)
    (late, *_) = ask(capfd, "cases", *place, code=4)
    assert (late["number"], late["overdue"]) == (first["number"], True)
    ask(capfd, "cases", "close", first["number"], "--reason", "avklart", *place)
    assert ask(capfd, "cases", "close", first["number"], "--reason", "igjen", *place, code=2)["code"] == "KTT-CASE-02"
    assert first["number"] in {one["number"] for one in ask(capfd, "cases", "--closed", *place)}
    opened_again = ask(capfd, "cases", "open", *place)
    assert first["number"] not in {one["number"] for one in opened_again}
    assert "Sak" in ask(capfd, "cases", *place, data=False)


def test_an_alarm_when_a_unit_is_silent(nation, capfd, tmp_path):
    """A webhook that answers takes it once; one that does not is tried again."""
    secret = tmp_path / "varsel.hemmelig"
    secret.write_text("hemmelig")
    secret.chmod(0o600)
    plain = (nation / "mottak.toml").read_text(encoding="utf-8")
    bodies = []

    def look(answer, code):
        capfd.readouterr()
        with raw_server(answer) as web:
            hook = f'\n[alarms.webhook]\nurl = "{web.url}"\nsecret_file = "{secret}"\n'
            settings = nation / "varsler.toml"
            settings.write_text(plain + hook, encoding="utf-8")
            assert run(["registry", "silent", "--alarm", "--config", str(settings)]) == code
            bodies.extend(json.loads(request.partition(b"\r\n\r\n")[2]) for request in web.requests)
        return capfd.readouterr().err

    assert "KTT" not in look(b"HTTP/1.1 204 No Content\r\n\r\n", 4)
    first = {(one["unit"], one["cause"], one["event"]) for one in bodies[0]["notices"]}
    assert (SILENT.key, "silent", "began") in first
    look(b"HTTP/1.1 204 No Content\r\n\r\n", 0)
    assert len(bodies) == 1


def test_an_alarm_that_nobody_took_is_told_again(nation, capfd, tmp_path):
    folder = tmp_path / "nation"
    shutil.copytree(nation, folder)
    (folder / "varsel.hemmelig").write_text("hemmelig")
    (folder / "varsel.hemmelig").chmod(0o600)
    settings = folder / "mottak.toml"
    hook = '\n[alarms.webhook]\nurl = "http://127.0.0.1:9"\nsecret_file = "varsel.hemmelig"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + hook, encoding="utf-8")
    registry = ServiceSettings.load(settings).registry
    database = Database.open(registry.url, SCHEMA)
    with database.transaction() as connection:
        connection.execute(sa.delete(SILENCE))
    database.close()
    for _ in range(2):
        capfd.readouterr()
        assert run(["registry", "silent", "--alarm", "--config", str(settings)]) == 4
        assert "kunne ikke leveres (webhook:" in capfd.readouterr().err
