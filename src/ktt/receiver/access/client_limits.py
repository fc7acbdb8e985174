"""How many posts one client may have under way, and how often its envelopes may fail to open before it must wait."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter, deque

_WINDOW = dt.timedelta(hours=1)


class ClientLimits:
    """Counts per client, in this process. All methods may be called from any thread."""

    def __init__(self, *, posts: int, crypto_failures: int) -> None:
        self._posts, self._crypto_failures = posts, crypto_failures
        self._open: Counter[str] = Counter()
        self._failures: dict[str, deque[dt.datetime]] = {}
        self._lock = threading.Lock()

    def acquire(self, client_id: str) -> bool:
        """Begin a post; False when too many are under way. Each True is matched by one `release`."""
        with self._lock:
            if self._open[client_id] >= self._posts:
                return False
            self._open[client_id] += 1
            return True

    def release(self, client_id: str) -> None:
        """End a post."""
        with self._lock:
            self._open[client_id] -= 1
            if self._open[client_id] <= 0:
                del self._open[client_id]

    def record_failure(self, client_id: str, at: dt.datetime) -> None:
        """An envelope of this client did not open."""
        with self._lock:
            self._failures.setdefault(client_id, deque(maxlen=self._crypto_failures)).append(at)

    def is_blocked(self, client_id: str, at: dt.datetime) -> bool:
        """Whether it has used up its failures of the last hour; an honest sender has none (transport § 14.2 point 6)."""
        with self._lock:
            times = self._failures.get(client_id)
            return times is not None and len(times) == times.maxlen and times[0] > at - _WINDOW
