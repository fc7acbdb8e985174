"""A registry from before it was noted which messages wait: a unit that waits goes on waiting, and what waits is found."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from ktt.registry import NOW, Registry
from ktt.registry.month_records import counted, months
from ktt.registry.tables import INGEST_POSITION, INGESTED_UNIT, LAYOUTS, SCHEMA
from ktt.storage.database import Database
from support.registry_inbox import OTHER, START, UNIT, ListInbox, lines, message, service, services, shared, spoiled
from support.registry_revisions import to_0003
from support.settable_clock import SettableClock

HELD = (
    "INSERT INTO quarantine (municipality, unit, position, message_type, correlation_id, received_at, set_aside_at, code,"
    " reason) VALUES ('1114', :unit, :at, 'KTT_Tjeneste', 'c', :now, :now, 'KTT-REG-01', 'ValueError')"
)


@pytest.mark.parametrize(("position", "read_from"), [(5, 1), (2, 1), (1, 1), (0, 0)])
def test_what_waits_is_read_again(any_database_url, tmp_path, position, read_from):
    old = Database.open(any_database_url, dataclasses.replace(SCHEMA, head="0001"))
    with old.transaction() as connection:
        now = {"now": START.replace(tzinfo=None) if old.dialect == "sqlite" else START}
        connection.execute(
            sa.text(HELD).bindparams(sa.bindparam("now", type_=sa.DateTime)), {"unit": UNIT.key, "at": 2, **now}
        )
        connection.execute(sa.text("UPDATE ingest_position SET position = :at"), {"at": position})
    old.close()
    registry = Registry.open(any_database_url, tmp_path / "key", tmp_path / "identity", SettableClock(START))
    with registry._database.reading() as connection:
        assert connection.execute(sa.select(INGEST_POSITION)).one() == (read_from, 0)
    (held,) = registry.held()
    assert (held.unit, held.reason.nb, held.reason.en) == (UNIT.key, "ValueError", "ValueError")
    inbox = ListInbox(
        message(1, services(service("T-1")), unit=OTHER),
        spoiled(message(2, services(service("T-2")))),
        message(3, services(service("T-3"))),
        message(4, services(service("T-4")), unit=OTHER),
    )
    registry.ingest(inbox)
    assert [(one.unit, one.messages) for one in registry.held()] == [(UNIT.key, 2)]
    assert lines(registry, OTHER)[-1][0] == "T-4"
    registry.close()


def test_a_new_registry_begins_at_the_beginning(any_database_url):
    database = Database.open(any_database_url, SCHEMA)
    with database.reading() as connection:
        assert connection.execute(sa.select(INGEST_POSITION)).one() == (0, 0)
    database.close()


def test_the_units_of_what_was_ingested_are_found_in_its_versions(any_database_url, tmp_path):
    """Before, the journal named the first unit of a message alone."""
    keys = (tmp_path / "key", tmp_path / "identity")
    registry = Registry.open(any_database_url, *keys, SettableClock(START))
    both = shared(1, (UNIT, services(service("T-1"))), (OTHER, services(service("T-1"))))
    registry.ingest(ListInbox(both, message(2, deletions=["T-9"])))
    expected = [(UNIT.key, 1), (UNIT.key, 2), (OTHER.key, 1)]
    with registry._database.transaction() as connection:
        assert sorted(connection.execute(sa.select(INGESTED_UNIT)).all()) == sorted(expected)
        undo(connection)
    registry.close()
    registry = Registry.open(any_database_url, *keys, SettableClock(START))
    with registry._database.reading() as connection:
        assert sorted(connection.execute(sa.select(INGESTED_UNIT)).all()) == sorted(expected)
        kept = [(UNIT.key, "care_service", "2026-01", 1), (OTHER.key, "care_service", "2026-01", 1)]
        assert sorted(months(connection, NOW).rows()) == sorted(counted(connection, NOW).rows()) == kept
    registry.close()


def undo(connection):
    """Back to revision 0002."""
    to_0003(connection)
    for layout in LAYOUTS.values():
        connection.execute(sa.text(f"DROP VIEW {layout.known.name}"))
        for table in (layout.current, layout.history):
            connection.execute(sa.text(f"DROP INDEX {table.name}_person"))
    connection.execute(sa.text("DROP TABLE ingested_unit"))
    connection.execute(sa.text("UPDATE registry_version SET version_num = '0002'"))
