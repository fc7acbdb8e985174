"""A message sealed before its turn: used once, with a proof of its own time, and only for the key that still is the key."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from ktt.messages.contract import Accepted
from ktt.wire import base64url
from support.client_scripted_servers import (
    CORRELATION,
    DELIVERED,
    RECEIVER,
    ScriptedServers,
    keys_answer,
    message,
    message_answer,
    numbered_tokens,
    proof_of,
    receiver_client,
)
from support.wire_keys import receiver_key, receiver_private_key
from support.wire_rules import open_message

PAYLOAD = '[{"æøå": 1}]'.encode()
KEYS_FOR_A_MINUTE = {"cache_control": "max-age=60"}


def prepared(client):
    """A message that the client has prepared."""
    return replace(message(PAYLOAD), prepared=client.prepare(PAYLOAD))


def connected(servers, clock):
    """A client that has sent one message, so that it knows key and token."""
    client = receiver_client(servers, clock)
    assert client.send(message()) == Accepted(CORRELATION)
    return client


def test_what_was_prepared_is_what_is_sent(clock):
    servers = ScriptedServers()
    client = connected(servers, clock)
    one = prepared(client)
    clock.advance(dt.timedelta(seconds=30))
    assert client.send(one) == Accepted(CORRELATION)
    request = servers.to("message")[1]
    assert request.body == one.prepared.sealed.body
    address, now = f"{RECEIVER}/message", clock.now().timestamp()
    assert open_message(dict(request.headers), request.body, receiver_private_key(), url=address, at=now) == PAYLOAD
    assert proof_of(request)["iat"] == int(now)


def test_nothing_is_prepared_before_the_key_is_known_nor_when_the_list_is_old(clock):
    servers = ScriptedServers(keys=[keys_answer([receiver_key()], **KEYS_FOR_A_MINUTE)])
    assert receiver_client(servers, clock).prepare(PAYLOAD) is None
    assert servers.path() == []
    client = connected(servers, clock)
    asked = servers.path()
    clock.advance(dt.timedelta(seconds=60))
    assert client.prepare(PAYLOAD) is None
    assert servers.path() == asked


@pytest.mark.parametrize("same", [True, False], ids=["same key", "new key"])
def test_what_was_prepared_serves_only_the_key_of_the_newest_list(clock, same):
    newest = receiver_key() if same else receiver_key(3072, "new-key")
    lists = [keys_answer([receiver_key()], **KEYS_FOR_A_MINUTE), keys_answer([newest], **KEYS_FOR_A_MINUTE)]
    servers = ScriptedServers(keys=lists)
    client = connected(servers, clock)
    one = prepared(client)
    clock.advance(dt.timedelta(seconds=60))
    client.send(one)
    request = servers.to("message")[1]
    assert proof_of(request)["enc_key_id"] == newest.id
    assert (request.body == one.prepared.sealed.body) is same


@pytest.mark.parametrize("answer", [message_answer(401), message_answer(400, 1007, "ExpiredKey")])
def test_a_second_try_is_sealed_anew(clock, answer):
    servers = ScriptedServers(messages=[DELIVERED, answer, DELIVERED])
    client = connected(servers, clock)
    assert client.send(prepared(client)) == Accepted(CORRELATION)
    _, first, second = servers.to("message")
    assert first.body != second.body
    assert proof_of(first)["enc_sym_key"] != proof_of(second)["enc_sym_key"]


def test_a_token_that_is_renewed_meanwhile_is_the_one_that_is_proved(clock):
    servers = ScriptedServers(tokens=[numbered_tokens()])
    client = connected(servers, clock)
    one = prepared(client)
    clock.advance(dt.timedelta(seconds=60))
    client.send(one)
    request = servers.to("message")[1]
    assert request.headers["Authorization"] == "DPoP token-2"
    assert proof_of(request)["ath"] == base64url.encode(hashlib.sha256(b"token-2").digest())
    assert request.body == one.prepared.sealed.body
