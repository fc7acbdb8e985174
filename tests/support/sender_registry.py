"""A small registry behind real HTTP: judges by the schema, stores durably, accepts once, and then answers.

It speaks plain JSON instead of the envelope, so that the sender's line can be tried without HelseID. What it has
accepted is read back through the message pack's own reader.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ktt.messages.register import find

_SCHEMA = """
PRAGMA synchronous = FULL;
CREATE TABLE inbox (
  position INTEGER PRIMARY KEY, unit TEXT, type TEXT, version TEXT, hash TEXT, correlation TEXT, payload BLOB
);
"""


class Registry:
    """One registry with its inbox in a file."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._inbox = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._inbox.executescript(_SCHEMA)
        self.posts = 0
        self.url = ""

    def accept(self, unit: str, kind: str, version: str, payload: bytes) -> tuple[int, dict[str, object]]:
        """The status and the answer: stored first, told afterwards; the unit's last message again is a resend."""
        if find(kind, version).check(payload):
            return 400, {"code": 2008}
        digest = hashlib.sha256(payload).hexdigest()
        with self._lock:
            self.posts += 1
            last = self._inbox.execute(
                "SELECT type, version, hash, correlation FROM inbox WHERE unit = ? ORDER BY position DESC LIMIT 1",
                (unit,),
            ).fetchone()
            if last and last[:3] == (kind, version, digest):
                return 200, {"correlation": last[3]}
            correlation = f"c-{self.posts}"
            row = (unit, kind, version, digest, correlation, payload)
            self._inbox.execute("INSERT INTO inbox VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
        return 200, {"correlation": correlation}

    def accepted(self) -> list[tuple[str, bytes]]:
        """Type and payload of everything accepted, in order."""
        with self._lock:
            return self._inbox.execute("SELECT type, payload FROM inbox ORDER BY position").fetchall()

    def state(self) -> dict[str, set[str]]:
        """The ids that it holds per record type, after every message's deletions and records in order."""
        held: dict[str, set[str]] = {}
        for kind, payload in self.accepted():
            version = find(kind, "1")
            ids = held.setdefault(version.record_type.name, set())
            for batch in version.read(payload):
                ids.difference_update(batch.deletions)
                ids.update(batch.records[version.record_type.name][version.record_type.key].to_list())
        return held


@contextmanager
def running_registry(file: Path) -> Iterator[Registry]:
    """A registry that listens on loopback."""
    registry = Registry(file)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            names = ("X-Unit", "X-Type", "X-Version")
            status, answer = registry.accept(*(self.headers[name] for name in names), payload)
            body = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the sender died before it heard

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        registry._inbox.close()
