"""What the registry asks of the receiver about persons: the content that it still holds, and its findings about it.

The receiver keeps these promises and knows nothing of persons; `wiring_receiver` brings the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from ktt.messages.contract import AcceptedMessage

Records = Collection[tuple[str, str, str]]
"""Records by unit, record type and local id."""


class OpenFinding(Protocol):
    """What the receiver's rules find wrong in a record, and since when."""

    @property
    def unit(self) -> str:
        """The unit's key."""
        ...

    @property
    def rule(self) -> str:
        """The rule's id."""
        ...

    @property
    def record_type(self) -> str:
        """The record type's name."""
        ...

    @property
    def local_id(self) -> str:
        """The record's id in the unit, masked when it holds a person's number."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it is about."""
        ...

    @property
    def since(self) -> dt.datetime:
        """When the message came that opened it."""
        ...


class ReceivedContent(Protocol):
    """The content that the receiver has stored, as it was sent."""

    def about(self, units: Collection[str] | None, after: int, limit: int) -> Sequence[AcceptedMessage]:
        """Up to `limit` messages about one of the units (None: of any), with a higher position, in order of position."""
        ...

    def replace(self, position: int, content: bytes | None) -> None:
        """Put other content in the place of the content at the position, or destroy it (None)."""
        ...

    def findings(self, records: Records) -> Sequence[OpenFinding]:
        """The open findings about these records."""
        ...

    def forget_findings(self, records: Records) -> int:
        """Remove them; how many there were."""
        ...

    def compact(self) -> list[str]:
        """Let nothing of what was replaced be left in the database's files; what could not be done, in words."""
        ...
