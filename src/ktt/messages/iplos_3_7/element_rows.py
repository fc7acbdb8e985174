"""The rows of one element, and which of them break a check. Each distinct value is looked at once.

Most columns of a message have few distinct values: days, codes. A check of one column gives the same answer for a value
wherever it stands, so it costs one pass over the column and a few looks at values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold, by a name that the caller chooses. Where it has no value, the row does not break it."""

    name: str
    holds: pl.Expr = field(repr=False)
    columns: tuple[str, ...]

    @classmethod
    def of(cls, name: str, holds: pl.Expr) -> Check:
        """The check, with the columns that it looks at."""
        return cls(name, holds, tuple(dict.fromkeys(holds.meta.root_names())))


@dataclass(frozen=True, slots=True)
class Checks:
    """Checks of one element: those of one column by that column, those of several, and the context columns of them all."""

    single: Mapping[str, Sequence[Check]]
    several: Sequence[Check]
    context: frozenset[str]

    @classmethod
    def of(cls, checks: Iterable[Check], own: Iterable[str]) -> Checks:
        """`own` are the element's fields; every other column is context."""
        fields = set(own)
        single: defaultdict[str, list[Check]] = defaultdict(list)
        several = []
        context: set[str] = set()
        for check in checks:
            context |= set(check.columns) - fields
            mine = [name for name in check.columns if name in fields]
            if len(mine) == 1 and set(check.columns) - fields <= CONSTANT:
                single[mine[0]].append(check)
            else:
                several.append(check)
        return cls(dict(single), tuple(several), frozenset(context))


FEW = 2_000
"""Rows so few that one query over all of them costs less than one for each column."""

CONSTANT = frozenset({"year.start", "year.end"})
"""Context that is the same for every row."""


@dataclass(slots=True)
class ElementRows:
    """The rows as a frame, with the distinct values of a column kept once they are checks_of_column for."""

    frame: pl.DataFrame
    _values: dict[str, pl.Series] = field(default_factory=dict)

    def breaking(self, checks: Checks, constants: Mapping[str, pl.Expr]) -> Iterator[tuple[str, pl.Series]]:
        """The name of each check that is broken, and the rows that break it. The frame has all other context."""
        if self.frame.is_empty():
            return
        if self.frame.height < FEW:
            yield from self._together([*chain(*checks.single.values()), *checks.several], constants)
            return
        for column, checks_of_column in checks.single.items():
            yield from self._single(column, checks_of_column, constants)
        yield from self._together(checks.several, constants)

    def _together(self, checks: Sequence[Check], constants: Mapping[str, pl.Expr]) -> Iterator[tuple[str, pl.Series]]:
        if not checks:
            return
        whole = self.frame.lazy().with_columns(made.alias(name) for name, made in constants.items())
        broken = whole.select(_broken(check) for check in checks).collect()
        for check in checks:
            if broken[check.name].any():
                yield check.name, broken[check.name].arg_true()

    def _single(
        self, column: str, checks: Sequence[Check], constants: Mapping[str, pl.Expr]
    ) -> Iterator[tuple[str, pl.Series]]:
        values = self._distinct(column)
        if not len(values):
            return
        distinct = values.to_frame().lazy().with_columns(made.alias(name) for name, made in constants.items())
        broken = distinct.select(_broken(check) for check in checks).collect()
        for check in checks:
            if broken[check.name].any():
                wrong = values.filter(broken[check.name])
                yield check.name, self.frame[column].is_in(wrong.implode(), nulls_equal=True).arg_true()

    def _distinct(self, column: str) -> pl.Series:
        if column not in self._values:
            self._values[column] = self.frame[column].unique()
        return self._values[column]


def _broken(check: Check) -> pl.Expr:
    return (~check.holds).fill_null(value=False).alias(check.name)
