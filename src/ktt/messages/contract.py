"""The contract between the two ends: what is sent, how it may end, and what was accepted.

The sender's outbox and its client share these types, and so do the receiver and the registry, so that neither of a pair
depends on the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message as it is handed to the transport. `payload` is the plaintext JSON, never shown in a repr.

    `prepared` is what the transport made of the payload before its turn; whether it still serves, the transport decides.
    """

    unit: ReportingUnit
    message_type: str
    version: str
    payload: bytes = field(repr=False)
    extracted_on: dt.date
    prepared: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The registry has it: a receipt."""

    correlation_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The registry read it and said no; the content or the configuration must change (transport § 10.1)."""

    http_status: int
    code: int | None  # 1001 to 2010
    name: str  # SchemaValidationFailed …
    details: str  # locations and keywords, never values
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not let in: token, proof or access (401, 403), after one try with a fresh token. Nothing was stored."""

    http_status: int
    reason: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class TooLarge:
    """2009 or 413: must be split. Nothing was stored."""

    http_status: int
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """It certainly never reached the registry's store: no connection, no token, no usable key, 429."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been stored: the answer was lost, unreadable, or 5xx. Settled by sending the same again."""

    reason: str
    correlation_id: str | None = None
    retry_after: float | None = None


Outcome = Accepted | Rejected | Refused | TooLarge | NotSent | Unknown
Send = Callable[[OutgoingMessage], Outcome]


@dataclass(frozen=True, slots=True)
class AcceptedMessage:
    """One row of the receiver's inbox, as the registry reads it. `position` rises by acceptance, over all units.

    `units` are those that it is about, at least one, known without opening `payload`, which is empty when it cannot be
    opened; `unopened` says why.
    """

    position: int
    correlation_id: str
    units: tuple[ReportingUnit, ...]
    message_type: str
    version: str
    received_at: dt.datetime
    payload: bytes = field(repr=False)
    unopened: KttError | None = field(default=None, repr=False, compare=False)

    @property
    def unit(self) -> ReportingUnit:
        """The first of its units, which its receipt is filed under."""
        return self.units[0]


class Inbox(Protocol):
    """The registry's view of what the receiver has accepted."""

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        """Up to `limit` messages with a higher position, in order of position. Accepted means durable.

        Fewer when they weigh more than can be held in memory at once, but never none as long as there are any. A KttError
        when none of them can be opened.
        """
        ...
