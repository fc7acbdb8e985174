"""The database: what is committed stays, what fails leaves nothing, and a lock dies with its holder."""

from __future__ import annotations

import sqlalchemy as sa

from ktt.storage.database import Database


def test_a_database_opens(any_database_url):
    database = Database.open(any_database_url)
    with database.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM t")) == 1
    database.close()
