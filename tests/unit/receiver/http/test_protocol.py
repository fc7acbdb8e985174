"""Below the application: what is no HTTP, and headers without end, are answered in the same shape; a refused sender
lives to read why. Real sockets, real server.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Iterator

import pytest
from starlette.types import ASGIApp

from ktt.receiver.http import deadlines, protocol
from ktt.receiver.http.concurrency_limit import ConcurrencyLimit
from ktt.testing.sandbox.server import ListeningApp, ServerThread, listen
from ktt.wire import headers
from support.receiver_harness import Post, ReceiverHarness
from support.receiver_sockets import ask, connect, is_closed, readable


@pytest.fixture(scope="module")
def served(receiver: ReceiverHarness) -> Iterator[tuple[ReceiverHarness, int]]:
    listener = listen(0, "port")
    servers = ServerThread([ListeningApp(receiver.app, listener)])
    servers.start()
    yield receiver, listener.getsockname()[1]
    servers.stop()


NO_HTTP = [
    b"hello\r\n\r\n",
    b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST /message HTTP/1.1\r\nbad header\r\n\r\n",
]


@pytest.mark.parametrize("raw", NO_HTTP)
def test_what_is_no_http_is_answered_alike(served, raw: bytes):
    assert readable(ask(served[1], raw)) == 400


def test_headers_without_end_are_cut_off(served):
    endless = b"GET /keys HTTP/1.1\r\nHost: a\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 1000) for n in range(140))
    assert readable(ask(served[1], endless)) == 431


def test_one_header_without_end_is_cut_off(served):
    pieces = [b"GET /keys HTTP/1.1\r\nHost: a\r\nx-long: "] + [b"y" * 10_100] * 13
    assert readable(ask(served[1], *pieces)) == 431


def test_trailers_without_end_are_cut_off(served):
    _, port = served
    head = b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head)
        with pytest.raises(ConnectionError):
            pour(line, (b"x-%d: y\r\n" % n for n in range(100_000)))


@pytest.mark.parametrize(
    "endless",
    [b"0\r\nx-long: ", b"0\r\n", b"1;a=", b"1\r\nx\r\n0;a=", b"1\r\nx\r\n0\r\nx-", b"00000000000000000000"],
    ids=["one field", "fields", "extension", "extension of the last chunk", "name", "length"],
)
def test_what_is_no_content_of_a_chunked_body_is_bounded(served, endless: bytes):
    head = b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    more = b"x: y\r\n" * 2_000 if endless == b"0\r\n" else b"0" * 10_000
    with socket.create_connection(("127.0.0.1", served[1]), timeout=20) as line:
        line.sendall(head + endless)
        with pytest.raises(ConnectionError):
            pour(line, (more for _ in range(2_000)))


def chunked(receiver: ReceiverHarness, moved: set[str]) -> tuple[bytes, bytes]:
    """A message in one chunk, some of its header fields after it."""
    fields, body = receiver.request(Post(receiver.clock.now()))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if name not in moved)
    tail = "".join(f"{name}: {value}\r\n" for name, value in fields if name in moved)
    start = f"POST /message HTTP/1.1\r\nHost: a\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    return start, b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, tail.encode())


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (set(), 200),
        ({"Authorization"}, 401),
        ({"DPoP"}, 401),
        ({"Authorization", "DPoP"}, 401),
        ({headers.VENDOR}, 400),
        (set(headers.REQUIRED), 400),
        ({"Content-Type"}, 400),
    ],
)
def test_a_trailer_field_is_no_header(served, moved: set[str], expected: int):
    receiver, port = served
    assert ask(port, b"".join(chunked(receiver, moved)))[0] == expected
    assert ask(port, *chunked(receiver, moved))[0] == expected


def test_trailer_fields_are_allowed_and_change_nothing(served):
    receiver, port = served
    start, body = chunked(receiver, set())
    more = body[:-2] + b"Authorization: DPoP x\r\nDPoP: y\r\nContent-Encoding: gzip\r\nx-any: z\r\n\r\n"
    assert ask(port, start + more)[0] == 200


def pour(line: socket.socket, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        line.sendall(piece)


def test_a_large_body_before_the_next_request_is_no_header(served):
    body = b"x" * 200_000
    first = b"POST /keys HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", served[1]), timeout=20) as line:
        line.sendall(first + body + b"GET /health/live HTTP/1.1\r\nHost: a\r\n")
        line.sendall(b"Connection: close\r\n\r\n")
        received = b""
        while piece := line.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 ") == 2
    assert b" 431 " not in received


def test_a_web_socket_is_not_offered(served):
    upgrade = b"GET /message HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert readable(ask(served[1], upgrade)) == 405


def test_a_refused_sender_can_finish_and_read_why(served):
    """16 MB after a refusal: were the line cut, a sender that reads only when it has sent would never learn."""
    head = b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 16000000\r\n\r\n"
    status, headers, body = ask(served[1], head, *[b"A" * 1_000_000] * 16)
    assert (status, json.loads(body)["errors"][0]["errorCode"]) == (413, 2009)
    assert "connection" not in headers, "the line stays open for the next"


def test_a_sender_that_asks_first_is_told_before_it_sends(served):
    head = b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    status, headers, _ = ask(served[1], head)
    assert (status, headers["connection"]) == (401, "close")


def test_chunked_and_slow_is_fine(served):
    receiver, port = served
    fields, body = receiver.request(Post(receiver.clock.now()))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    start = f"POST /message HTTP/1.1\r\nHost: a\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    pieces = [body[at : at + 500] for at in range(0, len(body), 500)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    status, _, answer = ask(port, start, *chunks, b"0\r\n\r\n")
    assert (status, json.loads(answer)["delivered"]) == (200, True)


def serving(app: ASGIApp) -> Iterator[int]:
    listener = listen(0, "port")
    servers = ServerThread([ListeningApp(app, listener)])
    servers.start()
    yield listener.getsockname()[1]
    servers.stop()


@pytest.fixture
def crowded(receiver: ReceiverHarness) -> Iterator[int]:
    """A receiver that lets four requests in at a time."""
    yield from serving(ConcurrencyLimit(receiver.app, 4))


PROMISED = b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize(("length", "status"), [(1_000, b"401"), (16_000_000, b"413"), (10**15, b"413")])
def test_what_the_headers_tell_is_answered_before_the_body(served, length: int, status: bytes):
    began = time.monotonic()
    with connect(served[1], PROMISED % length) as line:
        assert line.recv(65_536)[9:12] == status
    assert time.monotonic() - began < 5.0


def test_strangers_who_promise_bodies_hold_no_places(crowded):
    strangers = [connect(crowded, PROMISED % 1_000 + b"x" * (number % 2)) for number in range(540)]
    assert {line.recv(65_536)[9:12] for line in strangers} == {b"401"}
    began = time.monotonic()
    with connect(crowded, b"GET /keys HTTP/1.1\r\nHost: a\r\n\r\n") as line:
        assert line.recv(65_536)[9:12] == b"200"
    assert time.monotonic() - began < 5.0
    assert sum(is_closed(line) for line in strangers) >= 400, "only so many are drained at a time"
    for line in strangers:
        line.close()


def test_a_sender_that_closes_after_the_answer_reads_it_too(served):
    """Ended at once, a connection that still sends would be reset, and the answer with it."""
    head = b"POST /message HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000000\r\n\r\n"
    status, fields, _ = ask(served[1], head, *[b"A" * 1_000_000] * 8)
    assert (status, fields["connection"]) == (401, "close")


SLOW = {
    "nothing": [b""],
    "headers that never end": [b"GET /keys HTTP/1.1\r\nHost: a\r\n", *[b"x: y\r\n"] * 1_000],
    "blank lines": [b"\r\n"] * 1_000,
    "blank lines after an answer": [b"GET /keys HTTP/1.1\r\nHost: a\r\n\r\n", *[b"\r\n"] * 1_000],
    "a body after an answer": [PROMISED % 100_000, *[b"x"] * 1_000],
    "a chunked body after an answer": [
        b"POST /message HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"1\r\nx\r\n"] * 1_000,
    ],
    "a body after a last answer": [PROMISED.replace(b"Host", b"Connection: close\r\nHost") % 9_000, *[b"x"] * 1_000],
}


@pytest.mark.parametrize("pieces", SLOW.values(), ids=SLOW)
def test_a_slow_stranger_is_cut_off(served, monkeypatch, pieces: list[bytes]):
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(deadlines, "_DRAIN_SECONDS", 0.3)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", served[1]), timeout=20) as line:
        for piece in pieces:
            try:
                line.sendall(piece)
            except OSError:
                break
            if is_closed(line):
                break
        while not is_closed(line):
            assert time.monotonic() - began < 10.0
    assert time.monotonic() - began < 15.0


def test_a_body_without_end_after_an_answer_is_cut_off(served, monkeypatch):
    monkeypatch.setattr(deadlines, "_DRAIN_BYTES", 2**20)
    with connect(served[1], PROMISED % 10**9) as line, pytest.raises(ConnectionError):
        pour(line, (b"x" * 100_000 for _ in range(1_000)))
