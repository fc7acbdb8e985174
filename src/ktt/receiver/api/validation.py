"""Validation of what comes in at `/validate` and `/check`: a few messages at a time, the others wait their turn."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ktt.core.clock import Clock, norwegian_day
from ktt.core.errors import KttError
from ktt.messages.errors import MessageTypeUnknown
from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status
from ktt.receiver.pipeline.metrics import Metrics
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import AnswerCode

_QUEUE = 32  # requests that wait for their turn; each holds its message in memory
Verdict = dict[str, Any]


class Validator(Protocol):
    """Validates one message by all rules; a KttError when it cannot be read at all.

    The verdict is what the sender is shown, as JSON values, and has `fits_schema`. It is made by `ktt.validate`, which
    the receiver must not import, so `ktt.wiring.receiver` hands it over.
    """

    def __call__(self, kind: tuple[str, str], content: bytes, *, today: dt.date, production: bool) -> Verdict:
        """`kind` is message type and version, `today` a day in Norway."""
        ...


class ValidationQueue:
    """Validates a few messages at a time. One takes 20 ms of a core, one of 14 MB some seconds: more cost only memory."""

    def __init__(self, validator: Validator, settings: ReceiverSettings, clock: Clock, metrics: Metrics) -> None:
        self._validator, self._settings, self._clock, self._metrics = validator, settings, clock, metrics
        self._turns = asyncio.Semaphore(settings.judged_at_a_time)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(settings.judged_at_a_time, thread_name_prefix="ktt-validate")

    async def verdict(self, where: str, kind: tuple[str, str], content: bytes) -> Verdict:
        """The verdict; a Refusal when the content is no message, or too many wait. `where` is for the metrics."""
        async with self._turn():
            began = time.perf_counter()
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._validate, kind, content)
            except KttError as fault:
                raise _refusal(fault) from fault
            finally:
                self._metrics.message_validated(where, time.perf_counter() - began)

    def close(self) -> None:
        """Finish what has begun."""
        self._threads.shutdown()

    def _validate(self, kind: tuple[str, str], content: bytes) -> Verdict:
        today = norwegian_day(self._clock.now())
        return self._validator(kind, content, today=today, production=self._settings.environment == "production")

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
    return refuse_with_status(503, why="no turn to validate", headers=(("Retry-After", "10"),))


def _refusal(fault: KttError) -> Refusal:
    unknown = isinstance(fault, MessageTypeUnknown)
    code = AnswerCode.INVALID_MESSAGE_TYPE_VERSION if unknown else AnswerCode.INVALID_JSON_MESSAGE
    return refuse(code, why=fault.code, fault=fault)
