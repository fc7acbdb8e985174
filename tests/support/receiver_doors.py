"""How the tests knock at the receiver's further doors: the same lies are possible as at `/message`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from ktt.receiver.findings.follower import Follower
from ktt.receiver.pipeline.content_checks import deployed
from ktt.wire import dpop, jws
from support.receiver_world import BASE, VAULT, Answer, Post, World, _shown, _with, call, key, message, private_key


def validate(world: World, payload: bytes | None = None, **overrides: Any) -> Answer:
    """The same request as to `/message`, at the other address."""
    proof_claims = {"htu": f"{BASE}/validate", **overrides.pop("proof_claims", {})}
    given = {} if payload is None else {"payload": payload}
    post = Post(world.clock.now(), **given, proof_claims=proof_claims, **overrides)
    fields, body = world.request(post)
    return call(world.app, "POST", "/validate", [*fields, ("Content-Length", str(len(body)))], body, loop=world._loop)


def check(
    world: World,
    payload: bytes | None = None,
    query: str = "type=KTT_Vedtak&version=1",
    fields: Iterable[tuple[str, str]] = (("Content-Type", "application/json"),),
) -> Answer:
    """An open check."""
    body = message() if payload is None else payload
    return ask(world, "POST", f"/check?{query}", [*fields, ("Content-Length", str(len(body)))], body)


def lookup(
    world: World, path: str, *, method: str = "GET", proof: dict[str, Any] | None = None, **token: Any
) -> Answer:
    """A proven GET. `proof` overrides the proof's claims, `token` the token's."""
    given = world.token(**token)
    claims = {
        "jti": str(uuid.uuid4()),
        "htm": method,
        "htu": f"{BASE}{path.partition('?')[0]}",
        "iat": int(world.clock.now().timestamp()),
        "ath": dpop.token_hash(given),
    }
    private = dict(key())
    head = {"typ": "dpop+jwt", "jwk": _shown(private)}
    made = jws.sign(head, _with(claims, proof), private_key(private), private["alg"])
    return ask(world, method, path, [("Authorization", f"DPoP {given}"), ("DPoP", made)])


def ask(world: World, method: str, path: str, fields: Iterable[tuple[str, str]] = (), body: bytes = b"") -> Answer:
    """A request to an address that may have a query."""

    async def with_query(scope: Any, receive: Any, send: Any) -> None:
        bare, _, query = path.partition("?")
        await world.app({**scope, "path": bare, "query_string": query.encode()}, receive, send)

    return call(with_query, method, path, fields, body, loop=world._loop)


def follower(world: World, **options: Any) -> Follower:
    """A follower of the world's receiver."""
    return Follower(world.database, VAULT, world.clock, find=options.pop("find", deployed), **options)


def outstanding(world: World, query: str = "", **options: Any) -> Any:
    """What is outstanding for the first unit's organisation."""
    answer = lookup(world, f"/units/312000008/outstanding{query and '?' + query}", **options)
    assert answer.status == 200, answer.body
    return answer.json


def spoiled(payload: bytes, **values: Any) -> bytes:
    """The example decision with other values in its first record."""
    told = json.loads(payload)
    told[0]["vedtak"][0].update(values)
    return json.dumps(told).encode()
