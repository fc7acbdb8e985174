"""The sandbox: opens and connects HelseID, receiver and registry, serves them, and closes all in the opposite order."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock, Timeout
from starlette.types import ASGIApp

from ktt.core.clock import Clock
from ktt.core.http.client import HttpClient
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Inbox, Outcome, OutgoingMessage
from ktt.messages.register import register_of
from ktt.receiver import app
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.access.issuer_fetch import fetch_over
from ktt.receiver.findings.follower import Follower
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.pipeline.deployed_versions import DeployedVersions
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store import tables
from ktt.receiver.store.inbox import SqlInbox
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.testing.sandbox import configuration_files, server
from ktt.testing.sandbox.background_thread import BackgroundThread
from ktt.testing.sandbox.errors import FolderInUse
from ktt.testing.sandbox.explanations.explain import explain
from ktt.testing.sandbox.explanations.header import Explained
from ktt.testing.sandbox.faults.admin_app import admin_app
from ktt.testing.sandbox.faults.admin_client import FILE as ADMIN_FILE
from ktt.testing.sandbox.faults.control import SandboxControl
from ktt.testing.sandbox.faults.recorder import RECEIVER_AGENT as AGENT
from ktt.testing.sandbox.faults.recorder import RecordedRequest, Recorder
from ktt.testing.sandbox.faults.wire_faults import FaultyHelseId, FaultyReceiver
from ktt.testing.sandbox.helseid.app import helseid_app
from ktt.testing.sandbox.helseid.clients import ClientRegister
from ktt.testing.sandbox.helseid.credentials import Credentials, load_or_create
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH, HelseId
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.testing.sandbox.offset_clock import OffsetClock
from ktt.testing.sandbox.saved_states import RECEIVER_TABLES, SavedStates, Store
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.testing.sandbox.standstill import Standstill
from ktt.wiring.receiver import validate_for_api

if TYPE_CHECKING:
    from ktt.registry import Registry

UNIT = ReportingUnit("312000008", "1114")  # a synthetic organisation for Bjerkreim
VENDOR = "314000005"  # a synthetic organisation that acts for every unit
ANNOUNCED_TYPES = (("HST_Konsultasjon", "1"),)  # FHI has announced it and we have no schema for it: 2006
_CRYPTO_FAILURES = 10_000  # an hour: a sandbox is for trying out, so many envelopes may fail to open
RECEIVER_AGENT = {"User-Agent": AGENT}
"""What the sandbox's receiver sends to HelseID, which distinguishes its requests from the sender's."""

_QUIET, _AT_MOST = 5.0, 300.0  # seconds; the rules take a core, which a sender that goes on sending needs more
Step = Callable[[str], None]
Intercept = Callable[[ASGIApp, str], ASGIApp]
"""Wraps the application of a service, `helseid` or `mottak`. Requests reach it after they are recorded."""


class Sandbox:
    """A HelseID, a receiver and a registry on loopback. Starts when entered as a context, stops when left.

    `units` may report, each through a client of its own and through the vendor. `ingest` is given the inbox whenever a
    message is accepted; without it the sandbox opens a registry. `intercept` wraps each service. `further_addresses`
    are base addresses of the receiver, besides its own, that a proof may name; `{port}` in them is its port. `pages` makes
    the console, which is served on a port of its own.
    """

    def __init__(
        self,
        settings: SandboxSettings,
        *,
        units: Sequence[ReportingUnit] = (UNIT,),
        clock: Clock | None = None,
        ingest: Callable[[Inbox], object] | None = None,
        test_mode: bool = False,
        reached: Step = lambda _step: None,
        intercept: Intercept = lambda app, _service: app,
        further_addresses: Sequence[str] = (),
        pages: Callable[[Sandbox], ASGIApp] | None = None,
    ) -> None:
        self._settings, self.units, self._reached, self._pages = settings, tuple(units), reached, pages
        self._intercept, self._further_addresses = intercept, tuple(further_addresses)
        self._register = register_of(settings.packs)
        self._folder = settings.folder
        self._clock = clock or OffsetClock()
        self._ingest, self._test_mode = ingest, test_mode
        self._open = ExitStack()
        self._clients: dict[str, Credentials] = {}
        self.helseid_url = self.mottak_url = self.console_url = ""
        self._standstill, self._registry_stores = Standstill(), list[Store]()
        self.registry: Registry | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._start(opening)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @property
    def settings(self) -> SandboxSettings:
        """How it was set up."""
        return self._settings

    @property
    def folder(self) -> Path:
        """Where its keys and databases are."""
        return self._folder

    @property
    def config(self) -> dict[str, Any]:
        """What a foreign client needs to send for the first unit."""
        return self.config_for(self.units[0])

    def config_for(self, unit: ReportingUnit, *, vendor: bool = False) -> dict[str, Any]:
        """The same for any unit, through the unit's own client or through the vendor's."""
        client = self._clients["vendor" if vendor else unit.organisation]
        return configuration_files.client_config(
            unit, client, self.helseid_url, self.helseid_url + TOKEN_PATH, self.mottak_url
        )

    def write_config(self, path: Path) -> None:
        """`config` as a 0600 JSON file, with the sandbox's folder, for those who ask it for faults."""
        configuration_files.write_json(path, self._client_config())

    def _client_config(self) -> dict[str, Any]:
        return {**self.config, "sandbox": {"folder": str(self._folder.absolute())}}

    def write_fhi_client(self, folder: Path) -> Path:
        """The two set-up files of FHI's own command-line client; the folder."""
        return configuration_files.write_fhi_client(folder, self.config)

    def write_sender(
        self, folder: Path, *, epj: Path | None = None, unit: ReportingUnit | None = None, vendor: bool = False
    ) -> Path:
        """The settings and keys of a sender of ours, ready to run; the path of `sender.toml`."""
        config = self.config_for(unit or self.units[0], vendor=vendor) | {"packs": list(self._settings.packs)}
        return configuration_files.write_sender(folder, config, epj, multi_tenant=vendor)

    def now(self) -> dt.datetime:
        """The present instant by the sandbox's clock."""
        return self._clock.now()

    def wait_for_findings(self, timeout: float = 60.0) -> bool:
        """Wait until all rules have been run on everything that was accepted so far."""
        return self._follower_thread.settle(timeout)

    def wait_for_ingest(self, timeout: float = 60.0) -> bool:
        """Wait until the registry has everything that was accepted so far; raises what its ingest raised."""
        return self._ingest_thread.settle(timeout)

    def _start(self, opening: ExitStack) -> None:
        self._lock_folder(opening)
        ports = {"helseid-port": self._settings.helseid_port, "mottak-port": self._settings.mottak_port}
        ports["admin-port"] = 0
        sockets = [opening.enter_context(server.listen(port, option)) for option, port in ports.items()]
        self.helseid_url, self.mottak_url, self._admin_url = map(server.address, sockets)
        self._open_inbox(opening)
        self._make_clients()
        ingest = self._ingest or self._open_registry(opening)
        self.states = self._open_states()
        self._start_ingest(opening, ingest)
        self._start_follower(opening)
        keys = KeyStore(self._folder / "receiver-keys", self._vault, self._clock)
        apps = self._controlled(helseid_app(self._make_helseid()), self._make_receiver(opening, keys), keys)
        listening = [
            server.ListeningApp(server.DatedApp(app, self._clock), listener)
            for app, listener in zip(apps, sockets, strict=True)
        ]
        if self._pages is not None:
            listener = opening.enter_context(server.listen_for_pages(self._settings.console_port))
            self.console_url = server.address(listener)
            listening.append(server.ListeningApp(self._pages(self), listener))
        servers = server.ServerThread(listening)
        servers.start()
        opening.callback(servers.stop)
        self._publish_admin(opening)

    def _controlled(self, helseid: ASGIApp, receiver: ASGIApp, keys: KeyStore) -> list[ASGIApp]:
        """Both services behind recorder, interceptor and fault queue, in this order, and the admin endpoint."""
        self.control = control = SandboxControl(
            clock=self._clock if isinstance(self._clock, OffsetClock) else None,
            helseid=self.helseid,
            keys=keys,
            database=self._database,
            recorder=Recorder(self._clock),
            units=self.units,
            message_types=(*self._register.message_types, *(name for name, _ in ANNOUNCED_TYPES)),
            facts=self._facts(),
            config=self._client_config(),
            packs=self._settings.packs,
            resend=self._resend,
            states=self.states,
            look_again=self._accepted,
            explain=self._explain,
        )
        control.restore_storage()
        faulty_receiver = FaultyReceiver(
            receiver, control.faults, bad_keys=control.bad_keys, no_storage=control.no_storage
        )
        services: dict[str, ASGIApp] = {
            "helseid": FaultyHelseId(helseid, control.faults, self.helseid.organisation),
            "mottak": self._standstill.gate(faulty_receiver),
        }
        record = control.recorder.record
        self._secret = secrets.token_urlsafe(32)
        seen = {name: self._intercept(app, name) for name, app in services.items()}
        explained = {name: Explained(app, self._explain) if self._test_mode else app for name, app in seen.items()}
        return [
            *(record(app, name) for name, app in explained.items()),
            admin_app(control, self._secret, self._admin_url),
        ]

    def _explain(self, request: RecordedRequest) -> dict[str, Any] | None:
        found = explain(request, self._receiver_settings, self.helseid.keys.kids)
        return None if found is None else found.as_data()

    def _facts(self) -> dict[str, Any]:
        return {
            "helseid": self.helseid_url,
            "mottak": self.mottak_url,
            "client_id": self._clients[self.units[0].organisation].client_id,
            "organisation": self.units[0].organisation,
            "test_mode": self._test_mode,
            "announced": [list(one) for one in ANNOUNCED_TYPES],
        }

    def _publish_admin(self, opening: ExitStack) -> None:
        path = self._folder / ADMIN_FILE
        configuration_files.write_json(
            path, {"url": self._admin_url, "token": self._secret, "registry": self._url("registry")}
        )
        opening.callback(path.unlink, missing_ok=True)

    def _resend(self, message: OutgoingMessage) -> Outcome:
        folder = self._folder / "replay" / message.unit.key
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = SenderSettings.load(self.write_sender(folder, unit=message.unit))
        with open_receiver_client(settings, self._clock) as mottak:
            return mottak.send(message)

    def _lock_folder(self, opening: ExitStack) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self._folder / ".lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout as held:
            raise FolderInUse(folder=self._folder) from held
        opening.callback(lock.release)

    def _open_inbox(self, opening: ExitStack) -> None:
        self._vault = Vault.from_file(self._folder / "receiver.vault", create=True)
        self._database = Database.open(self._url("receiver"), tables.SCHEMA)
        opening.callback(self._database.close)
        self.inbox = SqlInbox(self._database, self._vault)

    def _url(self, role: str) -> str:
        return self._settings.database_url or f"sqlite:///{(self._folder / role).absolute()}.sqlite"

    def _make_clients(self) -> None:
        access = AccessList(self._database)
        types = [*self._register.message_types, *(name for name, _ in ANNOUNCED_TYPES)]
        for unit in self.units:
            access.grant(unit, types, suppliers=[VENDOR])
            self._clients[unit.organisation] = self._client(unit.organisation)
        self._clients["vendor"] = self._client(VENDOR)

    def _client(self, organisation: str) -> Credentials:
        return load_or_create(self._folder / "clients" / f"{organisation}.json", organisation)

    def _make_helseid(self) -> HelseId:
        clients = ClientRegister()
        organisations = {unit.organisation for unit in self.units}
        for name, client in self._clients.items():
            clients.add(client.registered(acts_for=organisations if name == "vendor" else None))
        self.helseid = HelseId(
            self.helseid_url,
            clients=clients,
            keys=SigningKeys(self._folder / "helseid.keys"),
            clock=self._clock,
            require_nonce=self._settings.require_nonce,
            token_seconds=self._settings.token_seconds,
        )
        return self.helseid

    def _make_receiver(self, opening: ExitStack, keys: KeyStore) -> ASGIApp:
        http = HttpClient()
        opening.callback(http.close)
        port = self.mottak_url.rpartition(":")[2]
        self._receiver_settings = settings = ReceiverSettings(
            environment="sandbox",
            base_url=self.mottak_url,
            issuer=self.helseid_url,
            test_mode=self._test_mode,
            extra_htu=tuple(f"{base.format(port=port)}/message" for base in self._further_addresses),
            packs=self._settings.packs,
            announced_types=ANNOUNCED_TYPES,
            crypto_failures_per_hour=_CRYPTO_FAILURES,
        )
        return app.receiver_app(
            settings,
            database=self._database,
            vault=self._vault,
            key_folder=self._folder / "receiver-keys",
            keys=keys,
            fetch=fetch_over(
                lambda request: http.exchange(replace(request, headers={**request.headers, **RECEIVER_AGENT}))
            ),
            clock=self._clock,
            validator=validate_for_api,
            inventory=None if self.registry is None else self.registry.inventory,
            follow_ups=None if self.registry is None else self.registry.follow_ups,
            on_accepted=self._accepted,
            reached=self._reached,
        )

    def _accepted(self) -> None:
        self._ingest_thread.notify()
        self._follower_thread.notify()

    def _start_follower(self, opening: ExitStack) -> None:
        """The rules have a thread of their own, so that whoever waits for the ingest does not wait for them."""
        follower = Follower(
            self._database, self._vault, self._clock, find=DeployedVersions(self._register, self._clock)
        )
        halt = threading.Event()
        self._follower_thread = BackgroundThread(
            self._standstill.work(lambda: follower.run(lambda: self._standstill.go_on() and not halt.is_set())),
            quiet=_QUIET,
            at_most=_AT_MOST,
        )
        self._follower_thread.start()
        opening.callback(self._follower_thread.stop)
        opening.callback(halt.set)  # what is left is checked at the next start: nobody waits for it now

    def _open_states(self) -> SavedStates:
        """The saved states; what an earlier sandbox was stopped in is done first."""
        stores = [*self._registry_stores, Store(self._database, tables.SCHEMA, RECEIVER_TABLES)]
        states = SavedStates(self._folder / "states", stores, self._standstill)
        states.finish()
        return states

    def _start_ingest(self, opening: ExitStack, ingest: Callable[[Inbox], object]) -> None:
        self._ingest_thread = BackgroundThread(self._standstill.work(lambda: ingest(self.inbox)))
        self._ingest_thread.start()
        opening.callback(self._ingest_thread.stop)

    def _open_registry(self, opening: ExitStack) -> Callable[[Inbox], object]:
        from ktt.registry import SCHEMA, Registry  # slow to import, and not needed with an ingest of the caller's
        from ktt.registry.tables import METADATA, STAGED, VAULT_CHECK

        database = Database.open(self._url("registry"), SCHEMA)
        opening.callback(database.close)
        content = Vault.from_file(self._folder / "registry.vault", create=True)
        identity = Vault.from_file(self._folder / "identity.vault", create=True)
        self.registry = registry = Registry(database, content, identity, self._clock, self._register.find)
        tables = [table for table in METADATA.sorted_tables if table not in {STAGED, VAULT_CHECK}]
        self._registry_stores = [Store(database, SCHEMA, tables)]
        return lambda inbox: registry.ingest(inbox, go_on=self._standstill.go_on)
