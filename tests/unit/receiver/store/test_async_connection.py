"""The connection that the event loop watches: answers, faults, a socket lost from sight, an answer that never comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
import uvloop

from ktt.receiver.store import async_connection
from ktt.receiver.store.async_connection import Row, Watched, bytea_array

pytestmark = pytest.mark.postgres
STATEMENTS = {
    "add": "SELECT $1::int + 1, NULL, $2::text",
    "count": "SELECT length(one) FROM unnest($1::bytea[]) AS one",
    "half": "SELECT 1 / $1::int",
    "sleep": "SELECT pg_sleep($1::float)",
    "end": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def asked(request: pytest.FixtureRequest, postgres_url: str) -> Callable[[Callable[[Watched], Awaitable[None]]], None]:
    """Runs what asks, with a line that is closed afterwards."""

    def run(asks: Callable[[Watched], Awaitable[None]]) -> None:
        async def main() -> None:
            line = Watched(postgres_url.replace("+psycopg", ""), STATEMENTS, "")
            try:
                await asks(line)
            finally:
                await line.close()

        request.param(main())

    return run


def test_rows_come_as_postgresql_writes_them(asked):
    async def asks(line: Watched) -> None:
        assert await line.ask("add", "41", "ærlig") == [(b"42", None, "ærlig".encode())]
        sizes = [0, 1, 300, 5_000_000]  # the last goes out in several pieces
        rows: list[Row] = await line.ask("count", bytea_array([bytes(size) for size in sizes]))
        assert rows == [(str(size).encode(),) for size in sizes]

    asked(asks)


def test_after_a_fault_it_is_asked_anew(asked):
    async def asks(line: Watched) -> None:
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await line.ask("half", "0")
            with pytest.raises(psycopg.OperationalError):
                await line.ask("end")
            assert await line.ask("half", "1") == [(b"1",)]

    asked(asks)


def test_a_socket_lost_from_sight_is_found_again(asked):
    async def asks(line: Watched) -> None:
        await line.ask("half", "1")
        asyncio.get_running_loop().remove_reader(line._socket)
        began = time.monotonic()
        assert await line.ask("half", "1") == [(b"1",)]
        assert time.monotonic() - began < 1
        assert await line.ask("sleep", "0.3") == [(b"",)]

    asked(asks)


def test_an_answer_that_never_comes_ends_the_connection(asked, monkeypatch: pytest.MonkeyPatch):
    async def asks(line: Watched) -> None:
        await line.ask("half", "1")
        monkeypatch.setattr(async_connection, "_ANSWER_SECONDS", 0.3)
        with pytest.raises(psycopg.OperationalError, match="no answer"):
            await line.ask("sleep", "20")
        monkeypatch.undo()
        assert await line.ask("half", "1") == [(b"1",)]

    asked(asks)


def test_a_database_that_is_not_there_is_an_operational_error(postgres_url: str):
    async def main() -> None:
        with pytest.raises(psycopg.OperationalError):
            await Watched("postgresql://127.0.0.1:1/none", STATEMENTS, "").ask("half", "1")

    asyncio.run(main())
