"""Stands between recorder and services, for what is no fault of theirs: other lists of keys, redirects, a base path."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.wire import headers

BASE_PATH = "/slash"
"""The path under which the receiver also answers, for the cases about `htu`."""

ELSEWHERE = "/elsewhere"
"""Where redirects point; whoever comes there followed one."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer instead of the service's own."""

    status: int
    body: bytes = field(default=b"", repr=False)
    fields: tuple[tuple[str, str], ...] = ()

    def response(self) -> Response:
        """As it is sent: JSON, not to be kept, with a correlation id."""
        fixed = {"Cache-Control": "no-store", headers.CORRELATION_ID: "7b0b8e52-7c0e-4d3a-9a6e-2f1f0c5e9d10"}
        return Response(self.body, self.status, {**fixed, **dict(self.fields)}, media_type="application/json")


REDIRECT = Said(307, b"{}", (("Location", ELSEWHERE),))
"""To another address on the same host."""


class StageDoor:
    """One door for both services. `instead` holds what is answered at an address until it is cleared."""

    def __init__(self) -> None:
        self.instead: dict[str, Said] = {}

    def clear(self) -> None:
        """Let every request through."""
        self.instead = {}

    def before(self, app: ASGIApp, service: str) -> ASGIApp:
        """The same service, behind the door."""

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path = scope["path"]
            if service == "mottak" and path.startswith(f"{BASE_PATH}/"):
                path = path.removeprefix(BASE_PATH)
            said = self.instead.get(path)
            if said is None:
                await app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
                return
            while (await receive()).get("more_body", False):
                pass
            await said.response()(scope, receive, send)

        return answered
