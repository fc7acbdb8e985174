"""`POST /message`: every check in its order, then the answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from ktt.receiver.http import responses
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.http.request_bodies import Bodies
from ktt.receiver.pipeline import checks
from ktt.receiver.pipeline.steps import Room, run
from ktt.receiver.pipeline.submission import Headers, Submission

_log = logging.getLogger(__name__)


class MessageDoor:
    """An ASGI application for one address. Refusals are raised, and answered by `front.Front`."""

    def __init__(self, room: Room, on_accepted: Callable[[], None]) -> None:
        self._room, self._on_accepted = room, on_accepted
        self._bodies = Bodies(room.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One submission."""
        submission = Submission(
            correlation_id=scope["state"]["correlation_id"],
            received_at=self._room.clock.now(),
            headers=Headers(scope["headers"]),
            method=scope["method"],
            timed=self._room.meter.times_next(),
        )
        try:
            await run(checks.HEAD, submission, self._room)
            await self._read_and_check(submission, responses.declared_length(scope["headers"]), receive)
        except Refusal as refusal:
            _log.info("refused %s: correlation=%s why=%s", refusal.status, submission.correlation_id, refusal.why)
            raise
        finally:
            self._leave(submission)
        await responses.deliver(send, submission.receipt.correlation_id)

    async def _read_and_check(self, submission: Submission, declared: int | None, receive: Receive) -> None:
        async with self._bodies.room_for(declared):
            submission.body = await self._bodies.read(receive)
            submission.size = len(submission.body)
            await run(checks.BODY, submission, self._room)
        self._room.reached("stored")
        if not submission.receipt.resent:
            self._on_accepted()

    def _leave(self, submission: Submission) -> None:
        if submission.entered and submission.caller is not None:
            self._room.limits.leave(submission.caller.client_id)
