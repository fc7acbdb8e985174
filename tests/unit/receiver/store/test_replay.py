"""What may come once, on both databases: proofs and wrapped keys are remembered by all workers and after a restart."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from ktt.receiver.store.replay import ProofUse, WrappedKeyUse, proof_digest, prune
from ktt.receiver.store.submission_store import Book
from support.receiver_book import Shelf
from support.receiver_world import NOW, Post

SOON = NOW + dt.timedelta(seconds=75)
USE = WrappedKeyUse(b"w" * 32, "thumb", b"h" * 32, b"b" * 32, "key-1")
PROOF = ProofUse.of("jkt", "htu", "1", until=SOON)


def first(shelf: Shelf, *uses: ProofUse | WrappedKeyUse) -> list[bool]:
    """Whether each was the first of its kind, one after another."""

    async def one_by_one(book: Book) -> list[bool]:
        return [(await book.remember(use)).first for use in uses]

    return shelf.with_book(one_by_one)


def test_a_proof_is_burnt_once(shelf: Shelf):
    other = ProofUse.of("jkt", "htu", "2", until=SOON)
    assert first(shelf, PROOF, PROOF, other, PROOF) == [True, False, True, False]


def test_of_eight_at_once_exactly_one_wins(shelf: Shelf):
    async def attempt(_: int, book: Book) -> bool:
        return (await book.remember(PROOF)).first

    assert sorted(shelf.at_once(8, attempt)) == [False] * 7 + [True]


def test_of_a_hundred_in_one_process_each_proof_wins_once(shelf: Shelf):
    async def burst(book: Book) -> list[bool]:
        uses = [ProofUse.of("jkt", "htu", str(number % 25), until=SOON) for number in range(100)]
        return [found.first for found in await asyncio.gather(*map(book.remember, uses))]

    won = shelf.with_book(burst)
    assert won == [True] * 25 + [False] * 75


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "bc", "d"), ("ab", "c", "d")), (("a", "b", "cd"), ("a", "bc", "d")), (("", "", "a"), ("a", "", ""))],
)
def test_the_three_parts_do_not_run_together(one: tuple[str, ...], other: tuple[str, ...]):
    assert proof_digest(*one) != proof_digest(*other)


OTHERS = [replace(USE, jkt="other"), replace(USE, msg_hash=b"x" * 32), replace(USE, body_hash=b"x" * 32)]


@pytest.mark.parametrize("use", OTHERS)
def test_a_wrapped_key_belongs_to_one_submission(shelf: Shelf, use: WrappedKeyUse):
    another = replace(use, digest=b"a" * 32)
    assert first(shelf, USE, USE, use, another, USE) == [True, True, False, True, True], "the same again is a resend"


def test_of_two_submissions_at_once_one_has_the_wrapped_key(shelf: Shelf):
    async def attempt(number: int, book: Book) -> bool:
        return (await book.remember(replace(USE, jkt=str(number)))).first

    assert sorted(shelf.at_once(4, attempt)) == [False] * 3 + [True]


def test_pruning_forgets_only_what_can_do_no_harm(shelf: Shelf):
    assert first(shelf, PROOF, USE) == [True, True]

    async def forget(book: Book) -> list[int]:
        return [await book.forget(SOON, []), await book.forget(SOON + dt.timedelta(seconds=2), ["key-1"])]

    assert shelf.with_book(forget) == [0, 2]
    assert first(shelf, PROOF, replace(USE, jkt="x", key_id="key-2")) == [True, True]


def test_every_use_tells_the_version_of_the_access_list(shelf: Shelf):
    from ktt.receiver.access.access_list import Access
    from support.receiver_world import UNIT

    async def versions(book: Book) -> list[int]:
        found = [await book.remember(PROOF)]
        await asyncio.to_thread(Access(shelf.database).grant, UNIT, ["KTT_Vedtak"])
        return [one.access_version for one in [*found, await book.remember(PROOF)]]

    before, after = shelf.with_book(versions)
    assert after > before


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
