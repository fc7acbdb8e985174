"""What SQLite says is wrong with a file, as errors of ours."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from ktt.core.errors import KttError
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.extract.errors import ReadBroken, SourceUnavailable
from ktt.sender.extract.sources.errors import (
    SourceBusy,
    SourceCorrupt,
    SourceFileFolder,
    SourceFileForbidden,
    SourceFileMissing,
    SourceNoDatabase,
)

BUSY_SECONDS = 30
_BESIDE = Text(
    nb="filene «-wal» og «-shm» ved siden av den kan ikke åpnes eller lages",
    en="the files `-wal` and `-shm` beside it cannot be opened or made",
)
_PRIMARY = 0xFF  # the low byte of an extended result code


def check_file(file: Path) -> None:
    """Raise when there is no file that can be opened; SQLite would only say that it cannot."""
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceFileFolder(source=file)
        if not stat.S_ISREG(mode):  # a pipe would be waited for
            raise SourceNoDatabase(source=file)
        file.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        raise SourceFileMissing(source=file) from None
    except OSError as fault:
        raise SourceFileForbidden(source=file, reason=os_reason(fault)) from None


def of_file(fault: sqlite3.Error, file: Path) -> KttError | None:
    """The error that a fault means whatever was being done; None when it is about something else."""
    code = _code(fault)
    if code == sqlite3.SQLITE_CORRUPT:
        return SourceCorrupt(source=file)
    if code == sqlite3.SQLITE_NOTADB:
        return SourceNoDatabase(source=file)
    if code == sqlite3.SQLITE_BUSY:
        return SourceBusy(source=file, seconds=BUSY_SECONDS)
    return None


def of_opening(fault: sqlite3.Error, file: Path) -> KttError:
    """The error that a fault means while the database is opened."""
    reason = _BESIDE if _code(fault) == sqlite3.SQLITE_CANTOPEN else _name(fault)
    return of_file(fault, file) or SourceUnavailable(source=file, reason=reason)


def of_reading(fault: sqlite3.Error, file: Path, query: str) -> KttError:
    """The error that a fault means while rows are read; SQLite's words may hold a value, so only its kind is told."""
    return of_file(fault, file) or ReadBroken(query=query, reason=_name(fault))


def _code(fault: sqlite3.Error) -> int:
    return getattr(fault, "sqlite_errorcode", 0) & _PRIMARY


def _name(fault: sqlite3.Error) -> str:
    """SQLite's name of a fault, such as `SQLITE_IOERR_READ`."""
    return getattr(fault, "sqlite_errorname", type(fault).__name__)
