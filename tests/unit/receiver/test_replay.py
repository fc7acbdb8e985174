"""What may come once, on both databases: proofs and wrapped keys are remembered by all workers and after a restart."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ktt.receiver.replay import WrappedKeyUse, burn, proof_digest, prune, record
from ktt.receiver.tables import SCHEMA
from ktt.storage.database import Database
from support.receiver_world import NOW, Post

SOON = NOW + dt.timedelta(seconds=75)
USE = WrappedKeyUse("thumb", b"h" * 32, b"b" * 32, "key-1")


@pytest.fixture
def database(any_database_url: str):
    opened = Database.open(any_database_url, SCHEMA)
    yield opened
    opened.close()


def run(database: Database, job, *arguments):
    with database.transaction() as connection:
        return job(connection, *arguments)


def test_a_proof_is_burnt_once(database: Database):
    one, other = proof_digest("jkt", "htu", "1"), proof_digest("jkt", "htu", "2")
    assert [run(database, burn, digest, SOON) for digest in (one, one, other, one)] == [True, False, True, False]


def test_of_eight_at_once_exactly_one_wins(database: Database):
    start, digest = threading.Barrier(8), proof_digest("jkt", "htu", "1")

    def attempt(_: int) -> bool:
        start.wait()
        return run(database, burn, digest, SOON)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(attempt, range(8))) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "bc", "d"), ("ab", "c", "d")), (("a", "b", "cd"), ("a", "bc", "d")), (("", "", "a"), ("a", "", ""))],
)
def test_the_three_parts_do_not_run_together(one: tuple[str, ...], other: tuple[str, ...]):
    assert proof_digest(*one) != proof_digest(*other)


@pytest.mark.parametrize(
    "use",
    [
        WrappedKeyUse("other", USE.msg_hash, USE.body_hash, "key-1"),
        WrappedKeyUse(USE.jkt, b"x" * 32, USE.body_hash, "key-1"),
        WrappedKeyUse(USE.jkt, USE.msg_hash, b"x" * 32, "key-1"),
    ],
)
def test_a_wrapped_key_belongs_to_one_submission(database: Database, use: WrappedKeyUse):
    assert run(database, record, b"wrapped", USE)
    assert run(database, record, b"wrapped", USE), "the same again is a resend"
    assert not run(database, record, b"wrapped", use)
    assert run(database, record, b"another", use)


def test_pruning_forgets_only_what_can_do_no_harm(database: Database):
    digest = proof_digest("jkt", "htu", "1")
    run(database, burn, digest, SOON)
    run(database, record, b"wrapped", USE)
    assert run(database, prune, SOON, []) == 0
    assert not run(database, burn, digest, SOON)
    assert run(database, prune, SOON + dt.timedelta(seconds=2), ["key-1"]) == 2
    assert run(database, record, b"wrapped", WrappedKeyUse("x", b"y", b"z", "key-2"))


def test_a_restart_forgets_nothing(make_world):
    world = make_world()
    fields, body = world.request(Post(world.clock.now()))
    assert world.send(fields, body).status == 200
    restarted = make_world()
    assert restarted.send(fields, body).status == 401


def test_the_memory_outlives_the_window(make_world):
    """Whenever a proof is still fresh enough to pass, it is still remembered."""
    world = make_world()
    window = world.settings.proof_max_age + world.settings.proof_skew
    post = Post(world.clock.now(), proof_claims={"iat": int(NOW.timestamp()) + world.settings.proof_skew})
    fields, body = world.request(post)
    assert world.send(fields, body).status == 200
    for seconds in range(1, window + world.settings.proof_skew + 1):
        world.clock.at = NOW + dt.timedelta(seconds=seconds)
        with world.database.transaction() as connection:
            prune(connection, world.clock.now(), [])
        assert world.send(fields, body).status == 401
