"""Our HelseID as an ASGI application. JSON on every answer; one `DPoP-Nonce` where one is due (helseid § 11)."""

from __future__ import annotations

import asyncio

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, JWKS_PATH, MOST_FORM, TOKEN_PATH, HelseId
from ktt.wire import headers

_FORM = "application/x-www-form-urlencoded"

OAUTH_REFUSAL = "ktt.oauth-refusal"
"""The member of a request's `state` that holds why the token endpoint refused it."""


def helseid_app(helseid: HelseId) -> ASGIApp:
    """The three addresses of a HelseID."""

    async def discovery(_request: Request) -> Response:
        return _json(200, helseid.discovery())

    async def jwks(_request: Request) -> Response:
        return _json(200, helseid.keys.jwks())

    async def token(request: Request) -> Response:
        form = await _read_form(request)
        answer = await asyncio.to_thread(helseid.answer, form, request.headers.getlist(headers.DPOP))
        request.scope.setdefault("state", {})[OAUTH_REFUSAL] = answer.refusal
        response = _json(answer.status, answer.body)
        if answer.nonce is not None:
            response.headers[headers.DPOP_NONCE] = answer.nonce
        return response

    routes = [
        Route(DISCOVERY_PATH, discovery),
        Route(JWKS_PATH, jwks),
        Route(TOKEN_PATH, token, methods=["POST"]),
    ]
    return _JsonFaults(Router(routes, redirect_slashes=False))


async def _read_form(request: Request) -> bytes:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _FORM:
        raise HTTPException(415)
    form = bytearray()
    async for chunk in request.stream():
        form += chunk
        if len(form) > MOST_FORM:
            raise HTTPException(413)
    return bytes(form)


_NOT_FOUND = 404
_NOTHING_HERE = f"There is nothing at this address; {DISCOVERY_PATH} names those that are in use"


class _JsonFaults:
    """Answers the framework's own errors with OAuth's JSON."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        try:
            await self._router({**scope, "app": self}, receive, send)
        except HTTPException as fault:
            says = _NOTHING_HERE if fault.status_code == _NOT_FOUND else fault.detail
            problem = {"error": "invalid_request", "error_description": says}
            await _json(fault.status_code, orjson.dumps(problem))(scope, receive, send)


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, {"Cache-Control": "no-store"}, media_type="application/json")
