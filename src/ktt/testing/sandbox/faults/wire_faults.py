"""How each fault looks on the wire: applications in front of the receiver and HelseID that take faults from the queue."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.receiver.http import responses
from ktt.receiver.http.protocol import UniformProtocol
from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status, unauthorized
from ktt.receiver.http.request_bodies import RequestStream
from ktt.testing.sandbox.faults.armed import FaultQueue
from ktt.testing.sandbox.faults.conditions import CURRENT_FACTS, RequestFacts, facts_of
from ktt.testing.sandbox.faults.faults import Fault, Place
from ktt.testing.sandbox.helseid.issuer import MOST_FORM, TOKEN_PATH
from ktt.wire import headers
from ktt.wire.answers import AnswerCode, AnswerError, answer

FAULT_NAME = "ktt.fault"
"""The member of a request's `state` that holds the name of the fault that was applied to it."""

HANG_UP = "ktt.hang-up"
"""The extension of a request's scope with two functions that end its connection: `close`, and `abort` for a reset."""

_UNAUTHORIZED = 401
_UNUSED_CODES = frozenset({2003, 2004, 2005})  # published, and never given by our receiver (transport § 8)
_UNPUBLISHED = 1999  # a number in FHI's range that has no meaning yet
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
Action = Callable[["FaultyReceiver", Fault, Scope, Receive, Send], Awaitable[None]]


class InterruptibleProtocol(UniformProtocol):
    """The receiver's protocol, with a way for an application to hang up on the sender."""

    def on_headers_complete(self) -> None:
        """Add the extension to the request's scope before the application gets it."""
        self.scope["extensions"] = {HANG_UP: {"close": self.transport.close, "abort": self._reset}}
        super().on_headers_complete()

    def _reset(self) -> None:
        """End the connection with a TCP reset: what has not been written by now is dropped."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class FaultyReceiver:
    """The receiver with the fault queue in front of it."""

    def __init__(
        self,
        app: ASGIApp,
        faults: FaultQueue,
        *,
        bad_keys: Callable[[str], bytes],
        no_storage: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._app, self._faults, self.bad_keys, self.no_storage = app, faults, bad_keys, no_storage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or apply the fault that it meets."""
        place = _place(scope)
        fault = None if place is None or self._faults.is_empty else self._faults.take(place, facts=facts_of(scope))
        if fault is None:
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})[FAULT_NAME] = fault.name
        await ACTIONS[fault.kind](self, fault, scope, receive, send)

    async def complete(self, scope: Scope, receive: Receive) -> list[Message]:
        """Let the receiver handle the request, and return the answer instead of sending it."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages


def _place(scope: Scope) -> Place | None:
    if scope["type"] != "http":
        return None
    places: Mapping[tuple[str, str], Place] = {("POST", "/message"): "message", ("GET", "/keys"): "keys"}
    return places.get((scope["method"], scope["path"]))


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer instead of the receiver's, once the whole request has been read."""
    incoming = RequestStream(receive)
    await incoming.drain()
    await response(scope, receive, send)


async def _code(_: FaultyReceiver, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    code = AnswerCode(fault.number)
    refusal = Refusal(400, AnswerError.of(code, "Left over")) if code in _UNUSED_CODES else refuse(code)
    await _answer(responses.refusal_response(refusal, responses.new_correlation_id()), scope, receive, send)


async def _status(_: FaultyReceiver, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    again = (("Retry-After", "1"),) if fault.number in {429, 503} else ()
    status = fault.number
    refusal = (
        unauthorized("invalid_token", why="fault")
        if status == _UNAUTHORIZED
        else refuse_with_status(status, headers=again)
    )
    await _answer(responses.refusal_response(refusal, responses.new_correlation_id()), scope, receive, send)


async def _nonce(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    refusal = unauthorized("use_dpop_nonce", why="fault", nonce=secrets.token_urlsafe(18))
    await _answer(responses.refusal_response(refusal, responses.new_correlation_id()), scope, receive, send)


async def _html(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(Response(_HTML, 502, media_type="text/html"), scope, receive, send)


async def _undelivered(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    response = Response(answer(delivered=False), 200, _correlated(), media_type="application/json; charset=utf-8")
    await _answer(response, scope, receive, send)


def _delivered_with(status: int) -> Action:
    """An answer whose body says that the message is delivered, and whose status says that it is not. Nothing is stored."""

    async def act(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        body = answer(delivered=True)
        response = Response(body, status, _correlated(), media_type="application/json; charset=utf-8")
        await _answer(response, scope, receive, send)

    return act


async def _redirect(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    refused = responses.refusal_response(
        refuse_with_status(307, headers=(("Location", "/elsewhere"),)), responses.new_correlation_id()
    )
    await _answer(refused, scope, receive, send)


async def _empty(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await receiver.complete(scope, receive)
    await Response(b"", 200, _correlated())(scope, receive, send)


async def _slow(receiver: FaultyReceiver, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    messages = await receiver.complete(scope, receive)
    await asyncio.sleep(fault.seconds)
    for message in messages:
        await send(message)


async def _lose(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
    await receiver.complete(scope, receive)
    await _hang_up(scope, receive)


async def _cut(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    start, *rest = await receiver.complete(scope, receive)
    body = b"".join(message.get("body", b"") for message in rest)
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _hang_up(scope, receive)


async def _unknown_code(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    refusal = Refusal(400, AnswerError(_UNPUBLISHED, "NotPublished", "A code that no sender knows"))
    await _answer(responses.refusal_response(refusal, responses.new_correlation_id()), scope, receive, send)


async def _changed(
    receiver: FaultyReceiver, scope: Scope, receive: Receive, send: Send, change: Callable[[Message], Message]
) -> None:
    """Let the receiver store the message, and change the status and headers of its answer."""
    start, *rest = await receiver.complete(scope, receive)
    for message in (change(start), *rest):
        await send(message)


async def _anonymous(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    name = headers.CORRELATION_ID.lower().encode()

    def without(start: Message) -> Message:
        return {**start, "headers": [field for field in start["headers"] if field[0].lower() != name]}

    await _changed(receiver, scope, receive, send, without)


async def _created(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    def created(start: Message) -> Message:
        return {**start, "status": 201 if start["status"] == 200 else start["status"]}  # noqa: PLR2004

    await _changed(receiver, scope, receive, send, created)


async def _connection_reset(_: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
    incoming = RequestStream(receive)
    await incoming.drain()
    await _hang_up(scope, receive, "abort")


async def _storage(receiver: FaultyReceiver, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    async with receiver.no_storage():
        messages = await receiver.complete(scope, receive)
    for message in messages:  # not before the table is back: the sender may send again at once
        await send(message)


async def _keys(receiver: FaultyReceiver, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.kind == "keys-down":
        response = responses.refusal_response(refuse_with_status(503), responses.new_correlation_id())
    else:
        fixed = {**_correlated(), "Cache-Control": "no-store"}
        response = Response(receiver.bad_keys(fault.kind), 200, fixed, media_type="application/json; charset=utf-8")
    await response(scope, receive, send)


def _correlated() -> dict[str, str]:
    return {headers.CORRELATION_ID: responses.new_correlation_id()}


async def _hang_up(scope: Scope, receive: Receive, way: str = "close") -> None:
    """End the connection, and wait until it has ended. With `close`, what has been written is still sent."""
    scope["extensions"][HANG_UP][way]()
    while (await receive())["type"] != "http.disconnect":
        pass


ACTIONS: Mapping[str, Action] = {
    "code": _code,
    "status": _status,
    "lose": _lose,
    "cut": _cut,
    "slow": _slow,
    "html": _html,
    "empty": _empty,
    "undelivered": _undelivered,
    "delivered-500": _delivered_with(500),
    "delivered-400": _delivered_with(400),
    "nonce": _nonce,
    "redirect": _redirect,
    "unknown-code": _unknown_code,
    "anonymous": _anonymous,
    "created": _created,
    "reset": _connection_reset,
    "storage": _storage,
    "keys-expired": _keys,
    "keys-weak": _keys,
    "keys-down": _keys,
}
"""How each kind of fault at the receiver is applied."""


class FaultyHelseId:
    """HelseID with the fault queue in front of it. Broken tokens are made by `TokenFactory`, where tokens are signed.

    `organisation` tells from a token request's form for which organisation it is.
    """

    def __init__(self, app: ASGIApp, faults: FaultQueue, organisation: Callable[[bytes], str | None]) -> None:
        self._app, self._faults, self._organisation = app, faults, organisation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or apply the fault that it meets."""
        if scope["type"] != "http" or scope["path"] != TOKEN_PATH or self._faults.is_empty:
            await self._app(scope, receive, send)
            return
        events = await _whole(receive)
        form = b"".join(event.get("body", b"") for event in events)
        facts = facts_of(scope, self._organisation(form) or "")
        CURRENT_FACTS.set(facts)
        fault = self._faults.take("token", {"token-down", "token-nonce"}, facts)
        if fault is None:
            await self._app(scope, _again(events, receive), self._unbound(scope, send, facts))
            return
        scope.setdefault("state", {})[FAULT_NAME] = fault.name
        await _answer(_refused_token(fault), scope, _again(events, receive), send)

    def _unbound(self, scope: Scope, send: Send, facts: RequestFacts) -> Send:
        """Turns `DPoP` into `Bearer` in an answer with a token, when that fault is in the queue."""
        start: list[Message] = []

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
                return
            granted = start[0]["status"] == 200  # noqa: PLR2004
            if granted and (fault := self._faults.take("token", {"token-bearer"}, facts)):
                scope.setdefault("state", {})[FAULT_NAME] = fault.name
                message = {**message, "body": message["body"].replace(b'"DPoP"', b'"Bearer"')}
            length = (b"content-length", str(len(message["body"])).encode())
            kept = [field for field in start[0]["headers"] if field[0] != b"content-length"]
            await send({**start[0], "headers": [*kept, length]})
            await send(message)

        return changed


async def _whole(receive: Receive) -> list[Message]:
    """The events of a form: read before it is known whether a fault is for it; one that is too large, only so far."""
    events, size = [], 0
    while size <= MOST_FORM:
        event = await receive()
        events.append(event)
        size += len(event.get("body", b""))
        if event["type"] == "http.disconnect" or not event.get("more_body", False):
            break
    return events


def _again(events: list[Message], receive: Receive) -> Receive:
    """A `receive` that gives the events first, and then what comes after them."""
    left = iter(events)

    async def received() -> Message:
        event = next(left, None)
        return await receive() if event is None else event

    return received


def _refused_token(fault: Fault) -> Response:
    if fault.kind == "token-down":
        return Response(_HTML.replace(b"502 Bad Gateway", b"503 Service Unavailable"), 503, media_type="text/html")
    problem = orjson.dumps({"error": "use_dpop_nonce"})
    nonce = {headers.DPOP_NONCE: secrets.token_urlsafe(18), "Cache-Control": "no-store"}
    return Response(problem, 400, nonce, media_type="application/json")
