"""`POST /check`: one message as plain JSON, from anybody, about synthetic persons only. Kept nowhere, written nowhere.

Whoever asks is unknown, so everything is bounded: size, how many at a time, how often from one address.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from ktt.receiver.api import answers
from ktt.receiver.api.authenticator import Lock
from ktt.receiver.api.real_numbers import holds_real_number
from ktt.receiver.api.validation import Judging
from ktt.receiver.http import responses
from ktt.receiver.http.refusal import Refusal, by_status, refuse
from ktt.receiver.http.request_bodies import Bodies
from ktt.receiver.pipeline.message_summary import heads
from ktt.receiver.pipeline.person_kinds import wrong_kind
from ktt.wire.answers import AnswerCode, AnswerError

_MOST_ADDRESSES = 10_000
_MINUTE = 60.0
_NAMES: Mapping[str, str] = {"type": "KTT_Vedtak", "version": "1"}


class Checking:
    """The door, where it is open."""

    def __init__(self, lock: Lock, judging: Judging) -> None:
        settings = lock.room.settings
        self._lock, self._judging, self._settings = lock, judging, settings
        self._bodies = Bodies(settings.model_copy(update={"body_limit": settings.open_check_limit}))
        self._pace = Pace(settings.open_checks_per_minute)

    async def post(self, request: Request) -> Response:
        """200 with the same verdict as `/validate`."""
        wait = self._pace.wait(request.client.host if request.client else "")
        if wait:
            raise by_status(429, why="open checks", headers=(("Retry-After", str(wait)),))
        kind = _kind(request)
        if self._lock.room.find(*kind) is None:
            raise refuse(AnswerCode.INVALID_MESSAGE_TYPE_VERSION, why="open check")
        declared = responses.declared_length(request.scope["headers"])
        if declared is not None and declared > self._settings.open_check_limit:
            raise refuse(AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED, why="declared length")
        async with self._bodies.room_for(declared):
            content = bytes(await self._bodies.read(request.receive))
            await self._lock.in_thread(lambda: _refuse_real(content))
            verdict = await self._judging.verdict(request, "check", kind, content)
        if verdict["fits_schema"]:
            await self._lock.in_thread(lambda: self._refuse_persons(kind, content))
        return answers.fresh(request, verdict)

    def _refuse_persons(self, kind: tuple[str, str], content: bytes) -> None:
        """What the text did not show the fields may: a number written 1.23e10 is a number all the same."""
        version = self._lock.room.find(*kind)
        if version is not None and wrong_kind(heads(version, content), self._settings.environment):
            raise _real()


def _kind(request: Request) -> tuple[str, str]:
    """Type and version of the message; `application/json` is what it must say it is."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise by_status(415, why="open check")
    given = {name: request.query_params.getlist(name) for name in _NAMES}
    given["version"] = given["version"] or ["1"]
    faults = [
        AnswerError(None, "BadRequest", f"The query parameter is missing: {name}={example}", property_name=name)
        for name, example in _NAMES.items()
        if len(given[name]) != 1
    ]
    if faults:
        raise Refusal(400, *faults, why="query")
    return given["type"][0], given["version"][0]


def _refuse_real(content: bytes) -> None:
    if holds_real_number(content):
        raise _real()


def _real() -> Refusal:
    """One answer, whatever the number and wherever it stands."""
    error = AnswerError(None, "RealPersonNumber", "The content has a number that may be a real person's")
    return Refusal(400, error, why="a real person's number")


class Pace:
    """How often one address may ask: so many in a minute, then one for each that has grown back."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str, now: float | None = None) -> int:
        """0 when it may ask now, else how many seconds it must wait."""
        at = time.monotonic() if now is None else now
        left, since = self._known.pop(address, (float(self._per_minute), at))
        left = min(float(self._per_minute), left + (at - since) * self._per_minute / _MINUTE)
        self._known[address] = (left - 1 if left >= 1 else left, at)
        if len(self._known) > _MOST_ADDRESSES:
            self._known.popitem(last=False)
        return 0 if left >= 1 else int((1 - left) * _MINUTE / self._per_minute) + 1
