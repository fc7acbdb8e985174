"""`POST /check`: one message as plain JSON, from anybody, about synthetic persons only. Nothing of it is stored or logged.

The caller is unknown, so everything is bounded: size, how many at a time, how often from one caller.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from ktt.receiver.api import answers
from ktt.receiver.api.authenticator import Authenticator
from ktt.receiver.api.validation import ValidationQueue, Verdict
from ktt.receiver.http import responses
from ktt.receiver.http.caller_address import FORWARDED, caller_address
from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status
from ktt.receiver.http.request_bodies import BodyReader
from ktt.receiver.pipeline.person_kinds import wrong_person_kinds
from ktt.receiver.pipeline.real_person_numbers import contains_real_person_number
from ktt.wire.answers import AnswerCode, AnswerError

_MOST_ADDRESSES = 10_000
_MINUTE = 60.0
_MOST_UNDER_WAY = 32  # in one process, so that strangers never hold the places of those who send
_BODY_SECONDS = 20.0
_PARAMETERS: Mapping[str, str] = {"type": "KTT_Vedtak", "version": "1"}


class OpenCheckEndpoint:
    """The endpoint of `/check`, where the settings open it."""

    def __init__(self, authenticator: Authenticator, validation: ValidationQueue) -> None:
        settings = authenticator.services.settings
        self._authenticator, self._validation, self._settings = authenticator, validation, settings
        limits = {"body_limit": settings.open_check_limit, "body_timeout": min(settings.body_timeout, _BODY_SECONDS)}
        self._bodies = BodyReader(settings.model_copy(update=limits))
        self._under_way = 0
        self._rate_limit = RateLimit(settings.open_checks_per_minute)

    async def post(self, request: Request) -> Response:
        """200 with the same verdict as `/validate`."""
        peer = request.client.host if request.client else ""
        caller = caller_address(peer, request.headers.getlist(FORWARDED), self._settings.gateways)
        wait = self._rate_limit.wait(caller)
        if wait:
            raise refuse_with_status(429, why="open checks", headers=(("Retry-After", str(wait)),))
        kind = _kind(request)
        if self._authenticator.services.find(*kind) is None:
            raise refuse(AnswerCode.INVALID_MESSAGE_TYPE_VERSION, why="open check")
        declared = responses.declared_length(request.scope["headers"])
        if declared is not None and declared > self._settings.open_check_limit:
            raise refuse(AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED, why="declared length")
        if self._under_way >= _MOST_UNDER_WAY:
            raise refuse_with_status(429, why="open checks under way", headers=(("Retry-After", "5"),))
        self._under_way += 1
        try:
            return answers.json_response(request, await self._verdict(request, kind, declared))
        finally:
            self._under_way -= 1

    async def _verdict(self, request: Request, kind: tuple[str, str], declared: int | None) -> Verdict:
        async with self._bodies.reserve(declared) as large:
            content = bytes(await self._bodies.read(request.receive, declared, large=large))
            await self._authenticator.in_thread(lambda: _refuse_real_numbers(content))
            verdict = await self._validation.verdict("check", kind, content)
        if verdict["fits_schema"]:
            await self._authenticator.in_thread(lambda: self._refuse_persons(kind, content))
        return verdict

    def _refuse_persons(self, kind: tuple[str, str], content: bytes) -> None:
        """Look at the parsed fields as well: a number written 1.23e10 is not found in the text."""
        version = self._authenticator.services.find(*kind)
        if version is not None and wrong_person_kinds(version.summarise(content), self._settings.environment):
            raise _real_number_refusal()


def _kind(request: Request) -> tuple[str, str]:
    """Type and version of the message; `application/json` is what it must say it is."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refuse_with_status(415, why="open check")
    given = {name: request.query_params.getlist(name) for name in _PARAMETERS}
    given["version"] = given["version"] or ["1"]
    faults = [
        AnswerError(None, "BadRequest", f"The query parameter is missing: {name}={example}", property_name=name)
        for name, example in _PARAMETERS.items()
        if len(given[name]) != 1
    ]
    if faults:
        raise Refusal(400, *faults, why="query")
    return given["type"][0], given["version"][0]


def _refuse_real_numbers(content: bytes) -> None:
    if contains_real_person_number(content):
        raise _real_number_refusal()


def _real_number_refusal() -> Refusal:
    """One answer, whatever the number and wherever it is, so that nothing of it is told."""
    error = AnswerError(None, "RealPersonNumber", "The content has a number that may be a real person's")
    return Refusal(400, error, why="a real person's number")


class RateLimit:
    """A token bucket for each address: so many requests at once, and as many new ones a minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str, now: float | None = None) -> int:
        """0 when the address may ask at `now` (monotonic seconds), else how many seconds it must wait."""
        at = time.monotonic() if now is None else now
        left, since = self._known.pop(address, (float(self._per_minute), at))
        left = min(float(self._per_minute), left + (at - since) * self._per_minute / _MINUTE)
        self._known[address] = (left - 1 if left >= 1 else left, at)
        if len(self._known) > _MOST_ADDRESSES:
            self._known.popitem(last=False)
        return 0 if left >= 1 else int((1 - left) * _MINUTE / self._per_minute) + 1
