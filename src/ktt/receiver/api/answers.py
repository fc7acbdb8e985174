"""Successful answers of our own addresses, each with its correlation id."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ktt.wire import headers

JSON = "application/json; charset=utf-8"
_NOT_CACHED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_CACHED = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def json_response(request: Request, data: Any) -> Response:
    """JSON that is true now and must not be cached."""
    return Response(msgspec.json.encode(data), 200, _correlated(request, _NOT_CACHED), media_type=JSON)


def cacheable_response(request: Request, body: bytes, media_type: str = JSON, **more: str) -> Response:
    """Content that changes with a new version of the program only; a cache may keep it for five minutes."""
    return Response(body, 200, _correlated(request, _CACHED) | more, media_type=media_type)


def _correlated(request: Request, fixed: dict[str, str]) -> dict[str, str]:
    return {**fixed, headers.CORRELATION_ID: str(request.state.correlation_id)}
