"""The process that hands what was accepted on to the registry, beside those that serve."""

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
_MOST = 256  # messages between two signs of life
_PAUSE, _AFTER_A_FAULT = 1.0, 5.0


def take_in(ingest: Callable[[int], int], link: socket.socket) -> None:
    """Take in what comes until SIGTERM, SIGINT or the parent's end; a page that has begun is finished.

    A database that is away is waited for. `ingest` takes up to so many messages and says how many it took.
    """
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: stopping.append(number))
    while not stopping:
        with suppress(OSError):
            link.send(ALIVE)
        pause = _one_round(ingest)
        if not stopping and _parent_gone(link, pause):
            _log.warning("the parent process is gone")
            return


def _one_round(ingest: Callable[[int], int]) -> float:
    """How long to wait before the next."""
    try:
        return 0.0 if ingest(_MOST) else _PAUSE
    except (KttError, SQLAlchemyError) as fault:
        _log.error("nothing taken in, trying again in %.0f s: %s", _AFTER_A_FAULT, type(fault).__name__)
        return _AFTER_A_FAULT


def _parent_gone(link: socket.socket, pause: float) -> bool:
    readable, _, _ = select.select([link], [], [], pause)
    return bool(readable)  # the parent never speaks
