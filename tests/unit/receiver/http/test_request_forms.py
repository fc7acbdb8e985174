"""Requests whose outer form is odd: what every reader takes alike is taken, and what two might take differently is refused."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ktt.core.http.exchange import converse
from ktt.receiver.http import protocol
from ktt.testing.sandbox.server import ListeningApp, ServerThread, listen
from support.receiver_harness import Post, ReceiverHarness
from support.receiver_service import registered_units
from support.receiver_sockets import ask, connect, is_closed, readable


@pytest.fixture(scope="module")
def served(receiver: ReceiverHarness) -> Iterator[tuple[ReceiverHarness, int]]:
    listener = listen(0, "port")
    servers = ServerThread([ListeningApp(receiver.app, listener)])
    servers.start()
    yield receiver, listener.getsockname()[1]
    servers.stop()


UPGRADES = {
    "Java": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n",
    "only h2c": b"Connection: upgrade\r\nUpgrade: h2c\r\n",
    "TLS": b"Connection: keep-alive, Upgrade\r\nUpgrade: TLS/1.2, HTTP/2.0\r\n",
    "web socket": b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    "and again": b"Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: h2c\r\n",
}


def lines(receiver: ReceiverHarness) -> tuple[bytes, bytes]:
    """Header fields and body of a message."""
    fields, body = receiver.request(Post(receiver.clock.now()))
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode(), body


@pytest.mark.parametrize("offer", UPGRADES.values(), ids=UPGRADES)
@pytest.mark.parametrize("pieces", [1, 2, 50])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_offer_of_another_protocol_changes_nothing(served, offer: bytes, pieces: int, chunked: bool):
    receiver, port = served
    fields, body = lines(receiver)
    length = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % len(body)
    content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    whole = b"POST /message HTTP/1.1\r\nHost: a\r\n" + offer + fields + length + b"\r\n" + content
    size = len(whole) // pieces + 1
    status, _, answer = ask(port, *(whole[at : at + size] for at in range(0, len(whole), size)))
    assert (status, json.loads(answer)["delivered"]) == (200, True)


def test_many_offers_on_one_connection(served):
    offer = b"GET /keys HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with connect(served[1], b"") as line:
        for _ in range(100):
            line.sendall(offer * 10)
            received = b""
            while received.count(b"HTTP/1.1 200 ") < 10 or not received.endswith(b"]"):
                received += line.recv(65_536)


@pytest.mark.parametrize("offer", [b"", UPGRADES["Java"]], ids=["plain", "with offers"])
def test_requests_far_ahead_of_their_answers_end_the_connection(served, offer: bytes):
    request = b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + offer + b"\r\n"
    with connect(served[1], request * 2_000) as line:
        received = read_all(line)
    assert received.count(b"HTTP/1.1 200 ") == received.count(b"HTTP/1.1 ")
    assert 1 <= received.count(b"HTTP/1.1 200 ") <= 40


def read_all(line: socket.socket) -> bytes:
    received = b""
    while piece := line.recv(65_536):
        received += piece
    return received


STRAY = [
    b"\r\n",
    b"x",
    b"\0" * 100,
    b"POST /message HTTP/1.1\r\nbad header\r\n\r\n",
    b"\r\n\r\n{}\r\n\r\n",
    b"0\r\n\r\n",
]


@pytest.mark.parametrize("stray", STRAY)
def test_what_comes_after_a_body_does_not_replace_its_answer(served, stray: bytes):
    receiver, port = served
    fields, body = lines(receiver)
    head = b"POST /message HTTP/1.1\r\nHost: a\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body)
    status, _, answer = ask(port, head + body + stray)
    assert (status, json.loads(answer)["delivered"]) == (200, True)


def test_stray_bytes_after_the_second_of_two_requests(served):
    request = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    with connect(served[1], request * 2 + b"\0\0") as line:
        received = read_all(line)
    assert (received.count(b"HTTP/1.1 200 "), received.count(b"HTTP/1.1 ")) == (2, 2)


def test_a_broken_body_does_not_replace_the_answer_to_the_request_before_it(served):
    request = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    broken = b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"
    with connect(served[1], request + broken) as line:
        received = read_all(line)
    assert (received.count(b"HTTP/1.1 200 "), received.count(b"HTTP/1.1 ")) == (1, 1)


FORMS = {
    "two codings": b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two coding fields": b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another coding": b"POST /keys HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "a coding in 1.0": b"POST /keys HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "2.0": b"GET /keys HTTP/2.0\r\nHost: a\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "0.9": b"GET /keys\r\n\r\n",
    "no host": b"GET /keys HTTP/1.1\r\n\r\n",
    "no host, and an offer": b"GET /keys HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "two hosts": b"GET /keys HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "two hosts in 1.0": b"GET /keys HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n",
    "connect": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS)
def test_what_others_may_read_differently_is_refused(served, raw: bytes):
    assert readable(ask(served[1], raw)) == 400


def test_http_1_0_needs_no_host(served):
    assert ask(served[1], b"GET /keys HTTP/1.0\r\n\r\n")[0] == 200


def test_a_request_that_cannot_be_read_is_a_line_of_the_log(served, caplog):
    ask(served[1], b"hello\r\n\r\n")
    assert [record.name for record in caplog.records] == ["ktt.receiver.http.protocol"]


@pytest.mark.parametrize(("authenticated", "closed"), [(False, True), (True, False)])
def test_an_idle_connection_is_closed_sooner_before_its_caller_is_known(served, monkeypatch, authenticated, closed):
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.2)
    receiver, port = served
    fields, body = lines(receiver)
    fields = fields if authenticated else b""
    with connect(
        port, b"POST /message HTTP/1.1\r\nHost: a\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body)
    ) as line:
        line.sendall(body)
        assert line.recv(65_536)[9:12] == (b"200" if authenticated else b"401")
        assert closes(line, 10.0 if closed else 1.0) is closed


def closes(line: socket.socket, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not is_closed(line) and time.monotonic() < until:
        time.sleep(0.05)
    return is_closed(line)


def test_a_connection_is_idle_after_a_body_that_came_after_its_answer(served, monkeypatch):
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.2)
    with connect(served[1], b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n") as line:
        assert line.recv(65_536)[9:12] == b"401"
        line.sendall(b"0123456789")
        assert closes(line, 10.0)


def whole_answer(line):
    """One answer to its end, however many packets it comes in; what begins the next is not read."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    fields = dict(field.lower().split(b": ", 1) for field in head.split(b"\r\n")[1:-2])
    left = int(fields[b"content-length"])
    while left:
        left -= len(line.recv(left))
    return head


def test_the_next_request_is_not_idle(served, monkeypatch):
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.2)
    receiver, port = served
    fields, body = lines(receiver)
    with connect(port, b"POST /message HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n") as line:
        assert whole_answer(line)[9:12] == b"401"
        line.sendall(b"0123456789POST /message HTTP/1.1\r\nHost: a\r\n" + fields)
        line.sendall(b"Content-Length: %d\r\n\r\n" % len(body))
        time.sleep(0.6)
        line.sendall(body)
        assert whole_answer(line)[9:12] == b"200"


def test_the_token_endpoint_takes_an_offer_of_another_protocol(tmp_path):
    with registered_units(tmp_path, 1) as place:
        client = place.receiver_client(place.units[0], "http://127.0.0.1:1")

        def offering(request):
            offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAA"}
            return client._exchange(replace(request, headers={**request.headers, **offer}))

        assert converse(client._helseid.token(), offering).count(".") == 2
