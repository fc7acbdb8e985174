"""`ktt unit` as a person types it, over HTTP to the sandbox, with a synthetic record system of every record type."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing

import pytest

from ktt.cli.app import run
from ktt.domain.content import content_hash
from ktt.domain.unit import ReportingUnit
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.testing.synthetic.create import write_epj

OLD, NEW = ReportingUnit("312000008", "1114"), ReportingUnit("312000113", "1114")
DAY = dt.date(2026, 2, 28)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    settings = SandboxSettings(folder=tmp_path_factory.mktemp("sandbox"), helseid_port=0, mottak_port=0)
    with Sandbox(settings, units=(OLD, NEW)) as running:
        yield running


class Desk:
    """A record system, and a settings file for each of the two units that it reports as."""

    def __init__(self, folder, sandbox, capsys):
        self.sandbox, self.capsys, self.epj = sandbox, capsys, folder / "epj"
        write_epj(
            self.epj,
            recipients=5,
            municipality="1114",
            start=dt.date(2026, 1, 1),
            seed=1,
            until=DAY,
            organisation=OLD.organisation,
        )
        self.old = sandbox.write_sender(folder / "old", epj=self.epj, unit=OLD)
        self.new = sandbox.write_sender(folder / "new", epj=self.epj, unit=NEW)

    def type(self, *words):
        """Exit code, standard out and standard error."""
        code = run([str(word) for word in words])
        return code, *self.capsys.readouterr()

    def asks(self, *words):
        """The JSON answer of a command, whether or not it held something back."""
        code, out, _ = self.type(*words, "--json")
        assert code in {0, 3}
        return json.loads(out)

    def owned_by(self, unit):
        with closing(sqlite3.connect(self.epj / "epj.sqlite")) as connection, connection:
            connection.execute("UPDATE installasjon SET orgnr = ?", (unit.organisation,))

    def registry(self, unit):
        assert self.sandbox.wait_for_ingest()
        return self.sandbox.registry.content_hashes(unit, who="a test", why="proof")

    @property
    def account(self):
        """What the record system itself says that it holds."""
        return json.loads((self.epj / "answers.json").read_text(encoding="utf-8"))


def test_a_new_organisation_number_from_the_plan_to_the_next_day(tmp_path, sandbox, capsys):
    desk = Desk(tmp_path, sandbox, capsys)
    on, nothing = ("--on", DAY.isoformat()), content_hash([])
    move = ("unit", "move", "--from", desk.old, "--config", desk.new, *on, "--reason", "nytt organisasjonsnummer")
    desk.asks("load", "--config", desk.old, *on)
    assert desk.registry(OLD) == desk.account["content"]

    (plan,) = desk.asks(*move, "--plan")["leaving"]
    counts = {name: count for name, count in desk.account["counts"].items() if name != "recipient"}
    assert plan["records"] == counts
    assert "decision" in counts
    assert desk.registry(OLD) == desk.account["content"]  # a plan does nothing

    code, out, err = desk.type(*move)
    assert (code, err) == (0, "")
    assert out.startswith(f"✓ {OLD.key} er avviklet fra {DAY}: {sum(counts.values())} opplysninger er slettet")
    assert "kvitteringene" not in out  # the registry itself was asked
    assert f"Kjør «ktt load» med innstillingsfilen til {NEW.key} nå." in out
    assert set(desk.registry(OLD).values()) == {nothing}

    code, _, err = desk.type("daily", "--config", desk.old, *on)
    assert code == 13
    assert err.startswith(f"KTT-UNI-01: Enhet {OLD.key} er avviklet fra {DAY}")
    desk.owned_by(NEW)
    desk.asks("load", "--config", desk.new, *on)
    assert desk.registry(NEW) == desk.account["content"]
    assert set(desk.registry(OLD).values()) == {nothing}

    listed = {line["unit"]: line for line in desk.asks("unit", "list", "--config", desk.new)}
    assert {unit: line["state"] for unit, line in listed.items()} == {OLD.key: "retired", NEW.key: "reports"}
    assert (listed[OLD.key]["successors"], listed[NEW.key]["predecessors"]) == ([NEW.key], [OLD.key])
    assert listed[OLD.key]["reason"] == "nytt organisasjonsnummer"
    assert desk.type("unit", "list", "--config", desk.old)[1].count("avviklet") == 1
    assert desk.type(*move)[1].startswith(f"✓ {OLD.key}")  # done already, and told again


@pytest.fixture
def folder_with_settings(tmp_path, sandbox, monkeypatch):
    """A settings file of a unit, and one with a slip in its municipality."""
    monkeypatch.chdir(tmp_path)
    settings = sandbox.write_sender(tmp_path / "old", unit=OLD)
    slip = settings.read_text(encoding="utf-8").replace("1114", "1199")
    settings.with_name("wrong.toml").write_text(slip, encoding="utf-8")


@pytest.mark.usefixtures("folder_with_settings")
@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (
            ("retire", "--reason", "slutt", "--config", "old/wrong.toml"),
            2,
            "KTT-UNI-05: Enhet 312000008-1199: kommune 1199",
        ),
        (("retire", "--config", "old/sender.toml"), 2, "KTT-CLI-01"),
        (("retire", "--reason", " ", "--config", "old/sender.toml"), 2, "KTT-UNI-04"),
        (("merge", "--reason", "x", "--from", "old/sender.toml", "--config", "old/sender.toml"), 2, "KTT-UNI-04"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(capsys, words, code, error):
    assert run(["unit", *words]) == code
    assert capsys.readouterr().err.startswith(error)
    assert run(["unit", "list", "--config", "old/sender.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
