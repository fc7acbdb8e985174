"""The log: one JSON line an event on stderr, from the standard library's loggers below `ktt`, and from libraries' own.

An event's text is made of ids, counts and codes. There is no list of words that a line may use: no list can tell which
value is about a person. What protects is here, for every line: the text is searched for personal numbers (`masking`),
and of an exception only the type is written, since its text may quote values. `tests/journeys/test_privacy.py` searches
everything that real processes write.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
from contextlib import suppress

from ktt.core.log.masking import masked


class JsonLines(logging.Handler):
    """Writes each record as `{"at", "level", "component", "event"}`, with `error` when it is about an exception."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line to stderr as it is now. A full disk or a closed pipe costs the line, never the work it is about."""
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "component": record.name.removeprefix("ktt.").partition(".")[0],
            "event": masked(_event(record)),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        with suppress(OSError, ValueError):
            sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")


def _event(record: logging.LogRecord) -> str:
    """Of what a library says only the first line without its values: they may quote what it was given."""
    return record.getMessage() if _is_ours(record) else str(record.msg).partition("\n")[0]


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "ktt"


def attach() -> None:
    """Write the program's log lines from WARNING up, or from `KTT_LOG` (such as `info`), to stderr; once in a process.

    Of the libraries WARNING and up is written.
    """
    root = logging.getLogger("ktt")
    if any(isinstance(handler, JsonLines) for handler in root.handlers):
        return
    level = logging.getLevelNamesMapping().get(os.environ.get("KTT_LOG", "").upper(), logging.WARNING)
    root.addHandler(JsonLines(level))
    root.setLevel(level)
    everything = logging.getLogger()
    if not any(isinstance(handler, JsonLines) for handler in everything.handlers):
        others = JsonLines(logging.WARNING)
        others.addFilter(lambda record: not _is_ours(record))
        everything.addHandler(others)


def speak(level: int) -> None:
    """Let the program's own log say more than it was attached for; `KTT_LOG` still decides when it is set."""
    if os.environ.get("KTT_LOG"):
        return
    root = logging.getLogger("ktt")
    root.setLevel(level)
    for handler in root.handlers:
        handler.setLevel(level)
