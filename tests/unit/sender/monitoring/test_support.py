"""The bundle for support tells how it stands, and nothing about anybody."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from contextlib import closing

import pytest

from ktt.messages.contract import Rejected
from ktt.sender.monitoring.errors import BundleUnwritable, LogUnreadable
from ktt.sender.monitoring.facts import SqlFacts
from ktt.sender.monitoring.overview import status_of
from ktt.sender.monitoring.support.bundle import Known, write_bundle
from ktt.sender.settings import SenderSettings
from support.privacy_traces import traces
from support.sender_epj import UNIT

SETTINGS = """
environment = "sandbox"
[unit]
organisation = "312000008"
municipality = "1114"
[source]
url = "postgresql://leser:hemmelig-passord@epj.example/epj"
mapping = "/home/Kari Nordmann/mapping.toml"
[store]
url = "postgresql://ktt:hemmelig-passord@epj.example/ktt"
key_file = "/home/Kari Nordmann/utboks.key"
[helseid]
authority = "https://helseid.example"
client_id = "klient-1"
key_file = "/home/Kari Nordmann/klient.jwk"
[mottak]
base_url = "https://mottak.example"
[software]
vendor = "V"
system = "S"
version = "1"
[network]
proxy = "http://bruker:hemmelig-passord@proxy.example:3128"
[alarms.webhook]
url = "https://vakt.example/hemmelig-passord"
secret_file = "hemmelig-passord.txt"
[alarms.email]
host = "smtp.example"
sender = "ktt@kommune.example"
recipients = ["kari.nordmann@kommune.example"]
"""


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "sender.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return SenderSettings.load(file)


@pytest.fixture
def bundled(loaded, settings, tmp_path):
    """Write a bundle of the town now; its parts by name."""

    def bundle(log=None, out=None):
        database, out = loaded.store._database, out or tmp_path / "hjelp.zip"
        status = status_of(SqlFacts(database), UNIT, settings.helseid.key_file, loaded.clock.now())
        write_bundle(out, Known(database, loaded.sender.outcomes, settings, status), log)
        with zipfile.ZipFile(out) as opened:
            return {name: opened.read(name).decode() for name in opened.namelist()}

    return bundle


def test_it_tells_how_it_stands(loaded, bundled):
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [Rejected(400, 2008, "SchemaValidationFailed", "$.diagnose[0]")]
    loaded.daily(1)
    parts = {name: json.loads(text) for name, text in bundled().items() if name.endswith(".json")}
    assert parts["versions.json"]["ktt"]
    assert parts["settings.json"]["source"] == {"kind": "postgresql", "mapping": "mapping.toml"}
    assert parts["status.json"]["units"][0]["undelivered"] == 1
    assert [(one["kind"], one["code"]) for one in parts["runs.json"][UNIT.key]] == [
        ("load", None),
        ("daily", "KTT-OUT-03"),
    ]
    assert (parts["queue.json"][0]["state"], parts["attempts.json"][0]["code"]) == ("rejected", 2008)
    assert ("KTT-SRC-F02", 1) in [(one["rule"], one["findings"]) for one in parts["findings.json"]]


def test_there_is_nobody_in_it_and_no_secret(loaded, bundled, tmp_path):
    with closing(sqlite3.connect(loaded.epj.file)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT fnr FROM person")]
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    loaded.epj.run("UPDATE tjeneste SET slutt = '2017-01-01' WHERE id = 'T0a'")
    loaded.epj.run("UPDATE person SET fnr = fnr || 'x' WHERE id = 'P1'")
    loaded.epj.run("UPDATE diagnose SET id = ? WHERE id = 'D2'", numbers[0])
    loaded.registry.answers = [Rejected(400, 2008, "X", f"$.tjeneste[0] {numbers[1]}")]
    loaded.daily(1)
    loaded.epj.run("UPDATE diagnose SET id = 'D2' WHERE id = ?", numbers[0])
    loaded.daily(2)
    loaded.store.pause(UNIT, by="Kari Nordmann", reason="Ola Hansen ringte")
    log = tmp_path / "ktt.log"
    ours = {
        "at": "2026",
        "level": "warning",
        "component": "sender",
        "event": f"fant {numbers[2]}",
        "person": "Ola Hansen",
    }
    log.write_text(f"Ola Hansen sin linje\n{json.dumps(ours)}\nnov 29 ktt[1]: {json.dumps(ours)}\n", encoding="utf-8")
    parts = bundled(log)
    text = "\n".join(parts.values())
    assert len(numbers) == 4
    assert traces("bundle", text.encode(), numbers) == []
    local_ids = [one for table in ("person", "tjeneste", "diagnose") for one in loaded.epj.ids(table)]
    assert len(local_ids) > 10
    for one in (*local_ids, "Kari", "Nordmann", "kari.nordmann", "Hansen", "hemmelig-passord"):
        assert not re.search(rf"\b{re.escape(one)}\b", text), one
    assert parts["log.jsonl"].count("fant •••") == 2
    assert parts["log-utelatt.txt"] == "1\n"


def test_what_cannot_be_read_or_written_is_told(bundled, tmp_path):
    with pytest.raises(LogUnreadable):
        bundled(tmp_path / "borte.log")
    with pytest.raises(BundleUnwritable):
        bundled(out=tmp_path / "borte" / "hjelp.zip")
