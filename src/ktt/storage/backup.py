"""A backup of a database of ours while others may be using it, by SQLite's own means.

A copy of the file alone would lack what is still in the log beside it, and could be torn. For PostgreSQL `pg_dump` is the
tool, and we say how instead of doing half of what it does.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from ktt.core.os_faults import os_reason
from ktt.storage.errors import BackupNotOurs, BackupUnwritable, NothingToBackUp

_BUSY_SECONDS = 30
_WHOLE = ("ok",)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and found whole."""

    file: Path
    bytes: int


def back_up(url: str, target: Path) -> Backup:
    """Write a whole, consistent copy to a new 0600 file and check it.

    NothingToBackUp when there is no database: it is not made, as it is when a run opens it. BackupNotOurs for PostgreSQL,
    BackupUnwritable when it cannot be done; then nothing is left.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        raise BackupNotOurs(address=_without_password(address), file=target)
    source = Path(str(address.database))
    if not source.is_file():
        raise NothingToBackUp(file=source)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        _copy(source, draft)
        os.link(draft, target)  # unlike a rename, never over a file that is there
        return Backup(target, target.stat().st_size)
    except OSError as fault:
        raise BackupUnwritable(file=target, reason=os_reason(fault)) from fault
    except sqlite3.DatabaseError as fault:
        raise BackupUnwritable(file=target, reason=type(fault).__name__) from fault
    finally:
        if draft.parent.is_dir():
            draft.unlink(missing_ok=True)


def _copy(source: Path, draft: Path) -> None:
    """A copy on disk that needs no file beside it."""
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    there = f"{source.absolute().as_uri()}?mode=rw"  # never made anew; read alone could not see the log beside it
    with (
        closing(sqlite3.connect(there, uri=True, timeout=_BUSY_SECONDS)) as database,
        closing(sqlite3.connect(draft, isolation_level=None)) as copy,
    ):
        database.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        if copy.execute("PRAGMA integrity_check").fetchone() != _WHOLE:
            raise sqlite3.DatabaseError
    with draft.open("rb+") as written:
        os.fsync(written.fileno())


def _without_password(address: URL) -> str:
    named = URL.create("postgresql", address.username, None, address.host, address.port, address.database)
    return named.render_as_string()
