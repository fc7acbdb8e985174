"""A process beside those that serve, which works through accepted messages: ingest into the registry, or the follower."""

from __future__ import annotations

import logging
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from ktt.core.errors import KttError
from ktt.receiver.service.worker import ALIVE

_log = logging.getLogger(__name__)
_PAUSE, _AFTER_A_FAULT = 1.0, 5.0


GoOn = Callable[[], bool]
"""Asked before each page of messages; False when none is to be begun."""


def run_batches(work: Callable[[GoOn], int], link: socket.socket) -> None:
    """Call `work` until SIGTERM, SIGINT or the end of the parent; a page that has begun is finished.

    `work` handles all the messages there are, page by page, and returns how many there were. When it fails it is called
    again after a pause. Each question whether to go on tells the parent that this process is alive.
    """
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: stopping.append(number))

    def go_on() -> bool:
        with suppress(OSError):
            link.send(ALIVE)
            return not stopping
        return False  # nobody is there to be told

    while not stopping:
        pause = _run_batch(work, go_on)
        if not stopping and _parent_gone(link, pause):
            _log.warning("the parent process is gone")
            return


def _run_batch(work: Callable[[GoOn], int], go_on: GoOn) -> float:
    """How long to wait before the next batch, in seconds."""
    try:
        return 0.0 if work(go_on) else _PAUSE
    except KeyboardInterrupt:  # Polars raises it where it computes, beside the handler that was told of the same signal
        return _PAUSE
    except (KttError, SQLAlchemyError) as fault:
        _log.error("batch failed, trying again in %.0f s: %s", _AFTER_A_FAULT, type(fault).__name__)
        return _AFTER_A_FAULT


def _parent_gone(link: socket.socket, pause: float) -> bool:
    readable, _, _ = select.select([link], [], [], pause)
    return bool(readable)  # the parent sends nothing, so readable means closed
