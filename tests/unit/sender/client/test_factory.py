"""The client of the receiver, made from settings and used over a real socket."""

from __future__ import annotations

import json
import os

import pytest

from ktt.messages.contract import Accepted, NotSent
from ktt.sender.client.errors import AddressUnfit, ClientKeyUnreadable
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.settings import SenderSettings
from ktt.wire.errors import HeaderValueUnfit
from ktt.wire.keys import write_keys
from support.client_scripted_servers import message
from support.http_raw_server import http, raw_server
from support.wire_keys import private_jwk, receiver_key


@pytest.fixture
def settings(tmp_path):
    key_file = tmp_path / "client.jwk.json"
    with os.fdopen(os.open(key_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        json.dump(private_jwk("RSA-2048"), file)

    def made(url="https://mottak.example", vendor="Prove AS", key="client.jwk.json"):
        return SenderSettings.model_validate(
            {
                "environment": "sandbox",
                "unit": {"organisation": "312000008", "municipality": "1114"},
                "source": {"url": "sqlite:///epj.sqlite", "mapping": "mapping.toml"},
                "store": {"url": "sqlite:///ktt.sqlite", "key_file": "store.key"},
                "helseid": {"authority": url, "client_id": "client", "key_file": tmp_path / key},
                "mottak": {"base_url": url},
                "software": {"vendor": vendor, "system": "ProveEPJ", "version": "1.0.4"},
            }
        )

    return made


def test_a_message_goes_over_the_wire_and_a_receipt_comes_back(settings, clock):
    with raw_server(b"") as server:
        issuer = {"issuer": server.url, "token_endpoint": f"{server.url}/connect/token"}
        token = {"access_token": "t", "expires_in": 60, "token_type": "DPoP"}
        server.replies[:] = [
            http("200 OK", write_keys([receiver_key()])),
            http("200 OK", json.dumps(issuer).encode()),
            http("400 Bad Request", b'{"error":"use_dpop_nonce"}', "DPoP-Nonce: n1"),
            http("200 OK", json.dumps(token).encode()),
            http("200 OK", b'{"delivered":true,"errors":[]}', "X-Correlation-ID: abc"),
        ]
        with open_receiver_client(settings(server.url), clock) as client:
            assert client.send(message()) == Accepted("abc")
    asked = [request.split(b" ")[1].decode() for request in server.requests]
    discovery = "/.well-known/openid-configuration"
    assert asked == ["/keys", discovery, "/connect/token", "/connect/token", "/message"]


def test_a_server_that_is_not_there(settings, clock):
    with raw_server(b"") as server:
        url = server.url
    with open_receiver_client(settings(url), clock) as client:
        assert client.send(message()) == NotSent("keys: no connection")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"url": "http://mottak.example"}, AddressUnfit),
        ({"vendor": "Prøve AS"}, HeaderValueUnfit),
        ({"key": "missing.json"}, ClientKeyUnreadable),
    ],
)
def test_what_is_wrong_with_the_settings_shows_before_anything_is_sent(settings, clock, changes, fault):
    with pytest.raises(fault) as raised:
        open_receiver_client(settings(**changes), clock)
    assert raised.value.advises().nb
