"""`ktt mottak serve` as it is run: processes of its own, over a real database, with a real HelseID beside it; and senders
that behave as a sender must, many at a time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.core.clock import SystemClock
from ktt.core.http.client import HttpClient
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, NotSent, Outcome, OutgoingMessage, Unknown
from ktt.messages.register import find
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.service.settings import ServiceSettings
from ktt.receiver.service.setup import Choices, commit_draft, make_secrets, write_draft
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import SCHEMA
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.settings import HelseIdSettings
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.testing.sandbox import server
from ktt.testing.sandbox.helseid.app import helseid_app
from ktt.testing.sandbox.helseid.clients import Client, ClientRegister
from ktt.testing.sandbox.helseid.issuer import JWKS_PATH
from ktt.testing.sandbox.helseid.issuer import HelseId as Issuer
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import headers, jwk
from ktt.wire.headers import SenderSoftware
from ktt.wiring.receiver import migrate_receiver

TYPE, VERSION, DAY = "KTT_Vedtak", "1", dt.date(2026, 3, 2)
VENDOR = "314000005"
PATIENCE = 200  # seconds; what takes two on a machine of its own may take a minute where others work
_MODEL = next(body for name, body in find(TYPE, VERSION).examples().items() if name.startswith("N"))


def units(count: int) -> list[ReportingUnit]:
    """Reporting units with synthetic organisation numbers."""
    from ktt.domain.identifiers import organisation_valid

    numbers = (f"{n:09}" for n in range(312_000_000, 313_000_000) if organisation_valid(f"{n:09}"))
    return [ReportingUnit(next(numbers), "1114") for _ in range(count)]


def content(unit: ReportingUnit, number: int, padding: int = 0) -> bytes:
    """The unit's message of that number; `padding` makes it larger by about so many bytes."""
    items = orjson.loads(_MODEL)
    items[0] |= {"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality)}
    items[0]["vedtak"][0]["vedtakId"] = f"V-{number}"
    body = orjson.dumps(items)
    return body[:-1] + b" " * padding + b"]"


def outgoing(unit: ReportingUnit, number: int, padding: int = 0) -> OutgoingMessage:
    return OutgoingMessage(unit, TYPE, VERSION, content(unit, number, padding), DAY)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A receiver in a folder. Not running until `start`."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None,
        helseid: str,
        *,
        more: str = "",
        receiver: str = "",
        workers: int = 2,
    ) -> None:
        choices = Choices("sandbox", None, helseid, "127.0.0.1", free_port(), workers, database_url, registry=False)
        draft = write_draft(folder, choices)
        text = draft.read_text().replace("[listen]\n", f"[listen]\n{more}\n")
        draft.write_text(text.replace("[receiver]\n", f"[receiver]\n{receiver}\n"))
        self.settings = ServiceSettings.load(draft)
        make_secrets(self.settings, SystemClock())
        migrate_receiver(self.settings)
        self.config, self.folder = commit_draft(draft), folder
        self.address = self.settings.receiver.base_url
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self, *, wait: bool = True) -> None:
        command = [sys.executable, "-m", "ktt", "mottak", "serve", "--config", str(self.config), "--json"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE if wait else log, stderr=log, start_new_session=True
            )
        if wait:
            said = self.process.stdout.read(1)
            assert said == b"{", self.log
            threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def children(self) -> list[int]:
        """The processes under the supervisor."""
        pid = self.process.pid
        with suppress(OSError):
            return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def workers(self) -> list[int]:
        """Those of them that serve."""
        return [pid for pid in self.children() if b"\0serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def kill_supervisor(self) -> None:
        self.process.kill()
        self.ended()

    def kill_all(self) -> None:
        """Everything at once, as when the machine loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """SIGTERM, and how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def close(self) -> None:
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.kill_all()

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE)
        if self.process.stdout is not None and not isinstance(self.process.stdout, int):
            with suppress(OSError, ValueError):
                self.process.stdout.close()
        return code

    @contextmanager
    def access(self) -> Iterator[AccessList]:
        database = Database.open(self.settings.store.url, SCHEMA)
        try:
            yield AccessList(database)
        finally:
            database.close()

    def stored(self) -> dict[str, list[tuple[str, bytes]]]:
        """What is in the store, unit by unit in order: receipt and content. Positions have no holes."""
        database = Database.open(self.settings.store.url, SCHEMA)
        inbox = SqlInbox(database, Vault.from_file(self.settings.store.key_file))
        found: dict[str, list[tuple[str, bytes]]] = {}
        position = 0
        while page := inbox.after(position, 500):
            assert [message.position for message in page] == list(range(position + 1, position + 1 + len(page)))
            position = page[-1].position
            for message in page:
                found.setdefault(message.unit.key, []).append((message.correlation_id, message.payload))
        database.close()
        return found


class RegisteredUnits:
    """A HelseID on loopback, and a client for each unit and for a vendor that acts for them all."""

    def __init__(self, folder: Path, reporting: Sequence[ReportingUnit], opened: ExitStack) -> None:
        listener = opened.enter_context(server.listen(0, "helseid-port"))
        self.helseid = server.address(listener)
        self._folder, self._open, self.units = folder, opened, list(reporting)
        self._clients = ClientRegister()
        self._ids: dict[str, str] = {}
        self.slow_keys = 0.0  # seconds after which HelseID gives its keys
        issuer = Issuer(
            self.helseid, clients=self._clients, keys=SigningKeys(folder / "helseid.keys"), clock=SystemClock()
        )
        servers = server.ServerThread([server.ListeningApp(self._slowed(helseid_app(issuer)), listener)])
        servers.start()
        opened.callback(servers.stop)

    def _slowed(self, app: ASGIApp) -> ASGIApp:
        async def slowed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == JWKS_PATH:
                await asyncio.sleep(self.slow_keys)
            await app(scope, receive, send)

        return slowed

    def credentials(self, unit: ReportingUnit) -> tuple[str, Path]:
        """Id and key file of the unit's own client."""
        return self._ids[unit.organisation], self._folder / f"{unit.organisation}.jwk"

    def client(self, organisation: str, acts_for: frozenset[str] | None = None) -> None:
        """Register a client of that organisation; a vendor when it acts for others."""
        private = jwk.generate("ES256", kid=organisation)
        path = self._folder / f"{organisation}.jwk"
        path.touch(0o600)
        path.write_text(json.dumps(private))
        self._ids[organisation] = str(uuid.uuid4())
        self._clients.add(
            Client(
                self._ids[organisation],
                organisation,
                (jwk.public_part(private),),
                multi_tenant=acts_for is not None,
                acts_for=acts_for or frozenset(),
            )
        )

    def receiver_client(
        self, unit: ReportingUnit, address: str, *, client: str | None = None, child: str | None = None
    ) -> ReceiverClient:
        """The client that sends for a unit: its own, or another's."""
        owner = client or unit.organisation
        if owner not in self._ids:
            self.client(owner, frozenset({unit.organisation}) if owner == VENDOR else None)
        key_file = self._folder / f"{owner}.jwk"
        settings = HelseIdSettings(
            authority=self.helseid,
            client_id=self._ids[owner],
            key_file=key_file,
            scope=headers.SCOPE,
            multi_tenant=owner == VENDOR,
            child_organisation=child,
        )
        clock, http = SystemClock(), HttpClient()
        self._open.callback(http.close)
        return ReceiverClient(
            unit,
            base_url=address,
            helseid=HelseIdClient(settings, unit, read_client_key(key_file), clock),
            software=SenderSoftware("Prove AS", "ProveEPJ", "1.0", "2.0"),
            exchange=http.exchange,
            clock=clock,
        )


@dataclass
class UnitSender(threading.Thread):
    """One unit's sender: each message until it is accepted, the same content again after a lost answer, strictly in order."""

    unit: ReportingUnit
    client: ReceiverClient
    padding: int = 0
    pause: float = 0.0
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    fault: object = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            while not self.stopping.is_set() and self.fault is None:
                self._deliver(outgoing(self.unit, len(self.accepted), self.padding))
                time.sleep(self.pause)
        except Exception as fault:  # noqa: BLE001 - told to whoever waits
            self.fault = repr(fault)

    def _deliver(self, message: OutgoingMessage) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            outcome = self.client.send(message)
            if isinstance(outcome, Accepted):
                self.accepted.append((outcome.correlation_id, message.payload))
                return
            self.outcomes.append(outcome)
            if not isinstance(outcome, NotSent | Unknown):
                self.fault = outcome
                return
            time.sleep(0.2)  # while it starts again, it needs the processor more than we do
        self.fault = f"not accepted in {PATIENCE} s: {self.outcomes[-1]}"

    def finish(self) -> None:
        """Let it get its last message through."""
        self.stopping.set()

    @property
    def doubted(self) -> int:
        """How often the outcome was unknown, and the same was sent again."""
        return sum(isinstance(outcome, Unknown) for outcome in self.outcomes)


@contextmanager
def registered_units(folder: Path, count: int) -> Iterator[RegisteredUnits]:
    """So many units, each with a client."""
    with ExitStack() as opened:
        yield RegisteredUnits(folder, units(count), opened)


@contextmanager
def service(folder: Path, database_url: str | None, place: RegisteredUnits, **how: Any) -> Iterator[Service]:
    """A receiver that all of the units may send to; killed at the end if it still runs."""
    folder.mkdir(exist_ok=True)
    made = Service(folder, database_url, place.helseid, **how)
    with made.access() as access:
        for unit in place.units:
            access.grant(unit, [TYPE])
    try:
        yield made
    finally:
        made.close()


@contextmanager
def sending(place: RegisteredUnits, address: str, **how: float) -> Iterator[list[UnitSender]]:
    """Every unit's sender, under way; at the end each gets its last message through, or says why not."""
    senders = [UnitSender(unit, place.receiver_client(unit, address), **how) for unit in place.units]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.finish()
        for sender in senders:
            sender.join(PATIENCE + 30)


def account(made: Service, senders: Sequence[UnitSender]) -> str:
    """Hold what was acknowledged against what is stored, byte for byte; a sentence with the figures."""
    assert [sender.fault for sender in senders if sender.fault] == [], made.log[-4000:]
    stored = made.stored()
    for sender in senders:
        assert stored.get(sender.unit.key, []) == sender.accepted, f"{sender.unit.key}: lost, doubled or out of order"
    total, doubted = sum(len(sender.accepted) for sender in senders), sum(sender.doubted for sender in senders)
    return f"{total} acknowledged and stored once; {doubted} answers lost or uncertain and sent again"
