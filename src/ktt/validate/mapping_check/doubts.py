"""What a reading without faults still makes one doubt: signs that a mapping reads something other than is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import polars as pl

from ktt.domain.records import Records
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.mapping.model import FieldSource, SourceMapping, Table

DoubtKind = Literal[
    "near miss",
    "unlike together",
    "ends when the next starts",
    "ends a day apart",
    "days differ",
    "extends an extension",
    "beyond the range",
]

_ENDS = ("ends_on", "waiting_list_to")
_FOLLOWING = {
    "residence": ("local_person_id",),
    "circumstances": ("local_person_id",),
    "care_service": ("local_person_id", "service_type"),
    "provider_period": ("service_id",),
}
"""The record types whose periods follow one another, and what is the same in those that do."""

_FEWEST, _SHARE = 3, 0.5
"""Periods that must end alike, and the share of those that could, before it is a sign and no chance: types may have two places."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """`rows` of `among` are so. `place` is the table, record type or field of the mapping, and `of` what it is beside."""

    kind: DoubtKind
    place: str
    of: str
    rows: int
    among: int

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def doubts_of(mapping: SourceMapping, extract: Extract, columns: Mapping[str, list[str]]) -> list[Doubt]:
    """All signs, those about rows that are lost first. `columns` are those that each table has."""
    records = {name: _all(extract, name) for name in (*_FOLLOWING, "decision", "decision_line")}
    return [
        *_near_misses(extract),
        *_unlike(extract),
        *_beyond(mapping, columns),
        *_touching(records),
        *_apart(records["decision_line"], records["care_service"]),
        *_other_days(mapping),
        *_extended(records["decision"]),
    ]


def _all(extract: Extract, name: str) -> pl.DataFrame:
    """The records of a type, also those that are held back."""
    held: Records = extract.held_records
    return pl.concat([frames[name] for frames in (extract.records, held) if name in frames])


def _near_misses(extract: Extract) -> Iterator[Doubt]:
    for table, others in extract.reading.near_misses.items():
        for other, rows in others.items():
            yield Doubt("near miss", table, other, rows, extract.reading.tables[table].read)


def _unlike(extract: Extract) -> Iterator[Doubt]:
    """Rows that are put together though they say different things: then the last says it of the whole time."""
    for table, columns in extract.reading.unlike.items():
        for column, rows in columns.items():
            yield Doubt("unlike together", table, column, rows, extract.reading.tables[table].kept)


def _beyond(mapping: SourceMapping, columns: Mapping[str, list[str]]) -> Iterator[Doubt]:
    """Columns side by side of which the table has one more than the mapping reads, as when a fifth service gets its own."""
    for place in mapping.places:
        if place.wide is None or place.wide.width is not None or place.table is None:
            continue
        numbers = place.wide.numbers
        there = columns.get(place.table, [])
        for number in _around(numbers):
            more = [column for column in place.wide.cell(number).values() if column in there]
            if more:
                yield Doubt("beyond the range", place.key, more[0], len(numbers), len(numbers) + 1)


def _around(numbers: Sequence[str]) -> list[str]:
    """The numbers before the first and after the last, where they are counted one by one."""
    if not all(number.isdecimal() for number in numbers):
        return []
    first, last = int(numbers[0]), int(numbers[-1])
    if [int(number) for number in numbers] != list(range(first, last + 1)):
        return []
    width = len(numbers[0]) if numbers[0].startswith("0") else 0
    return [str(one).zfill(width) for one in (first - 1, last + 1) if one >= 0]


def _touching(records: Records) -> Iterator[Doubt]:
    """Periods that end on the day that the next one starts: most often that day is the first on which they do not hold."""
    for name, same in _FOLLOWING.items():
        ordered = records[name].drop_nulls([*same, "starts_on"]).sort(*same, "starts_on")
        days = (pl.col("starts_on").shift(-1).over(same) - pl.col("ends_on")).dt.total_days()
        lasted = pl.col("ends_on") > pl.col("starts_on")  # one of a single day may well end where the next starts
        touching, adjacent = ordered.select(((days == 0) & lasted).sum().alias("0"), (days == 1).sum().alias("1")).row(
            0
        )
        if touching >= max(_FEWEST, _SHARE * (touching + adjacent)):
            yield Doubt("ends when the next starts", name, "ends_on", touching, touching + adjacent)


def _apart(lines: pl.DataFrame, services: pl.DataFrame) -> Iterator[Doubt]:
    """Services that end a day before or after what was granted: then one of the two ends is the first day after."""
    both = lines.select("service_id", granted="ends_on").join(services.select("service_id", "ends_on"), on="service_id")
    days = both.select((pl.col("granted") - pl.col("ends_on")).dt.total_days().alias("days"))["days"]
    found = dict(days.value_counts().iter_rows())
    same: int = found.get(0, 0)
    for apart in (1, -1):
        rows: int = found.get(apart, 0)
        if rows >= max(_FEWEST, _SHARE * (rows + same)):
            yield Doubt("ends a day apart", "decision_line", "care_service", rows, rows + same)


def _other_days(mapping: SourceMapping) -> Iterator[Doubt]:
    """Ends that are read as they stand, where a column of the same name is read with `days` in another table.

    Where the same column is read both ways of different rows, whoever wrote the mapping has thought of it: a bed is left on
    the day that the next one is taken, and the stay ends on its last day.
    """
    read: defaultdict[str, list[_End]] = defaultdict(list)
    for one in _ends(mapping):
        read[one.column].append(one)
    for column, ends in read.items():
        moved = [one for one in ends if one.days]
        for one in ends if moved else []:
            meant = any(two.query == one.query and (two.table != one.table or two.of_table) for two in moved)
            if not one.days and not meant:
                yield Doubt("days differ", one.place, column, len(moved), len(ends))


@dataclass(frozen=True, slots=True)
class _End:
    """A place in the mapping that reads the last day of a period: from which table and query, which column, moved how many days.

    `of_table` is what the table itself says of its periods.
    """

    place: str
    table: str
    query: str
    column: str
    days: int
    of_table: bool


def _ends(mapping: SourceMapping) -> Iterator[_End]:
    for name, table in mapping.tables.items():
        if table.periods is not None and table.periods.ends_on is not None:
            yield from _end(mapping, table, f"table.{name}.periods.ends_on", table.periods.ends_on)
    for place in mapping.places:
        for name in _ENDS:
            if name in place.fields and place.table is not None:
                key = f"{place.key}.fields.{name}"
                yield from _end(mapping, mapping.tables[place.table], key, place.fields[name])


def _end(mapping: SourceMapping, table: Table, key: str, field: FieldSource) -> Iterator[_End]:
    """The one that a field is; none where it reads no column, or a text with several."""
    if field.column is None or "{" in field.column:
        return
    for lookup in table.lookups:
        named = lookup.named(field.column)
        if named is not None:
            table, column = mapping.tables[lookup.table], named
            break
    else:
        column = field.column
    yield _End(key, table.name, table.query, column, field.days, key.startswith("table."))


def _extended(decisions: pl.DataFrame) -> Iterator[Doubt]:
    """Decisions whose original one is itself an extension: then the mapping has the one before, and not the first."""
    extensions = decisions.drop_nulls("original_decision_id").filter(
        pl.col("original_decision_id") != pl.col("decision_id")
    )
    rows = extensions.join(
        extensions.select(original_decision_id="decision_id"), on="original_decision_id", how="semi"
    ).height
    if rows:
        yield Doubt("extends an extension", "decision", "original_decision_id", rows, extensions.height)
