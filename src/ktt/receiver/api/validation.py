"""Judging what comes in at `/validate` and `/check`: a few messages at a time, the others wait their turn."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol

from starlette.requests import Request

from ktt.core.clock import Clock, norwegian_day
from ktt.core.errors import KttError
from ktt.messages.errors import MessageTypeUnknown
from ktt.receiver.api.problems import FAULT
from ktt.receiver.http.refusal import Refusal, by_status, refuse
from ktt.receiver.pipeline.metrics import Meter
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import AnswerCode

_QUEUE = 32  # those who wait for their turn; each holds its message in memory
Verdict = dict[str, Any]


class Judge(Protocol):
    """Says all there is to say about one message, as JSON values; a KttError when it cannot be read at all.

    The verdict has `fits_schema`, and is what the sender is shown (`review.as_verdict`). The receiver is handed one, as
    it may not know the room that makes it.
    """

    def __call__(self, kind: tuple[str, str], content: bytes, *, today: dt.date, production: bool) -> Verdict:
        """`kind` is message type and version, `today` a day in Norway."""
        ...


class Judging:
    """The turns. A message takes 20 ms of a core, one of 14 MB some seconds: more at a time would only take memory."""

    def __init__(self, judge: Judge, settings: ReceiverSettings, clock: Clock, meter: Meter) -> None:
        self._judge, self._settings, self._clock, self._meter = judge, settings, clock, meter
        self._turns = asyncio.Semaphore(settings.judged_at_a_time)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(settings.judged_at_a_time, thread_name_prefix="ktt-judge")

    async def verdict(self, request: Request, door: str, kind: tuple[str, str], content: bytes) -> Verdict:
        """The verdict; a Refusal when the content is no message, or there is no turn to be had."""
        async with self._turn():
            began = time.perf_counter()
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, kind, content)
            except KttError as fault:
                setattr(request.state, FAULT, fault)
                raise _refusal(fault) from fault
            finally:
                self._meter.judged(door, time.perf_counter() - began)

    def close(self) -> None:
        """Finish what has begun."""
        self._threads.shutdown()

    def _ask(self, kind: tuple[str, str], content: bytes) -> Verdict:
        today = norwegian_day(self._clock.now())
        return self._judge(kind, content, today=today, production=self._settings.environment == "production")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= _QUEUE:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._settings.judging_wait):
                await self._turns.acquire()
        except TimeoutError as late:
            raise _busy() from late
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


def _busy() -> Refusal:
    return by_status(503, why="no turn to judge", headers=(("Retry-After", "10"),))


def _refusal(fault: KttError) -> Refusal:
    unknown = isinstance(fault, MessageTypeUnknown)
    code = AnswerCode.INVALID_MESSAGE_TYPE_VERSION if unknown else AnswerCode.INVALID_JSON_MESSAGE
    return refuse(code, why=fault.code)
