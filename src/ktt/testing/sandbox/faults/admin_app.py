"""The admin endpoint: on loopback, on a port of its own, for whoever can read the token in the sandbox's folder."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from ktt.messages.contract import Accepted
from ktt.testing.sandbox.faults.control import Desk
from ktt.testing.sandbox.faults.faults import read_fault
from ktt.testing.sandbox.faults.token_faults import TokenOrder

_MOST = 64 * 1024
_MOST_FAULTS = 1000
_FURTHEST = 10 * 365 * 86_400.0  # seconds that the clock may be turned
Answers = Callable[[Desk, Request, bytes], Any]


class BadOrder(Exception):
    """What was asked for cannot be done; the text says why."""


class _FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    what: str
    count: int = 1
    seconds: float = 0.0


class _Turn(msgspec.Struct, forbid_unknown_fields=True):
    what: str


class _Offset(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class _TokenWish(msgspec.Struct, forbid_unknown_fields=True):
    jkt: str
    order: TokenOrder = TokenOrder()


def _state(desk: Desk, _request: Request, _body: bytes) -> Any:
    return desk.state()


def _fail(desk: Desk, _request: Request, body: bytes) -> Any:
    order = msgspec.json.decode(body, type=_FaultOrder)
    fault = read_fault(order.what, order.seconds)
    if fault is None or not 1 <= order.count <= _MOST_FAULTS:
        raise BadOrder(f"no such fault: {order.what}")
    desk.knobs.add(fault, order.count)
    return desk.state()


def _rotate(desk: Desk, _request: Request, body: bytes) -> Any:
    what = msgspec.json.decode(body, type=_Turn).what
    if what not in {"helseid", "mottak"}:
        raise BadOrder("what: helseid or mottak")
    return {"key": desk.rotate(what)}


def _clock(desk: Desk, _request: Request, body: bytes) -> Any:
    seconds = msgspec.json.decode(body, type=_Offset).seconds
    if abs(seconds) > _FURTHEST or not desk.set_clock(seconds):
        raise BadOrder("the clock cannot be turned")
    return desk.state()


def _reset(desk: Desk, _request: Request, _body: bytes) -> Any:
    desk.reset()
    return desk.state()


def _requests(desk: Desk, request: Request, _body: bytes) -> Any:
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise BadOrder("after: a number")
    return desk.requests(int(after))


def _replay(desk: Desk, _request: Request, body: bytes) -> Any:
    outcome = desk.replay(msgspec.json.decode(body, type=int))
    if outcome is None:
        raise BadOrder("no such message, or it does not open")
    return {"delivered": isinstance(outcome, Accepted), "outcome": type(outcome).__name__, **_facts(outcome)}


def _facts(outcome: object) -> dict[str, Any]:
    facts = msgspec.to_builtins(outcome)
    return facts if isinstance(facts, dict) else {}


def _token(desk: Desk, _request: Request, body: bytes) -> Any:
    wish = msgspec.json.decode(body, type=_TokenWish)
    return {"access_token": desk.token(wish.jkt, wish.order)}


def _expired_key(desk: Desk, _request: Request, _body: bytes) -> Any:
    return orjson.loads(desk.expired_key())


_ROUTES: tuple[tuple[str, str, Answers], ...] = (
    ("GET", "/state", _state),
    ("POST", "/faults", _fail),
    ("POST", "/rotate", _rotate),
    ("POST", "/clock", _clock),
    ("POST", "/reset", _reset),
    ("GET", "/requests", _requests),
    ("POST", "/replay", _replay),
    ("POST", "/token", _token),
    ("POST", "/expired-key", _expired_key),
)


def admin_app(desk: Desk, secret: str) -> ASGIApp:
    """The endpoint. Every answer is JSON; a refusal is problem+json (RFC 9457)."""
    routes = [Route(path, _guarded(desk, secret, answers), methods=[method]) for method, path, answers in _ROUTES]
    return Router(routes, redirect_slashes=False)


def _guarded(desk: Desk, secret: str, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
            return _problem(401, "The token of the sandbox's folder is needed")
        body = await _read(request)
        try:
            said = await asyncio.to_thread(answers, desk, request, body)
        except (BadOrder, msgspec.MsgspecError) as fault:
            return _problem(400, str(fault))
        return Response(orjson.dumps(said), media_type="application/json")

    return answered


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: _MOST - len(body)]
    return bytes(body)


def _problem(status: int, title: str) -> Response:
    return Response(orjson.dumps({"title": title, "status": status}), status, media_type="application/problem+json")
