"""What of a table's rows counts, as far as its columns show it: marks of deletion, versions of a log, and wide forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile

_NOT_DELETED = {"n", "nei", "no", "0", "false", "f", "nei."}
_ACTIVE = {"aktiv", "active", "er_aktiv", "is_active", "gyldig"}
_DRAFT = re.compile(r"kladd|utkast|draft|foreløpig|forelopig|under arbeid", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*?)(\d{1,2})(\D*)")
_FEWEST_CELLS = 10
_SCORES = {"0", "1", "2", "3", "4", "5", "9", ""}


@dataclass(frozen=True, slots=True)
class Wide:
    """Columns that are the cells of one form: `F{n}` for n in `numbers`."""

    pattern: str
    numbers: tuple[str, ...]
    names: frozenset[str]
    has_nought: bool

    @property
    def written(self) -> str | list[str]:
        """The numbers as the mapping writes them."""
        first, last = self.numbers[0], self.numbers[-1]
        together = [
            str(n).zfill(len(first)) if first.startswith("0") else str(n) for n in range(int(first), int(last) + 1)
        ]
        return f"{first}..{last}" if together == list(self.numbers) else list(self.numbers)


@dataclass(frozen=True, slots=True)
class Choice:
    """The keys `key`, `where`, `latest` and those of other tables, and the columns that are used up by them.

    `relation` is the table in the source where the name is ours. `notes` say why each key is proposed.
    """

    key: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    by: str = ""
    among: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wide: Wide | None = None
    relation: str = ""
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    within: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    upper: tuple[str, ...] = ()
    strip: Mapping[str, str] = field(default_factory=dict)
    pad: Mapping[str, int] = field(default_factory=dict)

    @property
    def others(self) -> tuple[str, ...]:
        """The tables that it names."""
        return (*self.lookups, *self.without, *self.within)

    @property
    def taken(self) -> frozenset[str]:
        """Columns that are no field."""
        return frozenset({*self.where, *self.among, *([self.by] if self.by else [])})


def choice_of(table: TableProfile) -> Choice:
    """What is found in one table."""
    deleted = {one.name: _kept(one) for one in table.columns if _means(one, "deleted") and one.kind in _FLAGS}
    deleted |= {one.name: kept for one in table.columns if (kept := _active(one))}
    log = len(table.key) > 1 and _is_version(table.key[-1])
    if not log:
        return Choice(table.key, deleted, wide=wide_of(table))
    status = {
        one.name: tuple(value for value in one.shown.values if not _DRAFT.search(value))
        for one in table.columns
        if any(map(_DRAFT.search, one.shown.values))
    }
    return Choice(table.key[:-1], deleted, table.key[:-1], table.key[-1], status, wide_of(table))


_FLAGS = {"yes_no", "code", "day", "instant", "zoned_instant", "empty", "text"}


def _kept(column: ColumnProfile) -> tuple[str, ...]:
    return ("", *(value for value in column.shown.values if value.lower() in _NOT_DELETED))


def _active(column: ColumnProfile) -> tuple[str, ...]:
    """The values that say that a row counts, of a column that says whether it does."""
    if column.kind != "yes_no" or column.name.lower() not in _ACTIVE:
        return ()
    return tuple(value for value in column.shown.values if value.lower() not in _NOT_DELETED)


def _means(column: ColumnProfile, meaning: str) -> bool:
    return any(meaning in word.meanings and not word.is_short for word in words_of(column.name))


def _is_version(name: str) -> bool:
    return any("version" in word.meanings for word in words_of(name))


def wide_of(table: TableProfile) -> Wide | None:
    """The largest group of columns with one name and different numbers whose values are scores."""
    groups: defaultdict[tuple[str, str], list[tuple[str, ColumnProfile]]] = defaultdict(list)
    for column in table.columns:
        found = _NUMBERED.fullmatch(column.name)
        if found and set(column.shown.values) <= _SCORES and column.kind in {"code", "yes_no", "whole_number", "empty"}:
            groups[found[1], found[3]].append((found[2], column))
    best = max(groups.items(), key=lambda one: len(one[1]), default=None)
    if best is None or len(best[1]) < _FEWEST_CELLS:
        return None
    (before, after), cells = best
    cells.sort(key=lambda one: int(one[0]))
    numbers = tuple(number for number, _column in cells)
    nought = any("0" in column.shown.values for _number, column in cells)
    return Wide(f"{before}{{n}}{after}", numbers, frozenset(column.name for _n, column in cells), nought)
