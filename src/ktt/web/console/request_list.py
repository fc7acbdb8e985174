"""The requests as they come: newest first, each with its verdict and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ktt.core.text import Text
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.web.console.console import SITE, Console, at_seconds, go_to
from ktt.web.console.verdict import Verdict, verdict
from ktt.web.site import Visit
from ktt.wire import headers

_SHOWN = 100
_FEW = 8
_TITLE = Text(nb="Forespørsler", en="Requests")
_SERVICES = {"helseid": Text("HelseID", "HelseID"), "mottak": Text(nb="Mottaket", en="The receiver")}


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the list."""

    number: int
    at: str
    service: Text
    asked: str
    kind: str
    milliseconds: int | None
    verdict: Verdict


def lines(console: Console, *, everything: bool, at_most: int) -> list[Line]:
    """The newest requests. Without `everything`, those that the receiver itself made to HelseID are left out."""
    found = [one for one in console.control.recorder.after() if everything or one.sender == "client"]
    return [line(console, one) for one in reversed(found[-at_most:])]


def line(console: Console, request: RecordedRequest) -> Line:
    """One request as the list has it."""
    spent = None if request.ended is None else round((request.ended - request.began) * 1000)
    return Line(
        request.number,
        at_seconds(request.at),
        _SERVICES[request.service],
        f"{request.method} {request.address}",
        message_kind(request)[0],
        spent,
        verdict(request, console.control.explain(request)),
    )


def message_kind(request: RecordedRequest) -> tuple[str, str]:
    """Message type and version as the proof claims them; empty where there is no proof that says."""
    proof = decoded(request.header(headers.DPOP) or "")
    claims = proof["claims"] if proof else {}
    kind, version = (claims.get(name, "") for name in (headers.CLAIM_TYPE, headers.CLAIM_VERSION))
    return (kind, version) if isinstance(kind, str) and isinstance(version, str) else ("", "")


def seen(console: Console) -> str:
    """What changes when the list does: the newest request, how many there are, and how many are answered."""
    kept = console.control.recorder.after()
    return f"{console.control.recorder.last}-{len(kept)}-{sum(one.ended is not None for one in kept)}"


def list_page(console: Console, visit: Visit) -> Response:
    """`/requests`."""
    everything = visit.asked("all") == "1"
    rows = lines(console, everything=everything, at_most=_SHOWN)
    facts: dict[str, Any] = {"rows": rows, "everything": everything, "few": False, "seen": seen(console)}
    return SITE.page(visit, "requests.html.jinja", title=_TITLE, **facts)


def newest(console: Console, visit: Visit) -> Response:
    """`/newest`: the list alone, for the page that shows it; 204 while nothing has changed."""
    now, before = seen(console), visit.asked("seen")
    if now == before:
        return Response(status_code=204)
    everything, few = visit.asked("all") == "1", visit.asked("few") == "1"
    rows = lines(console, everything=everything, at_most=_FEW if few else _SHOWN)
    last = before.partition("-")[0]
    came = console.control.recorder.last - int(last) if last.isdecimal() else 0
    facts: dict[str, Any] = {"rows": rows, "everything": everything, "few": few, "seen": now, "came": max(came, 0)}
    return SITE.page(visit, "newest.html.jinja", title=_TITLE, **facts)


def forget(console: Console, _visit: Visit) -> Response:
    """`POST /requests/forget`: the list is emptied; what was accepted stays."""
    console.control.reset("requests")
    return go_to("/requests")
