"""The log: one JSON line an event on stderr. Events have ids, counts and codes; persons are not events."""

from __future__ import annotations

import datetime as dt
import io
import sys
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from ktt.core.clock import Clock
from ktt.core.log.masking import masked

KEYS = frozenset({
    "event", "level", "at", "room", "dropped",
    "unit", "municipality", "district", "message_type", "version", "record_type", "period", "extracted_on",
    "sequence", "position", "state", "outcome", "reason", "attempt", "correlation_id",
    "http_status", "code", "rule", "error", "method", "path", "port", "role",
    "count", "records", "deletions", "messages", "bytes", "seconds", "wait_seconds",
})  # fmt: skip
"""Every word a log line may use. A new one is a deliberate act: it must never be able to name or describe a person."""


class KeyNotAllowed(ValueError):
    """A log line used a word that is not in KEYS. A mistake in the program, so it is not one of the told faults."""


def configure(clock: Clock, *, stream: TextIO | None = None, strict: bool = False) -> None:
    """Start logging. An unknown key is left out and named in `dropped`; with `strict` (tests) it is an error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _stamp(clock),
            _Allowed(strict=strict),
            _plain,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream or cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )


def logger(room: str) -> Any:
    """The log of one room: `logger("outbox").info("delivered", unit=…, sequence=…)`."""
    return structlog.get_logger().bind(room=room)


class _Stderr(io.TextIOBase):
    """Standard error as it is when a line is written, not as it was when logging started."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _stamp(clock: Clock) -> Any:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"at": clock.now().isoformat(timespec="milliseconds"), **event}

    return stamp


class _Allowed:
    def __init__(self, *, strict: bool) -> None:
        self.strict = strict

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        unknown = sorted(event.keys() - KEYS)
        if unknown and self.strict:
            raise KeyNotAllowed(", ".join(unknown))
        known = {key: value for key, value in event.items() if key in KEYS}
        return known | {"dropped": unknown} if unknown else known


def _plain(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Only plain values, each searched for personal numbers; anything else shows its type alone."""
    return {key: _value(value) for key, value in event.items()}


def _value(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, int):
        return value if masked(str(value)) == str(value) else masked(str(value))
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, str | dt.date):
        return masked(str(value))
    return type(value).__name__
