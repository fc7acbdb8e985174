"""Every answer has a correlation id, a body of FHI's shape and safe headers, whatever its path and status.

FHI's client throws when `X-Correlation-ID` or the JSON body is missing, also when the message was delivered
(transport § 7, § 12.4), so the framework's own answers are made here too.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status
from ktt.receiver.http.request_bodies import ClientDisconnected, RequestStream
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import headers
from ktt.wire.answers import AnswerCode, answer

_log = logging.getLogger(__name__)
_MOST_HEADERS = 64
MOST_HEADER_BYTES = 65_536  # all of them; a proof has up to 8 kB and so has a token (transport § 5)
_MOST_FIELD_BYTES = 16_384
_FIXED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_JSON = "application/json; charset=utf-8"
REFUSAL = "ktt.refusal"
"""The member of a request's `state` that holds the `Refusal` it was answered with."""

KNOWN_CALLER = "ktt.known-caller"
"""A member of a request's `state` once its caller is known, or is a gateway of ours."""

_DELIVERED_BODY = answer(delivered=True)
_CORRELATION = headers.CORRELATION_ID.lower().encode()
_DELIVERED = [
    *((name.lower().encode(), value.encode()) for name, value in _FIXED.items()),
    (b"content-type", _JSON.encode()),
    (b"content-length", str(len(_DELIVERED_BODY)).encode()),
]


def new_correlation_id() -> str:
    """The id of a submission, made here; one that comes in is ignored (transport § 15)."""
    return str(uuid.uuid4())


async def send_delivered(send: Send, correlation: str) -> None:
    """200: the message is stored."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [*_DELIVERED, (_CORRELATION, correlation.encode())]}
    )
    await send({"type": "http.response.body", "body": _DELIVERED_BODY})


def refusal_response(
    refusal: Refusal, correlation: str, body: bytes | None = None, media_type: str = _JSON
) -> Response:
    """The answer of a refusal: FHI's shape, unless another body is given."""
    fixed = {**_FIXED, headers.CORRELATION_ID: correlation, **dict(refusal.headers)}
    shown = answer(delivered=False, errors=refusal.errors) if body is None else body
    return Response(shown, refusal.status, fixed, media_type=media_type)


def _correlation(scope: Scope) -> str:
    return str(scope["state"]["correlation_id"])


class RefusalMiddleware:
    """Gives each request its correlation id, checks its outer form (step 0), and answers refusals and faults.

    `render` makes the response of a refusal, given the correlation id. The refusal is left in the request's state under
    `REFUSAL`, for those who count.
    """

    def __init__(
        self, app: ASGIApp, settings: ReceiverSettings, render: Callable[[Refusal, str], Response] | None = None
    ) -> None:
        self._app, self._settings, self._render = app, settings, render or refusal_response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["correlation_id"] = new_correlation_id()
        stream, sent = RequestStream(receive), _ResponseStream(send)
        try:
            check_request_form(scope, self._settings)
            scope["app"] = self  # with an `app` the router raises its 404 and 405
            await self._app(scope, stream, sent)
        except Refusal as refusal:
            await self._refuse(refusal, scope, stream, sent)
        except HTTPException as fault:
            headers_given = tuple((fault.headers or {}).items())
            await self._refuse(refuse_with_status(fault.status_code, headers=headers_given), scope, stream, sent)
        except ClientDisconnected:
            _log.info("sender went away: correlation=%s", _correlation(scope))
        except Exception as fault:  # noqa: BLE001 - the last-resort handler: a fault is answered, never shown
            _log.error("unexpected %s at %s: correlation=%s", type(fault).__name__, _place(fault), _correlation(scope))
            await self._refuse(refuse_with_status(500), scope, stream, sent)

    async def _refuse(self, refusal: Refusal, scope: Scope, stream: RequestStream, sent: _ResponseStream) -> None:
        if sent.begun:
            return
        scope["state"][REFUSAL] = refusal
        _let_go(refusal)
        response = self._render(refusal, _correlation(scope))
        if _expects_continue(scope) and not stream.begun:  # the body never began, nor will it
            response.headers["Connection"] = "close"
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, stream, sent)


def _let_go(fault: BaseException | None) -> None:
    """Forget the frames that a refusal passed: they hold the message, for as long as the garbage collector does not look."""
    while fault is not None:
        fault.__traceback__ = None
        fault = fault.__cause__ or fault.__context__


def _expects_continue(scope: Scope) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"])


class _ResponseStream:
    """A `send` that remembers whether the answer has begun."""

    def __init__(self, send: Callable[[Message], Awaitable[None]]) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


def check_request_form(scope: Scope, settings: ReceiverSettings) -> None:
    """Step 0 of transport § 9 but for method and path: header sizes, declared length, no Content-Encoding."""
    fields: list[tuple[bytes, bytes]] = scope["headers"]
    sizes = [len(name) + len(value) for name, value in fields]
    if len(fields) > _MOST_HEADERS or sum(sizes) > MOST_HEADER_BYTES or max(sizes, default=0) > _MOST_FIELD_BYTES:
        raise refuse_with_status(431, why="headers")
    length = declared_length(fields)
    if length is not None and length > settings.body_limit:
        raise refuse(AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED, why="declared length")
    if any(name == b"content-encoding" and value.strip().lower() != b"identity" for name, value in fields):
        raise refuse_with_status(415, why="content encoding")


def declared_length(fields: list[tuple[bytes, bytes]]) -> int | None:
    """`Content-Length`; None when the body comes in chunks. The server has checked its form."""
    values = [value for name, value in fields if name == b"content-length"]
    return int(values[0]) if values else None


def _place(fault: BaseException) -> str:
    """Where it was raised: module and line, never the values (a message or a query might hold them)."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
