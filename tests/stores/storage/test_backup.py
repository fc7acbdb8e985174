"""A backup of a store: consistent while others write, checked, of the owner alone, and never over anything."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys

import pytest
import sqlalchemy as sa

from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import SCHEMA
from ktt.storage.backup import back_up
from ktt.storage.database import Database
from ktt.storage.errors import BackupNotOurs, BackupUnwritable, NothingToBackUp
from support.outbox_queues import UNIT, VAULT, message


@pytest.fixture
def database(sqlite_url):
    database = Database.open(sqlite_url, SCHEMA)
    yield database
    database.close()


def test_a_backup_has_everything_and_needs_no_file_beside_it(database, sqlite_url, clock, tmp_path):
    store = SqlOutbox(database, VAULT, clock)
    store.enqueue(UNIT, [message("a"), message("b")])
    made = back_up(sqlite_url, tmp_path / "copy.sqlite")
    store.enqueue(UNIT, [message("c")])  # afterwards
    assert (made.bytes, sorted(tmp_path.glob("*copy*"))) == (made.file.stat().st_size, [made.file])
    again = Database.open(f"sqlite:///{made.file}", SCHEMA)
    assert len(SqlOutbox(again, VAULT, clock).messages(UNIT)) == 2
    again.close()


def test_what_another_is_writing_is_not_in_it(database, sqlite_url, tmp_path):
    with database.transaction() as writing:
        writing.execute(sa.text("CREATE TABLE half (n INTEGER)"))
        made = back_up(sqlite_url, tmp_path / "copy.sqlite")
    copy = sqlite3.connect(made.file)
    assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    copy.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_backup_is_its_owners_alone(database, sqlite_url, tmp_path):
    before = os.umask(0)
    try:
        made = back_up(sqlite_url, tmp_path / "copy.sqlite")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600


def test_a_backup_is_never_written_over_a_file(database, sqlite_url, tmp_path):
    there = tmp_path / "there"
    there.write_bytes(b"x")
    with pytest.raises(BackupUnwritable):
        back_up(sqlite_url, there)
    assert there.read_bytes() == b"x"
    with pytest.raises(BackupUnwritable):
        back_up(sqlite_url, tmp_path / "away" / "copy.sqlite")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_postgresql_is_pointed_to_its_own_tool(tmp_path):
    url = "postgresql+psycopg://ktt:hidden@db.example.no/ktt"
    with pytest.raises(BackupNotOurs) as told:
        back_up(url, tmp_path / "copy")
    advice = told.value.advises().nb
    assert f"pg_dump --format=custom --file={tmp_path / 'copy'} postgresql://" in advice
    assert "hidden" not in advice
    assert "***" not in advice
    assert not (tmp_path / "copy").exists()


def test_a_store_that_is_gone_is_told_and_not_made(tmp_path):
    with pytest.raises(NothingToBackUp):
        back_up(f"sqlite:///{tmp_path / 'gone.sqlite'}", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told_and_leaves_nothing(tmp_path):
    (tmp_path / "odd.sqlite").write_bytes(b"x" * 8192)
    with pytest.raises(BackupUnwritable):
        back_up(f"sqlite:///{tmp_path / 'odd.sqlite'}", tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["odd.sqlite"]
