"""A PostgreSQL connection that the event loop itself watches: one statement at a time, and little around it.

psycopg's own cursors cost 0.1 ms a statement in Python, as much as PostgreSQL needs for all of a small group; libpq's
calls, which psycopg hands on (`psycopg.pq`), cost a third of that.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

_CONNECT_SECONDS = 5
_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 30.0  # a machine that is gone sends no word of it; a group takes milliseconds
_WELL = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_BYTEA = 17  # its type's number in every PostgreSQL

Row = tuple[bytes | None, ...]
"""A row as PostgreSQL writes its values."""


def bytea_array(values: Sequence[bytes]) -> bytes:
    """A value of type bytea[] as it goes over the wire: dimensions, nulls, type; items, first index; each with its size."""
    head = struct.pack("!5I", 1, 0, _BYTEA, len(values), 1)
    return head + b"".join(part for value in values for part in (struct.pack("!I", len(value)), value))


class Watched:
    """Opened when it is first asked and again after it broke; each statement is a transaction.

    `statements` are prepared under their names. A parameter given as text is text, one given as bytes is sent as they are.
    """

    def __init__(self, address: str, statements: Mapping[str, str], options: str) -> None:
        self._address, self._statements, self._options = address, statements, options
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket = -1
        self._results: list[PGresult] = []
        self._answer: asyncio.Future[list[PGresult]] | None = None
        self._looking: asyncio.TimerHandle

    async def ask(self, statement: str, *values: str | bytes) -> list[Row]:
        """The rows of a statement that is committed; psycopg.Error when it failed, and then the connection is closed."""
        try:
            pgconn = (await self._open()).pgconn
            bare = [value.encode() if isinstance(value, str) else value for value in values]
            formats = [Format.TEXT if isinstance(value, str) else Format.BINARY for value in values]
            pgconn.send_query_prepared(statement.encode(), bare, param_formats=formats)
            return _rows(await self._answered(pgconn))
        except psycopg.Error:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        self._unwatch()
        await connection.close()
        self._settle(psycopg.OperationalError("closed"))

    def _unwatch(self) -> None:
        """Once for each connection: its socket's number may soon be somebody else's."""
        socket, self._socket = self._socket, -1
        if socket >= 0 and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(socket)
            self._loop.remove_writer(socket)

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        loop = asyncio.get_running_loop()
        if self._connection is not None and not self._connection.closed and self._loop is loop:
            return self._connection
        connection = await psycopg.AsyncConnection.connect(
            self._address, autocommit=True, options=self._options, connect_timeout=_CONNECT_SECONDS
        )
        self._connection, self._loop, self._socket = connection, loop, connection.pgconn.socket
        loop.add_reader(self._socket, self._hear, connection.pgconn)
        for name, text in self._statements.items():
            connection.pgconn.send_prepare(name.encode(), text.encode())
            _rows(await self._answered(connection.pgconn))
        return connection

    async def _answered(self, pgconn: PGconn) -> list[PGresult]:
        """What PostgreSQL says to what has just been handed to libpq."""
        assert self._loop is not None
        self._answer, self._results = self._loop.create_future(), []
        self._looking = self._loop.call_later(_LOOK_SECONDS, self._look, pgconn, self._loop.time() + _ANSWER_SECONDS)
        try:
            self._send_on(pgconn)
            return await self._answer
        finally:
            self._looking.cancel()

    def _look(self, pgconn: PGconn, until: float) -> None:
        """Look without being told: uvloop can lose sight of a socket whose number another one had a moment ago."""
        assert self._loop is not None
        if self._answer is None or self._answer.done():
            return
        if self._loop.time() > until:
            self._lose(psycopg.OperationalError(f"no answer in {_ANSWER_SECONDS:.0f} s"))
            return
        self._loop.remove_reader(self._socket)
        self._loop.add_reader(self._socket, self._hear, pgconn)
        self._send_on(pgconn)
        self._hear(pgconn)
        self._looking = self._loop.call_later(_LOOK_SECONDS, self._look, pgconn, until)

    def _send_on(self, pgconn: PGconn) -> None:
        """What libpq still has to send; a large group does not go out at once."""
        assert self._loop is not None
        try:
            if pgconn.flush():
                self._loop.add_writer(self._socket, self._send_on, pgconn)
            else:
                self._loop.remove_writer(self._socket)
        except psycopg.Error as fault:
            self._lose(fault)

    def _hear(self, pgconn: PGconn) -> None:
        """Something came: some of an answer, all of it, or the end of the connection."""
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._settle(None)
                    return
                self._results.append(result)
        except psycopg.Error as fault:
            self._lose(fault)

    def _lose(self, fault: psycopg.Error) -> None:
        """The connection is at its end, and its socket would tell so for ever."""
        self._unwatch()
        if self._connection is not None:
            self._connection.pgconn.finish()
        self._settle(fault)

    def _settle(self, fault: psycopg.Error | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if fault is None:
            self._answer.set_result(self._results)
        else:
            self._answer.set_exception(fault)


def _rows(results: list[PGresult]) -> list[Row]:
    found: list[Row] = []
    for result in results:
        if result.status not in _WELL:
            raise psycopg.errors.error_from_result(result)
        found += (
            tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)
        )
    return found
