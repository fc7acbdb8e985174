"""The hash of a message's content, as it is stored: sealed, so that nobody without the key can try out what the content was.

The same hash is always sealed to the same bytes, since a resend is known by equality alone. Before, the hash stood as it is;
`seal_plain_hashes` seals those.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store.tables import RECEIPT, WRAPPED_KEY
from ktt.storage.database import Database
from ktt.storage.vault import Vault

_CONTEXT = "receiver/msg_hash"
_PLAIN = 32  # bytes of SHA-256; sealed, it is 48
_AT_A_TIME = 5_000
COLUMNS: tuple[tuple[sa.Column[Any], sa.Column[Any]], ...] = (
    (RECEIPT.c.position, RECEIPT.c.msg_hash),
    (WRAPPED_KEY.c.hash, WRAPPED_KEY.c.msg_hash),
)
"""Where a hash is stored: the key of its row, and the column."""


def seal_hash(vault: Vault, msg_hash: bytes) -> bytes:
    """The hash as it is stored."""
    return vault.seal_alike(msg_hash, _CONTEXT)


def open_hash(vault: Vault, stored: bytes) -> bytes:
    """The hash that was stored."""
    return stored if len(stored) == _PLAIN else vault.open_alike(stored, _CONTEXT)


def seal_plain_hashes(database: Database, vault: Vault) -> int:
    """Seal those that earlier versions stored as they are; how many. Killed anywhere, it goes on when it is run again."""
    sealed = 0
    for key, column in COLUMNS:
        while True:
            with database.transaction() as connection:
                plain = sa.select(key, column).where(sa.func.length(column) == _PLAIN).limit(_AT_A_TIME)
                rows = [{"k": row[0], "h": seal_hash(vault, row[1])} for row in connection.execute(plain).all()]
                if not rows:
                    break
                connection.execute(_change(key, column), rows)
            sealed += len(rows)
    return sealed


def reseal_hashes(connection: Connection, old: Vault, new: Vault) -> None:
    """Every stored hash sealed anew, in the caller's transaction."""
    for key, column in COLUMNS:
        for rows in _pages(connection, key, column):
            anew = [{"k": row[0], "h": seal_hash(new, open_hash(old, row[1]))} for row in rows]
            connection.execute(_change(key, column), anew)


def _pages(connection: Connection, key: sa.Column[Any], column: sa.Column[Any]) -> Iterator[list[Any]]:
    wanted = sa.select(key, column).order_by(key).limit(_AT_A_TIME)
    rows = list(connection.execute(wanted))
    while rows:
        yield rows
        rows = list(connection.execute(wanted.where(key > rows[-1][0])))


def _change(key: sa.Column[Any], column: sa.Column[Any]) -> sa.Update:
    values = {column.name: sa.bindparam("h", type_=column.type)}
    return sa.update(column.table).where(key == sa.bindparam("k", type_=key.type)).values(values)
