"""The suite's way to a token: an assertion by the client's key, and a proof by whichever key the case wants bound."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from ktt.core.clock import Clock
from ktt.core.settings import HelseIdSettings
from ktt.sender.client.client_assertion import Assertions
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.http import Heard, Line
from ktt.testing.conformance.receiver.target import Target
from ktt.wire import headers
from ktt.wire.dpop import ProofKey

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_OK = 200
_MARGIN = 20.0  # seconds that a token must still live when it is used


@dataclass(slots=True)
class Tokens:
    """Good tokens, one for each proof key, kept while they live."""

    target: Target
    clock: Clock
    client: ProofKey
    _kept: dict[str, tuple[str, float]] = field(default_factory=dict)
    _nonce: str | None = None
    _endpoint: str | None = None
    _issuer: str = ""

    def get(self, key: ProofKey) -> str:
        """A token bound to the key; NothingToTest when HelseID gives none."""
        token, until = self._kept.get(key.thumbprint, ("", 0.0))
        if time.monotonic() >= until:
            token, seconds = self._fetch(key)
            self._kept[key.thumbprint] = token, time.monotonic() + seconds - _MARGIN
        return token

    def forget(self) -> None:
        """Fetch a new one next time."""
        self._kept.clear()

    def _fetch(self, key: ProofKey) -> tuple[str, float]:
        endpoint = self._endpoint or self._discover()
        for _ in range(2):
            heard = self._ask(endpoint, key)
            said = _object(heard)
            self._nonce = heard.header(headers.DPOP_NONCE) or self._nonce
            if heard.status == _OK:
                return str(said["access_token"]), float(said.get("expires_in", 60))
            if said.get("error") != "use_dpop_nonce":
                break
        raise NothingToTest(reason=f"HelseID: {heard.status} {said.get('error', '')}")

    def _discover(self) -> str:
        heard = Line(self.target.authority).ask("GET", "/.well-known/openid-configuration", ())
        said = _object(heard)
        if heard.status != _OK or not isinstance(said.get("token_endpoint"), str):
            raise NothingToTest(reason=f"HelseID: {heard.status}")
        self._endpoint, self._issuer = said["token_endpoint"], str(said.get("issuer"))
        return self._endpoint

    def _ask(self, endpoint: str, key: ProofKey) -> Heard:
        settings = HelseIdSettings(authority=self.target.authority, client_id=self.target.client_id, key_file=Path())
        now = self.clock.now()
        form = {
            "grant_type": "client_credentials",
            "client_id": self.target.client_id,
            "client_assertion_type": _ASSERTION,
            "client_assertion": Assertions(settings, self.target.unit, self.client).make(self._issuer, now),
            **({"scope": self.target.scope} if self.target.scope else {}),
        }
        proof = key.proof("POST", endpoint, now, nonce=self._nonce)
        fields = ((headers.DPOP, proof), (headers.CONTENT_TYPE, "application/x-www-form-urlencoded"))
        place = urlsplit(endpoint)
        line = Line(f"{place.scheme}://{place.netloc}")
        return line.ask("POST", place.path, fields, urlencode(form).encode("ascii"))


def _object(heard: Heard) -> dict[str, Any]:
    try:
        said = orjson.loads(heard.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
