"""Authentication for our own addresses: the very checks of `/message`, for another address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request

from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import Received
from ktt.receiver.pipeline.submission_checks import SubmissionChecks

Result = TypeVar("Result")
_THREADS = 8  # they wait for the database


class Authenticator:
    """Makes the checks of a request, and runs what waits for the database in threads of its own."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ktt-api")

    def checks(self, request: Request, path: str) -> SubmissionChecks:
        """The checks of a request to `path`, which its proof must name. They run when their methods are called."""
        received = Received(
            state=request.scope["state"],
            correlation_id=request.state.correlation_id,
            received_at=self.services.clock.now(),
            headers=request.headers,
            method=request.method,
            urls=self.services.settings.urls(path),
        )
        return SubmissionChecks(self.services, received)

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Finish what has begun."""
        self._threads.shutdown()
