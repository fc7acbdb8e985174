"""A fleet to measure: so many units with a record system each, one vendor's client, and a sandbox in a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from stdnum.no import orgnr

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.dispatch import locked
from ktt.sender.run import Run, RunRequest
from ktt.sender.settings import SenderSettings
from ktt.sender.validation import ValidatedExtract
from ktt.storage.vault import write_secret
from ktt.testing.sandbox.sandbox import VENDOR, Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from ktt.wire import jwk
from ktt.wiring.sender import sender_from

MUNICIPALITY = "1114"
_NOT_JUDGED = "SELECT count(*) FROM receiver_receipt WHERE position > (SELECT position FROM receiver_judged)"
SINCE, LOAD_DAY = dt.date(2026, 1, 1), dt.date(2026, 2, 28)


def units(count: int) -> list[ReportingUnit]:
    """So many synthetic organisations, which all report for one municipality."""
    valid = (str(number) for number in range(312_000_000, 314_000_000) if orgnr.is_valid(str(number)))
    return [ReportingUnit(number, MUNICIPALITY) for number in islice(valid, count)]


class FleetMaterial:
    """The files of a fleet in a folder: `epj/<unit>`, and `fleet.toml` once the sandbox is up."""

    def __init__(self, folder: Path, count: int, recipients: int) -> None:
        self.folder, self.units = folder, units(count)
        self.template = folder / "template"
        write_epj(self.template, recipients=recipients, municipality=MUNICIPALITY, start=SINCE, seed=1, until=LOAD_DAY)
        self.spread()
        self._write_clients()

    def spread(self) -> None:
        """Give every unit the template as it is now, under its own number."""
        for unit in self.units:
            place = self.folder / "epj" / unit.key
            place.mkdir(parents=True, exist_ok=True)
            for path in self.template.iterdir():
                if path.is_file():
                    shutil.copyfile(path, place / path.name)
            with closing(sqlite3.connect(place / "epj.sqlite")) as connection, connection:
                connection.execute("UPDATE installasjon SET orgnr = ?", (unit.organisation,))

    def next_day(self) -> None:
        """A day passes in all of them."""
        advance_day(self.template)
        self.spread()

    def settle(self) -> None:
        """Wait until the sandbox's rules have judged what was accepted: they begin when nothing has come for five seconds."""
        with closing(sqlite3.connect(self.folder / "sandbox" / "receiver.sqlite")) as connection:
            while connection.execute(_NOT_JUDGED).fetchone() != (0,):
                time.sleep(0.5)

    def _write_clients(self) -> None:
        """One key for all of the sandbox's clients: to make one takes a tenth of a second."""
        key = jwk.generate("RSA-2048")
        for organisation in [*(unit.organisation for unit in self.units), VENDOR]:
            made = {"client_id": str(uuid.uuid4()), "organisation": organisation, "private_jwk": key}
            write_secret(self.folder / "sandbox" / "clients" / f"{organisation}.json", json.dumps(made).encode())

    @contextmanager
    def sandbox(self) -> Iterator[Path]:
        """The sandbox in another process; the fleet's settings file."""
        names = [unit.key for unit in self.units]
        (self.folder / "units.json").write_text(json.dumps(names), encoding="utf-8")
        ready = self.folder / "fleet.toml"
        process = subprocess.Popen([sys.executable, "-m", "bench._fleet", str(self.folder)], stdin=subprocess.PIPE)
        try:
            while not ready.exists():
                assert process.poll() is None, "the sandbox did not start"
                time.sleep(0.05)
            yield ready
        finally:
            process.communicate()


def load_at_once(settings: SenderSettings) -> None:
    """An initial load in a few messages instead of one for each month: what stands in the store afterwards is the same."""
    with sender_from(settings, on=LOAD_DAY) as sender, locked(sender.outbox, sender.unit):
        run = Run(sender, RunRequest("load", LOAD_DAY, "day"), sender.binding.check())
        validated = run.send_queued_and_read()
        assert isinstance(validated, ValidatedExtract)
        sender.outbox.begin_load(sender.unit, LOAD_DAY)
        run.send(validated).check()
        sender.outbox.finish_load(sender.unit)


def fleet_toml(sandbox: Sandbox, folder: Path, listed: list[ReportingUnit]) -> str:
    """The settings of the fleet, through the vendor's client."""
    settings = sandbox.write_sender(folder / "vendor", unit=listed[0], vendor=True)
    sandbox_config = sandbox.config_for(listed[0], vendor=True)
    helseid = sandbox_config["helseid"]
    head = f"""\
environment = "sandbox"

[source]
url = "sqlite:///epj/{{unit}}/epj.sqlite"
mapping = "template/mapping.toml"

[store]
url = "sqlite:///stores/{{unit}}/outbox.sqlite"
key_file = "stores/{{unit}}/store.key"

[helseid]
authority = "{helseid["authority"]}"
client_id = "{helseid["client_id"]}"
key_file = "{settings.parent / "client.key"}"
multi_tenant = true

[mottak]
base_url = "{sandbox_config["mottak"]["base_url"]}"

[software]
vendor = "ktt"
system = "ktt synth"
version = "1"
"""
    entries = [
        f'\n[[unit]]\norganisation = "{unit.organisation}"\nmunicipality = "{unit.municipality}"\n' for unit in listed
    ]
    return head + "".join(entries)


def serve(folder: Path) -> None:
    """A sandbox for the units in the folder, until standard in is closed."""
    listed = [ReportingUnit.from_key(key) for key in json.loads((folder / "units.json").read_text(encoding="utf-8"))]
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, units=listed) as sandbox:
        draft = folder / "fleet.draft"
        draft.write_text(fleet_toml(sandbox, folder, listed), encoding="utf-8")
        draft.rename(folder / "fleet.toml")
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
