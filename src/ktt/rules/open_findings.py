"""Which findings still stand: a run's findings held against those that were open before it, so that they close themselves.

A finding is the same one as before when rule, record type, local id, part and fields are the same. What else is known
of it (its row, its consequence, when it was opened) goes along and does not count.
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
class Standing:
    """What a run says of a unit's findings, each exactly once.

    `opened` and `again` are the run's; `again`, `unjudged` and `closed` are those that were open. A finding seen again
    has its new columns from the run (a rule may have a milder consequence now) and the rest from before.
    """

    opened: pl.DataFrame = field(repr=False)
    again: pl.DataFrame = field(repr=False)
    unjudged: pl.DataFrame = field(repr=False)
    closed: pl.DataFrame = field(repr=False)

    @property
    def open_count(self) -> int:
        """How many findings are open after the run."""
        return self.opened.height + self.again.height + self.unjudged.height


def stand(before: pl.DataFrame, found: pl.DataFrame, judged: pl.DataFrame | None = None) -> Standing:
    """Hold the findings of a run, `found`, against those that were open, `before`, each only once.

    Both have the `IDENTITY` columns, and others as they like. `judged` names the records (`RECORD`) that the run looked
    at, None when it looked at all of the unit's: findings of other records are `unjudged` and stand as they were.
    """
    fresh = found.unique(IDENTITY, keep="first", maintain_order=True)
    again = _join(before.select(*IDENTITY, *_others(before, fresh)), fresh, "inner")
    missing = _join(before, fresh, "anti")
    return Standing(
        opened=_join(fresh, before, "anti"),
        again=again,
        unjudged=missing.clear() if judged is None else of_records(missing, judged, "anti"),
        closed=missing if judged is None else of_records(missing, judged, "semi"),
    )


def judged_in(
    unit: ReportingUnit, records: Records, deleted: Mapping[str, Iterable[str]] | None = None
) -> pl.DataFrame:
    """The records that are judged with a message: the unit itself, what the message holds, and what it withdraws.

    `deleted` has ids by root type. A record that is withdrawn has nothing wrong with it any more.
    """
    records_of = {root.name: frame_of(records, root)[root.key] for root in (RECIPIENT, *ROOTS)}
    withdrawn = {name: pl.Series(list(ids), dtype=pl.String) for name, ids in (deleted or {}).items()}
    named = [(UNIT.name, pl.Series([unit.organisation])), *records_of.items(), *withdrawn.items()]
    return pl.concat(pl.select(record_type=pl.lit(name), local_id=ids) for name, ids in named)


def of_records(findings: pl.DataFrame, records: pl.DataFrame, how: Literal["semi", "anti"]) -> pl.DataFrame:
    """The findings of these records (`RECORD`), a part's counted as its record's; `anti`: those of all others."""
    root = pl.col("record_type").replace_strict(ROOT_OF, default=pl.col("record_type"))
    record = [root, pl.col("local_id")]
    return findings.join(records, left_on=record, right_on=RECORD, how=how, maintain_order="left")


def _others(before: pl.DataFrame, fresh: pl.DataFrame) -> list[str]:
    return [name for name in before.columns if name not in fresh.columns]


def _join(left: pl.DataFrame, right: pl.DataFrame, how: Literal["inner", "anti"]) -> pl.DataFrame:
    return left.join(right, on=IDENTITY, how=how, nulls_equal=True, maintain_order="left")
