"""The keeper for PostgreSQL: one call a group, on the event loop.

A thread that waits for the database would have to win the interpreter lock back from a loop that decrypts; a connection
that the loop itself watches costs 0.1 ms a group, whatever its size. The two kinds of write have a connection each.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import orjson
import psycopg
from psycopg.rows import tuple_row
from sqlalchemy.engine import URL

from ktt.receiver import replay
from ktt.receiver.accept import NewMessage, Receipt
from ktt.receiver.book import Remembered
from ktt.receiver.groups import NotStored
from ktt.receiver.replay import ProofUse, WrappedKeyUse

_CONNECT_SECONDS = 5
_REMEMBER = files("ktt.receiver").joinpath("remember.sql").read_text(encoding="utf-8")
_KNOWN = "SELECT hash, jkt, msg_hash, body_hash, key_id FROM receiver_wrapped_key WHERE hash = ANY(%(wrapped)b)"
_ACCEPT = "SELECT * FROM receiver_accept(%(messages)s::json, %(payloads)b::bytea[])"
_FORGET_PROOFS = "DELETE FROM receiver_jti WHERE expires_at < %(now)s"
_FORGET_KEYS = "DELETE FROM receiver_wrapped_key WHERE key_id = ANY(%(keys)s)"


class PostgresKeeper:
    """A `book.Keeper` over the database at `url`, whose schema is up to date."""

    def __init__(self, url: URL) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        # What is remembered alone need not be flushed at once: a crash of the server may then forget the last half
        # second of proofs, but none of a message that was accepted, since its commit flushes all that came before.
        self._memory = _Line(address, "off")
        self._store = _Line(address, "on")

    async def remember(self, uses: Sequence[replay.Use]) -> list[Remembered]:
        """See `book.Keeper`."""
        ordered = sorted(uses, key=lambda use: use.digest)  # always in the same order: no two groups block each other
        said = orjson.dumps(list(map(_use, ordered))).decode()
        ((version, noted),) = await self._memory.ask(_REMEMBER, {"uses": said})
        new = set(map(bytes, noted))
        repeated = [use.digest for use in uses if isinstance(use, WrappedKeyUse) and use.digest not in new]
        same = await self._submissions(repeated) if repeated else {}
        return [
            Remembered(
                use.digest in new or (isinstance(use, WrappedKeyUse) and same[use.digest] == use.submission), version
            )
            for use in uses
        ]

    async def _submissions(self, wrapped: list[bytes]) -> dict[bytes, tuple[Any, ...]]:
        rows = await self._memory.ask(_KNOWN, {"wrapped": wrapped})
        return {bytes(digest): (jkt, bytes(message), bytes(body), key) for digest, jkt, message, body, key in rows}

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """See `book.Keeper`."""
        said = [_row(nth, message) for nth, message in enumerate(messages, start=1)]
        values = {"messages": orjson.dumps(said).decode(), "payloads": [message.payload for message in messages]}
        rows = await self._store.ask(_ACCEPT, values)
        receipts = {nth: Receipt(correlation, position, resent) for nth, position, correlation, resent in rows}
        return [receipts[nth] for nth in range(1, len(messages) + 1)]

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """See `book.Keeper`."""
        proofs = await self._memory.run(_FORGET_PROOFS, {"now": int(now.timestamp())})
        return proofs + await self._memory.run(_FORGET_KEYS, {"keys": list(destroyed_keys)})

    async def close(self) -> None:
        """See `book.Keeper`."""
        await self._memory.close()
        await self._store.close()


def _use(use: replay.Use) -> dict[str, object]:
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


class _Line:
    """One connection, opened when it is first needed and again after it broke. Each statement is a transaction."""

    def __init__(self, address: str, synchronous_commit: str) -> None:
        self._address = address
        self._options = f"-c synchronous_commit={synchronous_commit}"
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement that is committed."""
        return await (await self._executed(statement, values)).fetchall()

    async def run(self, statement: str, values: Mapping[str, Any]) -> int:
        """How many rows a committed statement changed."""
        return (await self._executed(statement, values)).rowcount

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _executed(self, statement: str, values: Mapping[str, Any]) -> psycopg.AsyncCursor[Any]:
        try:
            return await (await self._open()).execute(statement, values, prepare=True)
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            await self.close()  # a broken connection, a server that stops, a full disk: begin anew next time
            raise NotStored(fault.sqlstate or type(fault).__name__) from fault

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        loop = asyncio.get_running_loop()
        if self._connection is None or self._connection.closed or self._loop is not loop:
            self._connection = await psycopg.AsyncConnection.connect(
                self._address,
                autocommit=True,
                row_factory=tuple_row,
                options=self._options,
                connect_timeout=_CONNECT_SECONDS,
            )
            self._loop = loop
        return self._connection
