"""What came of a run of a fleet: one result for each unit, and the totals."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ktt.core.errors import EXIT_HELD_BACK, KttError
from ktt.sender.report import RunKind, RunReport


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What came of one unit: the report of its run, or the fault that kept it from one. `goes_on` is a load with more to send."""

    unit: str
    kind: RunKind | None = None
    report: RunReport | None = None
    fault: KttError | None = None
    goes_on: bool = False
    slow: bool = False
    seconds: float = 0.0
    accepted: int = 0

    @property
    def stopped(self) -> KttError | None:
        """What stopped it; nothing stops a load that goes on."""
        return None if self.goes_on else self.fault or (self.report.stopped if self.report else None)

    def exit_code(self, *, strict: bool = False) -> int:
        """That of what stopped it, else that of its report."""
        if self.stopped is not None or self.report is None or self.goes_on:
            return self.stopped.exit_code if self.stopped else 0
        return self.report.strict_exit_code if strict else self.report.exit_code

    def as_data(self, *, strict: bool) -> dict[str, Any]:
        """The result as plain data."""
        stopped, report = self.stopped, self.report
        counts = {
            name: getattr(report, name) if report else None for name in ("changes", "undelivered", "held", "missing")
        }
        return {
            "unit": self.unit,
            "kind": self.kind,
            "exit_code": self.exit_code(strict=strict),
            "code": stopped and stopped.code,
            "what": stopped and stopped.says(),
            "remedy": stopped and stopped.advises(),
            "messages": self.accepted,
            **counts,
            "goes_on": self.goes_on,
            "slow": self.slow,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class FleetReport:
    """Every unit's result, worst first; the total is the highest class. `not_begun` are those that an early end left out."""

    on: dt.date
    results: tuple[UnitResult, ...]
    not_begun: tuple[str, ...] = ()
    strict: bool = False

    @property
    def exit_code(self) -> int:
        """The highest class of all units."""
        return max((one.exit_code(strict=self.strict) for one in self.results), default=0)

    @property
    def needing_someone(self) -> list[UnitResult]:
        """Those that did not end as they should, or were slow, or whose extract is not proved whole."""
        return [one for one in self.results if one.slow or one.exit_code(strict=self.strict)]

    def totals(self) -> dict[str, int]:
        """How many units ended how, and what was sent."""
        ended = Counter(self._class(one) for one in self.results)
        return {
            **{name: ended[name] for name in ("done", "loading", "held_back", "stopped")},
            "slow": sum(one.slow for one in self.results),
            "not_begun": len(self.not_begun),
            "messages": sum(one.accepted for one in self.results),
            "changes": sum(one.report.changes for one in self.results if one.report),
        }

    def _class(self, one: UnitResult) -> str:
        code = one.exit_code(strict=self.strict)
        if one.goes_on:
            return "loading"
        return {0: "done", EXIT_HELD_BACK: "held_back"}.get(code, "stopped")

    def as_data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "on": self.on,
            "exit_code": self.exit_code,
            "totals": self.totals(),
            "not_begun": list(self.not_begun),
            "units": [one.as_data(strict=self.strict) for one in self.results],
        }


def worst_first(results: Iterable[UnitResult], *, strict: bool) -> tuple[UnitResult, ...]:
    """The results in the order in which someone looks at them."""
    return tuple(sorted(results, key=lambda one: (-one.exit_code(strict=strict), not one.slow, one.unit)))
