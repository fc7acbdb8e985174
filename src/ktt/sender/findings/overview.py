"""The open findings of a unit, and those that closed lately: by who must act, then by rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import polars as pl

from ktt.core.errors import EXIT_CONTENT, EXIT_HELD_BACK
from ktt.domain.records import ALL_TYPES
from ktt.domain.unit import ReportingUnit
from ktt.rules.catalogue import find
from ktt.rules.kinds import Cause, Consequence
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.sender.findings.store import FindingsStore, RecordedRun

_CAUSES = {cause.value: place for place, cause in enumerate(Cause)}
_TYPES = {name: place for place, name in enumerate(ALL_TYPES)}
_EXITS = {
    Consequence.REJECT_MESSAGE: EXIT_CONTENT,
    Consequence.DROP_RECORD: EXIT_HELD_BACK,
    Consequence.CLEAR_FIELD: EXIT_HELD_BACK,
    Consequence.NOTE: 0,
}


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """All findings of one rule, or of one kind of source finding (`store.HISTORY_SCHEMA`)."""

    rule: str
    cause: Cause
    consequence: Consequence
    findings: pl.DataFrame = field(repr=False)

    @property
    def since(self) -> dt.date:
        """The extraction day of the oldest of them."""
        oldest = self.findings["opened_on"].min()
        assert isinstance(oldest, dt.date)
        return oldest


@dataclass(frozen=True, slots=True)
class Overview:
    """A unit's findings after its last validation run, which is None before the first.

    `opened` of the open ones are from that run, and `closed` is how many it closed. `lately` are those that have closed
    since a day, empty when that was not asked for.
    """

    unit: ReportingUnit
    run: RecordedRun | None
    groups: tuple[RuleFindings, ...]
    opened: int
    closed: int
    lately: tuple[RuleFindings, ...] = ()

    @property
    def still_open(self) -> int:
        """How many findings are open."""
        return sum(group.findings.height for group in self.groups)

    @property
    def exit_code(self) -> int:
        """By the worst consequence of what is open: 12 rejected, 3 held or cleared, 0 noted or nothing."""
        return max((_EXITS[group.consequence] for group in self.groups), default=0)


def open_findings_overview(
    store: FindingsStore, unit: ReportingUnit, rules: Collection[str] = (), closed_since: dt.date | None = None
) -> Overview:
    """The unit's findings; only those of `rules` when any are named (RuleUnknown when there is no such)."""
    chosen = [_known(rule) for rule in rules]
    run = store.last_run(unit)
    if run is None:
        return Overview(unit, None, (), 0, 0)
    since = min(run.extracted_on, closed_since or run.extracted_on)
    now, before = (_of_rules(frame, chosen) for frame in (store.still_open(unit), store.closed(unit, since)))
    return Overview(
        unit,
        run,
        groups=tuple(_grouped(now)),
        opened=now.filter(pl.col("opened_run") == run.number).height,
        closed=before.filter(pl.col("closed_run") == run.number).height,
        lately=() if closed_since is None else tuple(_grouped(before.filter(pl.col("closed_on") >= closed_since))),
    )


def _known(rule: str) -> str:
    return rule.upper() if rule.upper() in FINDING_KINDS else find(rule).id


def _of_rules(findings: pl.DataFrame, rules: list[str]) -> pl.DataFrame:
    return findings.filter(pl.col("rule").is_in(rules)) if rules else findings


def _grouped(findings: pl.DataFrame) -> Iterable[RuleFindings]:
    """Who must act, the worst consequence, the rule; within it by record type, the oldest first."""
    cause = pl.col("cause").replace_strict(_CAUSES, return_dtype=pl.UInt8)
    kind = pl.col("record_type").replace_strict(_TYPES, default=len(_TYPES), return_dtype=pl.UInt8)
    order = findings.sort(cause, "consequence", "rule", kind, "opened_on", "local_id", "number")
    for (by, consequence, rule), rows in order.group_by("cause", "consequence", "rule", maintain_order=True):
        yield RuleFindings(str(rule), Cause(by), Consequence(consequence), rows)
