"""The receiver as an ASGI application: `GET /keys`, `POST /message`, and two addresses that say how it is."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.messages.version import MessageVersion
from ktt.receiver.access.access_list import Access
from ktt.receiver.access.access_tokens import Tokens
from ktt.receiver.access.client_limits import Limits
from ktt.receiver.access.issuer_keys import Fetch, IssuerKeys
from ktt.receiver.access.nonces import Nonces
from ktt.receiver.api.router import Doors
from ktt.receiver.api.validation import Judge
from ktt.receiver.http import responses
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.pipeline.content_checks import deployed
from ktt.receiver.pipeline.message_endpoint import MessageDoor
from ktt.receiver.pipeline.metrics import Meter
from ktt.receiver.pipeline.steps import Room
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store.group_commit import NotStored
from ktt.receiver.store.postgres_backend import PostgresKeeper
from ktt.receiver.store.sql_backend import SqlKeeper
from ktt.receiver.store.submission_store import Book
from ktt.receiver.store.tables import POSITION
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.wire import headers
from ktt.wire.keys import write_keys

_log = logging.getLogger(__name__)
_THREADS = 32  # most of them wait for the database; the interpreter lock keeps the rest in turn
_TIDY_SECONDS = 60.0

Find = Callable[[str, str], MessageVersion | None]


def receiver_app(
    settings: ReceiverSettings,
    *,
    database: Database,
    vault: Vault,
    key_folder: Path,
    fetch: Fetch,
    clock: Clock,
    find: Find = deployed,
    keys: KeyStore | None = None,
    judge: Judge | None = None,
    on_accepted: Callable[[], None] = lambda: None,
    reached: Callable[[str], None] = lambda _step: None,
) -> ASGIApp:
    """The receiver over an open database that has `tables.SCHEMA`.

    `fetch` gets HelseID's documents, `find` the deployed message versions; `keys` is the store over `key_folder` when
    there is one already. `on_accepted` is called, from a worker thread, after each new message is durable; `reached`
    before each step, and with "stored" after the last. `judge` opens the doors that judge without storing.
    """
    meter = Meter()
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ktt-receiver")
    room = Room(
        settings=settings,
        clock=clock,
        tokens=Tokens(IssuerKeys(settings.issuer, fetch, clock)),
        keys=keys or KeyStore(key_folder, vault, clock),
        access=Access(database),
        book=Book(
            PostgresKeeper(database.engine.url) if database.dialect == "postgresql" else SqlKeeper(database),
            meter.grouped,
        ),
        aside=partial(_in_thread, threads),
        vault=vault,
        nonces=Nonces(vault.derive("receiver dpop nonce")),
        limits=Limits(posts=settings.posts_per_client, crypto_failures=settings.crypto_failures_per_hour),
        find=find,
        reached=reached,
        meter=meter,
    )
    make_keys(room)
    message = MessageDoor(room, on_accepted)
    receiver = responses.Front(_Door(room, database, threads, message).router(), settings)
    return Doors(receiver, responses.Front(message, settings), room, database, judge)


def make_keys(room: Room) -> None:
    """A key that outlives the overlap is always at hand."""
    room.keys.ensure(dt.timedelta(days=room.settings.key_days), dt.timedelta(days=room.settings.key_overlap_days))


class _Door:
    """The endpoints, and the little that they share."""

    def __init__(self, room: Room, database: Database, threads: ThreadPoolExecutor, messages: MessageDoor) -> None:
        self._room, self._database, self._threads, self._messages = room, database, threads, messages

    def router(self) -> Router:
        """The addresses. `/message/` is another one than `/message`, and FHI's client follows no redirect."""
        routes = [
            Route("/keys", self._list_keys),
            Route("/message", self._messages, methods=["POST"]),
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
        ]
        return Router(routes, redirect_slashes=False, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        tidying = asyncio.create_task(self._tidy_now_and_then())
        yield
        tidying.cancel()
        await self._room.book.close()
        self._threads.shutdown()

    async def _tidy_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            try:
                await _in_thread(self._threads, make_keys, self._room)
                destroyed = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._room.keys.destroy_expired
                )
                await self._room.book.forget(self._room.clock.now(), destroyed)
            except (NotStored, KttError, OSError) as fault:
                _log.warning("not tidied: %s", type(fault).__name__)

    async def _list_keys(self, request: Request) -> Response:
        age = f"public, max-age={self._room.settings.keys_max_age}"
        fixed = {"Cache-Control": age, headers.CORRELATION_ID: request.state.correlation_id}
        return Response(write_keys(self._room.keys.listed()), 200, fixed, media_type="application/json; charset=utf-8")

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def _ready(self, _request: Request) -> Response:
        """Whether a message could be taken right now: the database answers, and there is a key to encrypt under."""
        try:
            await _in_thread(self._threads, self._ask_database)
        except (DatabaseUnavailable, SQLAlchemyError):
            return JSONResponse({"status": "no database"}, 503)
        listed = bool(self._room.keys.listed())
        return JSONResponse({"status": "ready" if listed else "no key"}, 200 if listed else 503)

    def _ask_database(self) -> None:
        with self._database.reading() as connection:
            connection.execute(sa.select(POSITION.c.last)).one()


async def _in_thread(threads: ThreadPoolExecutor, work: Callable[..., object], *arguments: object) -> None:
    await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
