"""`ktt registry rotate-keys` and `ktt mottak keys rotate-vault`: key files, and a kill between any two of them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from ktt.cli.app import run
from ktt.receiver.service import health_probe
from support.registry_commands import accepted, ask
from support.registry_inbox import UNIT, message, service, services

FILES = ("registry.vault", "identity.vault", "receiver.vault")


@pytest.fixture
def folder(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ingrid")
    accepted(tmp_path, message(1, services(service("T-1"), service("T-2", "2"))))
    capfd.readouterr()
    return tmp_path


def rotated(folder, capfd, code=0):
    return ask(capfd, "rotate-keys", "--reason", "yearly", "--config", folder / "mottak.toml", code=code)


def vault_rotated(folder, capfd, code=0):
    assert run(["mottak", "keys", "rotate-vault", "--config", str(folder / "mottak.toml"), "--json"]) == code
    out, err = capfd.readouterr()
    return json.loads(out or err)


def holds(folder, capfd):
    return ask(capfd, "verify", "--messages", "--config", folder / "mottak.toml")["holds"]


def test_each_file_is_a_new_one_and_all_holds(folder, capfd):
    before = {name: (folder / name).read_bytes() for name in FILES}
    rotated(folder, capfd)
    vault_rotated(folder, capfd)
    assert all((folder / name).read_bytes() != before[name] for name in FILES)
    assert not list(folder.rglob("*.next"))
    assert holds(folder, capfd)
    assert run(["mottak", "keys", "list", "--config", str(folder / "mottak.toml"), "--json"]) == 0
    capfd.readouterr()
    ask(capfd, "person", UNIT.key, "1", "--reason", "x", "--config", folder / "mottak.toml")
    assert ask(capfd, "look-ups", "--config", folder / "mottak.toml")[0]["act"] == "rotate"


@pytest.mark.parametrize("command", [rotated, vault_rotated])
@pytest.mark.parametrize("kill", [1, 2])
def test_killed_while_the_files_change_hands(folder, capfd, monkeypatch, command, kill):
    words = ["registry", "rotate-keys", "--reason", "x"] if command is rotated else ["mottak", "keys", "rotate-vault"]
    replace, left = Path.replace, [kill]

    def killed(self, target):
        if self.suffix == ".next":
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with suppress(KeyboardInterrupt):
            run([*words, "--config", str(folder / "mottak.toml")])
    capfd.readouterr()
    command(folder, capfd)
    assert not list(folder.rglob("*.next"))
    assert holds(folder, capfd)


def test_a_running_receiver_is_left_alone(folder, capfd, monkeypatch):
    before = {name: (folder / name).read_bytes() for name in FILES}
    monkeypatch.setattr(health_probe, "probe", lambda _host, _port: "ready")
    assert rotated(folder, capfd, code=2)["code"] == "KTT-REG-22"
    assert vault_rotated(folder, capfd, code=2)["code"] == "KTT-REG-22"
    assert {name: (folder / name).read_bytes() for name in FILES} == before


def test_another_key_file_is_refused(folder, capfd):
    path = folder / "identity.vault"
    path.write_bytes(b"00" * 32)
    words = ("person", UNIT.key, "1", "--reason", "x", "--config", folder / "mottak.toml")
    assert ask(capfd, *words, code=16)["code"] == "KTT-REG-21"
    assert rotated(folder, capfd, code=16)["code"] == "KTT-REG-21"
