"""Synthetic persons go the whole way from source to registry, and everything written is searched for their numbers.

Real processes: what they print, what they log, what they name their files, and every byte of every file of sender,
receiver and registry. Only the record system itself knows its persons by number.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing

import pytest

from ktt.cli.app import run
from ktt.core.errors import EXIT_HELD_BACK, EXIT_QUEUE, KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import find
from ktt.receiver.store import tables
from ktt.receiver.store.inbox import SqlInbox
from ktt.registry import Registry
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.privacy_traces import Trace, forms, in_files, traces

CUT, DAY = "2026-02-28", "2026-03-01"


class Journey:
    """Commands as a person would run them, and all that they printed."""

    def __init__(self, folder):
        self.folder, self.epj, self.printed = folder, folder / "epj", []
        self.database = self.epj / "epj.sqlite"
        self.environment = {**os.environ, "KTT_DEBUG": "1", "KTT_LANG": "en"}

    def ktt(self, *words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "ktt", *words],
            capture_output=True,
            check=False,
            env=self.environment,
            cwd=self.folder,
            timeout=200,
        )
        self.printed.append((" ".join(words[:2]), done.stdout + done.stderr))
        assert done.returncode == code, done.stderr.decode()
        return done.stdout.decode()

    def send(self, command, day, code=0):
        return self.ktt(command, "--strict", "--config", "sender/sender.toml", "--on", day, code=code)

    def outbox(self, *words):
        return self.ktt("outbox", *words, "--config", "sender/sender.toml", "--json")

    def findings(self, *words, code):
        return self.ktt("findings", *words, "--config", "sender/sender.toml", code=code)

    def change(self, statement):
        with closing(sqlite3.connect(self.database)) as connection, connection:
            assert connection.execute(statement).rowcount > 0

    def numbers(self):
        with closing(sqlite3.connect(self.database)) as connection:
            return {ident for (ident,) in connection.execute("SELECT ident FROM bruker WHERE ident IS NOT NULL")}

    def sandbox(self):
        command = ("sandbox", "up", "--folder", "sandbox", "--helseid-port", "0", "--mottak-port", "0", "--json")
        unit = ("--unit", self.unit.key, "--sender-config", "sender", "--epj", "epj", "--config-out", "foreign.json")
        return subprocess.Popen(
            [sys.executable, "-m", "ktt", *command, *unit],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.folder,
        )


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """Load, a day with a rejection and how it looks, and the mended day with persons whose numbers are spoiled."""
    road = Journey(tmp_path_factory.mktemp("privacy"))
    made = road.ktt(
        "synth", "epj", "--out", "epj", "--recipients", "6", "--from", "2025-10-01", "--until", CUT, "--json"
    )
    road.unit = ReportingUnit(**json.loads(made)["unit"])
    road.persons = road.numbers()
    sandbox = road.sandbox()
    try:
        assert sandbox.stdout.readline(), sandbox.stderr.read().decode()
        _travel(road)
    finally:
        sandbox.send_signal(signal.SIGINT)
        road.printed.append(("sandbox", b"".join(sandbox.communicate(timeout=200))))
    return road


def _travel(road):
    road.send("load", CUT)
    road.ktt("synth", "day", "epj")
    road.persons |= road.numbers()
    # one that is held here, and one that the registry refuses
    road.change("UPDATE vedtak_linje SET timer_uke = '900,00' WHERE timer_uke <> ''")
    road.ktt("sandbox", "fail", "2008", "--folder", "sandbox")
    road.send("daily", DAY, code=EXIT_QUEUE)
    held = json.loads(road.outbox())[0]
    road.shown = road.outbox("show", str(held["head"]["sequence"]))
    road.change("UPDATE vedtak_linje SET timer_uke = '9,00' WHERE timer_uke <> ''")
    road.change("UPDATE bruker SET ident = ident || 'x' WHERE bruker_nr % 3 = 0")  # not a number, and yet it tells one
    # a record whose own id is somebody's number
    road.change(
        "UPDATE bruker_diagnose SET diagnose_id = (SELECT ident FROM bruker WHERE length(ident) = 11 LIMIT 1) "
        "WHERE diagnose_id = (SELECT max(d.diagnose_id) FROM bruker_diagnose AS d JOIN bruker USING (bruker_nr) "
        "WHERE length(ident) = 11)"
    )
    road.outbox("rebuild", "--reason", "mended")
    road.daily = road.send("daily", DAY, code=EXIT_HELD_BACK)
    road.wrong = road.findings(code=EXIT_HELD_BACK)
    road.ktt("support", "bundle", "hjelp.zip", "--config", "sender/sender.toml")
    with zipfile.ZipFile(road.folder / "hjelp.zip") as bundle:
        road.printed += [(f"hjelp.zip: {name}", bundle.read(name)) for name in bundle.namelist()]
    for more in (["--json"], ["--closed"], ["--rule", "KTT-SRC-F10"]):
        road.findings(*more, code=EXIT_HELD_BACK)


def test_the_journey_was_a_whole_one(journey):
    """A search finds nothing in what was never written: the numbers did travel, and a rejection was shown."""
    assert len(journey.persons) >= 6
    assert "2008" in journey.shown
    assert "KTT-SRC" in journey.daily
    for code in ("KTT-SRC-F20", "KTT-SRC-F10"):  # a number with a letter behind, and a number as an id
        assert code in journey.wrong
    assert "•••" in journey.wrong
    with opened_registry(journey) as registry:
        keys = registry.people(journey.unit)["person_key"].to_list()
        revealed = {one.number for one in registry.identities.reveal(keys, "test", "are they there at all?").values()}
    assert revealed
    assert revealed <= journey.persons


def test_no_process_printed_or_logged_a_number(journey):
    found = [trace for where, text in journey.printed for trace in traces(where, text, journey.persons)]
    assert found == []


def test_no_file_name_and_no_file_of_ours_holds_a_number(journey):
    found, searched = in_files(journey.folder, journey.persons, leaving_out=journey.database)
    assert found == []
    names = {path.name for path in searched}
    assert {"outbox.sqlite", "receiver.sqlite", "registry.sqlite", "answers.json", "sender.toml"} <= names


def test_the_search_would_find_them(journey, tmp_path):
    """Each form of a number is found in every place, so finding none means something."""
    number = min(journey.persons)
    for form, shape in forms(number):
        assert Trace("x", form) in traces("x", b"..." + shape + b"...", journey.persons)
    (tmp_path / number).write_text("its name is enough")
    assert in_files(tmp_path, journey.persons, leaving_out=journey.database)[0]
    assert in_files(journey.folder, journey.persons, leaving_out=tmp_path)[0], "the record system knows its persons"


def test_no_repr_of_what_travels_shows_a_number(journey):
    shown = [repr(thing) for message in accepted(journey) for thing in (message, *read(message))]
    with opened_registry(journey) as registry:
        keys = registry.people(journey.unit)["person_key"].to_list()
        shown += [repr(registry.identities.reveal(keys, "test", "reprs")), repr(registry.held())]
    assert len(shown) > 10
    assert traces("repr", "\n".join(shown).encode(), journey.persons) == []


NUMBER = r'("(?:fodselsNr|dNr)":)(\d+)'
SPOILS = {
    "cut off": lambda text: text[: len(text) // 2],
    "number too large": lambda text: re.sub(NUMBER, r"\g<1>9\g<2>999", text),
    "number as text": lambda text: re.sub(NUMBER, r'\g<1>"\g<2>"', text),
    "number as a fraction": lambda text: re.sub(NUMBER, r"\g<1>\g<2>.5", text),
    "number twice": lambda text: re.sub(NUMBER, r"\g<0>,\g<0>", text),
    "number in a list": lambda text: re.sub(NUMBER, r"\g<1>[\g<2>]", text),
    "number as a name": lambda text: re.sub(NUMBER, r'"\g<2>":1', text),
    "number as a date": lambda text: re.sub(NUMBER, r'\g<0>,"dodsDato":"\g<2>"', text),
    "number as an id": lambda text: re.sub(r'"personId":"[^"]*",' + NUMBER, r'"personId":\g<2>', text),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_no_fault_of_a_message_quotes_a_number(journey, spoil):
    texts = []
    for message in {one.message_type: one for one in accepted(journey)}.values():
        version = find(message.message_type, message.version)
        spoiled = spoil(message.payload.decode()).encode()
        assert spoiled != message.payload
        for reads in (version.check, version.read):
            try:
                found = reads(spoiled)
            except KttError as fault:
                texts += [str(fault), repr(fault), fault.says().nb, fault.advises().nb, repr(fault.__cause__)]
            else:
                texts.append(repr(found))
    assert traces("fault", "\n".join(texts).encode(), journey.persons) == []


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("how", ["text", "json", "csv"])
def test_a_validation_report_tells_no_number(journey, spoil, how, tmp_path, capsys):
    file = tmp_path / "message.json"
    file.write_text(spoil(accepted(journey)[0].payload.decode()), encoding="utf-8")
    code = run(["validate", str(file), "--format", how])
    out, err = capsys.readouterr()
    assert code != 0
    assert traces("report", (out + err).encode(), journey.persons) == []


def accepted(journey):
    folder = journey.folder / "sandbox"
    database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
    messages = SqlInbox(database, Vault.from_file(folder / "receiver.vault")).after(0, 1000)
    database.close()
    return messages


def read(message):
    return find(message.message_type, message.version).read(message.payload)


def opened_registry(journey):
    folder = journey.folder / "sandbox"
    return closing(
        Registry.open(f"sqlite:///{folder / 'registry.sqlite'}", folder / "registry.vault", folder / "identity.vault")
    )
