"""The port of the bindings: what every implementation promises, and what it hands over of the receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ktt.domain.unit import ReportingUnit
from ktt.sender.binding.facts import Facts

Act = Literal["first", "adopted", "unused", "bound", "anew", "mended"]
"""Why a store was bound: at its first run, found with receipts from before, never used yet, by a person, by a person to
start from nothing, after the registry's own list was made the expected state."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding of a unit. `store` names the store: another after it was started anew.

    What the registry received last of the unit is our newest receipt when that is later than `after_sequence`, else the
    message with the correlation id `mark`; without a mark nobody knows.
    """

    store: str
    facts: Facts
    act: Act
    by: str
    reason: str
    at: dt.datetime
    after_sequence: int = 0
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class LastReceipt:
    """What the newest receipt of a unit says of itself."""

    sequence: int
    correlation_id: str
    hash: str


class BindingStore(Protocol):
    """The bindings of every unit in a store, the newest last. What is added is durable and never changed."""

    def history(self, unit: ReportingUnit) -> Sequence[Binding]:
        """The unit's bindings in order."""
        ...

    def others(self, unit: ReportingUnit) -> Sequence[Binding]:
        """The newest binding of every other unit."""
        ...

    def add(self, binding: Binding) -> None:
        """Bind the unit that the facts name."""
        ...

    def is_used(self, unit: ReportingUnit) -> bool:
        """Whether anything was ever queued for the unit."""
        ...

    def undelivered(self, unit: ReportingUnit) -> tuple[int, bool]:
        """How many messages wait, and whether one of them may have arrived."""
        ...

    def last_receipt(self, unit: ReportingUnit) -> LastReceipt | None:
        """The unit's newest receipt."""
        ...

    def receipt_hash(self, unit: ReportingUnit, sequence: int) -> str | None:
        """The hash of the receipt of one message, None when there is none."""
        ...
