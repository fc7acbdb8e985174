"""What receiver and registry have is saved, put back and emptied while the sandbox runs: whole, or not at all."""

from __future__ import annotations

import errno
import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import find, pack
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.store.tables import RECEIPT
from ktt.registry.verification import Verifier
from ktt.storage.vault import Vault
from ktt.testing.sandbox import UNIT, Sandbox
from ktt.testing.sandbox.errors import ControlRefused, NoSuchState, StateNameUnfit
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.settings import SandboxSettings

PACK = {one.message_type: one for one in pack("ktt_v1")}


def opened(folder, url=None):
    return Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0, database_url=url))


def send(sandbox, message_type):
    content = PACK[message_type].examples()
    name = min(name for name in content if name.startswith("N"))
    outcome = sandbox.control.send(message_type, "1", content[name])
    assert sandbox.wait_for_ingest()
    return getattr(outcome, "correlation_id", None)


def held(sandbox):
    """What is there: the receipts, and how many records of each type the registry has."""
    with sandbox._database.reading() as connection:
        receipts = list(connection.scalars(sa.select(RECEIPT.c.correlation_id).order_by(RECEIPT.c.position)))
    records = sandbox.registry.records(UNIT)
    return receipts, {name: frame.height for name, frame in records.items() if frame.height}


def verifies(sandbox):
    """Whether everything that the registry keeps holds together, under the sandbox's own keys."""
    keys = [Vault.from_file(sandbox.folder / name) for name in ("registry.vault", "identity.vault")]
    return Verifier(sandbox._registry_stores[0].database, *keys, SystemClock(), find).run().holds


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def sandbox(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with opened(tmp_path / "s", url) as sandbox:
        yield sandbox


def test_a_state_is_put_back_as_it_was_and_the_sandbox_goes_on(sandbox):
    first = send(sandbox, "KTT_Vedtak")
    saved, before = sandbox.states.save("one vedtak".replace(" ", "-")), held(sandbox)
    assert (saved.name, saved.messages) == ("one-vedtak", 1)
    send(sandbox, "KTT_Diagnose")
    assert held(sandbox) != before
    assert sandbox.control.restore("one-vedtak") == saved
    assert held(sandbox) == before
    assert send(sandbox, "KTT_Vedtak") == first, "the first receipt, as after any resend"
    assert send(sandbox, "KTT_Diagnose")
    assert len(held(sandbox)[0]) == 2
    assert sandbox.wait_for_findings()
    assert verifies(sandbox)


def test_reset_empties_receiver_and_registry(sandbox):
    first = send(sandbox, "KTT_Vedtak")
    sandbox.states.save("full")
    sandbox.control.reset("all")
    assert held(sandbox) == ([], {})
    assert sandbox.control.requests() == []
    assert send(sandbox, "KTT_Vedtak") not in {None, first}
    assert len(held(sandbox)[0]) == 1
    assert verifies(sandbox)
    sandbox.control.restore("full")
    assert held(sandbox)[0] == [first]


KEPT = (
    ("_database", "receiver_access", "holder"),
    ("_database", "receiver_access_version", "version"),
    ("_database", "receiver_supplier", "supplier"),
    ("_database", "receiver_jti", "hash"),
    ("_registry_stores", "vault_check", "*"),
)


def kept(sandbox):
    found = {}
    for place, table, column in KEPT:
        database = sandbox._database if place == "_database" else sandbox._registry_stores[0].database
        with database.reading() as connection:
            found[table] = sorted(map(str, connection.exec_driver_sql(f"SELECT {column} FROM {table}")))
    return found


def test_what_belongs_to_the_sandbox_is_not_part_of_a_state(tmp_path):
    with opened(tmp_path / "s") as sandbox:
        sandbox.states.save("early")
        send(sandbox, "KTT_Vedtak")
        AccessList(sandbox._database).grant(ReportingUnit("312000563", "0301", "03"), ["KTT_Vedtak"])
        before = kept(sandbox)
        assert all(before.values())
        sandbox.control.restore("early")
        assert kept(sandbox) == before
        sandbox.control.reset("all")
        assert kept(sandbox) == before


def test_what_was_cut_off_is_done_at_the_next_start(tmp_path, monkeypatch):
    folder = tmp_path / "s"
    with opened(folder) as sandbox:
        send(sandbox, "KTT_Vedtak")
        wanted = held(sandbox)
        sandbox.states.save("wanted")
        send(sandbox, "KTT_Diagnose")
        monkeypatch.setattr(sandbox.states, "_exchange", lambda: None)  # as when it is killed here
        sandbox.states.restore("wanted")
        assert held(sandbox) != wanted
        (folder / "states" / ".draft").mkdir()
        (folder / "states" / ".draft" / "state.sqlite").touch()
    with opened(folder) as again:
        assert held(again) == wanted
        assert [one.name for one in again.states.all()] == ["wanted"]
        assert not list((folder / "states").glob(".*"))


def test_a_fault_between_two_commits_is_made_good_at_the_next_start(tmp_path, monkeypatch):
    folder = tmp_path / "s"
    with opened(folder) as sandbox:
        send(sandbox, "KTT_Vedtak")
        wanted = held(sandbox)
        sandbox.states.save("wanted")
        send(sandbox, "KTT_Diagnose")
        registry = sandbox._registry_stores[0].database
        real = registry.transaction

        @contextmanager
        def failing():
            with real() as connection:
                yield connection
                raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr(registry, "transaction", failing)
        with pytest.raises(OSError, match="no space"):
            sandbox.states.restore("wanted")
        assert held(sandbox)[0] == wanted[0], "the receiver was exchanged"
        assert held(sandbox)[1] != wanted[1], "and the registry was not"
    with opened(folder) as again:
        assert held(again) == wanted
        assert verifies(again)


def test_senders_who_go_on_sending_notice_nothing(tmp_path):
    content = PACK["KTT_Vedtak"].examples()["N01-everyday"]
    with opened(tmp_path / "s") as sandbox:
        stop, outcomes = threading.Event(), []

        def sender():
            while not stop.is_set():
                outcomes.append(sandbox.control.send("KTT_Vedtak", "1", content + b" " * len(outcomes)))

        senders = [threading.Thread(target=sender) for _ in range(3)]
        for one in senders:
            one.start()
        try:
            for act in (sandbox.states.save, sandbox.control.restore) * 3:
                act("full")
            sandbox.control.reset("all")
        finally:
            stop.set()
            for one in senders:
                one.join()
        assert outcomes
        assert {type(one).__name__ for one in outcomes} == {"Accepted"}
        assert sandbox.wait_for_ingest()
        receipts, _ = held(sandbox)
        with sandbox.registry.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM ingested_message").scalar() == len(receipts)
        assert verifies(sandbox)


def test_a_fault_on_the_way_leaves_everything_as_it_was(tmp_path):
    with opened(tmp_path / "s") as sandbox:
        send(sandbox, "KTT_Vedtak")
        before = held(sandbox)
        with sandbox._database.transaction() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER no BEFORE DELETE ON receiver_receipt BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        with pytest.raises(sa.exc.DatabaseError):
            sandbox.control.reset("all")
        assert held(sandbox) == before
        with sandbox._database.transaction() as connection:
            connection.exec_driver_sql("DROP TRIGGER no")
        assert send(sandbox, "KTT_Diagnose")
        assert not list((tmp_path / "s" / "states").glob(".*"))


def test_names_and_lists(tmp_path):
    with opened(tmp_path / "s") as sandbox, AdminClient(tmp_path / "s") as admin:
        assert admin.states() == []
        for name in ("b", "a", "b"):
            admin.save(name)
        assert [one["name"] for one in admin.states()] == ["a", "b"]
        assert [one["name"] for one in admin.forget("a")] == ["b"]
        for wrong, kind in (
            ("../x", StateNameUnfit),
            ("", StateNameUnfit),
            (".pending", StateNameUnfit),
            ("a", NoSuchState),
        ):
            with pytest.raises(kind):
                sandbox.states.restore(wrong)
        with pytest.raises(ControlRefused, match="b"):
            admin.restore("a")
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "s" / "states").iterdir()} == {0o600}
