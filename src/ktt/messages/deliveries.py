"""What the receiver can tell of its traffic without opening a message: who was heard of when, what was accepted and rejected.

The receiver tells it and the registry's coverage asks; neither knows the other, so the form of it is here. No frame has
anything about a person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from ktt.core.clock import OSLO

_TEXT, _COUNT, _INSTANT = pl.String(), pl.Int64(), pl.Datetime("us", "UTC")

SIGN = {"unit": _TEXT, "at": _INSTANT}
"""One sign of a unit: an accepted or rejected message, or a lookup. Of the signs of one hour the first is enough."""

LAST = {"unit": _TEXT, "heard_at": _INSTANT, "accepted_at": _INSTANT, "supplier": _TEXT, "software": _TEXT}
"""Each unit's last sign and last accepted message, and the software of the latter; empty where there is none."""

ACCEPTED = {
    "unit": _TEXT,
    "message_type": _TEXT,
    "message_version": _TEXT,
    "supplier": _TEXT,
    "software": _TEXT,
    "messages": _COUNT,
}
"""How many messages were accepted. One about several units counts in each."""

REJECTED = {
    "unit": _TEXT,
    "message_type": _TEXT,
    "message_version": _TEXT,
    "supplier": _TEXT,
    "software": _TEXT,
    "times": _COUNT,
    "first_at": _INSTANT,
    "last_at": _INSTANT,
    "code": _COUNT,
    "stands": pl.Boolean(),
}
"""A message that was rejected, all its tries in one row; `stands` until a message of the unit is accepted.

What stands is told whenever it was rejected.
`unit` is the organisation alone where it may send for several units: which it was is not known.
"""


@dataclass(frozen=True, slots=True)
class Period:
    """[`since`, `until`); None: from the beginning, to the present."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @classmethod
    def of_days(cls, first: dt.date | None, last: dt.date | None) -> Period:
        """From the beginning of the first day in Norway through the end of the last."""
        begins = None if first is None else _midnight(first)
        return cls(begins, None if last is None else _midnight(last + dt.timedelta(days=1)))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), OSLO).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What was asked for, as frames: `SIGN` and `LAST` by unit, `ACCEPTED`, `REJECTED`; and the units that may send."""

    signs: pl.DataFrame = field(repr=False)
    last: pl.DataFrame = field(repr=False)
    accepted: pl.DataFrame = field(repr=False)
    rejected: pl.DataFrame = field(repr=False)
    granted: tuple[str, ...]


class DeliveryLog(Protocol):
    """The receiver's own notes."""

    def deliveries(self, period: Period) -> Deliveries:
        """All of a period, in one picture of the database. `last` and what stands are as of its end."""
        ...
