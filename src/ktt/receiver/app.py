"""The receiver as an ASGI application: `GET /keys`, `POST /message`, two health probes, and our own addresses (`api`)."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.messages.follow_ups import FollowUps
from ktt.messages.inventory import Inventory
from ktt.messages.register import register_of
from ktt.messages.version import MessageVersion
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.access.access_tokens import AccessTokens
from ktt.receiver.access.client_limits import ClientLimits
from ktt.receiver.access.issuer_keys import Fetch, IssuerKeys
from ktt.receiver.access.nonces import Nonces
from ktt.receiver.api.router import Offered, ReceiverApi
from ktt.receiver.api.validation import Validator
from ktt.receiver.http import responses
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.pipeline.deployed_versions import DeployedVersions
from ktt.receiver.pipeline.message_endpoint import MessageEndpoint
from ktt.receiver.pipeline.metrics import Metrics
from ktt.receiver.pipeline.services import Services
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store.submissions.group_commit import NotStored
from ktt.receiver.store.submissions.sql_backend import SqlBackend
from ktt.receiver.store.submissions.store import StoreBackend, SubmissionStore
from ktt.receiver.store.tables import ACCEPTED_POSITION
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.wire import headers
from ktt.wire.keys import write_keys

_log = logging.getLogger(__name__)
_THREADS = 32  # most of them wait for the database or HelseID; the others take turns at the interpreter lock
_CLEANUP_SECONDS = 60.0

Find = Callable[[str, str], MessageVersion | None]
Result = TypeVar("Result")


def receiver_app(
    settings: ReceiverSettings,
    *,
    database: Database,
    vault: Vault,
    key_folder: Path,
    fetch: Fetch,
    clock: Clock,
    find: Find | None = None,
    keys: KeyStore | None = None,
    validator: Validator | None = None,
    inventory: Inventory | None = None,
    follow_ups: FollowUps | None = None,
    on_accepted: Callable[[], None] = lambda: None,
    reached: Callable[[str], None] = lambda _step: None,
) -> ASGIApp:
    """The receiver over an open database that has `tables.SCHEMA`.

    `fetch` gets HelseID's documents, `find` the deployed message versions; `keys` is the store over `key_folder` when
    there is one already. `on_accepted` is called, on the event loop, after each new message is durable; `reached` before
    each step, and with "stored" after the last. With a `validator` there are `/validate` and perhaps `/check`,
    with an `inventory` there is `/units/…/inventory`, and with `follow_ups` `/units/…/outstanding` tells what the registry
    waits for.
    """
    metrics = Metrics()
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ktt-receiver")
    services = Services(
        settings=settings,
        clock=clock,
        tokens=AccessTokens(IssuerKeys(settings.issuer, fetch, clock)),
        keys=keys or KeyStore(key_folder, vault, clock),
        access=AccessList(database),
        store=SubmissionStore(
            _backend(database),
            metrics.group_committed,
        ),
        threads=threads,
        vault=vault,
        nonces=Nonces(vault.derive("receiver dpop nonce")),
        limits=ClientLimits(posts=settings.posts_per_client, crypto_failures=settings.crypto_failures_per_hour),
        find=find or DeployedVersions(register_of(settings.packs), clock),
        reached=reached,
        metrics=metrics,
    )
    ensure_key(services)
    message = MessageEndpoint(services, on_accepted)
    protocol = responses.RefusalMiddleware(_Protocol(services, database, threads, message).router(), settings)
    offered = Offered(validator, inventory, follow_ups)
    return ReceiverApi(protocol, responses.RefusalMiddleware(message, settings), services, database, offered)


def _backend(database: Database) -> StoreBackend:
    if database.dialect != "postgresql":
        return SqlBackend(database)
    from ktt.receiver.store.submissions.postgres_backend import PostgresBackend

    return PostgresBackend(database.engine.url)


def ensure_key(services: Services) -> None:
    """Make a key when the newest does not outlive the overlap."""
    settings = services.settings
    services.keys.ensure(dt.timedelta(days=settings.key_days), dt.timedelta(days=settings.key_overlap_days))


class _Protocol:
    """The addresses of FHI's protocol and the health probes, and the cleanup that runs beside them."""

    def __init__(
        self, services: Services, database: Database, threads: ThreadPoolExecutor, message: MessageEndpoint
    ) -> None:
        self._services, self._database, self._threads, self._message = services, database, threads, message

    def router(self) -> Router:
        """The addresses. `/message/` is another one than `/message`, and FHI's client follows no redirect."""
        routes = [
            Route("/keys", self._list_keys),
            Route("/message", self._message, methods=["POST"]),
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
        ]
        return Router(routes, redirect_slashes=False, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        cleanup = asyncio.create_task(self._clean_up_regularly())
        yield
        cleanup.cancel()
        await self._services.store.close()
        self._threads.shutdown()
        self._services.full_checks.shutdown()

    async def _clean_up_regularly(self) -> None:
        while True:
            await asyncio.sleep(_CLEANUP_SECONDS)
            try:
                await _in_thread(self._threads, ensure_key, self._services)
                destroyed = await _in_thread(self._threads, self._services.keys.destroy_expired)
                await self._services.store.forget(self._services.clock.now(), destroyed)
            except (NotStored, KttError, OSError) as fault:
                _log.warning("not cleaned up: %s", type(fault).__name__)

    async def _list_keys(self, request: Request) -> Response:
        age = f"public, max-age={self._services.settings.keys_max_age}"
        fixed = {"Cache-Control": age, headers.CORRELATION_ID: request.state.correlation_id}
        return Response(
            write_keys(self._services.keys.listed()), 200, fixed, media_type="application/json; charset=utf-8"
        )

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def _ready(self, _request: Request) -> Response:
        """Whether a message could be taken right now: the database answers, and there is a key to encrypt under."""
        try:
            await _in_thread(self._threads, self._ask_database)
        except (DatabaseUnavailable, SQLAlchemyError):
            return JSONResponse({"status": "no database"}, 503)
        listed = bool(self._services.keys.listed())
        return JSONResponse({"status": "ready" if listed else "no key"}, 200 if listed else 503)

    def _ask_database(self) -> None:
        with self._database.reading() as connection:
            connection.execute(sa.select(ACCEPTED_POSITION.c.last)).one()


async def _in_thread(threads: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object) -> Result:
    return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
