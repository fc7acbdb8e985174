"""`POST /validate`: the same request as `/message` at another address; everything is said, nothing is stored."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ktt.receiver.api import answers, paths
from ktt.receiver.api.authenticator import Lock, steps
from ktt.receiver.api.validation import Judging, Verdict
from ktt.receiver.http import responses
from ktt.receiver.http.refusal import refuse
from ktt.receiver.http.request_bodies import Bodies
from ktt.receiver.pipeline import checks
from ktt.receiver.pipeline.submission import Submission
from ktt.wire.answers import AnswerCode

_OPENING = steps(checks.BODY, "body", "json")
_UNITS = steps(checks.BODY, "schema", "units")


class Validating:
    """The door."""

    def __init__(self, lock: Lock, judging: Judging) -> None:
        self._lock, self._judging = lock, judging
        self._bodies = Bodies(lock.room.settings)

    async def post(self, request: Request) -> Response:
        """200 with the verdict; refused as `/message` would refuse, but that a broken schema is a verdict too."""
        declared = responses.declared_length(request.scope["headers"])
        entered = self._lock.entered(request, paths.VALIDATE, checks.HEAD)
        async with entered as submission, self._bodies.room_for(declared):
            submission.body = await self._bodies.read(request.receive)
            submission.size = len(submission.body)
            verdict = await self._judge(request, submission)
        return answers.fresh(request, verdict)

    async def _judge(self, request: Request, submission: Submission) -> Verdict:
        await self._lock.check(_OPENING, submission)
        kind = (submission.envelope.message_type, submission.envelope.version)
        if self._lock.room.find(*kind) is None:
            raise refuse(AnswerCode.SCHEMA_NOT_FOUND)
        verdict = await self._judging.verdict(request, "validate", kind, submission.content)
        if verdict["fits_schema"]:  # else there are no units to be read
            await self._lock.check(_UNITS, submission)
        return verdict
