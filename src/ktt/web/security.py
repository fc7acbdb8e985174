"""Who may see a page of this machine: browsers on this machine, by an address of this machine, from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.core.text import Text

_NAMES = ("127.0.0.1", "localhost")
_SAFE = frozenset({"GET", "HEAD"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with `no-referrer` a browser sends `Origin: null` from our own forms too
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer: nothing is run or fetched but our own files, and nobody else's page may show or read ours."""

_NOT_LOOPBACK = Text(nb="Sidene er bare for denne maskinen.", en="The pages are for this machine alone.")
_WRONG_HOST = Text(
    nb="Åpne sidene som http://127.0.0.1 med porten deres.", en="Open the pages as http://127.0.0.1 with their port."
)
_OTHER_ORIGIN = Text(
    nb="En annen side kan ikke gjøre noe her. Bruk knappene på siden selv.",
    en="Another page can do nothing here. Use the buttons of the page itself.",
)


class LoopbackPages:
    """Pages for this machine. A request from elsewhere, under another name or by another page's form is refused.

    The name is checked since a stranger's page may let its own name lead to 127.0.0.1 (DNS rebinding) and would then
    count as the same origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the pages, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(raw=message["headers"]).update(HEADERS)
            await send(message)

        refused = _refusal(scope)
        await (self._app if refused is None else refused)(scope, receive, guarded)


def _refusal(scope: Scope) -> PlainTextResponse | None:
    given = Headers(scope=scope)
    host = given.get("host", "")
    if not ip_address(scope["client"][0]).is_loopback:
        return _refused(403, _NOT_LOOPBACK)
    if host not in {f"{name}:{scope['server'][1]}" for name in _NAMES}:
        return _refused(421, _WRONG_HOST)
    if scope["method"] not in _SAFE and given.get("origin") != f"http://{host}":
        return _refused(403, _OTHER_ORIGIN)
    return None


def _refused(status: int, says: Text) -> PlainTextResponse:
    return PlainTextResponse(f"{says.nb}\n{says.en}\n", status)
