"""The backend for PostgreSQL: one call a group, on the event loop.

A thread that waits for the database would have to win the interpreter lock back from a loop that decrypts; so psycopg
waits on the loop itself, over one connection for each kind of write.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import orjson
import psycopg
from sqlalchemy.engine import URL

from ktt.receiver.store.acceptance import NewMessage, Receipt
from ktt.receiver.store.replay_protection import ProofUse, SingleUse, WrappedKeyUse
from ktt.receiver.store.submissions.group_commit import NotStored
from ktt.receiver.store.submissions.store import UseResult

_REMEMBER = files(__package__).joinpath("remember.sql").read_text(encoding="utf-8")
_KNOWN = "SELECT hash, jkt, msg_hash, body_hash, key_id FROM receiver_wrapped_key WHERE hash = ANY(%s)"
_ACCEPT = "SELECT * FROM receiver_accept(%s::json, %b::bytea[])"  # the function holds a row that all wait for
_FORGET = (
    "WITH largest AS (INSERT INTO receiver_jti (hash, expires_at) VALUES ('', %s) ON CONFLICT (hash)"
    "  DO UPDATE SET expires_at = excluded.expires_at WHERE receiver_jti.expires_at < excluded.expires_at),"
    " proofs AS (DELETE FROM receiver_jti WHERE expires_at < %s AND hash <> '' RETURNING 1),"
    " keys AS (DELETE FROM receiver_wrapped_key WHERE key_id = ANY(%s) RETURNING 1)"
    " SELECT count(*) FROM (TABLE proofs UNION ALL TABLE keys) AS gone"
)
_PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"  # a group is as well served by the plan of any other
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30.0  # a machine that is gone sends no word of it; a group takes milliseconds


class PostgresBackend:
    """A `StoreBackend` over the database at `url`, whose schema is up to date."""

    def __init__(self, url: URL) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        # What is remembered alone need not be flushed at once: a crash of the server may then forget the last half
        # second of proofs, but none of a message that was accepted, since its commit flushes all that came before.
        self._memory = Session(address, f"{_PLANNED_ONCE} -c synchronous_commit=off")
        self._store = Session(address, f"{_PLANNED_ONCE} -c synchronous_commit=on")
        self._forgetting = Session(address, "")

    async def record_uses(self, uses: Sequence[SingleUse]) -> list[UseResult]:
        """See `StoreBackend`."""
        ordered = sorted(uses, key=lambda use: use.digest)  # always in the same order: no two groups block each other
        ((version, forgotten, noted),) = await self._memory.ask(_REMEMBER, _json(map(_use, ordered)))
        new = set(noted)
        repeated = [use for use in uses if isinstance(use, WrappedKeyUse) and use.digest not in new]
        first = new | await self._same(repeated) if repeated else new
        return [UseResult(use.digest in first, version, use.digest in new and _is_kept(use, forgotten)) for use in uses]

    async def _same(self, uses: Sequence[WrappedKeyUse]) -> set[bytes]:
        """Those of the uses that are known as the same submission."""
        rows = await self._memory.ask(_KNOWN, [use.digest for use in uses])
        known = {digest: tuple(submission) for digest, *submission in rows}
        return {use.digest for use in uses if known.get(use.digest) == use.submission}

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """See `StoreBackend`."""
        listed = _json(_row(nth, message) for nth, message in enumerate(messages, start=1))
        rows = await self._store.ask(_ACCEPT, listed, [message.payload for message in messages])
        return [Receipt(correlation, position, resent) for _, position, correlation, resent in sorted(rows)]

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """See `StoreBackend`."""
        at = int(now.timestamp())
        try:
            ((rows,),) = await self._forgetting.ask(_FORGET, at, at, list(destroyed_keys))
        finally:
            await self._forgetting.close()
        return int(rows)

    async def close(self) -> None:
        """See `StoreBackend`."""
        await self._memory.close()
        await self._store.close()


class Session:
    """A connection that is opened when it is first asked, and again after it broke. Used by one at a time."""

    def __init__(self, address: str, options: str) -> None:
        self._address, self._options = address, options
        self._cursor: psycopg.AsyncCursor[Any] | None = None  # kept: a new one takes 30 µs
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, once it is committed.

        NotStored when the database could not; another psycopg.Error when it has something against the values.
        """
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                cursor = await self._open()
                await cursor.execute(statement, values, prepare=True)
                return await cursor.fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            await self.close()
            raise NotStored(fault.sqlstate or type(fault).__name__) from fault
        except TimeoutError as fault:
            await self.close()
            raise NotStored("no answer") from fault

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._cursor is not None:
            cursor, self._cursor = self._cursor, None
            await cursor.connection.close()

    async def _open(self) -> psycopg.AsyncCursor[Any]:
        loop = asyncio.get_running_loop()
        if self._cursor is None or self._cursor.connection.closed or self._loop is not loop:
            connection = await psycopg.AsyncConnection.connect(
                self._address, autocommit=True, options=self._options, connect_timeout=_CONNECT_SECONDS
            )
            self._cursor, self._loop = connection.cursor(binary=True), loop
        return self._cursor


def _is_kept(use: SingleUse, forgotten: int) -> bool:
    """Whether an earlier use of the same would still be remembered."""
    return isinstance(use, WrappedKeyUse) or use.expires_at >= forgotten


def _json(rows: Iterable[dict[str, object]]) -> str:
    return orjson.dumps(list(rows)).decode()


def _use(use: SingleUse) -> dict[str, object]:
    if isinstance(use, ProofUse):
        return {"digest": use.digest.hex(), "expires_at": use.expires_at}
    return {
        "digest": use.digest.hex(),
        "jkt": use.jkt,
        "message": use.msg_hash.hex(),
        "body": use.body_hash.hex(),
        "key_id": use.key_id,
    }


def _row(nth: int, message: NewMessage) -> dict[str, object]:
    return {
        "n": nth,
        "correlation_id": message.correlation_id,
        "units": message.units,
        "message_type": message.message_type,
        "version": message.version,
        "hash": message.msg_hash.hex(),
        "received_at": message.received_at,
        "client_id": message.client_id,
        "supplier": message.supplier,
        "software": message.software,
        "extracted_on": message.extracted_on,
    }
