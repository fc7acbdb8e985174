"""Which findings are still open: a run's findings held against those that were open before it.

Nobody closes a finding by hand: it closes when a run that looked at its record does not find it again. A finding is the
same one as before when rule, record type, local id, part and fields are the same. What else is known of it (its row,
its consequence, when it was opened) goes along and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ktt.domain.records import RECIPIENT, ROOT_OF, ROOTS, Records, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.rules.context import UNIT

IDENTITY = ("rule", "record_type", "local_id", "part_id", "fields")
"""The columns that make a finding this one and no other."""

RECORD = ("record_type", "local_id")
"""The columns that name a record: its root type and its own id."""


@dataclass(frozen=True, slots=True)
class FindingDiff:
    """What a run does to a unit's findings, each of them exactly once.

    `opened` are new. `seen_again`, `not_validated` (findings of records that the run did not look at) and `closed` were
    open before. A finding that is seen again has the run's columns (a rule may have a milder consequence now), and from
    before only what the run does not have.
    """

    opened: pl.DataFrame = field(repr=False)
    seen_again: pl.DataFrame = field(repr=False)
    not_validated: pl.DataFrame = field(repr=False)
    closed: pl.DataFrame = field(repr=False)

    @property
    def open_count(self) -> int:
        """How many findings are open after the run."""
        return self.opened.height + self.seen_again.height + self.not_validated.height


def diff_findings(before: pl.DataFrame, found: pl.DataFrame, validated: pl.DataFrame | None = None) -> FindingDiff:
    """Hold the findings of a run, `found`, against those that were open, `before`, each only once.

    Both have the `IDENTITY` columns, and others as they like. `validated` names the records (`RECORD`) that the run
    looked at, None when it looked at all of the unit's.
    """
    fresh = found.unique(IDENTITY, keep="first", maintain_order=True)
    only_before = [name for name in before.columns if name not in fresh.columns]
    missing = _join(before, fresh, "anti")
    return FindingDiff(
        opened=_join(fresh, before, "anti"),
        seen_again=_join(before.select(*IDENTITY, *only_before), fresh, "inner"),
        not_validated=missing.clear() if validated is None else of_records(missing, validated, "anti"),
        closed=missing if validated is None else of_records(missing, validated, "semi"),
    )


def validated_records(
    unit: ReportingUnit, records: Records, deleted: Mapping[str, Iterable[str]] | None = None
) -> pl.DataFrame:
    """The records that a message says something about: the unit itself, what the message holds, and what it withdraws.

    `deleted` has ids by root type. They count as looked at: a record that is withdrawn has nothing wrong any more.
    """
    records_of = {root.name: frame_of(records, root)[root.key] for root in (RECIPIENT, *ROOTS)}
    withdrawn = {name: pl.Series(list(ids), dtype=pl.String) for name, ids in (deleted or {}).items()}
    named = [(UNIT.name, pl.Series([unit.organisation])), *records_of.items(), *withdrawn.items()]
    return pl.concat(pl.select(record_type=pl.lit(name), local_id=ids) for name, ids in named if len(ids))


def of_records(findings: pl.DataFrame, records: pl.DataFrame, how: Literal["semi", "anti"]) -> pl.DataFrame:
    """The findings of these records (`RECORD`), a part's counted as its record's; `anti`: those of all others."""
    root = pl.col("record_type").replace_strict(ROOT_OF, default=pl.col("record_type"))
    record = [root, pl.col("local_id")]
    return findings.join(records, left_on=record, right_on=RECORD, how=how, maintain_order="left")


def _join(left: pl.DataFrame, right: pl.DataFrame, how: Literal["inner", "anti"]) -> pl.DataFrame:
    return left.join(right, on=IDENTITY, how=how, nulls_equal=True, maintain_order="left")
