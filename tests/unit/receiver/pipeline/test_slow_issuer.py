"""While HelseID is slow, tokens of keys that nobody knows hold up no sender whose key is known."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest

from ktt.testing.sandbox.server import ListeningApp, ServerThread, listen
from support.receiver_harness import Post, ReceiverHarness, key
from support.receiver_sockets import ask, connect

STRANGERS = 96  # three times the threads of a process
AT_ONCE = 3.0  # seconds; a machine that does other work beside needs some


@pytest.fixture
def served(fresh: ReceiverHarness) -> Iterator[tuple[ReceiverHarness, int]]:
    listener = listen(0, "port")
    servers = ServerThread([ListeningApp(fresh.app, listener)])
    servers.start()
    yield fresh, listener.getsockname()[1]
    fresh.issuer.answering.set()
    servers.stop()


def request(receiver: ReceiverHarness, **overrides: object) -> bytes:
    fields, body = receiver.request(Post(receiver.clock.now(), **overrides))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"POST /message HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def unknown(receiver: ReceiverHarness, nth: int) -> bytes:
    return request(receiver, token=receiver.token(signed_by={**key(name="stranger"), "kid": f"invented-{nth}"}))


def test_known_senders_are_answered_at_once_beside_invented_keys(served):
    receiver, port = served
    assert ask(port, request(receiver))[0] == 200
    receiver.clock.advance(dt.timedelta(seconds=61))  # from now on an unknown key is asked for again
    receiver.issuer.answering.clear()
    fetched = len(receiver.issuer.fetched)
    strangers = [connect(port, unknown(receiver, nth)) for nth in range(STRANGERS)]
    began = time.monotonic()
    same = receiver.token()
    assert [ask(port, request(receiver, token=same))[0] for _ in range(3)] == [200] * 3, "a token never seen, and seen"
    assert ask(port, request(receiver))[0] == 200, "another new token"
    assert time.monotonic() - began < AT_ONCE
    receiver.issuer.answering.set()
    assert {line.recv(65_536)[9:12] for line in strangers} == {b"401"}
    assert len(receiver.issuer.fetched) <= fetched + 2, "asked for once, however many came"
    for line in strangers:
        line.close()


def test_without_any_key_everybody_is_told_soon_to_come_back(served):
    receiver, port = served
    receiver.issuer.answering.clear()
    strangers = [connect(port, unknown(receiver, nth)) for nth in range(STRANGERS)]
    began = time.monotonic()
    status, fields, _ = ask(port, request(receiver))
    assert (status, fields["retry-after"]) == (503, "60")
    assert time.monotonic() - began < 3 * AT_ONCE
    for line in strangers:
        line.close()
