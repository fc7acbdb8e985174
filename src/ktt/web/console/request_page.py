"""One request on a page: verdict first, then the answer, the message with its findings, and what proves who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ktt.core.html.environment import pretty
from ktt.core.text import Text
from ktt.testing.conformance.report.evidence import hidden
from ktt.testing.sandbox.faults.faults import FAULT_KINDS
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.faults.request_view import plaintext, view
from ktt.web.console.claims import parts
from ktt.web.console.console import SITE, Console, go_to, nothing_here
from ktt.web.console.content import WORDS, Content, content_of
from ktt.web.console.examples import after_sending
from ktt.web.console.request_list import line, message_kind
from ktt.web.console.snippets import snippets
from ktt.web.site import Visit
from ktt.wire import headers

_TITLE = Text(nb="Forespørsel {number}: {word}", en="Request {number}: {word}")
_UNKNOWN = Text(
    nb="Forespørselen er ikke her. Sandkassen husker de siste 500, til den stoppes eller de glemmes.",
    en="The request is not here. The sandbox remembers the last 500, until it is stopped or they are forgotten.",
)
_NO_MESSAGE = Text(
    nb="Forespørselen er ikke en melding som kan åpnes.", en="The request is not a message that can be opened."
)


def request_page(console: Console, visit: Visit) -> Response:
    """`/requests/N`."""
    request = _find(console, visit)
    if request is None:
        return nothing_here(visit, _UNKNOWN)
    shown = {**view(request, console.control.keys), "explanation": console.control.explain(request)}
    summary = line(console, request)
    masked = visit.asked("numbers") != "shown"
    content = _content(console, request, shown, masked=masked)
    return SITE.page(
        visit,
        "request.html.jinja",
        title=_TITLE.format(number=str(request.number), word=summary.verdict.word),
        request=request,
        shown=shown,
        line=summary,
        explanation=shown["explanation"],
        parts=parts(shown, checked=_was_checked(request)),
        envelope=_envelope(request, shown),
        answer=_answer(shown, request),
        fields=[(name, hidden({name: value})[name]) for name, value in shown["headers"]],
        answer_fields=hidden(shown["answer_headers"]),
        form=hidden(shown.get("form")),
        kind=message_kind(request),
        content=content,
        masked=masked,
        ways=_ways(console, request),
        **WORDS,
    )


def _find(console: Console, visit: Visit) -> RecordedRequest | None:
    number = visit.request.path_params["number"]
    return next((one for one in console.control.recorder.after(number - 1) if one.number == number), None)


def _was_checked(request: RecordedRequest) -> bool:
    """Whether the request reached the checks: some faults answer in their place."""
    kind = FAULT_KINDS.get(request.fault or "")
    return request.fault is None or (kind is not None and kind.stored)


def _content(console: Console, request: RecordedRequest, shown: Mapping[str, Any], *, masked: bool) -> Content | None:
    payload = shown.get("payload")
    if payload is None:
        return None
    return content_of(payload, message_kind(request), console.sandbox.settings.packs, console.today, masked=masked)


def _envelope(request: RecordedRequest, shown: Mapping[str, Any]) -> list[tuple[Text, str | Text]]:
    """What can be said of the envelope of a message without opening it, and whether it opened."""
    if not request.address.endswith("/message") or shown["proof"] is None:
        return []
    claims = shown["proof"]["claims"]
    opened = shown.get("payload") is not None
    yes, no = Text(nb="Ja, og hashen stemmer", en="Yes, and the hash fits"), Text(nb="Nei", en="No")
    return [
        (Text(nb="Kryptert innhold, byte", en="Sealed content, bytes"), str(request.body_size)),
        (Text(nb="Mottakets nøkkel", en="The receiver's key"), str(claims.get(headers.CLAIM_KEY_ID, "–"))),
        (
            Text(nb="Hash i beviset (SHA-256)", en="Hash in the proof (SHA-256)"),
            str(claims.get(headers.CLAIM_HASH, "–")),
        ),
        (Text(nb="Kunne åpnes", en="Could be opened"), yes if opened else no),
    ]


def _answer(shown: Mapping[str, Any], request: RecordedRequest) -> str:
    answer = shown.get("answer")
    return pretty(hidden(answer)) if answer is not None else request.answer[:4000].decode("utf-8", "replace")


def _ways(console: Console, request: RecordedRequest) -> list[tuple[str, Text, str]]:
    """For a message of a known type alone: its name stands in lines that people copy into a shell."""
    kind, version = message_kind(request)
    known = {(one.message_type, one.version) for one in console.register.versions}
    if (kind, version) not in known:
        return []
    facts = {
        "console": console.sandbox.console_url,
        "mottak": console.sandbox.mottak_url,
        "number": str(request.number),
    }
    return snippets({**facts, "type": kind, "version": version})


def message_file(console: Console, visit: Visit) -> Response:
    """`/requests/N/message.json`: the message as it was decrypted, byte for byte, as a file."""
    request = _find(console, visit)
    content = None if request is None else plaintext(request, console.control.keys)
    if content is None:
        return nothing_here(visit, _NO_MESSAGE)
    named = {"Content-Disposition": 'attachment; filename="melding.json"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=named)


def replay(console: Console, visit: Visit) -> Response:
    """`POST /requests/N/replay`: the same message, encrypted anew; the page of what came of it."""
    before = console.control.recorder.last
    outcome = console.control.replay(visit.request.path_params["number"])
    return nothing_here(visit, _NO_MESSAGE) if outcome is None else go_to(after_sending(console, before))
