"""An operator's first day: set up, grant access, start, see what came, rotate the key, and read it all as data."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request

import pytest

from ktt.cli.app import run
from ktt.core.settings import SettingWrong
from ktt.messages.contract import Accepted
from ktt.receiver.service.settings import ServiceSettings
from support.receiver_service import TYPE, free_port, outgoing, registered_units


@pytest.fixture
def told(capfd):
    """Run a command; its output as data, or as text."""

    def tell(*words, code=0, data=True):
        assert run(["mottak", *map(str, words), *(["--json"] if data else [])]) == code
        out, err = capfd.readouterr()
        return json.loads(out or err) if data else out + err

    return tell


def test_from_an_empty_folder_to_a_message_in_the_registry(told, tmp_path):
    folder = tmp_path / "mottak"
    config = ["--config", folder / "mottak.toml"]
    with registered_units(tmp_path, 1) as place:
        (unit,) = place.units
        made = told("init", folder, "--port", free_port(), "--workers", 1, "--issuer", place.helseid)
        assert made["schemas"].keys() == {"receiver", "registry"}
        told("access", "grant", unit.key, "--type", TYPE, "--reason", "avtale", *config)
        before = told("status", *config)
        assert before["service"] == "not running"
        assert [(row["unit"], row["last_at"], row["total"]) for row in before["units"]] == [(unit.key, None, 0)]

        notified = systemd(tmp_path / "notify")
        command = [sys.executable, "-m", "ktt", "mottak", "serve", *map(str, config)]
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                assert notified.recv(100) == b"READY=1"
                client = place.receiver_client(unit, made["base_url"])
                first = client.send(outgoing(unit, 1))
                assert isinstance(first, Accepted)
                assert listed(made["base_url"]) == [key["id"] for key in told("keys", "list", *config)]
                keys = told("keys", "rotate", "--overlap-days", 3, *config)
                assert [(key["state"], key["days_left"]) for key in keys] == [("current", 179), ("overlapping", 2)]
                assert listed(made["base_url"]) == [key["id"] for key in keys], "the new key is listed at once"
                assert isinstance(client.send(outgoing(unit, 2)), Accepted), "this sender still has the old list"
                status = until(lambda: told("status", *config), lambda status: status["waiting"] == 0)
            finally:
                process.send_signal(signal.SIGTERM)
            assert notified.recv(100) == b"STOPPING=1"
            assert process.wait(60) == 0
            process.stderr.read()
        notified.close()
    assert (status["service"], status["registry_position"], status["database"]["position"]) == ("ready", 2, 2)
    (row,) = status["units"]
    assert (row["unit"], row["message_type"], row["today"], row["total"], row["last_position"]) == (
        unit.key,
        TYPE,
        2,
        2,
        2,
    )


def systemd(path):
    """The socket that systemd would listen on."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.settimeout(60)
    listener.bind(str(path))
    return listener


def listed(address):
    with urllib.request.urlopen(f"{address}/keys", timeout=60) as answer:
        return [key["id"] for key in json.load(answer)]


def until(ask, holds, seconds=60.0):
    end = time.monotonic() + seconds
    while not holds(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.2)
    return answer


# ── set-up ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_secret_is_its_owners_alone(told, tmp_path):
    told("init", tmp_path / "mottak")
    made = [path for path in (tmp_path / "mottak").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert {path.name for path in made if path.suffix in {".toml", ".vault"}} == {
        "mottak.toml",
        "receiver.vault",
        "registry.vault",
        "identity.vault",
    }


def test_nothing_is_overwritten(told, tmp_path):
    told("init", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert told("init", tmp_path, code=2)["code"] == "KTT-MOT-01"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_set_up_that_was_cut_short_goes_on_with_what_is_there(told, tmp_path):
    nowhere = "postgresql://ktt@127.0.0.1:1/ktt"
    assert told("init", tmp_path, "--database-url", nowhere, code=16)["code"] == "KTT-STO-01"
    vault = (tmp_path / "receiver.vault").read_bytes()
    assert not (tmp_path / "mottak.toml").exists(), "it is not set up"
    told("init", tmp_path)
    assert (tmp_path / "receiver.vault").read_bytes() == vault
    assert len(list((tmp_path / "receiver-keys").glob("*.key"))) == 1


def test_outside_the_sandbox_the_address_is_asked_for(told, tmp_path):
    assert told("init", tmp_path / "a", "--environment", "production", code=2)["code"] == "KTT-MOT-02"
    told("init", tmp_path / "b", "--environment", "production", "--base-url", "https://mottak.example", "--no-registry")
    settings = ServiceSettings.load(tmp_path / "b" / "mottak.toml")
    assert settings.receiver.issuer == "https://helseid-sts.nhn.no"
    assert settings.registry is None
    refused = told(
        "access", "grant", "312000008-1114", "--reason", "x", "--config", tmp_path / "b" / "mottak.toml", code=2
    )
    assert refused["code"] == "KTT-MOT-09", "synthetic organisations get no access in production"


@pytest.mark.postgres
def test_on_postgresql_receiver_and_registry_share_a_database(told, tmp_path, postgres_url):
    told("init", tmp_path, "--database-url", postgres_url)
    status = told("status", "--config", tmp_path / "mottak.toml")
    assert (status["database"]["kind"], status["waiting"]) == ("postgresql", 0)
    assert status["database"]["bytes"] > 1_000_000


def test_it_can_be_read(told, tmp_path):
    assert "ktt mottak serve --config" in told("init", tmp_path, data=False)
    config = ["--config", tmp_path / "mottak.toml"]
    told("access", "grant", "312000008-1114", "--reason", "avtale", *config)
    shown = told("status", *config, data=False)
    for words in ("kjører ikke", "Venter på registeret", "Dager igjen på nøkkelen", "312000008-1114", "aldri"):
        assert words in shown
    assert "i bruk" in told("keys", "list", *config, data=False)


def test_keys_that_are_lost_end_at_once(told, tmp_path):
    told("init", tmp_path)
    config = ["--config", tmp_path / "mottak.toml"]
    keys = told("keys", "rotate", "--overlap-days", 0, *config)
    assert [key["state"] for key in keys] == ["current", "expired"]
    assert told("keys", "rotate", "--days", 10, "--overlap-days", 10, *config, code=2)["code"] == "KTT-MOT-12"


@pytest.mark.parametrize("wrong", ["workers = -1", "port = 70000", "requests = 0", "unknown = 1"])
def test_a_setting_that_cannot_be_is_named(told, tmp_path, wrong):
    told("init", tmp_path)
    path = tmp_path / "mottak.toml"
    name = wrong.partition(" ")[0]
    kept = [line for line in path.read_text().splitlines() if not line.startswith(f"{name} =")]
    path.write_text("\n".join(kept).replace("[listen]", f"[listen]\n{wrong}"))
    with pytest.raises(SettingWrong, match=f"listen.{name}"):
        ServiceSettings.load(path)
