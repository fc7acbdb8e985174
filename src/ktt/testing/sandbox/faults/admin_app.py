"""The admin endpoint of a running sandbox.

It listens on loopback, on a port of its own, and serves whoever can read the token in the sandbox's folder.
"""

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

from ktt.core.text import Text
from ktt.messages.contract import Accepted, Outcome
from ktt.testing.sandbox.faults.control import SandboxControl
from ktt.testing.sandbox.faults.faults import Resettable, read_fault
from ktt.testing.sandbox.faults.token_faults import TokenSpec

_MOST_BODY = 64 * 1024  # bytes of a request that are read
_MOST_FAULTS = 1000  # in one request
_MOST_OFFSET = 10 * 365 * 86_400.0  # seconds that the clock may be ahead or behind
Handler = Callable[[SandboxControl, Request, bytes], Any]
"""Handles one request with its body, and returns what is answered as JSON."""


class BadControlRequest(Exception):
    """The request cannot be fulfilled; `says` tells why."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


_NO_SUCH_FAULT = Text(nb="ingen feil heter «{what}»", en="there is no fault “{what}”")
_NO_SUCH_SERVICE = Text(nb="velg helseid eller mottak", en="choose helseid or mottak")
_CLOCK_STAYS = Text(nb="klokken kan ikke stilles så langt", en="the clock cannot be turned so far")
_NO_NUMBER = Text(nb="«after» må være et tall", en="`after` must be a number")
_NO_SUCH_MESSAGE = Text(
    nb="forespørselen er ikke en melding som kan åpnes", en="the request is not a message that can be opened"
)
_TOKEN_NEEDED = Text(nb="nøkkelen i sandkassens mappe må med", en="the token of the sandbox's folder is needed")


class _FaultRequest(msgspec.Struct, forbid_unknown_fields=True):
    what: str
    count: int = 1
    seconds: float = 0.0


class _RotationRequest(msgspec.Struct, forbid_unknown_fields=True):
    what: str


class _ClockRequest(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class _ResetRequest(msgspec.Struct, forbid_unknown_fields=True):
    what: Resettable | None = None


class _SendRequest(msgspec.Struct, forbid_unknown_fields=True):
    message_type: str
    version: str
    content: str


class _TokenRequest(msgspec.Struct, forbid_unknown_fields=True):
    jkt: str
    spec: TokenSpec = TokenSpec()


def _state(control: SandboxControl, _request: Request, _body: bytes) -> Any:
    return control.state()


def _config(control: SandboxControl, _request: Request, _body: bytes) -> Any:
    return control.config


def _fail(control: SandboxControl, _request: Request, body: bytes) -> Any:
    wanted = msgspec.json.decode(body, type=_FaultRequest)
    fault = read_fault(wanted.what, wanted.seconds)
    if fault is None or not 1 <= wanted.count <= _MOST_FAULTS:
        raise BadControlRequest(_NO_SUCH_FAULT.format(what=wanted.what))
    control.faults.add(fault, wanted.count)
    return control.state()


def _rotate(control: SandboxControl, _request: Request, body: bytes) -> Any:
    what = msgspec.json.decode(body, type=_RotationRequest).what
    if what not in {"helseid", "mottak"}:
        raise BadControlRequest(_NO_SUCH_SERVICE)
    return {"key": control.rotate(what)}


def _clock(control: SandboxControl, _request: Request, body: bytes) -> Any:
    seconds = msgspec.json.decode(body, type=_ClockRequest).seconds
    if abs(seconds) > _MOST_OFFSET or not control.set_clock(seconds):
        raise BadControlRequest(_CLOCK_STAYS)
    return control.state()


def _reset(control: SandboxControl, _request: Request, body: bytes) -> Any:
    control.reset(msgspec.json.decode(body, type=_ResetRequest).what if body else None)
    return control.state()


def _ingest(control: SandboxControl, _request: Request, _body: bytes) -> Any:
    control.ingest()
    return control.state()


def _requests(control: SandboxControl, request: Request, _body: bytes) -> Any:
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise BadControlRequest(_NO_NUMBER)
    return control.requests(int(after))


def _replay(control: SandboxControl, _request: Request, body: bytes) -> Any:
    outcome = control.replay(msgspec.json.decode(body, type=int))
    if outcome is None:
        raise BadControlRequest(_NO_SUCH_MESSAGE)
    return _outcome(outcome)


def _send(control: SandboxControl, _request: Request, body: bytes) -> Any:
    wanted = msgspec.json.decode(body, type=_SendRequest)
    return _outcome(control.send(wanted.message_type, wanted.version, wanted.content.encode()))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    """What came back: whether it was delivered, which kind of outcome, and all that it says."""
    members = msgspec.to_builtins(outcome)
    details = members if isinstance(members, dict) else {}
    return {"delivered": isinstance(outcome, Accepted), "outcome": type(outcome).__name__, **details}


def _token(control: SandboxControl, _request: Request, body: bytes) -> Any:
    wanted = msgspec.json.decode(body, type=_TokenRequest)
    return {"access_token": control.token(wanted.jkt, wanted.spec)}


def _expired_key(control: SandboxControl, _request: Request, _body: bytes) -> Any:
    return orjson.loads(control.expired_key())


_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/state", _state),
    ("GET", "/config", _config),
    ("POST", "/faults", _fail),
    ("POST", "/rotate", _rotate),
    ("POST", "/clock", _clock),
    ("POST", "/reset", _reset),
    ("POST", "/ingest", _ingest),
    ("GET", "/requests", _requests),
    ("POST", "/replay", _replay),
    ("POST", "/send", _send),
    ("POST", "/token", _token),
    ("POST", "/expired-key", _expired_key),
)


def admin_app(control: SandboxControl, secret: str) -> ASGIApp:
    """The endpoint as an application. Every answer is JSON; a refusal is problem+json (RFC 9457)."""
    routes = [Route(path, _guarded(control, secret, handler), methods=[method]) for method, path, handler in _ROUTES]
    return Router(routes, redirect_slashes=False)


def _guarded(control: SandboxControl, secret: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler, for requests that carry the token."""

    async def handle(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
            return _problem(401, _TOKEN_NEEDED)
        body = await _read(request)
        try:
            content = await asyncio.to_thread(handler, control, request, body)
        except BadControlRequest as fault:
            return _problem(400, fault.says)
        except msgspec.MsgspecError as fault:
            return _problem(400, Text(nb=str(fault), en=str(fault)))
        return Response(orjson.dumps(content), media_type="application/json")

    return handle


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: _MOST_BODY - len(body)]
    return bytes(body)


def _problem(status: int, says: Text) -> Response:
    content = {"title": says.en, "title_nb": says.nb, "status": status}
    return Response(orjson.dumps(content), status, media_type="application/problem+json")
