"""The memory of ids that may be used once. It is in memory only, since a sandbox's clients start anew when it does."""

from __future__ import annotations

import threading

_SWEPT_AT = 10_000  # ids; expired ones are removed when there are more, not at each call


class ReplayMemory:
    """Remembers ids until they would be refused anyhow. May be used from any thread."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def is_first(self, owner: str, identifier: str, *, now: float, until: float) -> bool:
        """Whether this owner uses the id for the first time; then it is remembered until that instant."""
        with self._lock:
            if len(self._until) > _SWEPT_AT:
                self._until = {key: end for key, end in self._until.items() if end >= now}
            if self._until.get((owner, identifier), now) > now:
                return False
            self._until[owner, identifier] = until
            return True
