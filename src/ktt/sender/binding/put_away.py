"""Starting a store anew: the SQLite file is moved aside, to be looked at, and the unit begins with nothing."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.binding.errors import NotPutAway
from ktt.storage.errors import DatabaseUnavailable

_IN_USE = Text(nb="den er i bruk", en="it is in use")

_PARTS = ("-wal", "-shm", "")
"""What SQLite keeps beside a database first: the file itself goes last, so that half a move leaves it in its place."""


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for another kind."""
    address = make_url(url)
    return Path(str(address.database)).resolve() if address.get_backend_name() == "sqlite" else None


def put_away_store(
    path: Path | None, unit: ReportingUnit, units: Collection[ReportingUnit], at: dt.datetime
) -> Path | None:
    """Move the store, whose file is `path` if it has one, aside when it holds something of the unit (`units` are all that have a queue in it).

    NotPutAway when it is no file, or holds other units too; DatabaseUnavailable when it is in use.
    """
    if unit not in units:
        return None
    if path is None or set(units) != {unit}:
        raise NotPutAway
    return _move_aside(path, at)


def _move_aside(path: Path, at: dt.datetime) -> Path:
    _write_all_into(path)
    away = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%S}.put-away")
    try:
        for part in _PARTS:
            old = path.with_name(path.name + part)
            if old.exists():
                old.rename(away.with_name(away.name + part))
    except OSError as fault:
        raise DatabaseUnavailable(database=path, reason=os_reason(fault)) from fault
    return away


def _write_all_into(path: Path) -> None:
    """Bring everything into the file itself, so that nothing beside it is needed to read it."""
    with closing(sqlite3.connect(path)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DatabaseUnavailable(database=path, reason=_IN_USE)
