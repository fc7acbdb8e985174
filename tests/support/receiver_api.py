"""Requests of the tests to the receiver's own addresses: all that can be wrong at `/message` can be wrong here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from ktt.messages.register import find
from ktt.receiver.findings.follower import Follower
from ktt.wire import dpop, jws
from support.receiver_harness import (
    BASE,
    VAULT,
    Answer,
    Post,
    ReceiverHarness,
    _shown,
    _with,
    call,
    key,
    message,
    private_key,
)


def validate(receiver: ReceiverHarness, payload: bytes | None = None, **overrides: Any) -> Answer:
    """The same request as to `/message`, at the other address."""
    proof_claims = {"htu": f"{BASE}/validate", **overrides.pop("proof_claims", {})}
    given = {} if payload is None else {"payload": payload}
    post = Post(receiver.clock.now(), **given, proof_claims=proof_claims, **overrides)
    fields, body = receiver.request(post)
    return call(
        receiver.app, "POST", "/validate", [*fields, ("Content-Length", str(len(body)))], body, loop=receiver._loop
    )


def check(
    receiver: ReceiverHarness,
    payload: bytes | None = None,
    query: str = "type=KTT_Vedtak&version=1",
    fields: Iterable[tuple[str, str]] = (("Content-Type", "application/json"),),
) -> Answer:
    """An open check."""
    body = message() if payload is None else payload
    return ask(receiver, "POST", f"/check?{query}", [*fields, ("Content-Length", str(len(body)))], body)


def lookup(
    receiver: ReceiverHarness, path: str, *, method: str = "GET", proof: dict[str, Any] | None = None, **token: Any
) -> Answer:
    """A proven GET. `proof` overrides the proof's claims, `token` the token's."""
    given = receiver.token(**token)
    claims = {
        "jti": str(uuid.uuid4()),
        "htm": method,
        "htu": f"{BASE}{path.partition('?')[0]}",
        "iat": int(receiver.clock.now().timestamp()),
        "ath": dpop.token_hash(given),
    }
    private = dict(key())
    head = {"typ": "dpop+jwt", "jwk": _shown(private)}
    made = jws.sign(head, _with(claims, proof), private_key(private), private["alg"])
    return ask(receiver, method, path, [("Authorization", f"DPoP {given}"), ("DPoP", made)])


def ask(
    receiver: ReceiverHarness, method: str, path: str, fields: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> Answer:
    """A request to an address that may have a query."""

    async def with_query(scope: Any, receive: Any, send: Any) -> None:
        bare, _, query = path.partition("?")
        await receiver.app({**scope, "path": bare, "query_string": query.encode()}, receive, send)

    return call(with_query, method, path, fields, body, loop=receiver._loop)


def follower(receiver: ReceiverHarness, **options: Any) -> Follower:
    """A follower of the receiver's receiver."""
    return Follower(receiver.database, VAULT, receiver.clock, find=options.pop("find", find), **options)


def outstanding(receiver: ReceiverHarness, query: str = "", **options: Any) -> Any:
    """What is outstanding for the first unit's organisation."""
    answer = lookup(receiver, f"/units/312000008/outstanding{query and '?' + query}", **options)
    assert answer.status == 200, answer.body
    return answer.json


def changed(payload: bytes, **values: Any) -> bytes:
    """The example decision with other values in its first record."""
    told = json.loads(payload)
    told[0]["vedtak"][0].update(values)
    return json.dumps(told).encode()


def decisions(*records: tuple[str, dict], deleted: tuple[str, ...] = ()) -> bytes:
    """A message with one decision for each (id, other values), made of the everyday example."""
    told = json.loads(message())
    pattern = next(one for one in told[0]["vedtak"] if "tjenester" in one)
    told[0]["vedtak"] = [{**pattern, "vedtakId": name, **values} for name, values in records]
    told[0]["slettVedtak"] = [{"vedtakId": name, "erSlettet": True} for name in deleted]
    return json.dumps(told).encode()


def open_findings(receiver: ReceiverHarness) -> set[tuple[str, str]]:
    """Local id and rule of each open finding of the first unit's organisation."""
    return {(one["local_id"], one["rule"]) for one in outstanding(receiver)["findings"]}


def sent(receiver: ReceiverHarness, payload: bytes) -> str:
    """The correlation id of a message that is accepted."""
    answer = receiver.post(payload)
    assert answer.status == 200, answer.body
    return answer.correlation_id
