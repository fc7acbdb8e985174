"""The connection to PostgreSQL: values, faults, a socket lost from sight, an answer that never comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
import uvloop

from ktt.receiver.store.submissions import postgres_backend
from ktt.receiver.store.submissions.group_commit import NotStored
from ktt.receiver.store.submissions.postgres_backend import Session

pytestmark = pytest.mark.postgres


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def asked(request: pytest.FixtureRequest, postgres_url: str) -> Callable[[Callable[[Session], Awaitable[None]]], None]:
    """Runs what asks, with a session that is closed afterwards."""

    def run(asks: Callable[[Session], Awaitable[None]]) -> None:
        async def main() -> None:
            session = Session(postgres_url.replace("+psycopg", ""), "")
            try:
                await asks(session)
            finally:
                await session.close()

        request.param(main())

    return run


async def value(session: Session, statement: str, *values: object) -> object:
    ((found,),) = await session.ask(statement, *values)
    return found


def test_large_values_go_out_and_come_back(asked):
    async def asks(session: Session) -> None:
        for size in (0, 1, 300, 5_000_000):  # the last goes out in several pieces
            assert await value(session, "SELECT length(%s::bytea)", bytes(size)) == size
            assert await value(session, "SELECT %s::bytea", bytes(size)) == bytes(size)

    asked(asks)


def test_after_a_fault_it_is_asked_anew(asked):
    async def asks(session: Session) -> None:
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await session.ask("SELECT 1 / %s::int", 0)
            with pytest.raises(NotStored):
                await session.ask("SELECT pg_terminate_backend(pg_backend_pid())")
            assert await value(session, "SELECT 1 / %s::int", 1) == 1

    asked(asks)


def test_a_socket_lost_from_sight_is_found_again(asked):
    async def asks(session: Session) -> None:
        loop, cursor = asyncio.get_running_loop(), await session._open()
        loop.call_later(0.05, loop.remove_reader, cursor.connection.pgconn.socket)
        began = time.monotonic()
        await session.ask("SELECT pg_sleep(0.3)::text")
        assert time.monotonic() - began < 1

    asked(asks)


def test_an_answer_that_never_comes_ends_the_connection(asked, monkeypatch: pytest.MonkeyPatch):
    async def asks(session: Session) -> None:
        before = await value(session, "SELECT pg_backend_pid()")
        monkeypatch.setattr(postgres_backend, "_ANSWER_SECONDS", 0.3)
        with pytest.raises(NotStored, match="no answer"):
            await session.ask("SELECT pg_sleep(20)::text")
        monkeypatch.undo()
        assert await value(session, "SELECT pg_backend_pid()") != before

    asked(asks)


def test_a_database_that_is_not_there_is_not_stored():
    async def main() -> None:
        with pytest.raises(NotStored):
            await Session("postgresql://127.0.0.1:1/none", "").ask("SELECT 1")

    asyncio.run(main())
