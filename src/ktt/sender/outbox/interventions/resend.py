"""Which of the accepted records are to be sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ktt.sender.delta.compare import DELETE_FIRST, SEND_AGAIN


@dataclass(frozen=True, slots=True)
class Resend:
    """Local ids by record type; or what the messages extracted on a day, or of a period, brought last; or everything.

    What a later message brought again belongs to that one. A period is a day, a month with its days, or a year.
    `delete_first`: they are deleted at the registry before they are sent, as a correction of whose they are.
    """

    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    day: dt.date | None = None
    period: str | None = None
    delete_first: bool = False


def marker(wanted: Resend) -> str:
    """What takes the place of the fingerprint: no record has it."""
    return DELETE_FIRST if wanted.delete_first else SEND_AGAIN
