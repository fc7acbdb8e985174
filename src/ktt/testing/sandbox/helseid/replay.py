"""Ids that may come once: in memory, since a sandbox's clients begin anew when it does."""

from __future__ import annotations

import threading


class Once:
    """Remembers ids until they cannot come again. May be used from any thread."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def first(self, owner: str, identifier: str, *, now: float, until: float) -> bool:
        """Whether this owner uses the id for the first time; then it is remembered until that instant."""
        with self._lock:
            if len(self._until) > 10_000:  # noqa: PLR2004 - swept now and then, not at each call
                self._until = {key: end for key, end in self._until.items() if end >= now}
            if self._until.get((owner, identifier), now) > now:
                return False
            self._until[owner, identifier] = until
            return True
