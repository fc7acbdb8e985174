"""The HTTP client against a real socket that misbehaves."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import time
import zlib

import pytest

from ktt.core.http import client as network
from ktt.core.http.client import MAX_ANSWER, HttpClient
from ktt.core.http.exchange import NoAnswer, NotReached, Request, Response
from support.http_raw_server import http, raw_server
from support.self_signed_certificate import self_signed


@pytest.fixture
def http_client():
    client = HttpClient()
    yield client
    client.close()


def post(server, body=b"body", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", f"{server.url}/message", named, body)


def test_what_is_asked_and_answered(http_client):
    with raw_server(http("200 OK", b"{}", "X-Correlation-ID: abc")) as server:
        answer = http_client.exchange(post(server, DPoP="proof", Content_Type="text/plain; charset=utf-8"))
        http_client.close()
    assert (answer.status, answer.body, answer.header("x-correlation-id")) == (200, b"{}", "abc")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
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


def test_a_large_body_arrives_whole_and_is_not_chunked(http_client):
    body = bytes(range(256)) * 4096  # 1 MiB, sent in chunks
    with raw_server(http("200 OK")) as server:
        http_client.exchange(post(server, body))
        http_client.close()
    head, _, arrived = server.requests[0].partition(b"\r\n\r\n")
    assert arrived == body
    assert b"transfer-encoding" not in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_one_connection_serves_many_requests(http_client):
    with raw_server(http("200 OK", b"{}")) as server:
        for _ in range(5):
            http_client.exchange(post(server))
        http_client.close()
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_opened_anew(http_client):
    with raw_server(http("200 OK", b"{}", "Connection: close")) as server:
        assert [http_client.exchange(post(server)).status for _ in range(3)] == [200, 200, 200]
        http_client.close()
    assert server.connections == 3


def test_headers_of_one_name_are_joined(http_client):
    with raw_server(http("200 OK", b"{}", "Warning: a", "X-Other: b", "WARNING: c")) as server:
        assert http_client.exchange(post(server)).headers["warning"] == "a, c"
        http_client.close()


def test_an_address_that_is_no_http_is_not_reached(http_client):
    with pytest.raises(NotReached, match="no connection"):
        http_client.exchange(Request("GET", "ftp://127.0.0.1/keys"))


def test_a_redirect_is_an_answer_and_not_followed(http_client):
    with raw_server(http("307 Temporary Redirect", b"{}", "Location: http://127.0.0.1:1/")) as server:
        assert http_client.exchange(post(server)).status == 307
        http_client.close()
    assert len(server.requests) == 1


def test_a_refused_connection_means_nothing_was_sent(http_client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotReached, match="no connection"):
        http_client.exchange(Request("POST", f"http://127.0.0.1:{port}/message", {}, b"body"))


def test_no_such_name_means_nothing_was_sent(http_client, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # a real look-up may take long where there is no network
    with pytest.raises(NotReached, match="no connection"):
        http_client.exchange(Request("GET", "https://no-such-host.invalid/keys"))


def test_no_tls_means_nothing_was_sent(http_client):
    with raw_server(http("400 Bad Request")) as server, pytest.raises(NotReached, match="no connection"):
        http_client.exchange(Request("POST", server.url.replace("http:", "https:"), {}, b"body"))


@pytest.fixture
def certificate(tmp_path):
    path = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


def test_an_untrusted_certificate_means_nothing_was_sent(http_client, certificate):
    _, server_side = certificate
    with raw_server(http("200 OK"), tls=server_side) as server, pytest.raises(NotReached, match="no connection"):
        http_client.exchange(post(server))
    assert server.requests == []


def test_a_certificate_that_is_trusted_is_enough(certificate):
    path, server_side = certificate
    client = HttpClient(ssl.create_default_context(cafile=path))
    with raw_server(http("200 OK", b"{}"), tls=server_side) as server:
        assert client.exchange(post(server)).status == 200
        client.close()
    assert len(server.requests) == 1


def hang_up(connection):
    connection.close()


def half_a_head(connection):
    connection.sendall(b"HTTP/1.1 200")


def half_a_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def half_a_chunk(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def no_http(connection):
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.parametrize("reply", [hang_up, half_a_head, half_a_body, half_a_chunk, reset, no_http])
def test_a_broken_answer_is_no_answer(http_client, reply):
    with raw_server(reply) as server, pytest.raises(NoAnswer, match="connection broken"):
        http_client.exchange(post(server))


def test_an_answer_beyond_the_limit_is_not_read_to_the_end(http_client):
    with raw_server(http("200 OK", b"x" * (MAX_ANSWER + 1))) as server:
        with pytest.raises(NoAnswer, match="too large"):
            http_client.exchange(post(server))
        http_client.close()


def test_the_limit_counts_decompressed_bytes(http_client):
    bomb = gzip.compress(b"x" * (MAX_ANSWER * 8))
    with raw_server(http("200 OK", bomb, "Content-Encoding: gzip")) as server:
        with pytest.raises(NoAnswer, match="too large"):
            http_client.exchange(post(server))
        http_client.close()


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_what_is_compressed_without_being_asked_for_is_read(http_client, coding, pack):
    with raw_server(http("200 OK", pack(b"{}" * 1000), f"Content-Encoding: {coding}")) as server:
        assert http_client.exchange(post(server)).body == b"{}" * 1000
        http_client.close()


@pytest.mark.parametrize("body", [b"junk", gzip.compress(b"{}" * 99)[:-4], b""], ids=["junk", "half", "nothing"])
def test_a_body_that_cannot_be_decompressed_is_no_answer(http_client, body):
    with raw_server(http("200 OK", body, "Content-Encoding: gzip")) as server:
        with pytest.raises(NoAnswer, match="cannot be decoded"):
            http_client.exchange(post(server))
        http_client.close()


def test_a_silent_server_times_out(monkeypatch):
    monkeypatch.setitem(network._TIMEOUT, "read", 0.05)
    client = HttpClient()
    with raw_server(lambda connection: time.sleep(0.3)) as server, pytest.raises(NoAnswer, match="no answer in time"):
        client.exchange(post(server))
    client.close()


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(20):
        connection.sendall(b"x")
        time.sleep(0.02)


def test_a_server_that_sends_too_slowly_times_out(http_client, monkeypatch):
    for name in ("CONNECT_SECONDS", "UPLOAD_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(network, name, 0.03)
    with raw_server(drip) as server, pytest.raises(NoAnswer, match="in time"):
        http_client.exchange(post(server))


def for_ever(piece, pause=0.02):
    def reply(connection):
        try:
            connection.sendall(b"HTTP/1.1 ")
            while True:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass

    return reply


ENDLESS = {
    "headers that drip": (b"200 OK\r\nx: y", 0.02),
    "a status line that drips": (b"2", 0.02),
    "interim answers": (b"102 Processing\r\n\r\nHTTP/1.1 ", 0.02),
    "interim answers without a pause": (b"103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 ", 0.0),
    "marks of chunks": (b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 100, 0.02),
}


@pytest.mark.parametrize(("piece", "pause"), ENDLESS.values(), ids=ENDLESS)
def test_an_exchange_has_a_deadline_as_a_whole(http_client, monkeypatch, piece, pause):
    for name in ("CONNECT_SECONDS", "UPLOAD_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(network, name, 0.2)
    began = time.monotonic()
    with raw_server(for_ever(piece, pause)) as server:
        with pytest.raises(NoAnswer):
            http_client.exchange(post(server))
        assert time.monotonic() - began < 5.0
        http_client.close()


def test_interim_answers_without_end_are_cut_off_by_their_size(http_client, monkeypatch):
    monkeypatch.setattr(network, "_MOST_RAW", 100_000)
    began = time.monotonic()
    with raw_server(for_ever(b"103 Early Hints\r\n\r\nHTTP/1.1 ", 0.0)) as server:
        with pytest.raises(NoAnswer):
            http_client.exchange(post(server))
        http_client.close()
    assert time.monotonic() - began < network.ANSWER_SECONDS / 2


def test_an_interim_answer_is_passed_over(http_client):
    with raw_server(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + http("200 OK", b"{}")) as server:
        assert http_client.exchange(post(server)).body == b"{}"
        http_client.close()


def test_an_upload_that_is_too_slow_times_out(http_client, monkeypatch):
    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.0)
    monkeypatch.setattr(network, "UPLOAD_SECONDS", -1.0)
    with raw_server(http("200 OK")) as server:
        with pytest.raises(NoAnswer, match="not sent in time"):
            http_client.exchange(post(server, bytes(1 << 20)))
        http_client.close()


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    client = HttpClient()
    with raw_server(http("200 OK", b"{}")) as server:
        assert client.exchange(post(server)) == Response(200, {"content-length": "2"}, b"{}")
        client.close()


def test_no_library_logs_requests_or_answers(http_client, caplog):
    with caplog.at_level(logging.DEBUG), raw_server(http("200 OK", b"{}", "DPoP-Nonce: secret-nonce")) as server:
        http_client.exchange(post(server, Authorization="DPoP secret-token"))
        http_client.close()
    assert "secret" not in caplog.text
    assert caplog.text == ""


def test_certificates_are_verified_by_the_system_trust_store(http_client):
    context = http_client._pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_all_timeouts_together_stay_below_the_receivers_hundred_seconds():
    assert network.CONNECT_SECONDS + network.UPLOAD_SECONDS + network.ANSWER_SECONDS < 100
