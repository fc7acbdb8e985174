"""What one run did: messages, records per type, and every finding counted, with totals that agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import polars as pl

from ktt.core.errors import EXIT_HELD_BACK, KttError
from ktt.domain.unit import ReportingUnit
from ktt.rules.kinds import Consequence
from ktt.rules.open_findings import FindingDiff
from ktt.sender.binding.asking import Asked
from ktt.sender.delta.compare import Changes
from ktt.sender.extract.extract import Extract, Unproved
from ktt.sender.extract.mapping.model import LimitedHistory
from ktt.sender.extract.rows.reading import Reading
from ktt.sender.outbox.message import LoadState
from ktt.sender.plausibility.asked import NO_QUESTIONS, Questions
from ktt.sender.registry_comparison import RegistryComparison

RunKind = Literal["load", "daily"]

MAX_IDS = 10
"""Local ids shown for one kind of finding."""

_SAME_FINDING = ["consequence", "code", "cause", "record_type", "field", "detail"]
_NESTED = {
    "reading",
    "parked",
    "types",
    "findings",
    "finding_diff",
    "load",
    "comparison",
    "questions",
    "asked",
    "limited",
}
_NOT_HELD = [Consequence.CLEAR_FIELD.value, Consequence.NOTE.value]


@dataclass(frozen=True, slots=True)
class TypeCounts:
    """One record type: how many records of the extract differ from what the registry was expected to hold.

    `held` are held because of a finding or set aside, `excluded` are outside the report; neither is compared. `missing` are not in
    the extract and not deleted either, because of `unproved`; `kept` neither, since they are of an earlier record system.
    """

    new: int
    changed: int
    gone: int
    unchanged: int
    held: int
    excluded: Mapping[str, int]
    missing: int = 0
    kept: int = 0
    unproved: Unproved | None = None


@dataclass(frozen=True, slots=True)
class FindingCount:
    """One kind of finding on one field, how often, and the first of its local ids.

    `code` is a rule's id or a source finding's code; `detail` the local code that has no mapping. `consequence` is a
    number of `rules.rule.Consequence`, and `held` says that the finding holds a record.
    """

    code: str
    cause: str
    record_type: str
    field: str | None
    detail: str | None
    consequence: int
    held: bool
    count: int
    local_ids: list[str]


@dataclass(frozen=True, slots=True)
class FindingDiffCounts:
    """How many of the unit's findings the run opened, left open and closed; each finding is counted once."""

    rule_set: str
    opened: int
    still_open: int
    closed: int


@dataclass(frozen=True, slots=True)
class ParkedCounts:
    """How many records somebody has set aside, how many more are held because of them, and since when."""

    records: int
    dependents: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run. `messages` were accepted in it; `stopped` is why something is left in the queue.

    `read` says whether the report is of the record system: not when the queue had stopped, or the load was finished.
    `rebuilt` is the rejected message whose records were corrected in the record system, so that the queue was made anew.
    `comparison` is with the registry, after all was sent. `proofs` are the ways in which the extract was proved whole,
    `questions` what a person must accept or has accepted. `limited` is what the record system has no whole history of.
    """

    kind: RunKind
    unit: ReportingUnit
    extracted_on: dt.date
    messages: int
    undelivered: int
    load: LoadState | None
    read: bool = False
    types: Mapping[str, TypeCounts] = field(default_factory=dict)
    findings: list[FindingCount] = field(default_factory=list)
    finding_diff: FindingDiffCounts | None = None
    stale: Mapping[str, int] = field(default_factory=dict)
    proofs: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    rebuilt: int | None = None
    parked: ParkedCounts | None = None
    questions: Questions = NO_QUESTIONS
    stopped: KttError | None = None
    comparison: RegistryComparison | None = None
    asked: Asked | None = None
    bound: bool = False
    limited: Sequence[LimitedHistory] = ()

    @property
    def changes(self) -> int:
        """Records that were new, changed or gone."""
        return sum(count.new + count.changed + count.gone for count in self.types.values())

    @property
    def held(self) -> int:
        """Records that were held."""
        return sum(count.held for count in self.types.values())

    @property
    def missing(self) -> int:
        """Records that are missing from the extract and were not deleted."""
        return sum(count.missing for count in self.types.values())

    @property
    def exit_code(self) -> int:
        """That of what stopped it or of a registry that differs; 3 when something is missing and not deleted.

        What a caseworker or the vendor is to correct is no failed run (`strict_exit_code`).
        """
        if self.stopped is not None:
            return self.stopped.exit_code
        if self.comparison is not None and self.comparison.untrue:
            return self.comparison.exit_code
        return EXIT_HELD_BACK if self.missing else 0

    @property
    def strict_exit_code(self) -> int:
        """The same, and 3 also when a record was held or a field cleared."""
        noted = all(finding.consequence == Consequence.NOTE.value for finding in self.findings)
        return self.exit_code or (EXIT_HELD_BACK if self.held or not noted else 0)

    def check(self) -> None:
        """Raise what stopped the run, if anything did."""
        if self.stopped is not None:
            raise self.stopped

    def as_data(self) -> dict[str, Any]:
        """The report as plain data, with its totals."""
        stopped = self.stopped and {"code": self.stopped.code, "what": self.stopped.says()}
        totals = {"changes": self.changes, "held": self.held, "missing": self.missing, "exit_code": self.exit_code}
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in _NESTED}
        return {
            **plain,
            **totals,
            "unit": self.unit.key,
            "parked": asdict(self.parked) if self.parked else None,
            "load": asdict(self.load) if self.load else None,
            "reading": self.reading.as_data(),
            "types": {name: asdict(counts) for name, counts in self.types.items()},
            "findings": [asdict(finding) for finding in self.findings],
            "standing": asdict(self.finding_diff) if self.finding_diff else None,
            "questions": self.questions.as_data(),
            "accepted_in_vain": self.questions.in_vain,
            "asked": asdict(self.asked) if self.asked else None,
            "limited": [asdict(one) for one in self.limited],
            "stopped": stopped,
            "comparison": self.comparison and self.comparison.as_data(),
        }


def type_counts(extract: Extract, changes: Mapping[str, Changes]) -> dict[str, TypeCounts]:
    """The counts per record type, in sending order."""
    return {
        name: TypeCounts(
            new=change.new.height,
            changed=change.changed.height,
            gone=len(change.gone),
            unchanged=change.unchanged_count,
            held=len(extract.held.get(name, ())) - len(extract.kept.get(name, ())),
            excluded=dict(extract.excluded.get(name, {})),
            missing=change.missing_count,
            kept=len(extract.kept.get(name, ())),
            unproved=extract.unproved(name),
        )
        for name, change in changes.items()
    }


def finding_counts(findings: pl.DataFrame) -> list[FindingCount]:
    """The findings (`FINDING_SCHEMA`) counted: the worst consequence first, then the most frequent."""
    ids = pl.col("local_id").drop_nulls().unique().sort().head(MAX_IDS).alias("local_ids")
    named = findings.with_columns(code="rule", field=pl.col("fields").list.first())
    counted = named.group_by(_SAME_FINDING).agg(pl.len().alias("count"), ids)
    held = counted.with_columns(held=~pl.col("consequence").is_in(_NOT_HELD))
    descending = [False, True] + [False] * (len(_SAME_FINDING) - 1)
    ordered = held.sort("consequence", "count", *_SAME_FINDING[1:], descending=descending, nulls_last=False)
    return [FindingCount(**row) for row in ordered.iter_rows(named=True)]


def diff_counts(rule_set: str, diff: FindingDiff) -> FindingDiffCounts:
    """The counts of a run's finding diff."""
    opened = diff.opened.height
    return FindingDiffCounts(rule_set, opened, diff.open_count - opened, diff.closed.height)
