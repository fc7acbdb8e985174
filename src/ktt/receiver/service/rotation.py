"""Exchanging the receiver's vault: content, hashes and the private keys of senders' encryption sealed anew.

First the key files, one by one, each of which opens under the old vault or the new one; then the database, in one transaction.
Whatever is killed is gone on with when it is run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pybase64
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store.content_hash import open_hash, reseal_hashes
from ktt.receiver.store.inbox import sealing_context
from ktt.receiver.store.tables import INBOX, RECEIPT
from ktt.storage.database import Database
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault, read_secret, replace_secret

Step = Callable[[int], object]
_AT_A_TIME = 16  # messages in memory, each of up to some megabytes


def reseal_receiver(
    database: Database, key_folder: Path, old: Vault, new: Vault, step: Step = lambda _done: None
) -> None:
    """Seal everything of the receiver's under the new vault; SealBroken when something opens under neither."""
    for path in sorted(key_folder.glob("*.key")):
        _reseal_key(path, old, new)
    with database.transaction() as connection:
        if not _is_under(connection, new):
            _reseal_content(connection, old, new, step)
            reseal_hashes(connection, old, new)


def _reseal_key(path: Path, old: Vault, new: Vault) -> None:
    content = json.loads(read_secret(path))
    if content["private"] is None:
        return
    context = f"receiver-key/{content['id']}"
    sealed = pybase64.b64decode(content["private"], validate=True)
    try:
        new.open(sealed, context)
    except SealBroken:
        anew = new.seal(old.open(sealed, context), context)
        content["private"] = pybase64.b64encode(anew).decode("ascii")
        replace_secret(path, json.dumps(content, indent=1).encode())


def _is_under(connection: Connection, new: Vault) -> bool:
    """Whether all is sealed with the new vault already: all of it is, or none. What there is nothing of is."""
    hashes = connection.scalars(sa.select(RECEIPT.c.msg_hash).order_by(RECEIPT.c.position).limit(1))
    try:
        for row in connection.execute(_messages(0).limit(1)):
            new.open(row.payload, sealing_context(row.correlation_id))
        for stored in hashes:
            open_hash(new, stored)
    except SealBroken:
        return False
    return True


def _messages(after: int) -> sa.Select[tuple[int, str, bytes]]:
    return (
        sa.select(INBOX.c.position, RECEIPT.c.correlation_id, INBOX.c.payload)
        .join(RECEIPT, RECEIPT.c.position == INBOX.c.position)
        .where(INBOX.c.position > after)
        .order_by(INBOX.c.position)
    )


def _reseal_content(connection: Connection, old: Vault, new: Vault, step: Step) -> None:
    change = sa.update(INBOX).where(INBOX.c.position == sa.bindparam("at")).values(payload=sa.bindparam("p"))
    position = done = 0
    while rows := connection.execute(_messages(position).limit(_AT_A_TIME)).all():
        named = [(row.position, sealing_context(row.correlation_id), row.payload) for row in rows]
        anew = [{"at": at, "p": new.seal(old.open(sealed, context), context)} for at, context, sealed in named]
        connection.execute(change, anew)
        position, done = rows[-1].position, done + len(rows)
        step(done)
