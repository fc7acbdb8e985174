"""Errors of our own addresses as problems (RFC 9457) that FHI's client can read too.

The receiver's front makes every refusal, its own and the framework's, in FHI's shape. Here that answer is given the
members of a problem as well, in one place for all of our addresses: none can forget it.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.types import Message, Scope, Send

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.receiver.api.problem_texts import TEXTS
from ktt.wire.answers import parse_answer

MEDIA_TYPE = "application/problem+json"
FAULT = "ktt.fault"
"""The member of a request's `state` that holds the KttError behind a refusal, when there is one."""

_REFUSED = 400
_UNKNOWN = "InternalServerError"


def sending(send: Send, scope: Scope) -> Send:
    """A `send` through which refusals leave as problems. They come in one piece."""
    begun: list[Message] = []

    async def said(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= _REFUSED:
            begun.append(message)
            return
        if begun and message["type"] == "http.response.body":
            start = begun.pop()
            body = problem(start["status"], message.get("body", b""), scope["state"])
            await send({**start, "headers": _headers(start, body)})
            message = {**message, "body": b"" if scope["method"] == "HEAD" else body}
        await send(message)

    return said


def problem(status: int, body: bytes, state: dict[str, Any]) -> bytes:
    """The refusal in FHI's shape, as a problem that still has that shape."""
    said = parse_answer(body)
    name = said.errors[0].name if said is not None and said.errors else _UNKNOWN
    title, detail, code = _words(name, state.get(FAULT))
    members = orjson.loads(body) if said is not None else {"delivered": False, "errors": []}
    return orjson.dumps(
        {
            "type": f"/swagger#{name}",
            "title": title.nb,
            "status": status,
            "detail": detail.nb,
            "instance": f"urn:uuid:{state['correlation_id']}",
            "code": code,
            "title_en": title.en,
            "detail_en": detail.en,
            **members,
        }
    )


def _words(name: str, fault: KttError | None) -> tuple[Text, Text, str]:
    if fault is not None:
        return fault.says(), fault.advises(), fault.code
    return *TEXTS.get(name, TEXTS[_UNKNOWN]), name


def _headers(start: Message, body: bytes) -> list[tuple[bytes, bytes]]:
    kept = [field for field in start["headers"] if field[0].lower() not in {b"content-type", b"content-length"}]
    made = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    return [*kept, *made]
