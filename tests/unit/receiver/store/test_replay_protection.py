"""What may be used once, on both databases: proofs and wrapped keys are remembered by all workers and after a restart."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from ktt.receiver.store.replay_protection import ProofUse, WrappedKeyUse, proof_digest, prune
from ktt.receiver.store.submissions.store import SubmissionStore
from ktt.wire.envelope import seal
from support.receiver_api import lookup
from support.receiver_harness import NOW, Post, ReceiverHarness, message
from support.receiver_store import StoreHarness

SOON = NOW + dt.timedelta(seconds=75)
USE = WrappedKeyUse(b"w" * 32, "thumb", b"h" * 32, b"b" * 32, "key-1")
PROOF = ProofUse.of("jkt", "htu", "1", until=SOON)


def first(store_harness: StoreHarness, *uses: ProofUse | WrappedKeyUse) -> list[bool]:
    """Whether each was the first of its kind, one after another."""

    async def one_by_one(store: SubmissionStore) -> list[bool]:
        return [(await store.record_use(use)).first for use in uses]

    return store_harness.with_store(one_by_one)


def test_a_proof_is_spent_once(store_harness: StoreHarness):
    other = ProofUse.of("jkt", "htu", "2", until=SOON)
    assert first(store_harness, PROOF, PROOF, other, PROOF) == [True, False, True, False]


def test_of_eight_at_once_exactly_one_wins(store_harness: StoreHarness):
    async def attempt(_: int, store: SubmissionStore) -> bool:
        return (await store.record_use(PROOF)).first

    assert sorted(store_harness.at_once(8, attempt)) == [False] * 7 + [True]


def test_of_a_hundred_in_one_process_each_proof_wins_once(store_harness: StoreHarness):
    async def burst(store: SubmissionStore) -> list[bool]:
        uses = [ProofUse.of("jkt", "htu", str(number % 25), until=SOON) for number in range(100)]
        return [found.first for found in await asyncio.gather(*map(store.record_use, uses))]

    won = store_harness.with_store(burst)
    assert won == [True] * 25 + [False] * 75


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "bc", "d"), ("ab", "c", "d")), (("a", "b", "cd"), ("a", "bc", "d")), (("", "", "a"), ("a", "", ""))],
)
def test_the_three_parts_do_not_run_together(one: tuple[str, ...], other: tuple[str, ...]):
    assert proof_digest(*one) != proof_digest(*other)


OTHERS = [
    replace(USE, jkt="other"),
    replace(USE, msg_hash=b"x" * 32),
    replace(USE, body_hash=b"x" * 32),
    replace(USE, key_id="key-2"),
]


@pytest.mark.parametrize("use", OTHERS)
def test_a_wrapped_key_belongs_to_one_submission(store_harness: StoreHarness, use: WrappedKeyUse):
    another = replace(use, digest=b"a" * 32)
    assert first(store_harness, USE, USE, use, another, USE) == [True, True, False, True, True], (
        "the same again is a resend"
    )


def test_of_two_submissions_at_once_one_has_the_wrapped_key(store_harness: StoreHarness):
    async def attempt(number: int, store: SubmissionStore) -> bool:
        return (await store.record_use(replace(USE, jkt=str(number)))).first

    assert sorted(store_harness.at_once(4, attempt)) == [False] * 3 + [True]


def test_pruning_forgets_only_what_can_do_no_harm(store_harness: StoreHarness):
    assert first(store_harness, PROOF, USE) == [True, True]

    async def forget(store: SubmissionStore) -> list[int]:
        return [await store.forget(SOON, []), await store.forget(SOON + dt.timedelta(seconds=2), ["key-1"])]

    assert store_harness.with_store(forget) == [0, 2]
    assert first(store_harness, PROOF, replace(USE, jkt="x", key_id="key-2")) == [True, True]


def test_every_use_tells_the_version_of_the_access_list(store_harness: StoreHarness):
    from ktt.receiver.access.access_list import AccessList
    from support.receiver_harness import UNIT

    async def versions(store: SubmissionStore) -> list[int]:
        found = [await store.record_use(PROOF)]
        await asyncio.to_thread(AccessList(store_harness.database).grant, UNIT, ["KTT_Vedtak"])
        return [one.access_version for one in [*found, await store.record_use(PROOF)]]

    before, after = store_harness.with_store(versions)
    assert after > before


def test_a_restart_forgets_nothing(make_receiver):
    receiver = make_receiver()
    fields, body = receiver.request(Post(receiver.clock.now()))
    assert receiver.send(fields, body).status == 200
    restarted = make_receiver()
    assert restarted.send(fields, body).status == 401


def test_the_memory_outlives_the_window(make_receiver):
    """Whenever a proof is still fresh enough to pass, it is still remembered."""
    receiver = make_receiver()
    ahead = receiver.settings.proof_ahead
    window = receiver.settings.proof_max_age + receiver.settings.proof_skew
    post = Post(receiver.clock.now(), proof_claims={"iat": int(NOW.timestamp()) + ahead})
    fields, body = receiver.request(post)
    assert receiver.send(fields, body).status == 200
    for seconds in range(1, window + ahead + 1):
        receiver.clock.at = NOW + dt.timedelta(seconds=seconds)
        with receiver.database.transaction() as connection:
            prune(connection, receiver.clock.now(), [])
        assert receiver.send(fields, body).status == 401


# ── a clock that is set back ─────────────────────────────────────────────────────────────────────────────────────────

HOUR = dt.timedelta(hours=1)


def forget(receiver: ReceiverHarness) -> None:
    """What every process does once a minute."""
    with receiver.database.transaction() as connection:
        prune(connection, receiver.clock.now(), [])


@pytest.fixture(params=[False, True], ids=["same process", "after a restart"])
def set_back(request, make_receiver, any_database_url):
    """Sends requests at NOW, goes on for an hour in which others are stored, and then sets the clock back."""

    def go(*requests: tuple[list[tuple[str, str]], bytes]) -> ReceiverHarness:
        receiver = made
        answers = [receiver.send(*one).status for one in requests]
        receiver.clock.at = NOW + HOUR
        assert receiver.post(message("KTT_Tjeneste"), message_type="KTT_Tjeneste").status == 200
        forget(receiver)
        if request.param:
            receiver = make_receiver(any_database_url)
        receiver.clock.at = NOW + dt.timedelta(seconds=1)
        forget(receiver)
        assert set(answers) <= {200}
        return receiver

    made = make_receiver(any_database_url)
    go.made = made
    return go


def test_a_captured_request_is_refused_after_the_clock_is_set_back(set_back):
    captured = set_back.made.request(Post(NOW))
    receiver = set_back(captured)
    before = receiver.accepted
    assert receiver.send(*captured).status == 401
    assert receiver.accepted == before


def test_honest_senders_go_on_after_the_clock_is_set_back(set_back):
    receiver = set_back()
    fields, body = receiver.request(Post(receiver.clock.now()))
    assert receiver.send(fields, body).status == 200
    assert receiver.send(fields, body).status == 401, "and what is captured now is refused as ever"


def test_the_same_submission_comes_again_with_a_new_proof(set_back):
    """Not while the clock stands before what is forgotten: a sender that seals anew for each request never does it."""
    post = Post(NOW, sealed=seal(message(), set_back.made.keys.listed()[0]))
    receiver = set_back(set_back.made.request(post))
    assert receiver.post(sealed=post.sealed).status == 401
    receiver.clock.at = NOW + HOUR
    assert receiver.post(sealed=post.sealed).status == 200


def test_a_captured_lookup_is_refused_after_the_clock_is_set_back(set_back):
    path = "/units/312000008/outstanding"
    assert lookup(set_back.made, path).status == 200
    receiver = set_back()
    assert lookup(receiver, path).status == 401, "nobody knows whether it was used before"
    receiver.clock.at = NOW + HOUR
    assert lookup(receiver, path).status == 200


def test_a_small_step_back_is_not_noticed(make_receiver):
    receiver = make_receiver()
    assert receiver.post().status == 200
    forget(receiver)
    receiver.clock.at = NOW - dt.timedelta(seconds=60)
    assert lookup(receiver, "/units/312000008/outstanding").status == 200


def test_what_is_forgotten_is_known_to_every_store(store_harness: StoreHarness):
    """The largest instant at which anything was forgotten, whoever forgot it and in which order."""

    async def work(store: SubmissionStore) -> list[bool]:
        known = [(await store.record_use(PROOF)).unseen]
        for until in (SOON + HOUR, SOON - HOUR):
            await store.forget(until, [])
        uses = [replace(PROOF, digest=bytes([nth]) * 32, expires_at=at) for nth, at in enumerate(limits)]
        return known + [(await store.record_use(use)).unseen for use in [*uses, USE, USE]]

    largest = int((SOON + HOUR).timestamp())
    limits = (largest - 1, largest, largest + 1)
    assert store_harness.with_store(work) == [True, False, True, True, True, False]
