"""Our receiver with one defect at a time, made by an application in front of it.

It repairs wrong requests, so that the receiver accepts them, or changes answers. `DEFECTS` names the case of the suite
that notices each defect.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fields = list[tuple[bytes, bytes]]


def same(value):
    return value


@dataclass(frozen=True)
class Defect:
    """`case` is the case that fails; the functions change the request's headers and body, and the answer."""

    case: str
    fields: Callable[[Fields], Fields] = same
    body: Callable[[bytes], bytes] = same
    answer: Callable[[int, Fields, bytes], tuple[int, Fields, bytes]] = lambda status, fields, body: (
        status,
        fields,
        body,
    )
    path: str = "/message"


def _set(name: bytes, value: bytes) -> Callable[[Fields], Fields]:
    """The header has this value, whatever came."""
    return lambda fields: [*(field for field in fields if field[0] != name), (name, value)]


def _first(name: bytes) -> Callable[[Fields], Fields]:
    """Only the first of several headers with the name is kept."""

    def taken(fields: Fields) -> Fields:
        found = [field for field in fields if field[0] == name]
        return [*(field for field in fields if field[0] != name), *found[:1]]

    return taken


def _without(name: bytes) -> Callable[[Fields], Fields]:
    return lambda fields: [field for field in fields if field[0] != name]


def _rewritten(name: bytes, change: Callable[[bytes], bytes]) -> Callable[[Fields], Fields]:
    return lambda fields: [(key, change(value) if key == name else value) for key, value in fields]


def _filled(name: bytes, value: bytes) -> Callable[[Fields], Fields]:
    return lambda fields: fields if any(key == name for key, _ in fields) else [*fields, (name, value)]


def _padded(body: bytes) -> bytes:
    return body + b"=" * (-len(body) % 4)


def _changed_json(change: Callable[[dict], object]) -> Callable[[int, Fields, bytes], tuple[int, Fields, bytes]]:
    """The JSON of an answer is changed."""

    def answer(status: int, fields: Fields, body: bytes) -> tuple[int, Fields, bytes]:
        root = json.loads(body)
        change(root)
        return status, fields, json.dumps(root).encode()

    return answer


def _errors(change: Callable[[dict], object]) -> Callable[[int, Fields, bytes], tuple[int, Fields, bytes]]:
    return _changed_json(lambda root: [change(error) for error in root["errors"]])


def _status(old: int, new: int) -> Callable[[int, Fields, bytes], tuple[int, Fields, bytes]]:
    return lambda status, fields, body: (new if status == old else status, fields, body)


def _answered(name: bytes, value: bytes | None) -> Callable[[int, Fields, bytes], tuple[int, Fields, bytes]]:
    def answer(status: int, fields: Fields, body: bytes) -> tuple[int, Fields, bytes]:
        kept = [field for field in fields if field[0].lower() != name]
        return status, kept if value is None else [*kept, (name, value)], body

    return answer


def _always_new(status: int, fields: Fields, body: bytes) -> tuple[int, Fields, bytes]:
    return _answered(b"x-correlation-id", str(uuid.uuid4()).encode())(status, fields, body)


def _all_good(_status: int, fields: Fields, _body: bytes) -> tuple[int, Fields, bytes]:
    return 200, fields, b'{"delivered":true,"errors":[]}'


def _weak(status: int, fields: Fields, body: bytes) -> tuple[int, Fields, bytes]:
    listed = json.loads(body)
    return (
        status,
        fields,
        json.dumps([{**entry, "expirationDate": "2020-01-01T00:00:00Z"} for entry in listed]).encode(),
    )


DEFECTS: Mapping[str, Defect] = {
    "says yes to everything": Defect("F505", answer=_all_good),
    "a bearer token will do": Defect("F151", _rewritten(b"authorization", lambda v: b"DPoP " + v.partition(b" ")[2])),
    "the first of two proofs is taken": Defect("F201", _first(b"dpop")),
    "two proofs with a comma": Defect("F202", _rewritten(b"dpop", lambda v: v.partition(b",")[0].strip())),
    "the first of two tokens is taken": Defect("F153", _first(b"authorization")),
    "a missing vendor is filled in": Defect("F300", _filled(b"x-vendor-name", b"unknown")),
    "a missing date is filled in": Defect("F304", _filled(b"x-data-extraction-date", b"01.01.2026")),
    "any date will do": Defect("F314", _set(b"x-data-extraction-date", b"01.01.2026")),
    "any content type will do": Defect("F318", _set(b"content-type", b"text/plain; charset=utf-8")),
    "long names are cut": Defect("F312", _rewritten(b"x-vendor-name", lambda v: v[:100])),
    "the same header twice": Defect("F321", _first(b"x-vendor-name")),
    "compression is overlooked": Defect("F322", _without(b"content-encoding")),
    "line breaks are stripped": Defect("F425", _without(b"content-length"), lambda b: b"".join(b.split())),
    "padding is put back": Defect("F426", _without(b"content-length"), _padded),
    "quotation marks are stripped": Defect("F428", _without(b"content-length"), lambda b: b.strip(b'"')),
    "no correlation id": Defect("N1", answer=_answered(b"x-correlation-id", None)),
    "a correlation id that is no GUID": Defect("N1", answer=_answered(b"x-correlation-id", b"17")),
    "a new receipt for each resend": Defect("N700", answer=_always_new),
    "one receipt for all": Defect("N701", answer=_answered(b"x-correlation-id", str(uuid.uuid4()).encode())),
    "codes as text": Defect("F357", answer=_errors(lambda error: error.update(errorCode=str(error["errorCode"])))),
    "details as a list": Defect("F541", answer=_errors(lambda error: error.update(errorDetails=[]))),
    "no delivered": Defect("N1", answer=_changed_json(lambda root: root.pop("delivered"))),
    "delivered although refused": Defect("F357", answer=_changed_json(lambda root: root.update(delivered=True))),
    "another code": Defect("F357", answer=_errors(lambda error: error.update(errorCode=2006, errorMessage="?"))),
    "500 for the sender's fault": Defect("F357", answer=_status(400, 500)),
    "200 for a refusal": Defect("F505", answer=_status(400, 200)),
    "400 for access": Defect("F150", answer=_status(401, 400)),
    "no challenge": Defect("F243", answer=_answered(b"www-authenticate", None)),
    "html instead of JSON": Defect("F357", answer=lambda s, f, b: (s, f, b"<html></html>" if s >= 400 else b)),
    "an empty refusal": Defect("F150", answer=lambda s, f, b: (s, f, b"" if s == 401 else b)),
    "expired keys are listed": Defect("N31", answer=_weak, path="/keys"),
}
"""The defects, and the case that notices each."""


def with_defect(defect: Defect) -> Callable[[ASGIApp, str], ASGIApp]:
    """What a sandbox is given as `intercept`."""

    def intercept(app: ASGIApp, service: str) -> ASGIApp:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            if service != "mottak" or scope["type"] != "http" or scope["path"] != defect.path:
                await app(scope, receive, send)
                return
            scope = {**scope, "headers": defect.fields(list(scope["headers"]))}
            await app(scope, _changed(receive, defect), _ChangedAnswer(send, defect))

        return broken

    return intercept


def _changed(receive: Receive, defect: Defect) -> Receive:
    if defect.body is same:
        return receive
    done = False

    async def changed() -> Message:
        nonlocal done
        if done:
            return await receive()
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        done = True
        return {"type": "http.request", "body": defect.body(body), "more_body": False}

    return changed


class _ChangedAnswer:
    def __init__(self, send: Send, defect: Defect) -> None:
        self._send, self._defect = send, defect
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        status, fields, body = self._defect.answer(self._start["status"], list(self._start["headers"]), self._body)
        length = (b"content-length", str(len(body)).encode())
        kept = [field for field in fields if field[0].lower() != b"content-length"]
        await self._send({**self._start, "status": status, "headers": [*kept, length]})
        await self._send({"type": "http.response.body", "body": body})
