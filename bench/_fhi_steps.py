"""The yardstick of a sender: the steps of FHI's published client, one after another, without a store.

For each message: its input is checked (a JSON array), the receiver's keys are fetched and the one with the latest expiry
is chosen, the message is hashed and encrypted, the token is taken from memory (or fetched, 30 s before it expires), the
proof is signed, and the message is sent. Nothing is kept, nothing is tried again, and nothing is prepared meanwhile. Keys
are loaded once and connections kept open, and each step is taken by the fastest means at hand: what is measured is the
order of the steps.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import time
import uuid

import httpx2
import orjson
import pybase64
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench import _material
from ktt.wire import headers, jwk

_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_EARLY = 30  # seconds before its end at which FHI's client asks for another token


def _base64url(raw: bytes) -> str:
    return pybase64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class FhiSteps:
    """One client of one receiver; `send` takes the steps for one message."""

    def __init__(self, address: str, private: dict) -> None:
        self._address = address
        self._http = httpx2.Client(trust_env=False, timeout=100)
        key = jwk.load_private(private).private_key
        assert isinstance(key, rsa.RSAPrivateKey), "FHI's client takes RSA keys only"
        self._key, self._public = key, {name: private[name] for name in ("kty", "n", "e")} | {"alg": "RS256"}
        self._kid = private["kid"]
        self._token, self._until = "", 0.0

    def close(self) -> None:
        self._http.close()

    def send(self, payload: bytes) -> str:
        """The correlation id of one message."""
        assert isinstance(orjson.loads(payload), list), "not an array"
        listed = self._http.get(f"{self._address}/keys").json()
        chosen = max(listed, key=lambda key: dt.datetime.fromisoformat(key["expirationDate"]))
        receiver_key = serialization.load_pem_public_key(chosen["publicKey"].encode())
        assert isinstance(receiver_key, rsa.RSAPublicKey)
        symmetric, iv = os.urandom(32), os.urandom(16)
        pad = 16 - len(payload) % 16
        encryptor = Cipher(algorithms.AES(symmetric), modes.CBC(iv)).encryptor()
        body = pybase64.b64encode(iv + encryptor.update(payload + bytes([pad]) * pad) + encryptor.finalize())
        claims = {
            headers.CLAIM_TYPE: _material.TYPE,
            headers.CLAIM_VERSION: _material.VERSION,
            headers.CLAIM_HASH: _base64url(hashlib.sha256(payload).digest()),
            headers.CLAIM_KEY: _base64url(receiver_key.encrypt(symmetric, _OAEP)),
            headers.CLAIM_KEY_ID: chosen["id"],
        }
        token = self._current_token()
        claims["ath"] = _base64url(hashlib.sha256(token.encode()).digest())
        sent = {
            "Authorization": f"DPoP {token}",
            "DPoP": self._proof(f"{self._address}/message", claims),
            "Content-Type": headers.MESSAGE_CONTENT_TYPE,
            **headers.SenderSoftware("bench", "bench", "1", "1").headers(_material.DAY),
        }
        answer = self._http.post(f"{self._address}/message", content=body, headers=sent)
        assert answer.json()["delivered"], answer.status_code
        return str(uuid.UUID(answer.headers["X-Correlation-ID"]))

    def _current_token(self) -> str:
        if time.time() >= self._until:
            endpoint = f"{self._address}/connect/token"
            sent = {"DPoP": self._proof(endpoint, {})}
            got = self._http.post(endpoint, data={"grant_type": "client_credentials"}, headers=sent).json()
            self._token, self._until = got["access_token"], time.time() + got["expires_in"] - _EARLY
        return self._token

    def _proof(self, url: str, claims: dict[str, str]) -> str:
        head = {"alg": "RS256", "kid": self._kid, "typ": "dpop+jwt", "jwk": self._public}
        fixed = {"jti": str(uuid.uuid4()), "htm": "POST", "htu": url, "iat": int(time.time())}
        signed = ".".join(
            _base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims | fixed)
        )
        return f"{signed}.{_base64url(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
