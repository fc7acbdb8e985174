"""The other side of the admin endpoint: what `ktt sandbox fail|slow|lose|rotate|reset|tail` and the suite speak with."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Self

import msgspec
import orjson

from ktt.core.http.client import Http
from ktt.core.http.exchange import LineFault, Request
from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable
from ktt.storage.vault import read_secret
from ktt.testing.sandbox.errors import KnobRefused, SandboxNotFound
from ktt.testing.sandbox.faults.token_faults import TokenOrder

FILE = "admin.json"
"""In the sandbox's folder, mode 0600: `url` and `token` of the admin endpoint."""

PREFIX = "ktt-sandbox-"
"""How the folders of sandboxes without a folder of their own begin."""

_OK = 200


def running_folder() -> Path:
    """The folder of the sandbox that was started last without a folder of its own; SandboxNotFound."""
    found = sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{FILE}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise SandboxNotFound(folder=Path(tempfile.gettempdir()) / f"{PREFIX}…")
    return found[-1].parent


class Admin:
    """One running sandbox, spoken to over HTTP. Close it, or use it as a context."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or running_folder()
        try:
            place = orjson.loads(read_secret(self._folder / FILE))
        except (KeyFileUnreadable, KeyFileTooOpen, ValueError) as fault:
            raise SandboxNotFound(folder=self._folder) from fault
        self._url, self._secret = place["url"], place["token"]
        self._http = Http()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def state(self) -> dict[str, Any]:
        """What the sandbox is and what waits in it."""
        return self._object("GET", "/state")

    def fail(self, what: str, *, count: int = 1, seconds: float = 0.0) -> dict[str, Any]:
        """Let a fault wait; KnobRefused when there is none of that name."""
        return self._object("POST", "/faults", {"what": what, "count": count, "seconds": seconds})

    def rotate(self, what: str) -> str:
        """A new key at `helseid` or `mottak`; its id."""
        return str(self._ask("POST", "/rotate", {"what": what})["key"])

    def clock(self, seconds: float) -> dict[str, Any]:
        """Turn the sandbox's clock this much ahead of the machine's."""
        return self._object("POST", "/clock", {"seconds": seconds})

    def reset(self) -> dict[str, Any]:
        """Everything right again."""
        return self._object("POST", "/reset")

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """What has come since that number, decoded and decrypted."""
        return list(self._ask("GET", f"/requests?after={after}"))

    def replay(self, number: int) -> dict[str, Any]:
        """Send a recorded message again, freshly sealed."""
        return self._object("POST", "/replay", number)

    def token(self, jkt: str, order: TokenOrder) -> str:
        """An access token as ordered."""
        return str(self._ask("POST", "/token", {"jkt": jkt, "order": msgspec.to_builtins(order)})["access_token"])

    def expired_key(self) -> bytes:
        """A key that the receiver knows and that has expired, in the form of `/keys`."""
        return orjson.dumps(self._ask("POST", "/expired-key"))

    def _object(self, method: str, path: str, wish: Any = None) -> dict[str, Any]:
        return dict(self._ask(method, path, wish))

    def _ask(self, method: str, path: str, wish: Any = None) -> Any:
        sent = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        request = Request(method, self._url + path, sent, orjson.dumps(wish) if method == "POST" else b"")
        try:
            answer = self._http.exchange(request)
        except LineFault as fault:
            raise SandboxNotFound(folder=self._folder) from fault
        said = orjson.loads(answer.body)
        if answer.status != _OK:
            raise KnobRefused(reason=said["title"])
        return said
