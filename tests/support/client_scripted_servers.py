"""HelseID and the receiver without a network: scripted answers, and the requests that were made."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ktt.core.http.exchange import Request, Response, TransportFault
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import OutgoingMessage
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.settings import HelseIdSettings
from ktt.wire import jws
from ktt.wire.dpop import ProofKey
from ktt.wire.envelope import ReceiverKey
from ktt.wire.headers import SenderSoftware
from ktt.wire.keys import write_keys
from support.settable_clock import SettableClock
from support.wire_keys import private_jwk, receiver_key

AUTHORITY, RECEIVER = "https://helseid.example", "https://mottak.example/slash"
UNIT = ReportingUnit("312000008", "1114")
CORRELATION = "0b8f8a4e-6d39-4a55-9a0c-0a8f0a9d1f0e"

Answer = Response | TransportFault


def json_answer(body: object, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json", **named}, json.dumps(body).encode())


def message_answer(
    status: int, code: int | None = None, name: str = "", *, delivered: bool = False, **headers: str
) -> Response:
    """An answer to `/message` in FHI's form."""
    errors = [] if code is None else [{"errorCode": code, "errorMessage": f"Error: {name} | text"}]
    headers = {"x_correlation_id": CORRELATION} | headers
    return json_answer({"delivered": delivered, "errors": errors}, status, **headers)


DELIVERED = message_answer(200, delivered=True)


@dataclass
class ScriptedServers:
    """The answers of each address; a list is used one by one, its last element for ever."""

    messages: list[Answer] = field(default_factory=lambda: [DELIVERED])
    keys: list[Answer] = field(default_factory=lambda: [keys_answer([receiver_key()])])
    tokens: list[Answer | Callable[[Request], Response]] = field(default_factory=lambda: [token_answer])
    discovery: list[Answer] = field(default_factory=lambda: [discovery_answer()])
    lookups: list[Answer] = field(default_factory=lambda: [Response(404)])
    requests: list[Request] = field(default_factory=list)

    def exchange(self, request: Request) -> Response:
        self.requests.append(request)
        script = self._script(request.url)
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, TransportFault):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    def _script(self, url: str) -> list:
        return {
            f"{AUTHORITY}/.well-known/openid-configuration": self.discovery,
            f"{AUTHORITY}/connect/token": self.tokens,
            f"{RECEIVER}/keys": self.keys,
            f"{RECEIVER}/message": self.messages,
        }.get(url, self.lookups)

    def path(self) -> list[str]:
        """The requests, by the last word of each address."""
        return [request.url.rsplit("/", 1)[1] for request in self.requests]

    def to(self, word: str) -> list[Request]:
        return [request for request in self.requests if request.url.endswith(word)]


def discovery_answer(**changes: object) -> Response:
    return json_answer({"issuer": AUTHORITY, "token_endpoint": f"{AUTHORITY}/connect/token", **changes})


def token_answer(_request: Request, *, seconds: object = 60, kind: str = "DPoP", token: str = "token") -> Response:
    return json_answer({"access_token": token, "expires_in": seconds, "token_type": kind, "scope": "x"})


def numbered_tokens() -> Callable[[Request], Response]:
    """A new token each time: token-1, token-2 …"""
    numbers = iter(range(1, 1000))
    return lambda request: token_answer(request, token=f"token-{next(numbers)}")


def keys_answer(keys: Iterable[ReceiverKey], **headers: str) -> Response:
    return Response(200, {name.replace("_", "-"): value for name, value in headers.items()}, write_keys(keys))


def settings(**changes: object) -> HelseIdSettings:
    return HelseIdSettings.model_validate(
        {"authority": AUTHORITY, "client_id": "client", "key_file": "client.jwk.json", **changes}
    )


def helseid(clock: SettableClock, unit: ReportingUnit = UNIT, **changes: object) -> HelseIdClient:
    return HelseIdClient(settings(**changes), unit, ProofKey(private_jwk("ES256")), clock)


def receiver_client(servers: ScriptedServers, clock: SettableClock) -> ReceiverClient:
    return ReceiverClient(
        UNIT,
        base_url=RECEIVER,
        helseid=helseid(clock),
        software=SenderSoftware("Prove AS", "ProveEPJ", "1.0.4", "3.0.9"),
        exchange=servers.exchange,
        clock=clock,
    )


def message(payload: bytes = b"[]") -> OutgoingMessage:
    return OutgoingMessage(UNIT, "KTT_Tjeneste", "1", payload, dt.date(2026, 3, 1))


def proof_of(request: Request) -> dict:
    return jws.parse(request.headers["DPoP"]).payload


def form_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


def assertion_of(request: Request) -> jws.Jws:
    return jws.parse(form_of(request)["client_assertion"])
