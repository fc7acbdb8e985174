"""Behind the same lock as `/message`: the very steps of `receiver.checks`, for another address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from starlette.requests import Request

from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline import checks
from ktt.receiver.pipeline.steps import Room, Step, run
from ktt.receiver.pipeline.submission import Headers, Submission

Result = TypeVar("Result")
_log = logging.getLogger(__name__)
_THREADS = 8  # they wait for the database


def steps(table: tuple[Step, ...], first: str, last: str) -> tuple[Step, ...]:
    """The rows from one name to another, both included."""
    names = [step.name for step in table]
    return table[names.index(first) : names.index(last) + 1]


AUTHENTICATION = steps(checks.HEAD, "credentials", "jti")
"""All before line 1: whoever comes past them is authenticated and the proof is spent."""


class Lock:
    """Lets a request in, or refuses as `/message` would; and runs what waits for the database in threads of its own."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ktt-doors")

    @asynccontextmanager
    async def entered(self, request: Request, path: str, table: tuple[Step, ...]) -> AsyncIterator[Submission]:
        """The request as a submission that has passed `table`; it counts among its client's open posts meanwhile."""
        submission = Submission(
            correlation_id=request.state.correlation_id,
            received_at=self.room.clock.now(),
            headers=Headers(request.scope["headers"]),
            method=request.method,
            urls=self.room.settings.urls(path),
        )
        try:
            await self.check(table, submission)
            yield submission
        except Refusal as refusal:
            _log.info("refused %s: correlation=%s why=%s", refusal.status, submission.correlation_id, refusal.why)
            raise
        finally:
            if submission.entered and submission.caller is not None:
                self.room.limits.leave(submission.caller.client_id)

    async def check(self, table: tuple[Step, ...], submission: Submission) -> None:
        """Further steps."""
        await run(table, submission, self.room)

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, without stopping the others."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Finish what has begun."""
        self._threads.shutdown()
