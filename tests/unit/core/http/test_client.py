"""The one place that touches the network, against a real socket that misbehaves."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import time

import pytest

from ktt.core.http import client as network
from ktt.core.http.client import MAX_ANSWER, Http
from ktt.core.http.exchange import NoAnswer, NotReached, Request, Response
from support.transport_certificate import self_signed
from support.transport_socket import http, raw_server


@pytest.fixture
def wire():
    client = Http()
    yield client
    client.close()


def post(server, body=b"body", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", f"{server.url}/message", named, body)


def test_what_is_asked_and_answered(wire):
    with raw_server(http("200 OK", b"{}", "X-Correlation-ID: abc")) as server:
        answer = wire.exchange(post(server, DPoP="proof", Content_Type="text/plain; charset=utf-8"))
        wire.close()
    assert (answer.status, answer.body, answer.header("x-correlation-id")) == (200, b"{}", "abc")
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    lines = {line.split(b": ")[0].lower(): line.split(b": ")[1] for line in head.split(b"\r\n")[1:]}
    assert body == b"body"
    assert head.startswith(b"POST /message HTTP/1.1")
    assert lines[b"content-length"] == b"4"
    assert lines[b"content-type"] == b"text/plain; charset=utf-8"
    assert lines.keys() == {
        b"host",
        b"connection",
        b"accept",
        b"accept-encoding",
        b"user-agent",
        b"dpop",
        b"content-type",
        b"content-length",
    }


def test_a_large_body_arrives_whole_and_is_not_chunked(wire):
    body = bytes(range(256)) * 4096  # 1 MiB, sent in pieces
    with raw_server(http("200 OK")) as server:
        wire.exchange(post(server, body))
        wire.close()
    head, _, arrived = server.heard[0].partition(b"\r\n\r\n")
    assert arrived == body
    assert b"transfer-encoding" not in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_one_connection_serves_many_requests(wire):
    with raw_server(http("200 OK", b"{}")) as server:
        for _ in range(5):
            wire.exchange(post(server))
        wire.close()
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_opened_anew(wire):
    with raw_server(http("200 OK", b"{}", "Connection: close")) as server:
        assert [wire.exchange(post(server)).status for _ in range(3)] == [200, 200, 200]
        wire.close()
    assert server.connections == 3


def test_a_redirect_is_an_answer_and_not_followed(wire):
    with raw_server(http("307 Temporary Redirect", b"{}", "Location: http://127.0.0.1:1/")) as server:
        assert wire.exchange(post(server)).status == 307
        wire.close()
    assert len(server.heard) == 1


def test_nobody_there_means_nothing_was_sent(wire):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotReached, match="no connection"):
        wire.exchange(Request("POST", f"http://127.0.0.1:{port}/message", {}, b"body"))


def test_no_such_name_means_nothing_was_sent(wire, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # a real look-up may take long where there is no network
    with pytest.raises(NotReached, match="no connection"):
        wire.exchange(Request("GET", "https://no-such-host.invalid/keys"))


def test_no_tls_means_nothing_was_sent(wire):
    with raw_server(http("400 Bad Request")) as server, pytest.raises(NotReached, match="no connection"):
        wire.exchange(Request("POST", server.url.replace("http:", "https:"), {}, b"body"))


@pytest.fixture
def certificate(tmp_path):
    path = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


def test_a_certificate_that_nobody_vouches_for_means_nothing_was_sent(wire, certificate):
    _, server_side = certificate
    with raw_server(http("200 OK"), tls=server_side) as server, pytest.raises(NotReached, match="no connection"):
        wire.exchange(post(server))
    assert server.heard == []


def test_a_certificate_that_is_trusted_is_enough(certificate):
    path, server_side = certificate
    client = Http(ssl.create_default_context(cafile=path))
    with raw_server(http("200 OK", b"{}"), tls=server_side) as server:
        assert client.exchange(post(server)).status == 200
        client.close()
    assert len(server.heard) == 1


def hang_up(line):
    line.close()


def half_a_head(line):
    line.sendall(b"HTTP/1.1 200")


def half_a_body(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def half_a_chunk(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")


def reset(line):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def no_http(line):
    line.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.parametrize("says", [hang_up, half_a_head, half_a_body, half_a_chunk, reset, no_http])
def test_a_broken_answer_is_no_answer(wire, says):
    with raw_server(says) as server, pytest.raises(NoAnswer, match="connection broken"):
        wire.exchange(post(server))


def test_an_answer_beyond_the_limit_is_not_read_to_the_end(wire):
    with raw_server(http("200 OK", b"x" * (MAX_ANSWER + 1))) as server:
        with pytest.raises(NoAnswer, match="too large"):
            wire.exchange(post(server))
        wire.close()


def test_the_limit_counts_what_comes_out_of_the_packing(wire):
    bomb = gzip.compress(b"x" * (MAX_ANSWER * 8))
    with raw_server(http("200 OK", bomb, "Content-Encoding: gzip")) as server:
        with pytest.raises(NoAnswer, match="too large"):
            wire.exchange(post(server))
        wire.close()


def test_packing_that_is_none_is_no_answer(wire):
    with raw_server(http("200 OK", b"junk", "Content-Encoding: gzip")) as server:
        with pytest.raises(NoAnswer, match="cannot be decoded"):
            wire.exchange(post(server))
        wire.close()


def test_a_server_that_is_silent_is_left(monkeypatch):
    monkeypatch.setattr(network, "_TIMEOUT", network.httpx2.Timeout(0.05))
    client = Http()
    with raw_server(lambda line: time.sleep(0.3)) as server, pytest.raises(NoAnswer, match="no answer in time"):
        client.exchange(post(server))
    client.close()


def drip(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(20):
        line.sendall(b"x")
        time.sleep(0.02)


def test_a_server_that_drips_is_left(wire, monkeypatch):
    for name in ("CONNECT_SECONDS", "UPLOAD_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(network, name, 0.03)
    with raw_server(drip) as server, pytest.raises(NoAnswer, match="in time"):
        wire.exchange(post(server))


def test_a_line_too_slow_to_send_is_left(wire, monkeypatch):
    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.0)
    monkeypatch.setattr(network, "UPLOAD_SECONDS", -1.0)
    with raw_server(http("200 OK")) as server:
        with pytest.raises(NoAnswer, match="not sent in time"):
            wire.exchange(post(server, bytes(1 << 20)))
        wire.close()


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    client = Http()
    with raw_server(http("200 OK", b"{}")) as server:
        assert client.exchange(post(server)) == Response(200, {"content-length": "2"}, b"{}")
        client.close()


def test_no_library_writes_down_what_we_send_or_hear(wire, caplog):
    with caplog.at_level(logging.DEBUG), raw_server(http("200 OK", b"{}", "DPoP-Nonce: secret-nonce")) as server:
        wire.exchange(post(server, Authorization="DPoP secret-token"))
        wire.close()
    assert "secret" not in caplog.text
    assert caplog.text == ""


def test_certificates_are_judged_by_the_system(wire):
    context = wire._client._transport._pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_all_waiting_together_stays_below_the_hundred_seconds_of_the_other_end():
    assert network.CONNECT_SECONDS + network.UPLOAD_SECONDS + network.ANSWER_SECONDS < 100
