"""Answers instead of HelseID or the receiver what no fault of the sandbox does: lists of keys, redirects, a base path."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.wire import headers

BASE_PATH = "/slash"
"""A base path under which the receiver answers too, for the cases about `htu`."""

ELSEWHERE = "/elsewhere"
"""Where redirects lead. A request to this address has followed one."""


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """A fixed answer that is given instead of the service's own."""

    status: int
    body: bytes = field(default=b"", repr=False)
    fields: tuple[tuple[str, str], ...] = ()

    def response(self) -> Response:
        """The answer as it is sent: JSON, not to be cached, with a correlation id."""
        fixed = {"Cache-Control": "no-store", headers.CORRELATION_ID: "7b0b8e52-7c0e-4d3a-9a6e-2f1f0c5e9d10"}
        return Response(self.body, self.status, {**fixed, **dict(self.fields)}, media_type="application/json")


REDIRECT = CannedResponse(307, b"{}", (("Location", ELSEWHERE),))
"""A redirect to another address on the same host."""


class Interceptor:
    """Sits in front of both services, behind the recorder. `responses` are the answers that are given, by path."""

    def __init__(self) -> None:
        self.responses: dict[str, CannedResponse] = {}

    def clear(self) -> None:
        """Let every request pass."""
        self.responses = {}

    def intercept(self, app: ASGIApp, service: str) -> ASGIApp:
        """The service with the interceptor in front of it."""

        async def intercepted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path = scope["path"]
            if service == "mottak" and path.startswith(f"{BASE_PATH}/"):
                path = path.removeprefix(BASE_PATH)
            response = self.responses.get(path)
            if response is None:
                await app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
                return
            while (await receive()).get("more_body", False):
                pass
            await response.response()(scope, receive, send)

        return intercepted
