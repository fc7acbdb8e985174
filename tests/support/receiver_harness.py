"""A receiver to send requests to: the real application over a real database, an issuer with real keys, and a sender
that can get anything wrong. Nothing is imitated; only the network between them is left out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.messages.follow_ups import FollowUp
from ktt.messages.inventory import InventoryDigests, InventoryPage, RegistryProgress
from ktt.messages.register import pack
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.app import receiver_app
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store import tables
from ktt.receiver.store.inbox import SqlInbox
from ktt.registry import Registry
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.validate.report.as_problem_details import verdict
from ktt.wire import base64url, dpop, headers, jwk, jws
from ktt.wire.envelope import Sealed, seal
from support.settable_clock import SettableClock

ISSUER, BASE = "https://helseid.example", "https://mottak.example"
UNIT = ReportingUnit("312000008", "1114")
OTHER_UNIT = ReportingUnit("312000563", "0301", "03")
VENDOR, STRANGER = "314000005", "314000013"
NOW = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)
TYPES = tuple(version.message_type for version in pack("ktt_v1"))
STEPS = (
    *("credentials", "token", "proof", "caller", "limits", "jti", "headers", "claims", "access", "key"),
    *("body", "ledger", "envelope", "json", "schema", "units", "seal", "store"),
)
"""The steps of an accepted message, in order, as `receiver_app` tells them to `reached`; "stored" follows."""

LEFT_OUT = object()
"""As the value of a claim or header: it is not there at all."""

VAULT = Vault(bytes(range(32)))


def message(message_type: str = "KTT_Vedtak") -> bytes:
    """A message that fits its schema."""
    version = next(version for version in pack("ktt_v1") if version.message_type == message_type)
    return next(body for name, body in version.examples().items() if name.startswith("N"))


def key(kind: str = "RSA-2048", name: str = "client") -> dict[str, Any]:
    """A private JWK; each name has one of its own, made once a run."""
    return _key(kind, name)


@cache
def _key(kind: str, name: str) -> dict[str, Any]:
    return jwk.generate(kind, kid=f"{name}-key")


_LOADED: dict[str, Any] = {}


def private_key(private: Mapping[str, Any]) -> Any:
    """The key object, loaded once: checking an RSA key takes longer than signing with it."""
    name = private["n" if private["kty"] == "RSA" else "x"]
    if name not in _LOADED:
        _LOADED[name] = jwk.load_private(private)
    return _LOADED[name]


@dataclass(frozen=True)
class Answer:
    """An answer of the receiver."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return {key.lower(): value for key, value in self.headers}.get(name.lower())

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[int | None]:
        return [error["errorCode"] for error in self.json["errors"]]

    @property
    def correlation_id(self) -> str:
        return self.header("X-Correlation-ID") or ""


class Issuer:
    """HelseID as the receiver sees it: documents to fetch, and tokens signed by the keys in them."""

    def __init__(self) -> None:
        self.keys = [key(name="helseid")]
        self.fetched: list[str] = []
        self.down = False
        self.answering = threading.Event()  # while it is not set, every document is slow to come
        self.answering.set()

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        self.answering.wait(20)
        if self.down:
            raise OSError("no connection")
        documents = {
            f"{ISSUER}/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"},
            f"{ISSUER}/jwks": {"keys": [jwk.public_part(one) for one in self.keys]},
        }
        return json.dumps(documents[url]).encode()

    def token(
        self,
        at: dt.datetime,
        *,
        jkt: str,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        signed_by: Mapping[str, Any] | None = None,
        alg: str = "RS256",
        raw_payload: bytes | None = None,
    ) -> str:
        now = int(at.timestamp())
        full = {
            "iss": ISSUER,
            "nbf": now,
            "iat": now,
            "exp": now + 60,
            "aud": headers.AUDIENCE,
            "cnf": {"jkt": jkt},
            "scope": [headers.SCOPE],
            "client_id": "client-1",
            "client_amr": "private_key_jwt",
            headers.CLAIM_PARENT: UNIT.organisation,
            "jti": uuid.uuid4().hex,
        }
        private = signed_by or self.keys[0]
        head = _with({"typ": "at+jwt", "kid": private["kid"]}, header)
        payload = raw_payload or json.dumps(_with(full, claims)).encode()
        return jws.sign(head, payload, private_key(private), alg)


@dataclass
class Post:
    """One request to `/message`, right in everything but what is overridden."""

    at: dt.datetime
    payload: bytes = field(default_factory=message)
    message_type: str = "KTT_Vedtak"
    proof_key: Mapping[str, Any] = field(default_factory=key)
    token: str | None = None
    token_claims: Mapping[str, Any] = field(default_factory=dict)
    proof: str | None = None
    proof_claims: Mapping[str, Any] = field(default_factory=dict)
    proof_header: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    more_headers: tuple[tuple[str, str], ...] = ()
    sealed: Sealed | None = None
    body: bytes | None = None


class LazyRegistry:
    """A registry that is opened when it is asked for: most tests of a receiver need none."""

    def __init__(self, path: Path, clock: SettableClock) -> None:
        self._path, self._clock, self._lock = path, clock, threading.Lock()
        self._opened: Registry | None = None

    def open(self) -> Registry:
        with self._lock:
            if self._opened is None:
                keys = (self._path.with_suffix(end) for end in (".key", ".identity"))
                self._opened = Registry.open(f"sqlite:///{self._path}", *keys, self._clock)
        return self._opened

    def page(self, unit: ReportingUnit, who: str, after: str | None, limit: int) -> InventoryPage:
        return self.open().inventory.page(unit, who, after, limit)

    def digests(self, unit: ReportingUnit, who: str) -> InventoryDigests:
        return self.open().inventory.digests(unit, who)

    def progress(self, unit: ReportingUnit) -> RegistryProgress:
        return self.open().inventory.progress(unit)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


class ToldFollowUps:
    """What a registry waits for, as a test says it; or its database is away."""

    def __init__(self) -> None:
        self.told: list[FollowUp] = []
        self.away = False

    def of_units(self, units: Sequence[str]) -> list[FollowUp]:
        if self.away:
            raise DatabaseUnavailable(database="registry", reason="away")
        return [one for one in self.told if one.unit in units]


class ReceiverHarness:
    """A receiver, its issuer and a sender, with a clock that is set by the test."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        clock: SettableClock | None = None,
        key_files: Path | None = None,
        reached: Callable[[str], None] = lambda _step: None,
        find: Any = None,
        collects_only: bool = False,
        **settings: Any,
    ) -> None:
        self.clock = clock or SettableClock(NOW)
        self.issuer = Issuer()
        self.accepted = 0
        self._loop = asyncio.Runner()
        self.database = Database.open(url, tables.SCHEMA)
        self.access = AccessList(self.database)
        self.access.grant(UNIT, [*TYPES, "HST_Konsultasjon"], suppliers=[VENDOR])
        self.access.grant(OTHER_UNIT, TYPES)
        self.inbox = SqlInbox(self.database, VAULT)
        self.key_folder = folder / "keys"
        if key_files is not None and not self.key_folder.exists():
            shutil.copytree(key_files, self.key_folder)
        self.keys = KeyStore(self.key_folder, VAULT, self.clock)
        self.settings = ReceiverSettings(
            **{
                "environment": "sandbox",
                "base_url": BASE,
                "issuer": ISSUER,
                "announced_types": (("HST_Konsultasjon", "1"),),
                "crypto_failures_per_hour": 10_000,
                **settings,
            }
        )
        self.follow_ups = ToldFollowUps()
        self.registry = LazyRegistry(folder / "registry.sqlite", self.clock)
        self.app = receiver_app(
            self.settings,
            database=self.database,
            vault=VAULT,
            key_folder=self.key_folder,
            fetch=self.issuer.fetch,
            clock=self.clock,
            validator=verdict,
            inventory=None if collects_only else self.registry,
            follow_ups=None if collects_only else self.follow_ups,
            on_accepted=self._count,
            reached=reached,
            **({"find": find} if find else {}),
        )

    def _count(self) -> None:
        self.accepted += 1

    def close(self) -> None:
        self._loop.run(_start_and_stop(self.app))
        self._loop.close()
        self.registry.close()
        self.database.close()

    def token(self, post: Post | None = None, **options: Any) -> str:
        """An access token for the post's proof key; `claims` override."""
        proof_key = post.proof_key if post else key()
        claims = {**(post.token_claims if post else {}), **options.pop("claims", {})}
        return self.issuer.token(self.clock.now(), jkt=jwk.thumbprint(proof_key), claims=claims, **options)

    def post(self, payload: bytes | None = None, **overrides: Any) -> Answer:
        """Send one message; see `Post` for what can be overridden."""
        post = Post(self.clock.now(), **({"payload": payload} if payload is not None else {}), **overrides)
        return self.send(*self.request(post))

    def request(self, post: Post) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body of a post."""
        sealed = post.sealed or seal(post.payload, self.keys.listed()[0])
        token = post.token or self.token(post)
        proof = post.proof or self.proof(post, sealed, token)
        full = {
            "Authorization": f"DPoP {token}",
            "DPoP": proof,
            "Content-Type": headers.MESSAGE_CONTENT_TYPE,
            headers.VENDOR: "Prove AS",
            headers.SOFTWARE: "ProveEPJ",
            headers.SOFTWARE_VERSION: "1.0",
            headers.EXPORT_VERSION: "2.0",
            headers.EXTRACTED_ON: "02.03.2026",
        }
        body = sealed.body if post.body is None else post.body
        return [*_with(full, post.headers).items(), *post.more_headers], body

    def proof(self, post: Post, sealed: Sealed, token: str) -> str:
        now = int(post.at.timestamp())
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": f"{BASE}/message",
            "iat": now,
            "msg_type": post.message_type,
            "msg_version": "1",
            "msg_hash": sealed.msg_hash,
            "enc_sym_key": sealed.enc_sym_key,
            "enc_key_id": sealed.enc_key_id,
            "ath": dpop.token_hash(token),
        }
        private = dict(post.proof_key)
        head = _with({"typ": "dpop+jwt", "jwk": _shown(private)}, post.proof_header)
        return jws.sign(head, _with(claims, post.proof_claims), private_key(private), private["alg"])

    def send(self, fields: Iterable[tuple[str, str]], body: bytes, *, chunked: bool = False) -> Answer:
        length = [] if chunked else [("Content-Length", str(len(body)))]
        return call(self.app, "POST", "/message", [*fields, *length], body, loop=self._loop)

    def get(self, path: str, method: str = "GET") -> Answer:
        return call(self.app, method, path, [], b"", loop=self._loop)


def _shown(private: Mapping[str, Any]) -> dict[str, Any]:
    return {name: private[name] for name in ("kty", "n", "e", "crv", "x", "y", "alg") if name in private}


def _with(full: dict[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**full, **(changes or {})}.items() if value is not LEFT_OUT}


async def _start_and_stop(app: Any) -> None:
    """The lifespan of a server: at its end the application closes its connections and threads."""
    events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Any:
        return events.pop(0)

    async def send(_event: Any) -> None:
        return None

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


def call(
    app: Any,
    method: str,
    path: str,
    fields: Iterable[tuple[str, str]],
    body: bytes,
    *,
    piece: int = 65_536,
    loop: asyncio.Runner | None = None,
) -> Answer:
    """One request to an ASGI application, as a server would hand it over."""
    pieces = [body[start : start + piece] for start in range(0, len(body), piece)] or [b""]
    events = [{"type": "http.request", "body": part, "more_body": True} for part in pieces]
    events[-1]["more_body"] = False
    sent: list[Any] = []

    async def receive() -> Any:
        return events.pop(0) if events else await asyncio.Event().wait()

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
    (loop.run if loop else asyncio.run)(app(scope, receive, send))
    start, *rest = sent
    shown = tuple((name.decode(), value.decode()) for name, value in start["headers"])
    return Answer(start["status"], shown, b"".join(event.get("body", b"") for event in rest))


def unsigned(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"x") -> str:
    """A compact JWS whose signature is whatever one likes."""
    return ".".join(
        base64url.encode(part) for part in (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    )


def digest(data: bytes) -> str:
    return base64url.encode(hashlib.sha256(data).digest())
