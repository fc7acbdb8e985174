"""What a mapping says: how a municipality's own tables, columns and codes become the canonical records.

`file` reads it from TOML. A mapping holds no secret and no address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from ktt.core.once import once_for_each
from ktt.domain.records import ALL_TYPES, ROOTS
from ktt.domain.schema import Column, Kind, RecordType
from ktt.sender.extract.mapping.file_form import PLAIN, FileForm
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.mapping.source_section import SourceSection
from ktt.sender.extract.mapping.values.template import columns_in, is_well_formed
from ktt.sender.thresholds import DEFAULT_DROP_MAX


@dataclass(frozen=True, slots=True)
class Codes:
    """Local codes and the official codes they mean.

    `rows` has `local`, `code`, `valid_from` and `valid_to` (days, empty when open); no two rows of one local code
    overlap.
    """

    file: Path
    rows: pl.DataFrame = field(repr=False)


Choice = Literal["latest", "earliest"]

Values = Mapping[str, tuple[str, ...]]
"""Columns and some values of each; the empty text means no value."""


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where a canonical field comes from: a column, a text with columns in it, a constant, or nowhere for a reason.

    `otherwise` are columns that are read one after another where the column before has no value; with `chosen`, the latest
    or the earliest day or instant of them all counts. `days` are added to a day: -1 where an end is the first day after.
    `formats` are in the notation of Polars (chrono), for a day, an instant or a month, and tried in this order. `empty`
    are texts that mean “no value”; one with columns in it (`{CASE_NO}`) is compared with the row's own. `decimal` is the decimal mark; a colon is hours and minutes. `strip` are signs that are taken
    out of the text wherever they stand, and `upper` makes its letters capitals. A number is `multiply`d, by
    the column `times` too, and `divide`d before it is rounded. A count is `add`ed to. Only rows with the values of `where`
    have a value at all.
    """

    column: str | None = None
    constant: str | None = None
    absent: str | None = None
    codes: Codes | None = None
    formats: tuple[str, ...] = ()
    decimal: str = "."
    empty: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    chosen: Choice | None = None
    days: int = 0
    strip: str = ""
    upper: bool = False
    times: str | None = None
    multiply: float = 1
    divide: float = 1
    add: int = 0
    where: Values = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        written = (
            ()
            if self.column is None
            else (self.column, *self.otherwise, *self.empty_as, *([self.times] if self.times else []))
        )
        return (*(column for one in written for column in columns_in(one)), *self.where)

    @property
    def empty_as(self) -> tuple[str, ...]:
        """Those of the texts that mean “no value” that have columns in them."""
        return tuple(text for text in self.empty if "{" in text and is_well_formed(text))


@dataclass(frozen=True, slots=True)
class Freshness:
    """The column (an instant as text) whose newest value tells whether the source is alive, and the limits."""

    column: str
    format: str
    warn_after: dt.timedelta | None
    error_after: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Latest:
    """Of a table that is a log: the rows with the same `of` are versions of one thing, and the last by `by` counts.

    `by` is a whole number, or a day or an instant in one of `formats`. Only rows with the values of `among` are versions.
    """

    of: tuple[str, ...]
    by: str
    kind: Kind = "count"
    formats: tuple[str, ...] = ()
    among: Values = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        return (*self.of, self.by, *self.among)


@dataclass(frozen=True, slots=True)
class Periods:
    """Of a table with a row for each change: the rows with the same `of` that follow day by day are one row.

    It is the last of them, with the start of the first in the column of `starts_on`. Without `ends_on` a row holds until
    the next one starts.
    """

    of: tuple[str, ...]
    starts_on: FieldSource
    ends_on: FieldSource | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        return (*self.of, *self.starts_on.columns, *(self.ends_on.columns if self.ends_on else ()))


@dataclass(frozen=True, slots=True)
class Lookup:
    """The row of another table that belongs to a row: `on` has columns of that table, and what is equal here.

    That is a column, or a text with columns in it. The other table's columns are read as `NAME.COLUMN`; the name is the
    table's where no other is given.
    """

    table: str
    on: Mapping[str, str]
    name: str

    @property
    def columns(self) -> set[str]:
        """The columns here that are compared."""
        return {column for here in self.on.values() for column in columns_in(here)}

    def named(self, column: str) -> str | None:
        """The column of the other table that is meant; None when the name is not of this lookup."""
        head = f"{self.name}."  # the name may have points of its own, as where a schema is part of it
        return column.removeprefix(head) if column.startswith(head) and column != head else None


@dataclass(frozen=True, slots=True)
class Table:
    """One query or file, the columns that identify its rows, and what must hold for its answer to be believed.

    `relation` is the table or view that is read, with its schema if any, where no query is written: then `query` is made
    of it. `form` is how a file is written. Of its rows those count that have no row in the tables of `without`, are the
    last version (`latest`) of what is left, have one of the values of `where` and a row in each table of `within`.
    `lookups` are rows of other tables that belong to its own. What is left may be `periods` of one thing. Of a column in
    `strip` those signs are taken out, the letters of one in `upper` are read as capitals, and one in `pad` gets the
    noughts back that it has lost in front.
    `since` is the first day the table has history for, where that is later than 2017 (a change of record system).
    """

    name: str
    query: str = field(repr=False)
    key: tuple[str, ...]
    form: FileForm = PLAIN
    relation: tuple[str, ...] = ()
    where: Values = field(default_factory=dict)
    latest: Latest | None = None
    lookups: tuple[Lookup, ...] = ()
    within: tuple[Lookup, ...] = ()
    without: tuple[Lookup, ...] = ()
    upper: tuple[str, ...] = ()
    strip: Mapping[str, str] = field(default_factory=dict)
    pad: Mapping[str, int] = field(default_factory=dict)
    periods: Periods | None = None
    fresh: Freshness | None = None
    rows_min: int = 0
    drop_max: float = DEFAULT_DROP_MAX
    since: dt.date | None = None
    since_reason: str | None = None
    place: str = ""

    @property
    def counted_by(self) -> tuple[Lookup, ...]:
        """The tables that decide which of its rows count; they are read before it."""
        return (*self.without, *self.within)

    @property
    def read_for_itself(self) -> set[str]:
        """The columns that are read for what the table itself says, whatever the records are made of."""
        parts = (self.latest, self.periods)
        chosen = {column for one in parts if one is not None for column in one.columns}
        beside = [self.fresh.column] if self.fresh else []
        return {*self.key, *self.upper, *self.strip, *self.pad, *self.where, *chosen, *beside}

    def own(self, columns: Iterable[str]) -> set[str]:
        """Those of the columns that are its own, with the ones that other tables are looked up by."""
        keys = {here for one in self.lookups for here in one.columns}
        named = {name for name in {*columns, *keys} if all(one.named(name) is None for one in self.lookups)}
        return named | {here for one in self.counted_by for here in one.columns}


@dataclass(frozen=True, slots=True)
class LimitedHistory:
    """A record type that the record system has no history of before a day, and why."""

    record_type: str
    since: dt.date
    reason: str


NUMBER, VALUE = "n", "value"
"""What a wide table's cells are read as: two columns, the cell's number and its value."""


@dataclass(frozen=True, slots=True)
class WideColumns:
    """Columns that become rows: each of the `numbers` gives a row, but for the values of `skip`.

    `patterns` are what a row's columns are called, and the columns that they are: `F{n}` for each number. With `width`,
    the cells are so many signs each of one column, one after another, and a text of another length is refused. A cell
    whose number is the empty text is passed over.
    """

    patterns: Mapping[str, str]
    numbers: tuple[str, ...]
    skip: Values = field(default_factory=dict)
    width: int | None = None

    def cell(self, number: str) -> dict[str, str]:
        """The columns of one row, by what they are called there."""
        return {name: pattern.replace("{n}", number) for name, pattern in self.patterns.items()}

    @property
    def columns(self) -> set[str]:
        """The columns that are read."""
        return {column for number in self.numbers for column in self.cell(number).values()}


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Which table a record type comes from and how each of its fields is filled; or why it is absent.

    Rows with one of the values of `skip` are not such records. With `distinct`, rows that are alike in all that is read are
    one record. `also` are further places that the type comes from, and
    `key` is where in the mapping this one stands.
    """

    record_type: str
    table: str | None
    fields: Mapping[str, FieldSource]
    absent: str | None = None
    skip: Values = field(default_factory=dict)
    wide: WideColumns | None = None
    distinct: bool = False
    also: tuple[RecordSource, ...] = ()
    key: str = ""

    @property
    def places(self) -> tuple[RecordSource, ...]:
        """Every place that the type comes from; none when it is absent."""
        return () if self.table is None else (self, *self.also)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of its table that are read for it."""
        return _columns_of(self)

    def place_of(self, name: str) -> str:
        """The table and the column that a field is read from, as shown to people."""
        column = self.fields[name].column
        if self.wide is not None:
            column = next(
                (self.wide.patterns[one] for one in self.fields[name].columns if one in self.wide.patterns), column
            )
        return f"{self.table}.{column}"


@once_for_each
def _columns_of(place: RecordSource) -> frozenset[str]:
    named = {column for source in place.fields.values() for column in source.columns}
    if place.wide is not None:
        named = named - {NUMBER, *place.wide.patterns} | place.wide.columns
    return frozenset({*named, *place.skip})


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A whole mapping file."""

    file: Path
    name: str
    timezone: ZoneInfo
    complete: Completeness
    source: SourceSection
    tables: Mapping[str, Table]
    records: Mapping[str, RecordSource]

    @property
    def places(self) -> tuple[RecordSource, ...]:
        """Every place that a record comes from."""
        return tuple(place for record in self.records.values() for place in record.places)

    def columns_of(self, table: str) -> list[str]:
        """The columns that are read from a table, each once, sorted; no other column is read."""
        one = self.tables[table]
        named = one.own(column for place in self.places if place.table == table for column in place.columns)
        named |= {column for place in self.places for column in self._looked_up(place, table)}
        asked = (other for each in self.tables.values() for other in each.counted_by if other.table == table)
        named |= {column for other in asked for column in other.on}
        return sorted(named | one.read_for_itself)

    def reported_of(self, table: str) -> set[str]:
        """Those of a table's columns that become part of what is reported, but for when it was recorded."""
        places = [replace(place, fields=_but_recorded(place.fields)) for place in self.places]
        named = {column for place in places if place.table == table for column in place.columns}
        found = {column for place in places for column in self._looked_up(place, table)}
        return self.tables[table].own(named) | found

    def reading_order(self) -> list[str]:
        """The tables, each after those that decide which of its rows count."""
        order: list[str] = []
        while len(order) < len(self.tables):
            order += [
                name
                for name, table in self.tables.items()
                if name not in order and all(one.table in order for one in table.counted_by)
            ]
        return order

    def _looked_up(self, place: RecordSource, table: str) -> Iterator[str]:
        """The columns of `table` that a place of another reads through a lookup."""
        lookups = self.tables[place.table].lookups if place.table is not None else ()
        columns = {*place.columns, *(column for one in lookups for column in one.columns)}
        for lookup in (one for one in lookups if one.table == table):
            yield from lookup.on
            yield from (name for column in columns if (name := lookup.named(column)) is not None)

    def drop_max(self) -> dict[str, float]:
        """For each sent record type, the share of its records that may vanish between two runs."""
        return {
            root.name: min((table.drop_max for table in self._tables_of(root)), default=DEFAULT_DROP_MAX)
            for root in ROOTS
        }

    def _tables_of(self, root: RecordType) -> list[Table]:
        return [self.tables[place.table] for place in self.records[root.name].places if place.table is not None]

    def since(self) -> dict[str, dt.date]:
        """For each sent record type with limited history, the first day that all of its tables have data for."""
        return {one.record_type: one.since for one in self.limited()}

    def limited(self) -> list[LimitedHistory]:
        """The record types with limited history, each with the reason that the mapping gives."""
        found = {root.name: [table for table in self._tables_of(root) if table.since] for root in ROOTS}
        latest = {name: max(tables, key=_since) for name, tables in found.items() if tables}
        return [LimitedHistory(name, _since(table), table.since_reason or "") for name, table in latest.items()]


def _but_recorded(fields: Mapping[str, FieldSource]) -> dict[str, FieldSource]:
    return {name: source for name, source in fields.items() if name != "recorded_at"}


def _since(table: Table) -> dt.date:
    return table.since or dt.date.min


def is_derived(record_type: str, column: Column) -> bool:
    """Whether a field is found by ktt and therefore never mapped."""
    return column.derived or (record_type, column.name) == ("recipient", "person_number_kind")


def mapped_columns(record_type: str) -> tuple[Column, ...]:
    """The columns of a record type that a mapping must name."""
    return tuple(c for c in ALL_TYPES[record_type].columns if not is_derived(record_type, c))
