"""The backend for PostgreSQL: one call a group, on the event loop.

A thread that waits for the database would have to win the interpreter lock back from a loop that decrypts; so the loop
itself watches the connections, one for each kind of write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib.resources import files

import orjson
import psycopg
from sqlalchemy.engine import URL

from ktt.receiver.store.acceptance import NewMessage, Receipt
from ktt.receiver.store.async_connection import Row, Watched, bytea_array
from ktt.receiver.store.group_commit import NotStored
from ktt.receiver.store.replay_protection import ProofUse, SingleUse, WrappedKeyUse
from ktt.receiver.store.submission_store import UseResult

_REMEMBER = files(__package__).joinpath("remember.sql").read_text(encoding="utf-8")
_KNOWN = (
    "SELECT encode(hash, 'hex'), jkt, encode(msg_hash, 'hex'), encode(body_hash, 'hex'), key_id"
    "  FROM receiver_wrapped_key WHERE hash = ANY($1::bytea[])"
)
_ACCEPT = "SELECT * FROM receiver_accept($1::json, $2::bytea[])"
_PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"  # a group is as well served by the plan of any other
_FORGET_PROOFS = "DELETE FROM receiver_jti WHERE expires_at < %(now)s"
_FORGET_KEYS = "DELETE FROM receiver_wrapped_key WHERE key_id = ANY(%(keys)s)"


class PostgresBackend:
    """A `StoreBackend` over the database at `url`, whose schema is up to date."""

    def __init__(self, url: URL) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        # What is remembered alone need not be flushed at once: a crash of the server may then forget the last half
        # second of proofs, but none of a message that was accepted, since its commit flushes all that came before.
        self._address = address
        self._memory = Watched(
            address, {"remember": _REMEMBER, "known": _KNOWN}, f"{_PLANNED_ONCE} -c synchronous_commit=off"
        )
        self._store = Watched(address, {"accept": _ACCEPT}, f"{_PLANNED_ONCE} -c synchronous_commit=on")

    async def record_uses(self, uses: Sequence[SingleUse]) -> list[UseResult]:
        """See `StoreBackend`."""
        ordered = sorted(uses, key=lambda use: use.digest)  # always in the same order: no two groups block each other
        ((version, noted),) = await _ask(self._memory, "remember", orjson.dumps(list(map(_use, ordered))).decode())
        new, at = _text(noted).split(), int(_text(version))
        repeated = [use for use in uses if isinstance(use, WrappedKeyUse) and use.digest.hex() not in new]
        same = await self._same(repeated) if repeated else frozenset()
        return [UseResult((digest := use.digest.hex()) in new or digest in same, at) for use in uses]

    async def _same(self, uses: Sequence[WrappedKeyUse]) -> frozenset[str]:
        """Those of the uses that are known as the same submission."""
        rows = await _ask(self._memory, "known", bytea_array([use.digest for use in uses]))
        known = {tuple(map(_text, row)) for row in rows}
        asked = ((use.digest.hex(), use.jkt, use.msg_hash.hex(), use.body_hash.hex(), use.key_id) for use in uses)
        return frozenset(one[0] for one in asked if one in known)

    async def accept(self, messages: Sequence[NewMessage]) -> list[Receipt]:
        """See `StoreBackend`."""
        said = orjson.dumps([_row(nth, message) for nth, message in enumerate(messages, start=1)]).decode()
        rows = await _ask(self._store, "accept", said, bytea_array([message.payload for message in messages]))
        receipts = {int(_text(row[0])): _receipt(row) for row in rows}
        return [receipts[nth] for nth in range(1, len(messages) + 1)]

    async def forget(self, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
        """See `StoreBackend`."""
        try:
            async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
                proofs = await connection.execute(_FORGET_PROOFS, {"now": int(now.timestamp())})
                keys = await connection.execute(_FORGET_KEYS, {"keys": list(destroyed_keys)})
                return proofs.rowcount + keys.rowcount
        except psycopg.Error as fault:
            raise NotStored(fault.sqlstate or type(fault).__name__) from fault

    async def close(self) -> None:
        """See `StoreBackend`."""
        await self._memory.close()
        await self._store.close()


async def _ask(line: Watched, statement: str, *values: str | bytes) -> list[Row]:
    """NotStored when the database could not; whatever else it has against the values is for the group to sort out."""
    try:
        return await line.ask(statement, *values)
    except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
        raise NotStored(fault.sqlstate or type(fault).__name__) from fault


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode()


def _receipt(row: Row) -> Receipt:
    _, position, correlation, resent = map(_text, row)
    return Receipt(correlation, int(position), resent == "t")


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
