"""Too many slow senders with large messages cost 429 answers, not memory, and a sender that gets one knows that nothing was
stored.
"""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ktt.core.http.exchange import converse
from ktt.messages.contract import Accepted, NotSent
from ktt.wire.envelope import seal
from support.receiver_service import content, outgoing, registered_units, service

MOST, SENDERS, SIZE = 12, 40, 10_000_000
LIMIT_MB = 400  # issue: memory of a process at 15 MB messages
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak in /proc")


def peak_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def requests(client, unit, exchange):
    """The same large message, sealed once, with a new proof for each request."""
    key = converse(client._keys.current(), exchange)
    sealed = seal(content(unit, 1, SIZE), key)
    token = converse(client._helseid.token(), exchange)

    def one():
        signed = client._headers(client._url, outgoing(unit, 1), sealed, token)
        fields = {**signed, "Content-Length": str(len(sealed.body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"POST /message HTTP/1.1\r\nHost: mottak\r\n{lines}\r\n".encode(), sealed.body

    return one


async def slowly(port: int, make, go_on: asyncio.Event) -> bytes:
    """Send the headers and a little, hold, and then the rest; the status, or nothing when the connection broke."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head, body = make()
    answer = asyncio.create_task(reader.readline())
    try:
        writer.write(head + body[:1_000_000])
        held = asyncio.create_task(go_on.wait())
        await asyncio.wait({held, answer}, return_when=asyncio.FIRST_COMPLETED)
        held.cancel()
        if not answer.done():
            writer.write(body[1_000_000:])
            await writer.drain()
        return (await asyncio.wait_for(answer, 60))[9:12]
    except OSError:
        return b""
    finally:
        answer.cancel()
        writer.close()


async def answers(port: int, path: str) -> tuple[int, float]:
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: mottak\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline())[9:12])
    writer.close()
    return status, time.monotonic() - begun


async def overload(running, client, unit, make):
    port, go_on = urlsplit(running.address).port, asyncio.Event()
    senders = [asyncio.create_task(slowly(port, make, go_on)) for _ in range(SENDERS)]
    until = time.monotonic() + 120
    while sum(sender.done() for sender in senders) < SENDERS - MOST and time.monotonic() < until:
        await asyncio.wait([one for one in senders if not one.done()], timeout=0.1)
    refused = [sender.result() for sender in senders if sender.done()]
    mine = await asyncio.to_thread(client.send, outgoing(unit, 2))
    health = await answers(port, "/health/live"), await answers(port, "/health/ready")
    go_on.set()
    await asyncio.gather(*senders)
    return refused, [sender.result() for sender in senders], mine, health


def test_too_many_senders_are_refused_and_memory_is_bounded(tmp_path):
    more = f"requests = {MOST}"
    with (
        registered_units(tmp_path, 1) as place,
        service(tmp_path / "mottak", None, place, more=more, workers=1) as running,
    ):
        running.start()
        (unit,) = place.units
        client = place.receiver_client(unit, running.address)
        assert isinstance(client.send(outgoing(unit, 0)), Accepted)
        (child,) = running.workers()
        before = peak_mb(child)
        refused, all_of_them, mine, health = asyncio.run(
            overload(running, client, unit, requests(client, unit, client._exchange))
        )
        assert refused.count(b"429") == SENDERS - MOST, "the rest are let in"
        assert mine == NotSent("too many requests", 5.0), (
            "a sender knows that nothing was stored, and when to come back"
        )
        assert [status for status, _ in health] == [200, 200], "monitoring is answered"
        assert max(seconds for _, seconds in health) < 30.0
        assert all_of_them.count(b"200") == MOST, "every request that was let in was served"
        assert isinstance(client.send(outgoing(unit, 2)), Accepted)
        assert before < peak_mb(child) < LIMIT_MB
        assert [len(payload) > SIZE for _, payload in running.stored()[unit.key]] == [False, True, False], "once"
