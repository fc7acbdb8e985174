"""What strangers and hostile clients do to a receiver: a table of attacks, each of which goes on until it is stopped.

An attack runs in a process of its own, so that it does not slow down the senders whose answers are timed.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from ktt.core.clock import SystemClock
from ktt.core.http.client import HttpClient
from ktt.core.http.exchange import converse
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import OutgoingMessage
from ktt.messages.register import find
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.settings import HelseIdSettings
from ktt.wire import headers, jwk, jws
from ktt.wire.envelope import seal
from ktt.wire.headers import SenderSoftware

Start = Callable[[], bytes]
"""Makes the bytes that a connection begins with, anew for each connection."""


@dataclass(frozen=True)
class Target:
    """A receiver, and a client that may send to it."""

    port: int
    helseid: str
    client_id: str
    key_file: Path
    unit: ReportingUnit

    def sealed(self, payload: bytes, message_type: str = "KTT_Vedtak") -> Start:
        """A request of the client, with this content; sealed once, proven anew for each connection."""
        settings = HelseIdSettings(
            authority=self.helseid, client_id=self.client_id, key_file=self.key_file, scope=headers.SCOPE
        )
        clock, http = SystemClock(), HttpClient()
        helseid = HelseIdClient(settings, self.unit, read_client_key(self.key_file), clock)
        client = ReceiverClient(
            self.unit,
            base_url=f"http://127.0.0.1:{self.port}",
            helseid=helseid,
            software=SenderSoftware("Prove AS", "ProveEPJ", "1.0", "2.0"),
            exchange=http.exchange,
            clock=clock,
        )
        message = OutgoingMessage(self.unit, message_type, "1", payload, clock.now().date())
        sealed = seal(payload, converse(client._keys.current(), http.exchange))

        def start() -> bytes:
            fields = client._headers(client._url, message, sealed, converse(helseid.token(), http.exchange))
            return head("/message", **fields, **{"Content-Length": str(len(sealed.body))}) + sealed.body

        return start


def head(path: str, **fields: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\nHost: mottak\r\n{lines}\r\n".encode()


def checked(payload: bytes) -> bytes:
    """A request to `/check`."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    return head("/check?type=KTT_Vedtak&version=1", **fields) + payload


async def again_and_again(port: int, start: Start, *, most: int = 4) -> None:
    """So many at a time, each until it is answered."""

    async def one() -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(start())
                    await writer.drain()
                    await reader.readuntil(b"\r\n\r\n")
                finally:
                    writer.close()

    await asyncio.gather(*(one() for _ in range(most)))


async def hold(port: int, start: bytes, drip: bytes = b"", *, most: int = 300, pause: float = 0.5) -> None:
    """So many connections, kept for as long as the receiver lets them; each sends `drip` again and again."""

    async def one() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(start)
                    gone = asyncio.create_task(_until_closed(reader))
                    while not gone.done():
                        writer.write(drip)
                        await writer.drain()
                        await asyncio.wait({gone}, timeout=pause)
                finally:
                    writer.close()
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one() for _ in range(most)))


async def _until_closed(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(65_536):
            pass


def unknown_token() -> bytes:
    """A request whose token names a key that HelseID does not have."""
    private = jwk.generate("ES256", kid=uuid.uuid4().hex)
    token = jws.sign({"typ": "at+jwt", "kid": private["kid"]}, {"iss": "x"}, jwk.load_private(private), "ES256")
    return head("/message", Authorization=f"DPoP {token}", DPoP="x.y.z", **{"Content-Length": "0"})


def _faults(size: int) -> bytes:
    return b"[" + b",".join([b"{}"] * (size // 3)) + b"]"


def _faulty_records(size: int) -> bytes:
    """Faults in what every message has, so that the message is not too dense to be looked at."""
    record = {"orgNr": 1, "kommuneNr": 2, "vedtak": [{"vedtakId": "x", "x": 1}]}
    text = json.dumps(record).encode()
    return b"[" + b",".join([text] * (size // len(text))) + b"]"


def _deep(size: int) -> bytes:
    return b"[" * (size // 2) + b"]" * (size // 2)


def _repeated_records(size: int) -> bytes:
    """Fits the schema; the rules have something to say of every record."""
    example = next(body for name, body in find("KTT_Vedtak", "1").examples().items() if name.startswith("N"))
    (item, *_) = json.loads(example)
    return json.dumps([{**item, "vedtak": item["vedtak"][:1] * (size // len(json.dumps(item["vedtak"][0])))}]).encode()


_MANY_TEXTS = b"[" + b'"",' * 300_000 + b'"\\u0000"]'
_REPEATED = b'[{"a":1,"a":2}' + b',"' + b'\\"' * 500_000 + b'"]'
_BROKEN = b'[{"a":"\\"' + b'\\"' * 500_000
_TRAILER = head("/keys", **{"Transfer-Encoding": "chunked"}) + b"1\r\nx\r\n0\r\n"
_ENDLESS = head("/message", **{"Transfer-Encoding": "chunked"})
_PROMISED = head("/message", **{"Content-Length": "1000"})
_LARGE = head("/message", **{"Content-Length": "16000000"})
_OFFER = b"GET /keys HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" * 500
_ANSWERED = b"GET /keys HTTP/1.1\r\nHost: mottak\r\n\r\n"

ATTACKS: dict[str, Callable[[Target], Awaitable[None]]] = {
    "schema faults, 1 MB": lambda t: again_and_again(t.port, t.sealed(_faults(10**6))),
    "schema faults, 11 MB": lambda t: again_and_again(t.port, t.sealed(_faults(11 * 10**6)), most=3),
    "faulty records, 11 MB": lambda t: again_and_again(t.port, t.sealed(_faulty_records(11 * 10**6)), most=3),
    "deep JSON": lambda t: again_and_again(t.port, t.sealed(_deep(10**6))),
    "a name twice, 1 MB": lambda t: again_and_again(t.port, t.sealed(_REPEATED)),
    "schema faults without credentials": lambda t: again_and_again(t.port, lambda: checked(_faults(10**6))),
    "faulty records without credentials": lambda t: again_and_again(t.port, lambda: checked(_faulty_records(10**6))),
    "deep JSON without credentials": lambda t: again_and_again(t.port, lambda: checked(_deep(10**6))),
    "broken JSON without credentials": lambda t: again_and_again(t.port, lambda: checked(_BROKEN)),
    "a fault after many texts": lambda t: again_and_again(t.port, lambda: checked(_MANY_TEXTS)),
    "rule faults without credentials": lambda t: again_and_again(t.port, lambda: checked(_repeated_records(10**6))),
    "trailers without end": lambda t: hold(t.port, _TRAILER, b"x-y: z\r\n" * 1_000, most=64, pause=0.01),
    "chunks without end": lambda t: hold(t.port, _ENDLESS, b"3e8\r\n%s\r\n" % (b"x" * 1000), most=64, pause=0.01),
    "promised bodies": lambda t: hold(t.port, _PROMISED, most=540),
    "16 MB declared and never sent": lambda t: hold(t.port, _LARGE, b"x", most=300),
    "headers that drip": lambda t: hold(t.port, b"POST /message HTTP/1.1\r\nHost: mottak\r\n", b"x-y: z\r\n"),
    "idle connections": lambda t: hold(t.port, b"", most=540),
    "idle connections after an answer": lambda t: hold(t.port, _ANSWERED, most=540),
    "offers of another protocol": lambda t: again_and_again(t.port, lambda: _OFFER),
    "tokens of unknown keys": lambda t: again_and_again(t.port, unknown_token, most=64),
}


@contextmanager
def attacking(name: str, target: Target) -> Iterator[None]:
    """The attack, under way."""
    spawned = multiprocessing.get_context("spawn")
    ready = spawned.Event()
    process = spawned.Process(target=_attack, args=(name, target, ready), daemon=True)
    process.start()
    try:
        assert ready.wait(60), "the attack did not begin"
        yield
        assert process.is_alive(), "the attack has ended"
    finally:
        process.kill()
        process.join()


def _attack(name: str, target: Target, ready: Event) -> None:
    async def main() -> None:
        attack = asyncio.ensure_future(ATTACKS[name](target))
        await asyncio.wait({attack}, timeout=0.3)
        ready.set()
        await attack

    asyncio.run(main())
