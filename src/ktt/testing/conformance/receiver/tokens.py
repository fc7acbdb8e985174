"""Access tokens for the suite: requested with the client's key, and bound to whichever proof key a case uses."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from ktt.core.clock import Clock
from ktt.sender.client.client_assertion import ClientAssertions
from ktt.sender.settings import HelseIdSettings
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.http import RawClient, RawResponse
from ktt.testing.conformance.receiver.target import Target
from ktt.wire import headers
from ktt.wire.dpop import ProofKey

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_OK = 200
_MARGIN = 20.0  # seconds that a token must still be valid when it is used


@dataclass(slots=True)
class Tokens:
    """Good tokens, one for each proof key, kept while they are valid."""

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
        """Fetch new ones next time."""
        self._kept.clear()

    def _fetch(self, key: ProofKey) -> tuple[str, float]:
        endpoint = self._endpoint or self._discover()
        for _ in range(2):
            response = self._ask(endpoint, key)
            answer = _object(response)
            self._nonce = response.header(headers.DPOP_NONCE) or self._nonce
            if response.status == _OK:
                return str(answer["access_token"]), float(answer.get("expires_in", 60))
            if answer.get("error") != "use_dpop_nonce":
                break
        raise NothingToTest(reason=f"HelseID: {response.status} {answer.get('error', '')}")

    def _discover(self) -> str:
        response = RawClient(self.target.authority).ask("GET", "/.well-known/openid-configuration", ())
        answer = _object(response)
        if response.status != _OK or not isinstance(answer.get("token_endpoint"), str):
            raise NothingToTest(reason=f"HelseID: {response.status}")
        self._endpoint, self._issuer = answer["token_endpoint"], str(answer.get("issuer"))
        return self._endpoint

    def _ask(self, endpoint: str, key: ProofKey) -> RawResponse:
        settings = HelseIdSettings(authority=self.target.authority, client_id=self.target.client_id, key_file=Path())
        now = self.clock.now()
        form = {
            "grant_type": "client_credentials",
            "client_id": self.target.client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": ClientAssertions(settings, self.target.unit, self.client).make(self._issuer, now),
            **({"scope": self.target.scope} if self.target.scope else {}),
        }
        proof = key.proof("POST", endpoint, now, nonce=self._nonce)
        fields = ((headers.DPOP, proof), (headers.CONTENT_TYPE, "application/x-www-form-urlencoded"))
        parts = urlsplit(endpoint)
        client = RawClient(f"{parts.scheme}://{parts.netloc}")
        return client.ask("POST", parts.path, fields, urlencode(form).encode("ascii"))


def _object(response: RawResponse) -> dict[str, Any]:
    try:
        answer = orjson.loads(response.body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
