"""The message versions that a receiver takes: those of its packs, until the last day of each."""

from __future__ import annotations

from ktt.core.clock import Clock, norwegian_day
from ktt.messages.errors import MessageTypeUnknown
from ktt.messages.register import Register
from ktt.messages.version import MessageVersion


class DeployedVersions:
    """Finds a message version by type and version; None when it is not taken, or not any more."""

    def __init__(self, register: Register, clock: Clock) -> None:
        self._register, self._clock = register, clock

    def __call__(self, message_type: str, version: str) -> MessageVersion | None:
        """The version, or None."""
        try:
            found = self._register.find(message_type, version)
        except MessageTypeUnknown:
            return None
        return found if norwegian_day(self._clock.now()) <= self._register.pack(found.pack).last else None
