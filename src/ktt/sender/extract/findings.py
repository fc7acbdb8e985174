"""What reading finds wrong with single records: by local id, never with a value.

A finding with the consequence DROP_RECORD holds its record back: the record is not sent, and it is still *present*, so
that it is never taken for deleted. The one value that may be shown is a local code without mapping, for a code is not a
person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.rules.findings import HIDDEN, complete, no_findings
from ktt.sender.extract.finding_kinds import DUPLICATE, FindingKind

_PERSONAL = r"\d{6}"  # six digits in a row may be a birthday: not shown, whatever the mapping says they are


@dataclass(slots=True)
class FindingCollector:
    """Collects the findings of one reading, as `rules.findings.FINDING_SCHEMA`."""

    unit: ReportingUnit
    parts: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def add(
        self, kind: FindingKind, record_type: str, ids: pl.Series, column: str | None, detail: pl.Series | None = None
    ) -> None:
        """One finding for each id, with its detail; a local code that could be about a person is hidden."""
        if ids.is_empty():
            return
        details = pl.Series(values=[None] * len(ids), dtype=pl.String) if detail is None else detail
        personal = pl.lit(not kind.of_place) & pl.col("detail").str.contains(_PERSONAL)
        found = pl.DataFrame({"local_id": ids, "detail": details}).select(
            unit=pl.lit(self.unit.key),
            rule=pl.lit(kind.code),
            record_type=pl.lit(record_type),
            local_id="local_id",
            fields=pl.lit(None if column is None else [column], pl.List(pl.String)),
            consequence=pl.lit(kind.consequence.value),
            cause=pl.lit(kind.cause.value),
            detail=pl.when(personal).then(pl.lit(HIDDEN)).otherwise("detail"),
        )
        self.parts.append(complete(found))

    def frame(self) -> pl.DataFrame:
        """All of them, in one fixed order."""
        order = ["record_type", "local_id", pl.col("fields").list.first(), "rule", "detail"]
        found = pl.concat([no_findings(), *self.parts]).sort(order, nulls_last=False)
        # Each row of a key that occurs twice gives a finding, by the table's key and by the record's own: it is one fault.
        first = pl.struct("rule", "record_type", "local_id").is_first_distinct()
        return found.filter(first | (pl.col("rule") != DUPLICATE.code))
