"""A thread that runs a function whenever it is notified of work: the registry's ingest, and the rules."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

GATHER_SECONDS = 0.4
"""How long a notification waits for others: ingesting a page of messages costs hardly more than ingesting one."""


class BackgroundThread:
    """Runs `work` after each notification; notifications that come meanwhile are served by one run.

    A run begins when no notification has come for `quiet` seconds, but at most `at_most` seconds after the first one.
    """

    def __init__(
        self, work: Callable[[], object], *, quiet: float = GATHER_SECONDS, at_most: float = GATHER_SECONDS
    ) -> None:
        self._work, self._quiet, self._at_most = work, quiet, at_most
        self._wanted, self._done = 1, 0  # run once at the start, for what an earlier process left
        self._stopping = self._urgent = False
        self._fault: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="ktt-background", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def notify(self) -> None:
        """There is work."""
        with self._changed:
            self._wanted += 1
            self._changed.notify_all()

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait until a run has served every notification before this call; raises what that run raised."""
        with self._changed:
            wanted, self._urgent = self._wanted, True
            self._changed.notify_all()
            settled = self._changed.wait_for(lambda: self._done >= wanted, timeout)
            if self._fault is not None:
                raise self._fault
            return settled

    def stop(self) -> None:
        """Serve the notifications that are left, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            fault: BaseException | None = None
            try:
                self._work()
            except (
                KeyboardInterrupt
            ) as asked:  # Polars raises it where it computes; the main thread hears of Ctrl-C too
                fault = asked
            except Exception as raised:  # noqa: BLE001 - a failure here must not end the sandbox
                fault = raised
                _log.error("background work failed: %s", type(raised).__name__)  # a traceback may hold content
            with self._changed:
                self._done, self._fault = wanted, fault
                self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted > self._done or self._stopping)
            self._gather(time.monotonic() + self._at_most)
            self._urgent = False
            return self._wanted if self._wanted > self._done else None

    def _gather(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            before = self._wanted
            self._changed.wait_for(lambda: self._interrupted(before), min(left, self._quiet))  # noqa: B023 - called at once
            if self._urgent or self._stopping or self._wanted == before:
                return

    def _interrupted(self, before: int) -> bool:
        return self._urgent or self._stopping or self._wanted > before
