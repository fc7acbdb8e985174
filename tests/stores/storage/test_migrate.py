"""Migrations: run once, all or nothing, each role by itself; and a newer database is refused."""

from __future__ import annotations

import textwrap
import threading

import pytest
import sqlalchemy as sa

from ktt.storage.database import Database, Schema
from ktt.storage.errors import DatabaseNewer

SCRIPT = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{revision}"
    down_revision = {down}

    def upgrade():
        op.create_table("{table}", sa.Column("n", sa.Integer))
        {more}
"""


@pytest.fixture
def migrations(tmp_path):
    """Write migration scripts; returns the schema whose head is the last of them."""

    def write(role, *tables, more="pass"):
        folder = tmp_path / role
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        for place, table in enumerate(tables, start=1):
            down = f'"{place - 1:04}"' if place > 1 else None
            last = more if place == len(tables) else "pass"
            script = SCRIPT.format(revision=f"{place:04}", down=repr(down and down.strip('"')), table=table, more=last)
            (folder / "versions" / f"{place:04}.py").write_text(textwrap.dedent(script))
        return Schema(role, folder, f"{len(tables):04}")

    return write


def tables(url):
    database = Database.open(url)
    found = set(sa.inspect(database.engine).get_table_names())
    database.close()
    return found


def test_an_empty_database_gets_every_migration(any_database_url, migrations):
    Database.open(any_database_url, migrations("outbox", "a", "b")).close()
    assert tables(any_database_url) == {"a", "b", "outbox_version"}


def test_a_database_half_way_gets_the_rest(any_database_url, migrations):
    Database.open(any_database_url, migrations("outbox", "a")).close()
    Database.open(any_database_url, migrations("outbox", "a", "b")).close()
    assert tables(any_database_url) == {"a", "b", "outbox_version"}


def test_roles_share_a_database_without_knowing_each_other(any_database_url, migrations):
    Database.open(any_database_url, migrations("outbox", "a"), migrations("registry", "b")).close()
    Database.open(any_database_url, migrations("registry", "b", "c")).close()
    assert tables(any_database_url) == {"a", "b", "c", "outbox_version", "registry_version"}


def test_a_migration_that_fails_leaves_nothing(any_database_url, migrations, monkeypatch):
    closed, close = [], Database.close
    monkeypatch.setattr(Database, "close", lambda database: (closed.append(database), close(database)))
    with pytest.raises(ZeroDivisionError):
        Database.open(any_database_url, migrations("outbox", "a", "b", more="1 / 0"))
    assert len(closed) == 1
    assert tables(any_database_url) == set()


def test_a_newer_database_is_refused_and_left_as_it_is(any_database_url, migrations, tmp_path):
    Database.open(any_database_url, migrations("outbox", "a", "b")).close()
    (tmp_path / "outbox" / "versions" / "0002.py").unlink()
    with pytest.raises(DatabaseNewer, match="0002"):
        Database.open(any_database_url, Schema("outbox", tmp_path / "outbox", "0001"))
    assert tables(any_database_url) == {"a", "b", "outbox_version"}


def test_the_folder_of_the_migrations_may_have_any_name(sqlite_url, migrations):
    Database.open(sqlite_url, migrations("a role: 100 %;", "a")).close()
    assert "a" in tables(sqlite_url)


def test_many_may_open_at_once(any_database_url, migrations):
    schema, faults = migrations("outbox", "a", "b"), []

    def opens():
        try:
            Database.open(any_database_url, schema).close()
        except Exception as fault:  # noqa: BLE001 - asserted below
            faults.append(fault)

    threads = [threading.Thread(target=opens) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert tables(any_database_url) == {"a", "b", "outbox_version"}


def test_a_database_that_is_up_to_date_opens_while_another_writes(sqlite_url, migrations):
    schema = migrations("outbox", "a")
    writer = Database.open(sqlite_url, schema)
    with writer.transaction():
        Database.open(sqlite_url, schema).close()
    writer.close()
