"""The client of the admin endpoint, for the commands `ktt sandbox fail|slow|lose|rotate|reset|tail` and for the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import msgspec
import orjson
from sqlalchemy.engine import make_url

from ktt.core.http.client import HttpClient
from ktt.core.http.exchange import NoAnswer, Request, TransportFault
from ktt.core.text import Text
from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable
from ktt.storage.vault import read_secret
from ktt.testing.sandbox.errors import ControlRefused, SandboxBusy, SandboxNotFound, StateNameUnfit
from ktt.testing.sandbox.faults.conditions import Conditions
from ktt.testing.sandbox.faults.faults import Resettable
from ktt.testing.sandbox.faults.token_faults import TokenSpec
from ktt.testing.sandbox.saved_states import NAME
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wiring.receiver import RegistryPlace

FILE = "admin.json"
"""In the sandbox's folder, mode 0600: `url` and `token` of the admin endpoint."""

_OK = 200
_ANY = Conditions()


def registry_url(folder: Path) -> str:
    """The address of a sandbox's registry: as a running sandbox says, else the file in its folder; SandboxNotFound."""
    try:
        return str(orjson.loads(read_secret(folder / FILE))["registry"])
    except (KeyFileUnreadable, KeyFileTooOpen, ValueError, KeyError):
        path = folder / "registry.sqlite"
        if not path.exists():
            raise SandboxNotFound(folder=folder) from None
        return f"sqlite:///{path.absolute()}"


def registry_place(folder: Path) -> RegistryPlace:
    """A sandbox's registry with its keys and its receiver; SandboxNotFound. Roles share a database, or have a file each."""
    url = registry_url(folder)
    shared = url if make_url(url).get_backend_name() == "postgresql" else None
    return RegistryPlace(
        url=url,
        key_file=folder / "registry.vault",
        identity_key_file=folder / "identity.vault",
        receiver_url=shared or f"sqlite:///{(folder / 'receiver.sqlite').absolute()}",
        receiver_key_file=folder / "receiver.vault",
        packs=SandboxSettings.model_fields["packs"].get_default(),
    )


def _state_path(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise StateNameUnfit(name=name)
    return f"/states/{name}"


class AdminClient:
    """Controls one running sandbox over HTTP. Close it, or use it as a context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            place = orjson.loads(read_secret(self._folder / FILE))
        except (KeyFileUnreadable, KeyFileTooOpen, ValueError) as fault:
            raise SandboxNotFound(folder=self._folder) from fault
        self._url, self._secret = place["url"], place["token"]
        self._http = HttpClient()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def state(self) -> dict[str, Any]:
        """The sandbox's addresses and client, the faults in its queue, and its clock's offset."""
        return self._object("GET", "/state")

    def config(self) -> dict[str, Any]:
        """What a client of the first unit needs to send, as `ktt sandbox up --config-out` writes it."""
        return self._object("GET", "/config")

    def fail(
        self,
        what: str,
        *,
        count: int | None = 1,
        seconds: float = 0.0,
        every: int = 1,
        conditions: Conditions = _ANY,
    ) -> dict[str, Any]:
        """Put a fault into the queue, for `count` requests or until it is removed (None); ControlRefused."""
        asked = {"what": what, "count": count, "seconds": seconds, "every": every}
        return self._object("POST", "/faults", {**asked, **msgspec.to_builtins(conditions)})

    def faults(self) -> dict[str, Any]:
        """The faults that wait, in words, and the kinds that there are."""
        return self._object("GET", "/faults")

    def disarm(self, number: int) -> dict[str, Any]:
        """Remove one fault from the queue; ControlRefused when none has that number."""
        return self._object("DELETE", f"/faults/{number}")

    def rotate(self, what: str) -> str:
        """A new key at `helseid` or `mottak`; its id."""
        return str(self._ask("POST", "/rotate", {"what": what})["key"])

    def clock(self, seconds: float) -> dict[str, Any]:
        """Set the sandbox's clock this much ahead of the machine's."""
        return self._object("POST", "/clock", {"seconds": seconds})

    def reset(self, what: Resettable | None = None) -> dict[str, Any]:
        """Remove the faults and put the clock right, or forget the recorded requests; both when nothing is named.

        `all` removes every message and record of receiver and registry too.
        """
        return self._object("POST", "/reset", {"what": what})

    def states(self) -> list[dict[str, Any]]:
        """The saved states, by name."""
        return list(self._ask("GET", "/states"))

    def save(self, name: str) -> dict[str, Any]:
        """Save what receiver and registry have now, in the place of an earlier state of that name; ControlRefused."""
        return self._object("PUT", _state_path(name))

    def restore(self, name: str) -> dict[str, Any]:
        """Put a saved state in the place of what receiver and registry have; ControlRefused."""
        return self._object("POST", f"{_state_path(name)}/restore")

    def forget(self, name: str) -> list[dict[str, Any]]:
        """Delete a saved state; those that are left. ControlRefused."""
        return list(self._ask("DELETE", _state_path(name)))

    def send(self, message_type: str, version: str, content: str) -> dict[str, Any]:
        """Send a message as the first unit's own client would; what came back."""
        return self._object("POST", "/send", {"message_type": message_type, "version": version, "content": content})

    def ingest(self) -> None:
        """Let the registry look for something to read, as when a message has come."""
        self._ask("POST", "/ingest")

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests that were recorded after that number, decoded and decrypted."""
        return list(self._ask("GET", f"/requests?after={after}"))

    def findings(self, number: int) -> list[dict[str, Any]]:
        """What schema and rules find in a recorded message; ControlRefused when it cannot be opened or read."""
        return list(self._ask("GET", f"/requests/{number}/findings"))

    def replay(self, number: int) -> dict[str, Any]:
        """Send a recorded message again, encrypted anew."""
        return self._object("POST", "/replay", number)

    def token(self, jkt: str, spec: TokenSpec) -> str:
        """An access token as specified, bound to the key with that thumbprint."""
        return str(self._ask("POST", "/token", {"jkt": jkt, "spec": msgspec.to_builtins(spec)})["access_token"])

    def expired_key(self) -> bytes:
        """A key that the receiver knows and that has expired, in the form of `/keys`."""
        return orjson.dumps(self._ask("POST", "/expired-key"))

    def _object(self, method: str, path: str, content: Any = None) -> dict[str, Any]:
        return dict(self._ask(method, path, content))

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        request = Request(method, self._url + path, headers, orjson.dumps(content) if method == "POST" else b"")
        try:
            response = self._http.exchange(request)
        except NoAnswer as fault:
            raise SandboxBusy(folder=self._folder) from fault
        except TransportFault as fault:
            raise SandboxNotFound(folder=self._folder) from fault
        answer = orjson.loads(response.body)
        if response.status != _OK:
            raise ControlRefused(reason=Text(nb=answer["title_nb"], en=answer["title"]))
        return answer
