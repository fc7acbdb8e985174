"""The registry behind the receiver: one thread that takes in whatever was accepted, as soon as it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

GATHERS = 0.4
"""Seconds a nudge waits for its neighbours. A page of messages costs the registry hardly more than one of them."""


class Ingesting:
    """Runs `ingest` after each nudge; nudges that come meanwhile are served together.

    It waits until no nudge has come for `quiet` seconds, but no longer than `at_most`.
    """

    def __init__(self, ingest: Callable[[], object], *, quiet: float = GATHERS, at_most: float = GATHERS) -> None:
        self._ingest, self._quiet, self._most = ingest, quiet, at_most
        self._wanted, self._done = 1, 0  # once at the start, for what an earlier run left behind
        self._stopping = self._hurry = False
        self._fault: Exception | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="ktt-ingest", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def nudge(self) -> None:
        """Something was accepted."""
        with self._changed:
            self._wanted += 1
            self._changed.notify_all()

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait until everything accepted before this call is taken in; raises what the ingest raised."""
        with self._changed:
            wanted, self._hurry = self._wanted, True
            self._changed.notify_all()
            settled = self._changed.wait_for(lambda: self._done >= wanted, timeout)
            if self._fault is not None:
                raise self._fault
            return settled

    def stop(self) -> None:
        """Take in what is left, then end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            fault: Exception | None = None
            try:
                self._ingest()
            except Exception as raised:  # noqa: BLE001 - an ingest that fails must not take the receiver with it
                fault = raised
                _log.error("ingest failed: %s", type(raised).__name__)  # a traceback may hold content
            with self._changed:
                self._done, self._fault = wanted, fault
                self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted > self._done or self._stopping)
            self._gather(time.monotonic() + self._most)
            self._hurry = False
            return self._wanted if self._wanted > self._done else None

    def _gather(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            before = self._wanted
            self._changed.wait_for(lambda: self._pressed(before), min(left, self._quiet))  # noqa: B023 - called at once
            if self._hurry or self._stopping or self._wanted == before:
                return

    def _pressed(self, before: int) -> bool:
        return self._hurry or self._stopping or self._wanted > before
