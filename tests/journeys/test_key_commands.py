"""`ktt key` against the sandbox's HelseID: from one key to the next, with messages sent all the way."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from ktt.cli.app import run
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.registry_inbox import forget
from support.sender_epj import Epj
from support.sender_municipality import MONDAY


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


@pytest.fixture
def registered(sandbox):
    """Registers a key at HelseID, as a person does in its self-service; afterwards it is as it was."""
    client = sandbox.helseid.clients.find(sandbox.config["helseid"]["client_id"])
    yield lambda *keys: sandbox.helseid.clients.add(replace(client, keys=(*client.keys, *keys)))
    sandbox.helseid.clients.add(client)


@pytest.fixture
def typed(tmp_path, sandbox, capsys):
    forget(sandbox.registry)
    config = sandbox.write_sender(tmp_path, epj=tmp_path)

    def ktt(*words):
        code = run([*words, "--config", str(config)])
        return code, *capsys.readouterr()

    return ktt


def test_the_key_is_exchanged_without_a_break(typed, tmp_path, registered):
    epj = Epj(tmp_path, persons=2)
    epj.log(MONDAY)
    old = (tmp_path / "client.key").read_bytes()
    assert typed("key", "status", "--json")[0] == 4  # the sandbox's key does not say until when it is good
    code, out, _ = typed("key", "rotate", "--kind", "P-384", "--json")
    made = json.loads(out)
    assert (code, made["step"], "d" in made["public"]) == (0, "made", False)
    code, out, _ = typed("key", "rotate", "--json")
    assert (code, json.loads(out)["step"]) == (4, "waiting")
    code, _, err = typed("load", "--on", MONDAY.isoformat())  # the old one is in use, and that is said
    assert (code, "does not accept the client's new key" in err) == (0, True)
    assert (tmp_path / "client.key").read_bytes() == old
    registered(made["public"])
    epj.service("T9", "P0", MONDAY)
    day = MONDAY + dt.timedelta(days=1)
    epj.log(day)
    code, _, err = typed("daily", "--on", day.isoformat())
    assert (code, "it is in use from now on" in err) == (0, True)
    assert json.loads((tmp_path / "client.key").read_bytes())["kid"] == made["public"]["kid"]
    (kept,) = tmp_path.glob("client.key.*.old")
    assert kept.read_bytes() == old
    code, out, _ = typed("key", "status", "--json")
    assert (code, json.loads(out)["current"]["kind"], json.loads(out)["new"]) == (0, "P-384", None)


def test_the_command_takes_it_into_use_as_well(typed, tmp_path, registered):
    made = json.loads(typed("key", "rotate", "--kind", "P-256", "--expires", "2030-01-31", "--json")[1])
    registered(made["public"])
    code, out, err = typed("key", "rotate")
    assert (code, json.loads(out)["kid"], "er i bruk" in err) == (0, made["public"]["kid"], True)
    shown = typed("key", "status")
    assert (shown[0], "2030-01-31" in shown[1]) == (0, True)


def test_helseid_does_not_answer(typed, tmp_path):
    typed("key", "rotate", "--kind", "P-256")
    config = tmp_path / "sender.toml"
    config.write_text(config.read_text().replace('authority = "http://127.0.0.1:', 'authority = "http://127.0.0.2:'))
    code, out, err = typed("key", "rotate")
    assert (code, out, err.partition(":")[0]) == (14, "", "KTT-KEY-04")
    assert (tmp_path / "client.key.new").exists()


def test_a_first_key_is_made_and_never_again(tmp_path, capsys):
    path, public = tmp_path / "ny.jwk", tmp_path / "ny.offentlig.json"
    words = ["key", "new", "--key-file", str(path), "--kind", "P-256", "--public", str(public)]
    assert run(words) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(public.read_bytes())
    assert json.loads(path.read_bytes())["d"] not in out + err
    written = path.read_bytes()
    assert run(words) == 2
    assert path.read_bytes() == written


def test_a_key_from_a_certificate_file(tmp_path, capsys):
    store, secret, path = tmp_path / "k.p12", tmp_path / "passord", tmp_path / "ny.jwk"
    key = ec.generate_private_key(ec.SECP256R1())
    locked = serialization.BestAvailableEncryption(b"hemmelig")
    store.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, None, None, locked))
    words = ["key", "new", "--key-file", str(path), "--import", str(store), "--password-file", str(secret)]
    assert run(words) == 2
    secret.write_text("feil\n")
    assert run(words) == 15
    assert not path.exists()
    secret.write_text("hemmelig\n")
    assert run(words) == 0
    assert "hemmelig" not in "".join(capsys.readouterr())


def test_there_is_nothing_to_exchange(typed, tmp_path):
    (tmp_path / "client.key").unlink()
    code, _, err = typed("key", "rotate")
    assert (code, err.partition(":")[0]) == (2, "KTT-KEY-05")
