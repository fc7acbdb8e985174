"""What a reading tells of a unit's tables beside the records: rows that do not count, and how dates were written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ktt.core.errors import KttError
from ktt.sender.extract.rows.counts import RowCounts


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of each row, and of each written form.

    `near_misses`, by table and by the reason that a row of another table was looked for (`with B`, `without B`, `lookup B`), are
    the rows that found none but would have if their keys were written alike; only a reading that was asked for them has any.
    `unlike`, by table and column, are the runs of rows that `periods` puts together though they are unlike in what is read.
    `tables` by table. `skipped` by place in the mapping: the rows (or cells) of its table that are no records of the
    type. `forms` by field with several forms: how many values each of them fitted.
    """

    tables: Mapping[str, RowCounts] = field(default_factory=dict)
    skipped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    near_misses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unlike: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "tables": {name: counts.as_data() for name, counts in self.tables.items()},
            "skipped": {name: dict(reasons) for name, reasons in self.skipped.items()},
            "forms": {name: dict(fits) for name, fits in self.forms.items()},
            "near_misses": {name: dict(others) for name, others in self.near_misses.items()},
            "unlike": {name: dict(columns) for name, columns in self.unlike.items()},
        }


@dataclass(slots=True)
class ReadingNotes:
    """Collects them while the records are made, and the faults of the mapping that only its values show."""

    skipped: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    forms: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    faults: list[KttError] = field(default_factory=list)
    closely: bool = False
    near_misses: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unlike: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def of(self, tables: Mapping[str, RowCounts]) -> Reading:
        """Together with the rows of the tables."""
        skipped = {name: dict(reasons) for name, reasons in self.skipped.items() if reasons}
        near = {name: dict(others) for name, others in self.near_misses.items() if others}
        forms = {name: dict(fits) for name, fits in self.forms.items()}
        return Reading(dict(tables), skipped, forms, near, dict(self.unlike))
