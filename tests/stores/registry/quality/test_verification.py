"""`Verifier`: nothing is found in a registry as it should be, and each planted inconsistency by its name and no other."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ktt.messages.register import find
from ktt.registry import Registry
from ktt.registry.month_records import recount
from ktt.registry.verification import MEANINGS, Verifier
from ktt.storage.vault import Vault
from support.registry_inbox import (
    OTHER,
    START,
    STORED,
    UNIT,
    ListInbox,
    a_decision,
    message,
    minute,
    recipient,
    service,
    services,
    shared,
    spoiled,
)
from support.settable_clock import SettableClock

NAMELESS = [recipient("2", None)]


def everyday():
    """A change, a deletion that came back, a person without number, a shared message, a clock put back, one that waits."""
    both = services(service("T-5"))
    return [
        message(1, services(service("T-1"), service("T-2"))),
        message(2, services(service("T-1", service_type="18"))),
        message(3, services(service("T-1", service_type="6"))),
        message(4, deletions=["T-2"]),
        message(5, services(service("T-3", "2"), people=NAMELESS)),
        message(6, a_decision(), record_type="decision"),
        shared(7, (UNIT, both), (OTHER, both)),
        message(8, services(service("T-3", "2", service_type="18"), people=NAMELESS), at=minute(0)),
        spoiled(message(9, services(service("T-9")), unit=OTHER)),
        message(10, services(service("T-10")), unit=OTHER),
        message(11, services(service("T-4"))),
        message(12, deletions=["T-4"]),
    ]


@pytest.fixture(scope="module")
def filled(registry_url, tmp_path_factory):
    """A registry that has ingested them, made once; its keys' folder; and the rows of each table."""
    folder = tmp_path_factory.mktemp("keys")
    keys = [folder / name for name in ("key", "identity.key")]
    registry = Registry.open(registry_url, *keys, clock=SettableClock(START))
    registry.ingest(ListInbox(*everyday()))
    with registry.reading() as connection:
        rows = {table: [dict(row) for row in connection.execute(sa.select(table)).mappings()] for table in STORED}
    yield registry, folder, rows
    empty(registry)
    registry.close()


@pytest.fixture
def registry(filled):
    """The same for every test: what a test does to it is undone."""
    registry, _, rows = filled
    yield registry
    empty(registry)
    with registry._database.transaction() as connection:
        for table, each in rows.items():
            if each:
                connection.execute(sa.insert(table), each)


def empty(registry):
    with registry._database.transaction() as connection:
        for table in STORED:
            connection.execute(sa.delete(table))


@pytest.fixture
def inbox():
    return ListInbox(*everyday())


@pytest.fixture
def verify(registry, filled, tmp_path):
    keys = (Vault.from_file(filled[1] / name) for name in ("key", "identity.key"))
    verifier = Verifier(registry._database, *keys, SettableClock(START), find)
    return lambda *anew: verifier.run(*anew, scratch=tmp_path)


def test_a_registry_as_it_should_be(verify, inbox):
    found = verify(inbox)
    assert found.holds, found
    assert (found.versions["care_service"], found.messages) == (11, 10)
    assert (found.recomputed, found.not_kept) == (2, 0)


CURRENT, HISTORY = "care_service_current", "care_service_history"
MINUTE = {"sqlite": "datetime({0}, '{1} minutes') || '.000000'", "postgresql": "{0} + interval '{1} minutes'"}
FIRST = f"(SELECT h.fingerprint FROM {HISTORY} h WHERE h.service_id = 'T-1' AND h.version = 1)"
PLANTED = [
    ("overlap", "a version ends later", f"UPDATE {HISTORY} SET known_to = LATER(known_to,1) WHERE version = 1"),
    ("gap", "a version ends earlier", f"UPDATE {HISTORY} SET known_to = LATER(known_to,-1) WHERE version = 2"),
    ("turned", "a version ends first", f"UPDATE {HISTORY} SET known_to = LATER(known_to,-5) WHERE version = 2"),
    (
        "unchanged",
        "the same twice",
        f"UPDATE {HISTORY} SET service_type = '15', fingerprint = {FIRST} WHERE version = 2",
    ),
    ("person", "a person the unit never had", "DELETE FROM recipient_current WHERE local_person_id = '2'"),
    ("numbers", "a hole", f"UPDATE {CURRENT} SET version = 4 WHERE service_id = 'T-1'"),
    ("newest", "no current version", f"DELETE FROM {CURRENT} WHERE service_id = 'T-4'"),
    ("deletion", "a deletion with content", f"UPDATE {CURRENT} SET service_type = '15' WHERE service_id = 'T-2'"),
    ("fingerprint", "content touched", f"UPDATE {CURRENT} SET starts_on = '2026-01-11' WHERE service_id = 'T-1'"),
    ("fingerprint", "a part touched", "UPDATE decision_current SET appeal = NULL"),
    ("fingerprint", "a death touched", "UPDATE recipient_current SET died_on = '2026-01-11' WHERE unit LIKE '%-03'"),
    ("message", "a version of nobody's message", "DELETE FROM ingested_unit WHERE unit LIKE '%-03'"),
    ("instant", "known before it came", f"UPDATE {CURRENT} SET known_from = LATER(known_from,-1) WHERE position = 7"),
    ("instant", "known after it came", "UPDATE ingested_message SET received_at = LATER(received_at,-1)"),
    ("identity", "a number lost", "DELETE FROM identity"),
    ("identity", "a number of nobody", "INSERT INTO identity VALUES ('00', 'national', 'x')"),
    ("journal", "a count", "UPDATE ingested_message SET changed = 7 WHERE position = 2"),
    ("journal", "a count of deletions", "UPDATE ingested_message SET deleted = 0 WHERE position = 4"),
    ("journal", "a message without unit", "DELETE FROM ingested_unit WHERE position = 4"),
    ("audit", "an entry that is gone", "UPDATE audit_head SET number = 1"),
    ("months", "a record too many", "UPDATE month_records SET records = records + 1 WHERE record_type = 'decision'"),
    ("months", "a month that is not counted", "DELETE FROM month_records WHERE unit LIKE '%-03'"),
    ("waiting", "what was ingested", "INSERT INTO waiting_message VALUES (1, '312000563-0301-03')"),
    ("waiting", "a unit that does not wait", "INSERT INTO waiting_message VALUES (13, '312000008-1114')"),
]
ALSO = {"no current version": {"journal"}, "a message without unit": {"message"}, "a version ends first": {"gap"}}
"""What follows from a planted one, so that it is found as well."""


@pytest.mark.parametrize(("check", "what", "statement"), PLANTED, ids=[what for _, what, _ in PLANTED])
def test_a_planted_inconsistency_is_found(verify, registry, check, what, statement):
    with registry._database.transaction() as connection:
        connection.execute(sa.text(spoken(statement, registry._database.dialect)))
    found = verify()
    assert set(found.counts) == {check} | ALSO.get(what, set())
    assert found.counts[check] == sum(one.check == check for one in found.places)


def spoken(statement, dialect):
    """`LATER(column,n)` as the database says it."""
    head, mark, rest = statement.partition("LATER(")
    if not mark:
        return statement
    inside, _, tail = rest.partition(")")
    column, minutes = inside.split(",")
    return head + MINUTE[dialect].format(column, minutes) + tail


class TestReadAnew:
    def test_finds_a_change_that_hangs_together(self, verify, registry, inbox):
        """Record, version, counts and journal removed as if the message had never been: only the message itself tells."""
        with registry._database.transaction() as connection:
            for name in ("T-10", "T-5"):
                connection.execute(sa.text(f"DELETE FROM {CURRENT} WHERE service_id = '{name}' AND unit LIKE '%1114'"))
            connection.execute(sa.text("UPDATE ingested_message SET changed = 1 WHERE position = 7"))
            recount(connection, [UNIT.key])
        assert verify().holds
        assert set(verify(inbox).counts) == {"recomputed"}

    def test_leaves_out_units_whose_messages_are_not_all_kept(self, verify, inbox):
        del inbox.messages[0]
        found = verify(inbox)
        assert found.holds
        assert (found.recomputed, found.not_kept) == (1, 1)


def test_every_check_has_words():
    assert {check for check, *_ in PLANTED} | {"recomputed"} == set(MEANINGS)
