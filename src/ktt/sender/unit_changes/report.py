"""What a unit change did, or would do: per unit that leaves what is deleted, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import Kind, Withdrawn

Next = Literal["load", "daily"]


@dataclass(frozen=True, slots=True)
class LeavingReport:
    """A unit that leaves: what the registry had of it before, in records per type and in messages that delete them.

    `accepted` are the messages that were accepted in this run, `taken_out` those that waited in the queue. `checked`:
    the registry itself says that it holds nothing more; `surplus` is what it had that the store did not know, and that
    was deleted too. `withdrawn` is empty until the registry holds nothing more; `stopped` says why not.
    """

    unit: ReportingUnit
    records: Mapping[str, int]
    messages: int
    taken_out: int
    accepted: int = 0
    undelivered: int = 0
    checked: bool = False
    surplus: Mapping[str, int] = field(default_factory=dict)
    withdrawn: Withdrawn | None = None
    stopped: KttError | None = None

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        stopped = self.stopped and {"code": self.stopped.code, "what": self.stopped.says()}
        plain = {name: getattr(self, name) for name in ("messages", "taken_out", "accepted", "undelivered", "checked")}
        withdrawn = self.withdrawn and asdict(self.withdrawn)
        return {
            "unit": self.unit.key,
            "records": dict(self.records),
            "surplus": dict(self.surplus),
            **plain,
            "withdrawn": withdrawn,
        } | {"stopped": stopped}


@dataclass(frozen=True, slots=True)
class ComingReport:
    """A unit that comes after, and the command that is its next; None when that is not known yet."""

    unit: ReportingUnit
    next: Next | None


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """One change of units; `id` is empty when it was only planned."""

    kind: Kind
    day: dt.date
    leaving: Sequence[LeavingReport]
    coming: Sequence[ComingReport]
    warnings: Sequence[Text] = field(default_factory=tuple)
    id: str | None = None

    @property
    def stopped(self) -> KttError | None:
        """Why a unit is not withdrawn yet: the first reason."""
        return next((one.stopped for one in self.leaving if one.stopped is not None), None)

    @property
    def exit_code(self) -> int:
        """That of what stopped it, else 0."""
        return self.stopped.exit_code if self.stopped is not None else 0

    def check(self) -> None:
        """Raise what stopped it, if anything did."""
        if self.stopped is not None:
            raise self.stopped

    def as_data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "day": self.day,
            "planned_only": self.id is None,
            "leaving": [one.as_data() for one in self.leaving],
            "coming": [{"unit": one.unit.key, "next": one.next} for one in self.coming],
            "warnings": list(self.warnings),
            "exit_code": self.exit_code,
        }
