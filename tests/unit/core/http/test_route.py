"""Which hosts are reached through a proxy, and what goes through one."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress

import pytest

from ktt.core.http.client import HttpClient
from ktt.core.http.exchange import NotReached, Request
from ktt.core.http.route import ProxyRoute
from support.http_raw_server import http, raw_server
from support.self_signed_certificate import self_signed


@pytest.mark.parametrize(
    ("exempt", "host", "taken"),
    [
        ((), "mottak.example", True),
        ((), "localhost", False),
        ((), "127.0.0.1", False),
        ((), "[::1]", False),
        (("*",), "mottak.example", False),
        (("example",), "mottak.example", False),
        ((".example",), "mottak.example", False),
        (("*.example",), "MOTTAK.example", False),
        (("tak.example",), "mottak.example", True),
        (("10.0.0.0/8",), "10.4.5.6", False),
        (("10.0.0.0/8",), "11.4.5.6", True),
        (("10.4.5.6",), "10.4.5.6", False),
        (("",), "mottak.example", True),
    ],
)
def test_who_is_reached_without_it(exempt, host, taken):
    assert ProxyRoute("http://proxy.example:8080", None, exempt).takes(host) is taken


@contextmanager
def proxy(target, answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
    """A proxy that leads every CONNECT to one port of this machine, and keeps what it was asked."""
    heads = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += client.recv(4096)
                    heads.append(head)
                    client.sendall(answer)
                    if b" 200 " not in answer:
                        client.close()
                        continue
                    server = socket.create_connection(("127.0.0.1", target))
                    for one, other in ((client, server), (server, client)):
                        threading.Thread(target=pump, args=(one, other), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heads


def pump(one, other):
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A server of TLS on this machine, which the proxy route takes for a host elsewhere."""
    monkeypatch.setattr("ktt.core.http.route._is_here", lambda _name: False)
    path = self_signed(tmp_path)
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(path)
    return ssl.create_default_context(cafile=path), server_side


def test_a_request_goes_through_the_proxy_with_its_password(trusted):
    trust, server_side = trusted
    with raw_server(http("200 OK", b"{}"), tls=server_side) as server:
        port = int(server.url.rpartition(":")[2])
        with proxy(port) as (url, heads):
            client = HttpClient(trust, ProxyRoute(url, ("ola", "pass")))
            assert client.exchange(Request("GET", f"{server.url}/x")).status == 200
            client.close()
    (head,) = heads
    assert head.startswith(f"CONNECT 127.0.0.1:{port} ".encode())
    assert b"Proxy-Authorization: Basic b2xhOnBhc3M=" in head
    assert b"Authorization: Basic" not in server.requests[0]


def test_a_proxy_that_refuses(trusted):
    with proxy(1, b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as (url, _):
        client = HttpClient(trusted[0], ProxyRoute(url))
        with pytest.raises(NotReached, match="refused by the proxy") as fault:
            client.exchange(Request("GET", "https://127.0.0.1:1/x"))
        client.close()
    assert fault.value.cause == "proxy"


def test_the_certificate_and_why_there_is_none(trusted):
    trust, server_side = trusted
    with raw_server(http("200 OK"), tls=server_side) as server:
        good, stranger = HttpClient(trust), HttpClient()
        found = good.certificate(server.url)
        good.close()
        assert found is not None
        assert found.issuer == "loopback"
        with pytest.raises(NotReached) as fault:
            stranger.certificate(server.url)
        stranger.close()
    assert fault.value.cause == "certificate"


@pytest.mark.parametrize(("url", "cause"), [("https://ingen.invalid", "name"), ("http://127.0.0.1:1", "refused")])
def test_why_there_was_no_connection(url, cause):
    client = HttpClient()
    with pytest.raises(NotReached) as fault:
        client.exchange(Request("GET", url))
    client.close()
    assert fault.value.cause == cause
