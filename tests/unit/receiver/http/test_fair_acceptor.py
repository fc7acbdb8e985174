"""Connections are taken one for each turn of the loop; none is lost when many come, when one fails, or at the end."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from ktt.receiver.http import fair_acceptor
from ktt.receiver.http.fair_acceptor import Doorkeeper


class Greeter(asyncio.Protocol):
    """Says that it is there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"!")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as made:
        made.setblocking(False)
        yield made


async def call(listener: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        return await asyncio.wait_for(reader.readexactly(1), 10)
    finally:
        writer.close()


class Door:
    """A listening socket that fails as often as told, and counts how many it gave in each turn of the loop."""

    def __init__(self, listener: socket.socket, *faults: int) -> None:
        self._listener, self._faults = listener, list(faults)
        self.taken: list[int] = [0]

    def fileno(self) -> int:
        return self._listener.fileno()

    def accept(self) -> tuple[socket.socket, object]:
        if self._faults:
            raise OSError(self._faults.pop(0), "told so")
        found = self._listener.accept()
        self.taken[-1] += 1
        asyncio.get_running_loop().call_soon(self.taken.append, 0)
        return found


def test_many_at_once_are_all_taken_one_for_each_turn(listener: socket.socket):
    async def run() -> list[int]:
        door = Door(listener)
        keeper = Doorkeeper(door, Greeter)
        answers = await asyncio.gather(*(call(listener) for _ in range(200)))
        keeper.close()
        await keeper.wait_closed()
        assert answers == [b"!"] * 200
        return door.taken

    taken = asyncio.run(run())
    assert sum(taken) == 200
    assert max(taken) == 1


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.EAGAIN, errno.EINTR])
def test_a_fault_at_the_door_passes(listener: socket.socket, number: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fair_acceptor, "_REST_SECONDS", 0.05)

    async def run() -> None:
        keeper = Doorkeeper(Door(listener, number, number), Greeter)
        assert await call(listener) == b"!"
        keeper.close()

    asyncio.run(run())


def test_a_closed_door_takes_nobody(listener: socket.socket):
    async def run() -> None:
        keeper = Doorkeeper(listener, Greeter)
        keeper.close()
        keeper.close()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call(listener), 0.2)

    asyncio.run(run())
