"""The sandbox as a whole: it starts, writes what others need, says clearly why it cannot, and is the same next time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import socket
import stat
import threading
from pathlib import Path

import pytest

from ktt.core.clock import SystemClock
from ktt.core.http.client import HttpClient
from ktt.core.http.exchange import Request
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, AcceptedMessage, OutgoingMessage, Refused, Rejected
from ktt.messages.register import find
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.clock_offset import without_offset
from ktt.sender.settings import SenderSettings
from ktt.storage.errors import KeyFileUnwritable
from ktt.testing.sandbox import UNIT, Sandbox
from ktt.testing.sandbox.background_thread import BackgroundThread
from ktt.testing.sandbox.errors import FolderInUse, PortBusy, StateUnreadable
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH
from ktt.testing.sandbox.settings import SandboxSettings

DISTRICT = ReportingUnit("312000563", "0301", "03")


def settings(folder: Path, **options: object) -> SandboxSettings:
    return SandboxSettings(**{"folder": folder, "helseid_port": 0, "mottak_port": 0, **options})


def message(unit: ReportingUnit = UNIT) -> OutgoingMessage:
    version = find("KTT_Funksjonsvurdering" if unit.district else "KTT_Vedtak", "1")
    example = next(body for name, body in version.examples().items() if name.startswith("N"))
    assert version.read(example)[0].unit == unit
    return OutgoingMessage(unit, version.message_type, "1", example, dt.date(2026, 3, 2))


def send(sender: Path, *outgoing: OutgoingMessage) -> list[object]:
    with open_receiver_client(SenderSettings.load(sender), SystemClock()) as mottak:
        return [mottak.send(one) for one in outgoing]


def nothing(_inbox: object) -> None:
    """An ingest that takes in nothing."""


def test_our_own_sender_delivers_and_the_ingest_is_told(tmp_path: Path):
    taken: list[AcceptedMessage] = []
    with Sandbox(settings(tmp_path / "s"), ingest=lambda inbox: taken.extend(inbox.after(len(taken), 10))) as sandbox:
        first, again = send(sandbox.write_sender(tmp_path / "sender"), message(), message())
        assert sandbox.wait_for_ingest()
    assert isinstance(first, Accepted)
    assert again == first
    assert [(one.unit, one.payload) for one in taken] == [(UNIT, message().payload)]


@pytest.mark.parametrize("database", ["files", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def test_what_is_accepted_stands_in_the_registry(tmp_path: Path, request: pytest.FixtureRequest, database: str):
    """With no ingest of the test's own, the sandbox has a registry behind it: in files, or all in one PostgreSQL."""
    url = None if database == "files" else request.getfixturevalue(database)
    with Sandbox(settings(tmp_path / "s", database_url=url)) as sandbox:
        (accepted,) = send(sandbox.write_sender(tmp_path / "sender"), message())
        assert isinstance(accepted, Accepted)
        assert sandbox.wait_for_ingest()
        sent = find("KTT_Vedtak", "1").read(message().payload)[0].records["decision"]
        assert sandbox.registry is not None
        assert set(sandbox.registry.current(UNIT, "decision")["decision_id"]) == set(sent["decision_id"])


def test_several_units_each_with_a_client_of_its_own(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), units=(UNIT, DISTRICT), ingest=nothing) as sandbox:
        own = sandbox.write_sender(tmp_path / "district", unit=DISTRICT)
        others = sandbox.write_sender(tmp_path / "unit", unit=UNIT)
        assert isinstance(send(own, message(DISTRICT))[0], Accepted)
        of_another = dataclasses.replace(message(DISTRICT), unit=UNIT)
        assert send(others, of_another)[0].code == 2001


def test_the_vendor_acts_for_every_unit(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), units=(UNIT, DISTRICT), ingest=nothing) as sandbox:
        for unit in (UNIT, DISTRICT):
            sender = sandbox.write_sender(tmp_path / unit.key, unit=unit, vendor=True)
            assert SenderSettings.load(sender).helseid.multi_tenant
            assert isinstance(send(sender, message(unit))[0], Accepted)


def test_another_key_is_refused_and_bad_content_rejected(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as sandbox:
        sender = sandbox.write_sender(tmp_path / "sender")
        bad = OutgoingMessage(UNIT, "KTT_Vedtak", "1", b"[{}]", dt.date(2026, 3, 2))
        (rejected,) = send(sender, bad)
        assert isinstance(rejected, Rejected)
        assert rejected.code == 2008
        stranger = Sandbox(settings(tmp_path / "other"), ingest=nothing)
        with stranger:
            thief = stranger.write_sender(tmp_path / "thief").parent / "client.key"
            (tmp_path / "sender" / "client.key").write_bytes(thief.read_bytes())
            assert isinstance(send(sender, message())[0], Refused)


def test_the_same_folder_is_the_same_world(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as first:
        config = first.config
        sender = first.write_sender(tmp_path / "sender")
        (before,) = send(sender, message())
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as second:
        assert second.config["helseid"]["private_jwk"] == config["helseid"]["private_jwk"]
        assert send(second.write_sender(tmp_path / "sender"), message()) == [before], "still the first receipt"
    for path in (tmp_path / "s").rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_is_written_for_others(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as sandbox:
        sandbox.write_config(tmp_path / "config.json")
        sandbox.write_config(tmp_path / "config.json")  # again is harmless
        sender = sandbox.write_sender(tmp_path / "sender", epj=tmp_path / "epj")
        for unwritable in (Path("/dev/null/config.json"), tmp_path):
            with pytest.raises(KeyFileUnwritable):
                sandbox.write_config(unwritable)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["mottak"]["base_url"].startswith("http://127.0.0.1:")
    assert config["unit"] == {"orgnr": "312000008", "kommunenr": "1114", "bydelnr": None}
    read = SenderSettings.load(sender)
    assert read.environment == "sandbox"
    assert read.source.url == f"sqlite:///{tmp_path / 'epj' / 'epj.sqlite'}"
    assert read.source.mapping == tmp_path / "epj" / "mapping.toml"
    for path in (tmp_path / "config.json", *sender.parent.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_busy_port_is_named_and_nothing_is_left_running(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(PortBusy) as said, Sandbox(settings(tmp_path / "s", mottak_port=port), ingest=nothing):
            pass
    assert str(port) in said.value.says().nb
    assert "--mottak-port 0" in said.value.advises().en
    with Sandbox(settings(tmp_path / "s"), ingest=nothing):
        pass


def test_two_sandboxes_do_not_share_a_folder(tmp_path: Path):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing), pytest.raises(FolderInUse):
        Sandbox(settings(tmp_path / "s"), ingest=nothing).__enter__()


@pytest.mark.parametrize("name", ["helseid.keys", "clients/312000008.json"])
def test_a_spoilt_file_is_named(tmp_path: Path, name: str):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing):
        pass
    (tmp_path / "s" / name).write_text("{}")
    with (
        pytest.raises(StateUnreadable, match=name.rsplit("/", maxsplit=1)[-1]),
        Sandbox(settings(tmp_path / "s"), ingest=nothing),
    ):
        pass


def test_helseid_answers_json_to_everything(tmp_path: Path):
    http = HttpClient()
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as sandbox:
        for method, path, status in [
            ("GET", "/.well-known/openid-configuration", 200),
            ("GET", "/.well-known/openid-configuration/jwks", 200),
            ("GET", "/nothing", 404),
            ("GET", "/connect/token", 405),
            ("POST", "/connect/token", 415),
        ]:
            answer = http.exchange(Request(method, sandbox.helseid_url + path))
            assert (answer.status, answer.header("Content-Type")) == (status, "application/json"), path
            problem = json.loads(answer.body)
            assert (DISCOVERY_PATH in problem.get("error_description", "")) is (status == 404), path
    http.close()


def test_an_ingest_that_fails_is_told_to_who_waits_and_tried_again():
    attempts: list[int] = []

    def ingest() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ZeroDivisionError

    thread = BackgroundThread(ingest)
    thread.start()
    with pytest.raises(ZeroDivisionError):
        thread.settle()
    thread.notify()
    assert thread.settle()
    thread.stop()
    assert len(attempts) == 2


def test_ctrl_c_in_the_thread_that_computes_is_no_end_of_it_and_is_told_to_who_waits(capfd):
    """Polars raises it there, whatever thread that is."""
    attempts: list[int] = []

    def ingest() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise KeyboardInterrupt

    thread = BackgroundThread(ingest)
    thread.start()
    thread.notify()
    with pytest.raises(KeyboardInterrupt):
        thread.settle()
    thread.notify()
    assert thread.settle()
    thread.stop()
    assert "Traceback" not in capfd.readouterr().err


def test_settling_waits_for_what_came_before():
    gate, seen = threading.Event(), []
    thread = BackgroundThread(lambda: (gate.wait(), seen.append(1)))
    thread.start()
    thread.notify()
    assert not thread.settle(timeout=0.05)
    gate.set()
    assert thread.settle()
    thread.stop()
    assert seen


@pytest.mark.parametrize("seconds", [-90, 3600])
def test_a_sender_hears_how_far_its_clock_is_from_the_sandboxs(tmp_path: Path, seconds: int):
    with Sandbox(settings(tmp_path / "s"), ingest=nothing) as sandbox:
        sandbox.control.set_clock(seconds)
        (outcome,) = send(sandbox.write_sender(tmp_path / "sender"), message())
    assert isinstance(outcome, Refused)
    _, offset = without_offset(outcome.reason)
    assert offset is not None
    assert abs(offset.total_seconds() + seconds) < 30
