"""Large bodies share places, and slow senders do not keep them while others wait."""

from __future__ import annotations

import asyncio

import pytest

from ktt.receiver.http import request_bodies
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.http.request_bodies import BodyReader
from ktt.receiver.settings import ReceiverSettings

LIMIT = 2**20
SLOW, QUICK = 1.0, 0.001  # seconds between two pieces


@pytest.fixture
def bodies(monkeypatch) -> BodyReader:
    """A reader with two places, in which a body has ten seconds, or a third of one while others wait."""
    monkeypatch.setattr(request_bodies, "_SHARED_SECONDS", 0.3)
    settings = {"environment": "sandbox", "base_url": "http://localhost", "issuer": "http://localhost"}
    return BodyReader(ReceiverSettings(**settings, body_limit=LIMIT, large_bodies=2, body_timeout=10.0))


async def send(bodies: BodyReader, size: int | None, pause: float, pieces: int = 10) -> int:
    """The status of a body that comes in pieces."""
    left = [b"x" * ((size or LIMIT) // pieces)] * pieces

    async def receive() -> dict[str, object]:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    try:
        async with bodies.reserve(size) as large:
            await bodies.read(receive, size, large=large)
    except Refusal as refused:
        return refused.status
    return 200


def statuses(*sent: object) -> list[int]:
    async def all_of_them() -> list[int]:
        tasks = []
        for one in sent:
            tasks.append(asyncio.create_task(one))
            await asyncio.sleep(0.05)
        return list(await asyncio.gather(*tasks))

    return asyncio.run(asyncio.wait_for(all_of_them(), 5))


@pytest.mark.parametrize("size", [LIMIT, None], ids=["declared", "in chunks"])
def test_two_slow_senders_make_way_for_the_others(bodies, size):
    slow = [send(bodies, size, SLOW), send(bodies, size, SLOW)]
    quick = [send(bodies, LIMIT, QUICK), send(bodies, 300_000, QUICK), send(bodies, None, QUICK)]
    assert statuses(*slow, *quick) == [408, 408, 200, 200, 200]


def test_a_slow_sender_that_comes_while_others_wait_makes_way_too(bodies):
    slow = [send(bodies, LIMIT, SLOW) for _ in range(6)]
    assert statuses(*slow[:2], send(bodies, LIMIT, QUICK), *slow[2:4], send(bodies, LIMIT, QUICK))[2::3] == [200, 200]
    for one in slow[4:]:
        one.close()


def test_a_slow_sender_has_its_time_while_nobody_waits(bodies):
    assert statuses(send(bodies, LIMIT, 0.1), send(bodies, 1_000, QUICK)) == [200, 200]


def test_small_bodies_wait_for_nobody(bodies):
    slow = [send(bodies, LIMIT, 0.1), send(bodies, LIMIT, 0.1)]
    assert statuses(*slow, send(bodies, 200_000, 0.1)) == [200, 200, 200]


@pytest.mark.parametrize("declared", [None, 0, 5, 10, 15])
@pytest.mark.parametrize("pieces", [[], [b""], [b"0123456789"], [b"01", b"", b"234567", b"89"]])
def test_what_is_read_is_what_has_come(bodies, declared, pieces):
    """Whatever was declared: the server sees to it that as much comes."""
    left = [*pieces]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": left.pop(0) if left else b"", "more_body": bool(left)}

    assert asyncio.run(bodies.read(receive, declared, large=False)) == b"".join(pieces)
