"""Nothing is under way while the databases are exchanged, and what comes meanwhile is answered afterwards."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from ktt.testing.sandbox.errors import RequestsUnderWay
from ktt.testing.sandbox.standstill import Standstill


async def _request(app, answered, hold):
    async def receive():
        return {"type": "http.request"}

    async def send_(_message):
        answered.append(True)

    await app({"type": "http", "hold": hold}, receive, send_)


def test_nothing_is_under_way_while_all_stands_still(monkeypatch):
    standstill, seen, answered = Standstill(), [], []

    async def app(scope, _receive, send_):
        await asyncio.sleep(scope["hold"])
        await send_({})

    gate = standstill.gate(app)
    work = standstill.work(lambda: seen.append("work"))

    async def story():
        first = asyncio.create_task(_request(gate, answered, 0.1))
        await asyncio.sleep(0.02)

        def still():
            with standstill():
                assert answered == [True], "what was under way came to its end"
                assert not standstill.go_on()
                threading.Thread(target=work).start()
                time.sleep(0.2)
                seen.append("still")

        holding = asyncio.create_task(asyncio.to_thread(still))
        await asyncio.sleep(0.15)
        await _request(gate, answered, 0)
        assert seen[0] == "still"
        await asyncio.gather(first, holding)

    asyncio.run(story())
    assert standstill.go_on()
    monkeypatch.setattr("ktt.testing.sandbox.standstill._AT_MOST", 0.05)

    async def too_long():
        held_back = asyncio.create_task(_request(gate, answered, 0.3))
        await asyncio.sleep(0.02)

        def still():
            with pytest.raises(RequestsUnderWay), standstill():
                pytest.fail("begun")

        await asyncio.to_thread(still)
        await held_back
        await _request(gate, answered, 0)

    asyncio.run(too_long())
    assert len(answered) == 4
