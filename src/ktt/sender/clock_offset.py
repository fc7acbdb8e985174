"""How far this machine's clock is from a server's, by the `Date` of its answer: what refuses proofs of a wrong time.

The offset goes along in the reason of a refusal, and is read from it again when someone asks why a queue has stopped.
"""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from ktt.core.http.exchange import Response

TOLERATED = dt.timedelta(seconds=5)  # a `Date` has whole seconds, and machines that are synchronised differ by less
_NOTE = re.compile(r", clock ([+-]\d{1,12}) s$")


def with_offset(reason: str, response: Response, sent: dt.datetime, received: dt.datetime) -> str:
    """The reason of a refusal, and the offset when it is more than a few seconds: `invalid_client, clock -93 s`.

    The server wrote its `Date` between `sent` and `received`; a plus means that this machine's clock is ahead.
    """
    offset = measured(response.header("date"), sent, received)
    return reason if abs(offset) <= TOLERATED else f"{reason}, clock {round(offset.total_seconds()):+d} s"


def without_offset(reason: str) -> tuple[str, dt.timedelta | None]:
    """The reason itself and the offset that was noted with it."""
    found = _NOTE.search(reason)
    return _NOTE.sub("", reason), dt.timedelta(seconds=int(found[1])) if found else None


def measured(date: str | None, sent: dt.datetime, received: dt.datetime) -> dt.timedelta:
    """How far this machine's clock is ahead of a server that wrote its `Date` in between; zero when it wrote none."""
    try:
        theirs = parsedate_to_datetime(date or "")
        if theirs.tzinfo is None:
            return dt.timedelta()
        return max(sent - theirs, dt.timedelta()) + min(received - theirs, dt.timedelta())
    except (ValueError, OverflowError):
        return dt.timedelta()
