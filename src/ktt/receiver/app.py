"""The receiver as an ASGI application: `GET /keys`, `POST /message`, and two addresses that say how it is."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from ktt.clock import Clock
from ktt.messages.version import MessageVersion
from ktt.receiver import checks, front
from ktt.receiver.access import Access
from ktt.receiver.bodies import Bodies
from ktt.receiver.checks import Room
from ktt.receiver.commits import Commits, NotStored
from ktt.receiver.content import deployed
from ktt.receiver.doors.around import Doors
from ktt.receiver.doors.judging import Judge
from ktt.receiver.issuer import Fetch, IssuerKeys
from ktt.receiver.keystore import KeyStore
from ktt.receiver.limits import Limits
from ktt.receiver.meter import Meter
from ktt.receiver.nonces import Nonces
from ktt.receiver.refusal import Refusal
from ktt.receiver.replay import prune
from ktt.receiver.request import Headers, Submission
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.tables import POSITION
from ktt.receiver.tokens import Tokens
from ktt.storage.database import Database
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
    room = Room(
        settings=settings,
        clock=clock,
        tokens=Tokens(IssuerKeys(settings.issuer, fetch, clock)),
        keys=keys or KeyStore(key_folder, vault, clock),
        access=Access(database),
        commits=Commits(database, meter.grouped),
        vault=vault,
        nonces=Nonces(vault.derive("receiver dpop nonce")),
        limits=Limits(posts=settings.posts_per_client, crypto_failures=settings.crypto_failures_per_hour),
        find=find,
        reached=reached,
        meter=meter,
    )
    make_keys(room)
    receiver = front.Front(_Door(room, database, on_accepted).router(), settings)
    return Doors(receiver, room, database, judge)


def make_keys(room: Room) -> None:
    """A key that outlives the overlap is always at hand."""
    room.keys.ensure(dt.timedelta(days=room.settings.key_days), dt.timedelta(days=room.settings.key_overlap_days))


class _Door:
    """The endpoints, and the little that they share."""

    def __init__(self, room: Room, database: Database, on_accepted: Callable[[], None]) -> None:
        self._room, self._database, self._on_accepted = room, database, on_accepted
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ktt-receiver")
        self._bodies = Bodies(room.settings)

    def router(self) -> Router:
        """The addresses. `/message/` is another one than `/message`, and FHI's client follows no redirect."""
        routes = [
            Route("/keys", self._list_keys),
            Route("/message", self._post_message, methods=["POST"]),
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
        ]
        return Router(routes, redirect_slashes=False, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        tidying = asyncio.create_task(self._tidy_now_and_then())
        yield
        tidying.cancel()
        self._threads.shutdown()
        self._room.commits.close()

    async def _tidy_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            try:
                await self._in_thread(self._tidy)
            except (NotStored, OSError) as fault:
                _log.warning("not tidied: %s", fault)

    def _tidy(self) -> None:
        make_keys(self._room)
        destroyed = self._room.keys.destroy_expired()
        now = self._room.clock.now()
        self._room.commits.run(lambda connection: prune(connection, now, destroyed))

    async def _list_keys(self, request: Request) -> Response:
        age = f"public, max-age={self._room.settings.keys_max_age}"
        fixed = {"Cache-Control": age, headers.CORRELATION_ID: request.state.correlation_id}
        return Response(write_keys(self._room.keys.listed()), 200, fixed, media_type="application/json; charset=utf-8")

    async def _post_message(self, request: Request) -> Response:
        submission = Submission(
            correlation_id=request.state.correlation_id,
            received_at=self._room.clock.now(),
            headers=Headers(request.scope["headers"]),
            method=request.method,
        )
        declared = front.declared_length(request.scope["headers"])
        try:
            await self._check(checks.HEAD, submission)
            async with self._bodies.room_for(declared):
                submission.body = await self._bodies.read(request.receive)
                async with self._bodies.turn_for(submission.body):
                    await self._check(checks.BODY, submission)
        except Refusal as refusal:
            _log.info("refused %s: correlation=%s why=%s", refusal.status, submission.correlation_id, refusal.why)
            raise
        finally:
            self._leave(submission)
        return front.delivered(submission.receipt.correlation_id)

    async def _check(self, steps: tuple[checks.Step, ...], submission: Submission) -> None:
        await self._in_thread(self._check_here, steps, submission)

    def _check_here(self, steps: tuple[checks.Step, ...], submission: Submission) -> None:
        checks.run(steps, submission, self._room)
        if steps is checks.BODY:
            self._room.reached("stored")
            if not submission.receipt.resent:
                self._on_accepted()

    def _leave(self, submission: Submission) -> None:
        if submission.entered and submission.caller is not None:
            self._room.limits.leave(submission.caller.client_id)

    async def _in_thread(self, work: Callable[..., None], *arguments: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def _ready(self, _request: Request) -> Response:
        """Whether a message could be taken right now: the database answers, and there is a key to encrypt under."""
        try:
            await self._in_thread(self._ask_database)
        except SQLAlchemyError:
            return JSONResponse({"status": "no database"}, 503)
        listed = bool(self._room.keys.listed())
        return JSONResponse({"status": "ready" if listed else "no key"}, 200 if listed else 503)

    def _ask_database(self) -> None:
        with self._database.reading() as connection:
            connection.execute(sa.select(POSITION.c.last)).one()
