"""The tables as the migrations make them, the index of what is undelivered, and that the file shows no payload."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ktt.sender.outbox.errors import NothingToResend
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.sql.tables import FIRST_UNDELIVERED, SCHEMA
from ktt.storage.database import Database
from support.outbox_queues import STORED, UNIT, as_dict, message, sql_outbox


def test_the_migrations_make_the_tables_that_the_code_knows(any_database_url):
    database = Database.open(any_database_url, SCHEMA)
    found = sa.inspect(database.engine)
    for table in (*STORED, FIRST_UNDELIVERED):
        made = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert list(made) == [column.name for column in table.columns]
    database.close()


def test_the_first_undelivered_message_is_found_by_the_index_of_what_is_undelivered(sqlite_url, clock):
    with sql_outbox(sqlite_url, clock) as store, store._database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM outbox_head WHERE unit = 'u' ORDER BY sequence LIMIT 1"
        ).all()
    steps = [step[-1] for step in plan]
    assert all("outbox_undelivered" in step for step in steps if step.startswith("SEARCH")), steps
    assert not any("SCAN" in step or "TEMP B-TREE" in step for step in steps), steps


def test_payloads_and_manifests_cannot_be_read_from_the_file(sqlite_url, clock, tmp_path):
    with sql_outbox(sqlite_url, clock) as store:
        store.enqueue(UNIT, [message("a secret payload", s1="fingerprint-of-s1")])
        files = [path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("ktt.sqlite")]
    assert len(files) >= 2  # the file and its write-ahead log
    assert all(b"secret payload" not in content and b"fingerprint-of-s1" not in content for content in files)


def test_a_database_of_the_first_version_keeps_what_it_has_and_can_send_it_again(any_database_url, clock):
    """What was accepted before the upgrade is known without its message: it is chosen by id, or with everything."""
    Database.open(any_database_url, replace(SCHEMA, head="0001")).close()
    engine = sa.create_engine(any_database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        row = {"unit": UNIT.key, "record_type": "care_service", "local_id": "s1", "fingerprint": "f1"}
        connection.execute(
            sa.text("INSERT INTO outbox_snapshot VALUES (:unit, :record_type, :local_id, :fingerprint)"), row
        )
    engine.dispose()
    with sql_outbox(any_database_url, clock) as store:
        assert as_dict(store.snapshot(UNIT, "care_service")) == {"s1": "f1"}
        with pytest.raises(NothingToResend):
            store.resend(UNIT, Resend(period="2026-03"), by="ola", reason="")
        assert store.resend(UNIT, Resend(ids={"care_service": ["s1"]}), by="ola", reason="") == 1
        assert store.resend(UNIT, Resend(), by="ola", reason="") == 1
