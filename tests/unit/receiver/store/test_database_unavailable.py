"""A database that is gone: never a receipt, always an answer, and right again when it is back."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url

from support.receiver_harness import ReceiverHarness


@pytest.fixture
def gone(postgres_url, tmp_path, _postgres_server):
    """A receiver whose database has just been moved away, and how to put it back."""
    receiver = ReceiverHarness(tmp_path, postgres_url)
    name = make_url(postgres_url).database

    def rename(old, new):
        with psycopg.connect(_postgres_server.get_uri(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [old], prepare=False
            )
            connection.execute(f"ALTER DATABASE {old} RENAME TO {new}")

    assert receiver.post().status == 200
    rename(name, f"{name}_away")
    back = [(f"{name}_away", name)]
    yield receiver, lambda: rename(*back.pop())
    receiver.close()
    if back:
        rename(*back.pop())


@pytest.mark.postgres
def test_a_database_that_is_gone_is_2010_and_comes_back_by_itself(gone):
    receiver, restore = gone
    for _ in range(3):
        answer = receiver.post()
        assert (answer.status, answer.codes, answer.json["delivered"]) == (503, [2010], False)
    ready = receiver.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (503, "no database")
    assert receiver.get("/health/live").status == 200
    assert receiver.get("/keys").status == 200
    restore()
    assert receiver.get("/health/ready").status == 200
    assert 200 in {receiver.post().status for _ in range(3)}, "a connection that broke unseen may cost one try"
