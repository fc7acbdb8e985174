"""Requests that are nearly right: none is answered by a fault of ours, none leaves a trace of one.

How many stands in `support.effort`.
"""

from __future__ import annotations

import asyncio
import collections
import os
import random
import socket
import uuid
from typing import Any

import pytest

from ktt.testing.sandbox.server import ListeningApp, ServerThread, listen
from ktt.wire.answers import parse_answer
from support import effort
from support.receiver_harness import message
from support.receiver_mutations import Mutations, Request

SEED = int(os.environ.get("KTT_SEED", "1"))


async def ask(app: Any, request: Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """One request, in pieces, as a server hands it over."""
    pieces = [request.body[at : at + 700] for at in range(0, len(request.body), 700)] or [b""]
    events = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    events[-1]["more_body"] = False
    said: list[Any] = []

    async def receive() -> Any:
        return events.pop(0) if events else await asyncio.Event().wait()

    async def send(event: Any) -> None:
        said.append(event)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode("utf-8", "replace"),
        "query_string": request.query,
        "root_path": "",
        "headers": request.fields,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start, *rest = said
    return start["status"], start["headers"], b"".join(event.get("body", b"") for event in rest)


def test_none_is_answered_by_a_fault_of_ours(make_receiver, caplog):
    receiver = make_receiver(open_checks_per_minute=10**9, posts_per_client=10**6)
    mutations = Mutations(receiver, SEED)
    statuses: collections.Counter[tuple[str, int]] = collections.Counter()

    async def ask_all() -> None:
        for _ in range(effort.RECEIVER_REQUESTS):
            request = mutations.next()
            status, fields, body = await ask(receiver.app, request)
            statuses[request.what, status] += 1
            assert 200 <= status < 500, (request, body)
            given = [value for name, value in fields if name.lower() == b"x-correlation-id"]
            assert len(given) == 1, request
            assert uuid.UUID(given[0].decode()), request
            if status >= 400 and request.method != "HEAD":
                said = parse_answer(body)
                assert said is not None, (request, body)
                assert said.errors, (request, body)

    asyncio.run(ask_all())
    assert "unexpected" not in caplog.text
    assert "Traceback" not in caplog.text
    assert {status for _, status in statuses} >= {200, 400, 401, 404, 405}, "they reach all depths"
    assert receiver.post(message()).status == 200, "and it still stands"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_bytes_on_the_wire_make_it_fall(make_receiver, caplog):
    """Below HTTP: noise, and requests with bytes turned, at a real socket."""
    receiver = make_receiver()
    listener = listen(0, "port")
    servers = ServerThread([ListeningApp(receiver.app, listener)])
    servers.start()
    noise = random.Random(SEED)
    right = b"POST /check?type=KTT_Vedtak HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    answered = 0
    try:
        for _ in range(effort.RECEIVER_BYTES):
            spoilt = bytearray(right)
            for _ in range(noise.choice((1, 2, 8))):
                spoilt[noise.randrange(len(spoilt))] = noise.randrange(256)
            sent = bytes(spoilt) if noise.random() < 0.8 else noise.randbytes(200)
            told = say(listener.getsockname()[1], sent)
            answered += bool(told)
            assert told == b"" or told.startswith(b"HTTP/1.1 "), sent
            assert b"HTTP/1.1 5" not in told, (sent, told)
        told = say(listener.getsockname()[1], right, patience=10)
        assert told.startswith((b"HTTP/1.1 200", b"HTTP/1.1 429"))
    finally:
        servers.stop()
    assert answered > effort.RECEIVER_BYTES / 4, "much of it is so nearly right that it is answered"
    assert "Traceback" not in caplog.text
    assert "unexpected" not in caplog.text


def say(port: int, sent: bytes, *, patience: float = 0.05) -> bytes:
    """Send, and read what is answered soon; a request that is not complete is not answered at all."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        line.sendall(sent)
        try:
            return line.recv(65_536)
        except (ConnectionResetError, TimeoutError):
            return b""
