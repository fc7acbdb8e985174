"""Refusals of our own addresses as problems (RFC 9457) that FHI's client can read too.

`RefusalMiddleware` renders every refusal of these addresses with `problem_response`, the framework's own included, so no
endpoint can forget it.
"""

from __future__ import annotations

import orjson
from starlette.responses import Response

from ktt.core.text import Text
from ktt.receiver.api.problem_texts import TEXTS
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.http.responses import refusal_response
from ktt.wire.answers import answer_members

MEDIA_TYPE = "application/problem+json"
_UNKNOWN = "InternalServerError"


def problem_response(refusal: Refusal, correlation: str) -> Response:
    """The response to a refused request."""
    return refusal_response(refusal, correlation, problem(refusal, correlation), MEDIA_TYPE)


def problem(refusal: Refusal, correlation: str) -> bytes:
    """The body: the members of a problem beside those of FHI's shape."""
    name = refusal.errors[0].name if refusal.errors else _UNKNOWN
    title, detail, code = _words(name, refusal)
    return orjson.dumps(
        {
            "type": f"/swagger#{name}",
            "title": title.nb,
            "status": refusal.status,
            "detail": detail.nb,
            "instance": f"urn:uuid:{correlation}",
            "code": code,
            "title_en": title.en,
            "detail_en": detail.en,
            **answer_members(delivered=False, errors=refusal.errors),
        }
    )


def _words(name: str, refusal: Refusal) -> tuple[Text, Text, str]:
    """Title, detail and code."""
    if refusal.fault is not None:
        return refusal.fault.says(), refusal.fault.advises(), refusal.fault.code
    return *TEXTS.get(name, TEXTS[_UNKNOWN]), name
