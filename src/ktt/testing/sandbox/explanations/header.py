"""The explanation as a header of the answer, for a client whose developer does not look at the sandbox meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.testing.sandbox.faults.recorder import RECORDED, RecordedRequest

EXPLANATION = "X-Sandbox-Explanation"


class Explained:
    """A service of the sandbox whose refusals carry row, sentence and remedy in English. Recorded requests only."""

    def __init__(self, app: ASGIApp, explain: Callable[[RecordedRequest], dict[str, Any] | None]) -> None:
        self._app, self._explain = app, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def explained(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope["state"][RECORDED], message)
            await send(message)

        await self._app(scope, receive, explained if scope["type"] == "http" else send)

    def _add(self, request: RecordedRequest, message: Message) -> None:
        found = self._explain(request)
        if found is not None:
            words = f"{found['row']}: {found['says']['en']} {found['remedy']['en']}"
            MutableHeaders(raw=message["headers"])[EXPLANATION] = words.encode("ascii", "replace").decode("ascii")
