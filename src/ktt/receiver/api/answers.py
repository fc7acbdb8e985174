"""What our addresses answer when all is well: JSON with a correlation id, never kept by anyone on the way."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ktt.wire import headers

JSON = "application/json; charset=utf-8"
_FRESH = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_KEPT = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def fresh(request: Request, data: Any) -> Response:
    """Something that is true now."""
    return Response(msgspec.json.encode(data), 200, _correlated(request, _FRESH), media_type=JSON)


def kept(request: Request, body: bytes, media_type: str = JSON, **more: str) -> Response:
    """Something that changes with a new version of the program only."""
    return Response(body, 200, _correlated(request, _KEPT) | more, media_type=media_type)


def _correlated(request: Request, fixed: dict[str, str]) -> dict[str, str]:
    return {**fixed, headers.CORRELATION_ID: str(request.state.correlation_id)}
