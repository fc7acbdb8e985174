"""The recorded requests of a case on the page: what was asked, what it carried, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import orjson

from ktt.core.text import Text

_PARTS = (
    ("headers", Text("Hoder", "Headers")),
    ("token", Text("Token (dekodet)", "Token (decoded)")),
    ("proof", Text("Bevis (dekodet)", "Proof (decoded)")),
    ("form", Text("Skjema", "Form")),
    ("assertion", Text("Klientpåstand (dekodet)", "Client assertion (decoded)")),
    ("payload", Text("Melding (dekryptert, personnumre skjult)", "Message (decrypted, persons' numbers hidden)")),
    ("answer_headers", Text("Svarets hoder", "The answer's headers")),
    ("answer", Text("Svar", "Answer")),
)
_FAULT = Text("bestilt feil", "fault asked for")
_NO_ANSWER = Text("intet svar", "no answer")


def requests_shown(requests: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each request, folded; its first line says the most."""
    for place, request in enumerate(requests, 1):
        yield f'<details class="request"><summary>{_headline(request, place)}</summary>'
        for name, title in _PARTS:
            if request.get(name):
                yield f'<h4>{escape(title.nb)} · <span lang="en">{escape(title.en)}</span></h4>'
                yield f"<pre>{escape(_written(request[name]))}</pre>"
        yield "</details>"


def _headline(request: dict[str, Any], place: int) -> str:
    number = request.get("number", place)
    status = request.get("status") or f"{_NO_ANSWER.nb} / {_NO_ANSWER.en}"
    codes = ", ".join(_codes(request.get("answer")))
    said = f"Nr. {number}: {request['method']} {request['path']} → {status}{f' ({codes})' if codes else ''}"
    fault = request.get("fault")
    more = f" · {_FAULT.nb} / {_FAULT.en}: {fault}" if fault else ""
    size = request.get("body_bytes") or 0
    return escape(said + (f" · {size} B" if size else "") + more)


def _codes(answer: Any) -> list[str]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return [str(error.get("errorCode")) for error in errors or () if isinstance(error, dict) and error.get("errorCode")]


def _written(value: Any) -> str:
    """Headers as lines, JSON indented, text as it is; a message is JSON again where it can be."""
    if isinstance(value, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):  # noqa: PLR2004
        return "\n".join(f"{name}: {text}" for name, text in value)
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError:
            return str(value)
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
