"""From the rooms' standard-library loggers to the one log: whatever a library or a room writes goes through it.

Attached once by the command line. Structlog is imported at the first line that is written, not at the start.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress

from ktt.core.clock import SystemClock
from ktt.core.log.masking import masked


class Bridge(logging.Handler):
    """Hands each record of a `ktt.*` logger to the one log, its sentence searched for personal numbers."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._ready = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. A traceback is named by its type alone: its texts may quote values."""
        from ktt.core.log import log

        if not self._ready:
            log.configure(SystemClock())
            self._ready = True
        room = record.name.split(".")[1] if "." in record.name else record.name
        fault = {"error": record.exc_info[0].__name__} if record.exc_info and record.exc_info[0] else {}
        write = getattr(log.logger(room), record.levelname.lower(), log.logger(room).info)
        with suppress(
            OSError, ValueError
        ):  # a full disk or a closed pipe costs the line, never the message it tells of
            write(masked(record.getMessage()), **fault)


def attach() -> None:
    """Send the rooms' log lines from WARNING up (or from `KTT_LOG`, such as `info`) to stderr as JSON; once."""
    root = logging.getLogger("ktt")
    if any(isinstance(handler, Bridge) for handler in root.handlers):
        return
    level = logging.getLevelNamesMapping().get(os.environ.get("KTT_LOG", "").upper(), logging.WARNING)
    root.addHandler(Bridge(level))
    root.setLevel(level)
