"""What must be in order before a receiver listens. Each fault is an error of its own, told before the start."""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from ktt.core.clock import Clock
from ktt.core.os_faults import os_reason
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.service.errors import ListenAddressBusy, NoKeys, NotMigrated
from ktt.storage.database import Database, Schema
from ktt.storage.errors import DatabaseNewer, DatabaseUnavailable
from ktt.storage.vault import Vault

# The processes of a run whose parent was killed close the port as soon as they notice; a process that was just starting
# notices only when it has started.
_PORT_SECONDS = 20.0
_log = logging.getLogger(__name__)
_BACKLOG = 1024
_TIMEOUTS = {  # so that a database machine that vanishes is noticed in seconds, not in the two hours of TCP
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


def open_migrated(url: str, *schemas: Schema, may_be_away: bool = False) -> Database:
    """The database, whose tables must be there already; NotMigrated, DatabaseNewer, DatabaseUnavailable, AddressWrong.

    One that `may_be_away` is opened also when it does not answer, for a process that takes the place of one that died.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists():
        raise NotMigrated(database=address.database, role=schemas[0].role, found="–", wanted=schemas[0].head)
    database = Database.open(with_timeouts(url))
    try:
        for schema in schemas:
            _check_migrated(database, schema)
    except DatabaseUnavailable as fault:
        if not may_be_away:
            database.close()
            raise
        _log.warning("started without the database: %s", fault.code)
    except BaseException:
        database.close()
        raise
    return database


def with_timeouts(url: str) -> str:
    """The address, with limits on how long a connection to PostgreSQL may be dead; limits that it has already are kept."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return url
    missing = {name: value for name, value in _TIMEOUTS.items() if name not in address.query}
    return address.update_query_dict(missing).render_as_string(hide_password=False)


def _check_migrated(database: Database, schema: Schema) -> None:
    table = f"{schema.role}_version"
    with database.reading() as connection:
        there = sa.inspect(connection).has_table(table)
        found = connection.scalar(sa.text(f"SELECT version_num FROM {table}")) if there else None  # noqa: S608 - ours
    name = database.engine.url.database
    if found is not None and found > schema.head:
        raise DatabaseNewer(database=name, found=found)
    if found != schema.head:
        raise NotMigrated(database=name, role=schema.role, found=found or "–", wanted=schema.head)


def open_keys(folder: Path, vault: Vault, clock: Clock) -> KeyStore:
    """The receiver's keys, of which there must be some; NoKeys, ReceiverKeyUnreadable, KeyFileTooOpen."""
    keys = KeyStore(folder, vault, clock)
    if not keys.stored():
        raise NoKeys(folder=folder)
    return keys


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ListenAddressBusy when the address is not to be had in time."""
    until, warned = time.monotonic() + _PORT_SECONDS, False
    while True:
        try:
            return _bound(host, port)
        except OSError as fault:
            if time.monotonic() >= until or not _is_in_use(fault):
                raise ListenAddressBusy(host=host, port=port, reason=os_reason(fault)) from fault
            if not warned:
                _log.warning("the address is in use; waiting for it up to %.0f s", _PORT_SECONDS)
            warned = True
            time.sleep(0.1)


def _is_in_use(fault: OSError) -> bool:
    import errno

    return fault.errno == errno.EADDRINUSE


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio turns Nagle's delay off only on sockets it made itself; with it, every kept-alive answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
