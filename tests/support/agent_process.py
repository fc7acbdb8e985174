"""`ktt agent run` in a process of its own, by a clock that is put to noon in Norway: its runs are due at hours of the night."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from ktt.cli import app
from ktt.core.clock import OSLO, SystemClock, norwegian_day


def command(settings: Path) -> list[str]:
    """The command line of the agent for one unit."""
    return [sys.executable, "-m", "support.agent_process", "agent", "run", "--config", str(settings)]


def _put_to_noon() -> None:
    now, tell = SystemClock().now(), SystemClock.now
    moved = dt.datetime.combine(norwegian_day(now), dt.time(12), OSLO).astimezone(dt.UTC) - now
    SystemClock.now = lambda clock: tell(clock) + moved  # type: ignore[method-assign]


if __name__ == "__main__":
    _put_to_noon()
    raise SystemExit(app.run(sys.argv[1:]))
