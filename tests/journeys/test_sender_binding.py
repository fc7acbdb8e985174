"""A store that does not belong to the settings, or is not what it was: refused or found out, in words, before it harms."""

from __future__ import annotations

import shutil

import pytest

from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.registry_inbox import forget
from support.sender_desk import Desk
from support.sender_municipality import MONDAY


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


@pytest.fixture
def desk(tmp_path, sandbox, capsys):
    """A desk whose load is done."""
    forget(sandbox.registry)
    desk = Desk(tmp_path, sandbox, capsys)
    assert desk.asks("load", *desk.day(0))["changes"] == 9
    return desk


def test_a_store_used_against_another_receiver(desk, sandbox, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as other:
        other.write_sender(desk.folder, epj=desk.folder)
        code, name, words = desk.refused("daily", *desk.day(1))
        assert (code, name) == (17, "KTT-BND-01")
        assert f"mottak «{sandbox.mottak_url}», nå «{other.mottak_url}»" in words
        assert "ktt store bind" in words
        assert desk.asks("outbox")[0]["undelivered"] == 0, "what only looks goes on as before"
        assert desk.refused("store", "show")[:2] == (17, "KTT-BND-01")
        code, name, words = desk.refused("store", "bind", "--reason", "nytt mottak", "--same-registry")
        assert (code, name) == (17, "KTT-BND-11")
        assert "Mottaket kjenner ikke det siste" in words
    sandbox.write_sender(desk.folder, epj=desk.folder)
    assert desk.asks("daily", *desk.day(1))["changes"] == 0


def test_another_client_is_bound_when_the_receiver_knows_the_last_receipt(desk, sandbox):
    sandbox.write_sender(desk.folder, epj=desk.folder, vendor=True)
    code, name, words = desk.refused("daily", *desk.day(1))
    assert (code, name) == (17, "KTT-BND-01")
    assert "klient i HelseID «" in words
    bound = desk.asks("store", "bind", "--reason", "leverandøren sender for oss")
    assert bound["binding"]["act"] == "bound"
    assert desk.asks("daily", *desk.day(1))["changes"] == 0
    shown = desk.asks("store", "show")
    assert [one["act"] for one in shown["history"]] == ["first", "bound"]
    assert (shown["problem"], shown["history"][1]["reason"]) == (None, "leverandøren sender for oss")
    assert "✓ Lageret, innstillingene og vitnefilen hører sammen." in desk.type("store", "show")[1]


def test_from_one_environment_to_another_everything_is_loaded_anew(desk):
    desk.set("environment", "et")
    code, name, words = desk.refused("daily", *desk.day(1))
    assert (code, name) == (17, "KTT-BND-01")
    assert "miljø «sandbox», nå «et»" in words
    assert desk.refused("load", *desk.day(1))[1] == "KTT-BND-01"
    code, name, words = desk.refused("store", "bind", "--reason", "nå gjelder det", "--same-registry")
    assert (code, name) == (2, "KTT-BND-08")
    assert "--start-anew" in words
    code, out, _ = desk.type("store", "bind", "--reason", "nå gjelder det", "--start-anew")
    assert (code, "Kjør «ktt load»" in out) == (0, True)
    (away,) = desk.folder.glob("*.put-away")
    assert away.stat().st_mode & 0o777 == 0o600
    assert desk.refused("daily", *desk.day(1))[1] == "KTT-SND-01"
    assert desk.asks("load", *desk.day(1))["changes"] == 9
    assert [one["act"] for one in desk.asks("store", "show")["history"]] == ["first", "anew"]


def test_a_store_put_back_from_yesterday(desk):
    shutil.copy(desk.folder / "outbox.sqlite", desk.folder / "yesterday")
    desk.epj.service("T9", "P0", MONDAY)
    assert desk.asks("daily", *desk.day(1))["changes"] == 1
    for part in ("-wal", "-shm"):
        (desk.folder / f"outbox.sqlite{part}").unlink(missing_ok=True)
    shutil.copy(desk.folder / "yesterday", desk.folder / "outbox.sqlite")
    code, name, words = desk.refused("daily", *desk.day(2))
    assert (code, name) == (17, "KTT-BND-02")
    assert "lagt tilbake fra en kopi" in words
    assert "ktt reconcile --mend" in words
    code, name, _ = desk.refused("store", "bind", "--reason", "det er vel greit", "--same-registry")
    assert (code, name) == (17, "KTT-BND-12"), "the receiver knows better"


def test_a_store_that_is_lost(desk):
    for path in desk.folder.glob("outbox.sqlite*"):
        if path.suffix != ".witness":
            path.unlink()
    for _ in range(2):
        code, name, words = desk.refused("load", *desk.day(1))
        assert (code, name) == (17, "KTT-BND-03")
        assert "borte eller byttet ut" in words


def test_a_copy_of_a_store_at_another_place(desk, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in desk.folder.glob("outbox.sqlite*"):
        shutil.copy(path, copy)
    settings = desk.config.read_text()
    desk.config.write_text(settings.replace("sqlite:///outbox.sqlite", f"sqlite:///{copy / 'outbox.sqlite'}"))
    code, name, words = desk.refused("daily", *desk.day(1))
    assert (code, name) == (17, "KTT-BND-05")
    assert "flyttet eller kopiert" in words
