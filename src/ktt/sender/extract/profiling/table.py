"""Profiles one table while its rows pass by."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ktt.sender.extract.profiling.column import ColumnProfiler
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile
from ktt.sender.extract.profiling.sketch import DistinctSketch
from ktt.sender.extract.profiling.split_numbers import SplitNumbers

_MOST_IN_KEY = 3
_NEARLY_ALL = 0.93
_SMALL = 300
_BETWEEN = "\x1f"


class TableProfiler:
    """Of one table. Beside its columns it looks at the first two and three of them together: most keys stand there."""

    def __init__(self, name: str, columns: list[str], tables: frozenset[str] = frozenset()) -> None:
        self._name, self._names = name, columns
        self._columns = {column: ColumnProfiler(column, tables) for column in columns}
        self._together = {n: DistinctSketch() for n in range(2, min(_MOST_IN_KEY, len(columns)) + 1)}
        self._rows, self._split = 0, SplitNumbers()
        self._small: pl.DataFrame | None = pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))

    def add(self, block: pl.DataFrame) -> None:
        """Take some rows more."""
        self._rows += block.height
        if block.is_empty():
            return
        self._split.add(block)
        self._keep(block)
        for name, profiler in self._columns.items():
            profiler.add(block[name])
        for count, sketch in self._together.items():
            parts = [pl.col(name).str.strip_chars().fill_null("") for name in self._names[:count]]
            sketch.add(block.select(pl.concat_str(parts, separator=_BETWEEN).alias("key")).to_series())

    def _keep(self, block: pl.DataFrame) -> None:
        if self._small is not None:
            self._small = pl.concat([self._small, block]) if self._rows <= _SMALL else None

    @property
    def small(self) -> pl.DataFrame | None:
        """Its rows, where they are so few that it may be a table of codes; none where they are more."""
        return self._small if self._small is not None and self._small.height else None

    @property
    def columns(self) -> dict[str, ColumnProfiler]:
        """What has been seen of each column."""
        return self._columns

    def profile(self, at_least: int) -> TableProfile:
        """What was found."""
        columns = tuple(one.profile(at_least) for one in self._columns.values())
        return TableProfile(self._name, self._rows, columns, self._key(columns), person_number=self._split.pair)

    def _key(self, columns: Iterable[ColumnProfile]) -> tuple[str, ...]:
        single = next((one.name for one in columns if one.is_unique and _may_be_key(one)), None)
        if single is not None:
            return (single,)
        for count, sketch in self._together.items():
            least = self._rows if sketch.exact else _NEARLY_ALL * self._rows
            if self._rows and sketch.count >= least:
                return tuple(self._names[:count])
        return ()


def _may_be_key(column: ColumnProfile) -> bool:
    """A person's number is no key of ours, nor is a time that happens to be different in every row."""
    return column.kind in {"whole_number", "text", "organisation", "municipality", "code"}
