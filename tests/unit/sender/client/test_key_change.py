"""A change of key: the new one first, the old one when it is refused, and three steps that may each be the last."""

from __future__ import annotations

import json
import os

import pytest

from ktt.core.http.exchange import NotReached, converse
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.helseid import HelseIdClient, NewKey
from ktt.sender.client.key_change import new_key_file, old_key_file, read_new_key, take_into_use
from ktt.storage.errors import KeyFileUnwritable
from ktt.wire import jwk
from ktt.wire.dpop import ProofKey
from support.client_scripted_servers import UNIT, ScriptedServers, json_answer, settings, token_answer
from support.wire_keys import private_jwk

OLD, NEW = private_jwk("ES256"), private_jwk("ES384")
REFUSAL = json_answer({"error": "invalid_client"}, 401)


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "client.jwk"
    for file, key in ((path, OLD), (new_key_file(path), NEW)):
        file.write_text(json.dumps(key))
        file.chmod(0o600)
    return path


def client(clock, accepted):
    return HelseIdClient(settings(), UNIT, ProofKey(OLD), clock, NewKey(ProofKey(NEW), accepted.append))


def test_the_new_key_is_asked_with_first_and_then_in_use(clock):
    servers, accepted = ScriptedServers(), []
    asking = client(clock, accepted)
    assert converse(asking.token(), servers.exchange) == "token"
    assert [key.thumbprint for key in accepted] == [asking.key.thumbprint] == [jwk.thumbprint(NEW)]
    asking.drop_token()
    converse(asking.token(), servers.exchange)
    assert len(accepted) == 1


def test_the_old_key_stays_in_use_while_the_new_one_is_refused(clock, caplog):
    servers, accepted = ScriptedServers(tokens=[REFUSAL, token_answer]), []
    asking = client(clock, accepted)
    assert converse(asking.token(), servers.exchange) == "token"
    assert (asking.key.thumbprint, accepted) == (jwk.thumbprint(OLD), [])
    assert "does not accept the client's new key" in caplog.text
    asking.drop_token()
    converse(asking.token(), servers.exchange)
    assert len(servers.to("token")) == 3  # the new one is not tried again by this client


def test_no_answer_says_nothing_of_a_key(clock):
    servers, accepted = ScriptedServers(tokens=[NotReached("no connection"), token_answer]), []
    asking = client(clock, accepted)
    with pytest.raises(ConversationStopped):
        converse(asking.token(), servers.exchange)
    assert asking.key.thumbprint == jwk.thumbprint(OLD)
    converse(asking.token(), servers.exchange)
    assert asking.key.thumbprint == jwk.thumbprint(NEW)


def test_an_accepted_key_takes_the_place_and_the_old_one_is_kept(key_file):
    old = read_client_key(key_file)
    assert take_into_use(key_file, ProofKey(NEW))
    assert json.loads(key_file.read_bytes()) == NEW
    assert json.loads(old_key_file(key_file, old).read_bytes()) == OLD
    assert not new_key_file(key_file).exists()
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_another_process_was_first(key_file):
    assert take_into_use(key_file, ProofKey(NEW))
    assert not take_into_use(key_file, ProofKey(NEW))
    assert json.loads(key_file.read_bytes()) == NEW


def test_a_key_that_was_not_accepted_is_not_taken_into_use(key_file):
    assert not take_into_use(key_file, ProofKey(private_jwk("RSA-2048")))
    assert json.loads(key_file.read_bytes()) == OLD


@pytest.mark.parametrize("dies_at", ["link", "replace", "fsync"])
def test_a_change_that_is_cut_short_goes_on(key_file, monkeypatch, dies_at):
    old = read_client_key(key_file)

    def dies(*_arguments, **_more):
        raise KeyboardInterrupt

    place = type(key_file) if dies_at == "replace" else os
    with monkeypatch.context() as patch:
        patch.setattr(place, dies_at, dies)
        with pytest.raises(KeyboardInterrupt):
            take_into_use(key_file, ProofKey(NEW))
    assert json.loads(key_file.read_bytes()) in (OLD, NEW)
    take_into_use(key_file, ProofKey(NEW))
    assert json.loads(key_file.read_bytes()) == NEW
    assert json.loads(old_key_file(key_file, old).read_bytes()) == OLD
    assert read_new_key(key_file) is None


def test_a_folder_that_cannot_be_written(key_file, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError(28, "full")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(KeyFileUnwritable, match="the disk is full"):
        take_into_use(key_file, ProofKey(NEW))
    assert json.loads(key_file.read_bytes()) == OLD
