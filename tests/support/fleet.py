"""A fleet in a folder: small record systems, one `fleet.toml`, and a sandbox in which single units can have bad luck."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shutil
import uuid
from collections import defaultdict
from pathlib import Path

import pybase64
from starlette.responses import Response
from stdnum.no import orgnr

from ktt.domain.unit import ReportingUnit
from ktt.sender.fleet.settings import Fleet
from ktt.storage.vault import write_secret
from ktt.testing.conformance.sender.drivers.record_system import SmallRecordSystem
from ktt.testing.sandbox.sandbox import VENDOR, Sandbox
from ktt.wire import jwk
from ktt.wire.answers import AnswerCode, AnswerError, answer
from support.sender_epj import Epj

PERSONS = 2


def units(count: int) -> list[ReportingUnit]:
    """So many synthetic organisations."""
    numbers = (str(number) for number in range(312_000_000, 313_000_000))
    return [ReportingUnit(number, "1114") for _, number in zip(range(count), filter(orgnr.is_valid, numbers))]  # noqa: B905


class BadLuck:
    """An application in front of the receiver: `rejected` units have their messages rejected, `hanging` ones wait for ever."""

    def __init__(self) -> None:
        self.rejected: set[str] = set()
        self.hanging: set[str] = set()

    def intercept(self, app, service):
        """What a sandbox is given."""

        async def unlucky(scope, receive, send):
            if service != "mottak" or scope["type"] != "http" or scope["path"] != "/message":
                return await app(scope, receive, send)
            organisation = _organisation(dict(scope["headers"])[b"authorization"])
            if organisation in self.hanging:
                while organisation in self.hanging:  # noqa: ASYNC110 - a test in another thread lets it go
                    await asyncio.sleep(0.1)
                return await Response("", 503)(scope, receive, send)
            if organisation in self.rejected:
                error = AnswerError.of(AnswerCode.SCHEMA_VALIDATION_FAILED, "rejected by the test")
                body = answer(delivered=False, errors=[error])
                return await Response(body, 400, media_type="application/json")(scope, receive, send)
            return await app(scope, receive, send)

        return unlucky


def _organisation(authorization: bytes) -> str:
    payload = authorization.split(b" ", 1)[1].split(b".")[1]
    text = pybase64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)).decode()
    return json.loads(text)["helseid://claims/client/claims/orgnr_parent"]


class FleetDesk:
    """The record systems and the settings of a fleet that sends to a sandbox through the vendor's client."""

    def __init__(self, folder: Path, listed: list[ReportingUnit]) -> None:
        self.folder, self.units = folder, listed
        self.toml = folder / "fleet.toml"
        folder.mkdir()
        Epj(folder / "template", PERSONS)
        self.epjs = {unit: _epj(folder / "template", folder / "epj" / unit.key, unit) for unit in listed}

    def log(self, day: dt.date) -> None:
        """The record systems have exported for the day."""
        for epj in self.epjs.values():
            epj.log(day)

    def write(self, sandbox: Sandbox, more: str = "", own: dict[ReportingUnit, str] | None = None) -> Fleet:
        """Write `fleet.toml`: `more` stands among what is common, `own` in the entries of single units."""
        vendor = sandbox.write_sender(self.folder / "vendor", unit=self.units[0], vendor=True).parent
        config = sandbox.config_for(self.units[0], vendor=True)
        helseid, mottak = config["helseid"], config["mottak"]
        common = f"""\
environment = "sandbox"

[source]
url = "sqlite:///epj/{{unit}}/epj.sqlite"
mapping = "epj/{{unit}}/mapping.toml"

[store]
url = "sqlite:///stores/{{unit}}/outbox.sqlite"
key_file = "stores/{{unit}}/store.key"

[helseid]
authority = "{helseid["authority"]}"
client_id = "{helseid["client_id"]}"
key_file = "{vendor / "client.key"}"
multi_tenant = true

[mottak]
base_url = "{mottak["base_url"]}"

[software]
vendor = "ktt"
system = "test"
version = "1"
{more}
"""
        entries = [
            f'\n[[unit]]\norganisation = "{unit.organisation}"\nmunicipality = "{unit.municipality}"\n'
            + (own or {}).get(unit, "")
            for unit in self.units
        ]
        self.toml.write_text(common + "".join(entries), encoding="utf-8")
        return Fleet.load(self.toml)


def share_one_key(sandbox_folder: Path, listed: list[ReportingUnit]) -> None:
    """One key for all of a sandbox's clients, before it starts: to make one takes a tenth of a second."""
    key = jwk.generate("RSA-2048")
    for organisation in [*(unit.organisation for unit in listed), VENDOR]:
        made = {"client_id": str(uuid.uuid4()), "organisation": organisation, "private_jwk": key}
        write_secret(sandbox_folder / "clients" / f"{organisation}.json", json.dumps(made).encode())


def received(sandbox: Sandbox) -> dict[str, list[bytes]]:
    """What the receiver has stored of each unit, in order."""
    found = defaultdict(list)
    last = 0
    while batch := sandbox.inbox.after(last, 500):
        for message in batch:
            found[message.unit.key].append(message.payload)
            last = message.position
    return found


def unequal_units(sandbox: Sandbox, desk: FleetDesk) -> set[str]:
    """The units of which the registry does not hold what the record system says of itself."""
    assert sandbox.wait_for_ingest()
    held = {unit: sandbox.registry.content_hashes(unit, who="test", why="proof") for unit in desk.units}
    said = {unit: epj.content() for unit, epj in desk.epjs.items()}
    return {
        unit.key
        for unit in desk.units
        if any(held[unit].get(name, hashed) != hashed for name, hashed in said[unit].items())
        or said[unit].keys() - held[unit].keys()
    }


class _CopiedEpj(Epj):
    """A record system that is there already."""

    def __init__(self, folder: Path) -> None:
        SmallRecordSystem.__init__(self, folder)
        self.file, self.mapping = folder / "epj.sqlite", folder / "mapping.toml"


def _epj(template: Path, folder: Path, unit: ReportingUnit) -> Epj:
    shutil.copytree(template, folder)
    epj = _CopiedEpj(folder)
    epj.run("UPDATE eier SET orgnr = ?, kommune = ?", unit.organisation, unit.municipality)
    return epj
