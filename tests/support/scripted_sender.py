"""A small sender of its own, written with `http.client` and `cryptography` only, that can have one defect at a time.

Without a defect it does everything right. `DEFECTS` names the case that notices each defect.

Run as a command it is given one message: `python scripted_sender.py CONFIG MESSAGE TYPE VERSION DD.MM.YYYY [DEFECT]`.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_REJECTED = "F901 F902 F903 F905 F921 F923 F924 F925 F926 F927 F928 F940 F941 F942 F943 F944 F945 F950"
_ENVELOPE = "F904 F906 F907 F908 F909 F910"
_TEMPORARY = "F800 F801 F802 F803 F804 F805 F806 F807 F808 F809 F810 F811 F828 F930"
_STOPPING = "F816 F818 F819 F820 F821 F822 F823 F824 F825 F826 F829 F831"

DEFECTS: Mapping[str, str] = {
    "assertion twice": "N103",
    "secret in the form": "N108",
    "assertion for an hour": "N127",
    "assertion iat as text": "N129",
    "a token for each message": "N151",
    "nonce forgotten": "F100",
    "bearer tokens too": "F103",
    "token redirect followed": "F106",
    "no ath": "N212",
    "jti twice": "N214",
    "base path forgotten": "N230",
    "private key shown": "N205",
    "proof a minute old": "N211",
    "another key in the proof": "N207",
    "bearer scheme": "N300",
    "no vendor": "N301",
    "date as ISO": "N305",
    "json content type": "N307",
    "fixed iv": "N403 N902",
    "fixed key": "N404 N903",
    "body in clear": "N405",
    "hash of the ciphertext": "N406",
    "first key listed": "N503",
    "expired keys too": "F500",
    "weak keys too": "F501",
    "status of keys ignored": "F510",
    "byte order mark": "N601",
    "an object as root": "N602",
    "latin letters": "N600",
    "too large all the same": "N610 N611 N612",
    "everything at once": "N700 N704",
    "everything twice": "N701",
    "everything again": "N705",
    "parts overlap": "N613",
    "too large is temporary": "F929 F931 F932",
    "impatient": "F812",
    "newest first": "F831 F951 N703",
    "no second try": "F803",
    "skips what fails": f"F102 F509 F700 F922 F951 {_TEMPORARY} {_STOPPING} {_ENVELOPE}",
    "encrypted once": "F832",
    "undelivered is a receipt": "F810 F811",
    "empty is a receipt": "F809",
    "body against status": "F811 F828 F829",
    "same proof again": f"F822 F826 F832 N900 {_TEMPORARY}",
    "201 is no receipt": "F813",
    "retry-after ignored": "F814",
    "hammers": "F814 F815 F817 F830",
    "exit code 0": "F819",
    "same token after 401": "F820",
    "goes on after rejection": _REJECTED,
    "rejected again and again": "F921",
    "keys for ever": "F907",
    "unknown codes are temporary": "F940",
    "number in a header": "N904",
    "number in the address": "N906",
}
"""The defects, and the cases that notice each."""

_FIXED = b"\x07" * 32


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


@dataclass
class Answer:
    status: int | None
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict:
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def codes(self) -> set[int]:
        errors = self.json().get("errors") or []
        return {error.get("errorCode") for error in errors}


NONE = Answer(None, {}, b"")


class NotNow(Exception):
    """There is no token or no key, so the message cannot be sent yet."""


@dataclass
class Client:
    """The state of one process of a sender: a key, a token while it is valid, and the receiver's list of keys."""

    config: dict
    defect: str = ""
    token: str = ""
    until: float = 0.0
    keys: list = field(default_factory=list)
    proofs: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jwk = self.config["helseid"]["private_jwk"]
        public = rsa.RSAPublicNumbers(_number(self.jwk["e"]), _number(self.jwk["n"]))
        p, q, d = (_number(self.jwk[name]) for name in "pqd")
        numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
        self.key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
        self.base = self.config["mottak"]["base_url"].rstrip("/")

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        parts = urlsplit(url)
        seconds = 0.4 if self.defect == "impatient" else 60
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
        try:
            connection.request(
                method, parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers or {})
            )
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException):
            return NONE
        finally:
            connection.close()

    def jwt(self, header: dict, claims: dict) -> str:
        parts = [b64url(json.dumps(part).encode()) for part in ({"alg": "RS256", **header}, claims)]
        signature = self.key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, b64url(signature)])

    def proof(self, method: str, url: str, **claims: str) -> str:
        whole = self.defect == "private key shown" and "ath" in claims
        shown = dict(self.jwk) if whole else {n: self.jwk[n] for n in ("kty", "n", "e")}
        if self.defect == "another key in the proof" and "ath" in claims:
            other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key().public_numbers().n
            shown["n"] = b64url(other.to_bytes(256, "big"))
        jti = "always-the-same-0123456789" if self.defect == "jti twice" and "ath" in claims else str(uuid.uuid4())
        iat = int(time.time()) - (60 if self.defect == "proof a minute old" and "ath" in claims else 0)
        return self.jwt(
            {"typ": "dpop+jwt", "jwk": shown}, {"jti": jti, "htm": method, "htu": url, "iat": iat, **claims}
        )

    def fetch_token(self) -> None:
        helseid = self.config["helseid"]
        endpoint = (
            self.ask("GET", f"{helseid['authority']}/.well-known/openid-configuration").json().get("token_endpoint")
        )
        if not endpoint:
            raise NotNow
        nonce: dict[str, str] = {}
        assertion = self.assertion()
        for _ in range(8 if self.defect == "nonce forgotten" else 2):
            assertion = assertion if self.defect == "assertion twice" else self.assertion()
            form = {
                "grant_type": "client_credentials",
                "client_id": helseid["client_id"],
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                **({"client_secret": "abc"} if self.defect == "secret in the form" else {}),
            }
            sent = {"Content-Type": "application/x-www-form-urlencoded", "DPoP": self.proof("POST", endpoint, **nonce)}
            answer = self.ask("POST", endpoint, urlencode(form).encode(), sent)
            content = answer.json()
            bound = content.get("token_type") == "DPoP" or self.defect == "bearer tokens too"
            if answer.status == 200 and "access_token" in content and bound:
                self.token, self.until = content["access_token"], time.time() + content["expires_in"] - 10
                return
            if answer.status == 307 and self.defect == "token redirect followed":
                self.ask("GET", helseid["authority"] + answer.headers["location"])
            if content.get("error") != "use_dpop_nonce":
                raise NotNow
            nonce = {"nonce": answer.headers["dpop-nonce"]}
        raise NotNow

    def assertion(self) -> str:
        now, client_id = int(time.time()), self.config["helseid"]["client_id"]
        iat = str(now) if self.defect == "assertion iat as text" else now
        life = 3600 if self.defect == "assertion for an hour" else 30
        who = {"iss": client_id, "sub": client_id, "aud": self.config["helseid"]["authority"], "jti": uuid.uuid4().hex}
        header = {"typ": "client-authentication+jwt", "kid": self.jwk["kid"]}
        return self.jwt(header, {**who, "iat": iat, "nbf": now, "exp": now + life})

    def chosen_key(self) -> dict:
        if not self.keys:
            answer = self.ask("GET", f"{self.base}/keys")
            if answer.status != 200 and self.defect != "status of keys ignored":
                raise NotNow
            try:
                self.keys = json.loads(answer.body)
            except ValueError as fault:
                raise NotNow from fault
        usable = [entry for entry in self.keys if self.usable(entry)] if isinstance(self.keys, list) else []
        if not usable:
            self.keys = []
            raise NotNow
        return usable[0] if self.defect == "first key listed" else max(usable, key=self.ends)

    def usable(self, entry: dict) -> bool:
        try:
            public = serialization.load_pem_public_key(entry["publicKey"].encode())
        except ValueError:
            return False
        strong = isinstance(public, rsa.RSAPublicKey) and (public.key_size >= 2048 or self.defect == "weak keys too")
        return strong and (self.ends(entry) > datetime.now(UTC) or self.defect == "expired keys too")

    @staticmethod
    def ends(entry: dict) -> datetime:
        read = datetime.fromisoformat(entry["expirationDate"])
        return read if read.tzinfo else read.replace(tzinfo=UTC)

    def seal(self, plaintext: bytes) -> tuple[bytes, dict[str, str]]:
        chosen = self.chosen_key()
        public = serialization.load_pem_public_key(chosen["publicKey"].encode())
        symmetric = _FIXED if self.defect == "fixed key" else os.urandom(32)
        iv = _FIXED[:16] if self.defect == "fixed iv" else os.urandom(16)
        filled = plaintext + bytes([16 - len(plaintext) % 16]) * (16 - len(plaintext) % 16)
        encryptor = Cipher(algorithms.AES(symmetric), modes.CBC(iv)).encryptor()
        raw = iv + encryptor.update(filled) + encryptor.finalize()
        body = base64.b64encode(plaintext if self.defect == "body in clear" else raw)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        hashed = body if self.defect == "hash of the ciphertext" else plaintext
        return body, {
            "msg_hash": b64url(hashlib.sha256(hashed).digest()),
            "enc_sym_key": b64url(public.encrypt(symmetric, oaep)),
            "enc_key_id": chosen["id"],
        }

    def post(self, sealed: tuple[bytes, dict[str, str]], message_type: str, version: str, day: str) -> Answer:
        if not self.token or time.time() >= self.until or self.defect == "a token for each message":
            self.fetch_token()
        body, claims = sealed
        url = f"{self.base}/message"
        htu = url.replace("/slash/", "/") if self.defect == "base path forgotten" else url
        ath = {} if self.defect == "no ath" else {"ath": b64url(hashlib.sha256(self.token.encode()).digest())}
        proof = self.proof("POST", htu, msg_type=message_type, msg_version=version, **claims, **ath)
        if self.defect == "same proof again":
            proof = self.proofs.setdefault(body, proof)
        if self.defect == "number in the address":
            url += "?person=23915820158"
        return self.ask("POST", url, body, self.headers(proof, day))

    def headers(self, proof: str, day: str) -> dict[str, str]:
        scheme = "Bearer" if self.defect == "bearer scheme" else "DPoP"
        made = {
            "Authorization": f"{scheme} {self.token}",
            "DPoP": proof,
            "Content-Type": "application/json" if self.defect == "json content type" else "text/plain; charset=utf-8",
            "x-vendor-name": "Prove AS",
            "x-software-name": "ProveEPJ",
            "x-software-version": "23915820158" if self.defect == "number in a header" else "1",
            "x-export-software-version": "1",
            "x-data-extraction-date": "-".join(day.split(".")[::-1]) if self.defect == "date as ISO" else day,
        }
        return {name: value for name, value in made.items() if self.defect != "no vendor" or name != "x-vendor-name"}


def receipt(answer: Answer, defect: str = "") -> bool:
    """Whether an answer says that the message is delivered."""
    if defect == "undelivered is a receipt" and answer.status == 200 and "delivered" in answer.json():
        return True
    if defect == "empty is a receipt" and answer.status == 200 and not answer.body:
        return True
    if defect == "body against status" and answer.json().get("delivered") is True:
        return True
    statuses = {200} if defect == "201 is no receipt" else {200, 201}
    return answer.status in statuses and answer.json().get("delivered") is True and "x-correlation-id" in answer.headers


def changed(content: bytes, defect: str) -> bytes:
    """The message as a sender with that defect writes it."""
    if defect == "byte order mark":
        return b"\xef\xbb\xbf" + content
    if defect == "an object as root":
        return content[1:-1]
    if defect == "latin letters":
        return content.replace(b'"personId": "1002"', '"personId": "Åse"'.encode("latin-1"))
    return content


def main(arguments: list[str]) -> int:
    """Send one message, once; the exit code says whether it was delivered."""
    config, path, message_type, version, day, *defect = arguments
    client = Client(json.loads(Path(config).read_text(encoding="utf-8")), *defect)
    content = changed(Path(path).read_bytes(), client.defect)
    if len(content) > 11_000_000:
        return 5
    try:
        answer = client.post(client.seal(content), message_type, version, day)
    except NotNow:
        return 4
    sys.stdout.write(f"{answer.status} {answer.headers.get('x-correlation-id', '')}\n")
    return 0 if receipt(answer, client.defect) or client.defect == "exit code 0" else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
