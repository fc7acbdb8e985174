"""The audit log of persons as a chain: whatever is changed in it is found, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
import sqlalchemy as sa

from ktt.messages.register import find
from ktt.registry import Registry
from ktt.registry.identity.audit import AuditLog, Entry
from ktt.registry.questions import Wanted, look_ups
from ktt.registry.tables import AUDIT, AUDIT_SUBJECT
from ktt.registry.verification import Verifier
from ktt.storage.vault import Vault
from support.audit_entries import entries
from support.registry_inbox import NUMBERS, START, UNIT, ListInbox, message, minute, service, services
from support.registry_revisions import to_0003
from support.settable_clock import SettableClock


@pytest.fixture
def verify(registry, tmp_path):
    keys = [Vault.from_file(tmp_path / name) for name in ("key", "identity.key")]
    return lambda: Verifier(registry._database, *keys, SettableClock(START), find).run()


@pytest.fixture
def looked(registry):
    """Two persons, and three entries."""
    registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
    keys = sorted(registry.people(UNIT)["person_key"])
    registry.identities.note_looks(keys, "Ingrid", f"case {NUMBERS['1']}")
    registry.identities.note_looks(keys[:1], "Ola", "case 2")
    registry.identities.note_listing(UNIT, "a sender", "inventory")
    return registry


def test_a_whole_log(looked, verify):
    found = verify()
    assert found.holds, found
    assert (found.audit.number, len(found.audit.hash)) == (3, 64)


CHANGES = [
    "UPDATE audit_entry SET why = 'another' WHERE number = 1",
    "UPDATE audit_entry SET who = 'Kari' WHERE number = 2",
    "UPDATE audit_entry SET detail = 'x' WHERE number = 3",
    "UPDATE audit_entry SET act = 'list' WHERE number = 2",
    "DELETE FROM audit_entry WHERE number = 2",
    "DELETE FROM audit_entry WHERE number = 3",
    "DELETE FROM audit_about WHERE number = 2",
    "UPDATE audit_about SET subject = 'x' WHERE number = 2",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET sealed = NULL",
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_is_found(looked, verify, change):
    with looked._database.transaction() as connection:
        changed = connection.execute(sa.text(change)).rowcount
        if "sealed" in change:  # somebody who would begin the log anew has to seal it
            connection.execute(sa.text("UPDATE audit_entry SET act = 'delete' WHERE number = 2"))
    assert changed
    assert set(verify().counts) == {"audit"}
    with looked._database.transaction() as connection:  # so that the fixture can empty it
        connection.execute(sa.text("DELETE FROM audit_head"))


def test_a_log_made_anew_without_the_key_is_found(looked, verify, registry):
    stranger = AuditLog(registry._database, Vault(bytes(32)), SettableClock(START))
    stranger.note(Entry("look", "Ingrid", "case 9"))
    assert set(verify().counts) == {"audit"}


def test_the_chain_stays_whole_without_the_persons(looked, verify, registry):
    with registry._database.transaction() as connection:
        connection.execute(sa.delete(AUDIT_SUBJECT))
    assert verify().holds
    assert [keys for *_, keys in entries(registry)] == [[], [], []]


def test_a_person_keeps_one_subject(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    (key,) = registry.people(UNIT)["person_key"]
    for n in range(3):
        registry.identities.note_looks([key], "Ingrid", f"case {n}")
    with registry.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(AUDIT_SUBJECT)) == 1
        assert len(look_ups(connection, Wanted(person_keys=[key]))) == 3


def test_whom_nobody_knows_leaves_no_key(registry):
    registry.identities.note_looks([registry.identities.number_key(NUMBERS["1"])], "Ingrid", "case")
    with registry.reading() as connection:
        assert connection.execute(sa.select(AUDIT_SUBJECT)).all() == []


def test_many_persons_in_a_day_by_one(registry, tmp_path, caplog):
    registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2"), service("T-3", "3")))))
    clock = SettableClock(dt.datetime(2026, 3, 2, 22, 30, tzinfo=dt.UTC))  # 23:30 in Norway
    log = AuditLog(registry._database, Vault.from_file(tmp_path / "identity.key"), clock, 2)
    one, two, three = registry.people(UNIT)["person_key"]
    with caplog.at_level(logging.ERROR, "ktt.registry.identity.audit"):
        for key in (one, two, one):
            log.note(Entry("look", "Ingrid", "case"), [key])
        log.note(Entry("look", "Ola", "case"), [three])
        clock.advance(dt.timedelta(hours=1))
        log.note(Entry("look", "Ingrid", "case"), [three])
        assert "ALARM" not in caplog.text
        log.note(Entry("look", "Ingrid", "case"), [one, two])
        assert "ALARM: Ingrid has looked at 3 persons today" in caplog.text
    with registry.reading() as connection:
        assert [one.many for one in look_ups(connection, Wanted(), 2)] == [False] * 5 + [True]
        days = Wanted(since=dt.date(2026, 3, 3), until=dt.date(2026, 3, 3))
        assert [one.number for one in look_ups(connection, days)] == [5, 6]


def test_earlier_looks_are_the_first_entries(any_database_url, tmp_path):
    keys = (tmp_path / "key", tmp_path / "identity")
    registry = Registry.open(any_database_url, *keys, SettableClock(START))
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    (key,) = registry.people(UNIT)["person_key"]
    with registry._database.transaction() as connection:
        to_0003(connection)
        look = sa.text("INSERT INTO identity_look (looked_at, who, why, person_key) VALUES (:at, :who, :why, :key)")
        look = look.bindparams(sa.bindparam("at", type_=AUDIT.c.at.type))
        for n, whom in enumerate((key, f"unit {UNIT.key}", "nobody")):
            connection.execute(look, {"at": minute(n), "who": "Ingrid", "why": f"case {n}", "key": whom})
    registry.close()
    registry = Registry.open(any_database_url, *keys, SettableClock(START))
    registry.identities.note_looks([key], "Ola", "afterwards")
    told = [("look", "Ingrid", "case 0", None, [key]), ("list", "Ingrid", "case 1", UNIT.key, [])]
    assert entries(registry) == [
        *told,
        ("look", "Ingrid", "case 2", None, []),
        ("look", "Ola", "afterwards", None, [key]),
    ]
    vaults = [Vault.from_file(path) for path in keys]
    assert Verifier(registry._database, *vaults, SettableClock(START), find).run().holds
    registry.close()
