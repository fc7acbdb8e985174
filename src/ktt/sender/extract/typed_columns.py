"""One record type's rows, from the record system's text to canonical columns, with what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import polars as pl

from ktt.core.once import once_for_each
from ktt.domain.records import ALL_TYPES
from ktt.domain.schema import Column, RecordType, engine_for
from ktt.sender.extract.convert import cleaned, converted, fitted, is_chosen
from ktt.sender.extract.finding_kinds import (
    AMBIGUOUS_IN_AUTUMN,
    BAD_CHARACTERS,
    DUPLICATE,
    MISSING,
    NO_LATEST_VERSION,
    NOT_OF_FORM,
    PERIODS_UNCLEAR,
    SKIPPED_IN_SPRING,
    UNREADABLE,
)
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.errors import ValuesUnreadable
from ktt.sender.extract.mapping.model import FieldSource, RecordSource, SourceMapping
from ktt.sender.extract.mapping.values.formats import python_format
from ktt.sender.extract.mapping.values.instants import comes_twice, is_skipped
from ktt.sender.extract.mapping.values.unreadable_columns import refuse_unreadable
from ktt.sender.extract.relations import repeated
from ktt.sender.extract.rows.counts import where
from ktt.sender.extract.rows.lookups import SEVERAL, with_looked_up
from ktt.sender.extract.rows.periods import UNCLEAR
from ktt.sender.extract.rows.places import distinct, narrow, without_skipped
from ktt.sender.extract.rows.reading import ReadingNotes
from ktt.sender.extract.rows.row_filter import NO_LATEST
from ktt.sender.extract.rows.values import MISFIT

_SAME_KEY = "same key"  # helper columns have a blank in their name, canonical columns have none
_FIT = "fit"
_OF_ROWS = {_SAME_KEY: DUPLICATE, NO_LATEST: NO_LATEST_VERSION, UNCLEAR: PERIODS_UNCLEAR}
_FLAGS = {
    "unreadable": UNREADABLE,
    "missing": MISSING,
    "twice": AMBIGUOUS_IN_AUTUMN,
    "skipped": SKIPPED_IN_SPRING,
}
_UNREAD = {"bad", "unreadable"}
_MAY_LACK = {("care_service", "starts_on")}  # a service that has not started is not sent, which is no fault
_BAD = rf"[\x00\x{{FFFD}}{MISFIT}]"
"""What readers put for bytes that are no text, what a number stored as bytes is full of, and what has not the form it must."""


def canonical_frame(
    mapping: SourceMapping,
    place: RecordSource,
    raw: Mapping[str, pl.DataFrame],
    findings: FindingCollector,
    notes: ReadingNotes,
) -> pl.DataFrame:
    """The frame of a type's records of one place, its codes still the local ones."""
    assert place.table is not None, "a place has a table"
    record_type = ALL_TYPES[place.record_type]
    left_out = notes.skipped[place.key]
    table = mapping.tables[place.table]
    near = notes.near_misses[place.table] if notes.closely else None
    rows = with_looked_up(raw[place.table], place, table, raw, near)
    rows = without_skipped(rows, place, left_out)
    rows = rows.with_columns((repeated(rows, table.key) | pl.col(SEVERAL)).alias(_SAME_KEY)).drop(SEVERAL)
    rows = narrow(distinct(rows, place, left_out), place, left_out)
    for key, its_left_out in _left_empty(place, rows, str(mapping.timezone)):
        notes.skipped[key].update(its_left_out)
    steps = _steps(place, str(mapping.timezone))
    of_rows = [name for name in _OF_ROWS if name in rows.columns]
    asked = reduce(pl.LazyFrame.with_columns, steps[1:], rows.lazy().select(*steps[0], *of_rows))
    frame = asked.collect(engine=engine_for(rows.height))
    read = _read(place)
    for column, field in read.items():
        if len(field.formats) > 1:
            notes.forms[f"{place.key}.fields.{column.name}"].update(_fits(frame, column, field))
    _note(mapping, place, frame, findings, notes)
    return record_type.conform(frame)


def _left_empty(place: RecordSource, rows: pl.DataFrame, zone: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The fields that have a value only in some rows: how many values do not count, by the columns that decide."""
    for column, field in _read(place).items():
        if field.where:
            there = cleaned(column.kind, replace(field, where={}), zone).is_not_null()
            count = rows.select((there & ~is_chosen(field)).sum()).item()
            yield f"{place.key}.fields.{column.name}", {where(" + ".join(field.where)): count} if count else {}


def _read(place: RecordSource) -> dict[Column, FieldSource]:
    """The columns that are read, each from its field."""
    columns = ALL_TYPES[place.record_type].columns
    return {c: f for c in columns if (f := place.fields.get(c.name)) and f.absent is None}


def _steps(place: RecordSource, zone: str) -> Sequence[Sequence[pl.Expr]]:
    """The questions that are asked of the rows, each of the answers before it. Made once: a fleet has one mapping for all."""
    made = _made_steps(place)
    if zone not in made:
        made[zone] = list(_asked(place, zone))
    return made[zone]


@once_for_each
def _made_steps(_place: RecordSource) -> dict[str, Sequence[Sequence[pl.Expr]]]:
    return {}


def _asked(place: RecordSource, zone: str) -> Iterator[Sequence[pl.Expr]]:
    read, record_type = _read(place), ALL_TYPES[place.record_type]
    yield [cleaned(c.kind, f, zone).alias(_text(c)) for c, f in read.items()]
    yield [pl.col(_text(c)).str.contains(_BAD).fill_null(value=False).alias(f"bad {c.name}") for c in read]
    yield [_value(c, f, zone).alias(c.name) for c, f in read.items()]
    yield [_fit(c, f, zone) for c, f in read.items() if len(f.formats) > 1]
    yield [flag for c, f in read.items() for flag in _flags(record_type, c, f, zone)]


def _fits(frame: pl.DataFrame, column: Column, source: FieldSource) -> dict[str, int]:
    """How many values each form fitted, also those that fitted none."""
    found = frame[f"{_FIT} {column.name}"].value_counts().drop_nulls()
    counts = dict(found.iter_rows())
    return {python_format(written): counts.get(place, 0) for place, written in enumerate(source.formats)}


def _text(column: Column) -> str:
    return f"text {column.name}"


def _value(column: Column, source: FieldSource, timezone: str) -> pl.Expr:
    """Empty where characters are bad: an id that is half read would be another record's."""
    return pl.when(~pl.col(f"bad {column.name}")).then(converted(column.kind, source, timezone, pl.col(_text(column))))


def _fit(column: Column, source: FieldSource, timezone: str) -> pl.Expr:
    return fitted(column.kind, source, timezone, pl.col(_text(column))).alias(f"{_FIT} {column.name}")


def _flags(record_type: RecordType, column: Column, source: FieldSource, timezone: str) -> Iterator[pl.Expr]:
    text = pl.col(_text(column))
    if column.required and (record_type.name, column.name) not in _MAY_LACK:
        yield text.is_null().alias(f"missing {column.name}")
    if source.column is not None and column.kind not in {"id", "text", "code"}:
        unread = text.is_not_null() & pl.col(column.name).is_null() & ~pl.col(f"bad {column.name}")
        yield unread.alias(f"unreadable {column.name}")
    if column.kind == "instant":
        for flag, found in (("twice", comes_twice), ("skipped", is_skipped)):
            yield _of_form(column, [found(text, written, timezone) for written in source.formats]).alias(
                f"{flag} {column.name}"
            )


def _of_form(column: Column, found: list[pl.Expr]) -> pl.Expr:
    """What is found of each value in the form that it is written in."""
    if len(found) == 1:
        return found[0]
    fit = pl.col(f"{_FIT} {column.name}")
    return pl.any_horizontal(one & (fit == place) for place, one in enumerate(found))


def _note(
    mapping: SourceMapping, place: RecordSource, frame: pl.DataFrame, findings: FindingCollector, notes: ReadingNotes
) -> None:
    record_type = ALL_TYPES[place.record_type]
    flags = [name for name in frame.columns if " " in name and not name.startswith(("text ", f"{_FIT} "))]
    counts = frame.select(pl.col(flags).sum()).row(0, named=True)
    for name in (flag for flag in flags if counts[flag]):
        ids = frame.filter(pl.col(name))[record_type.parent_key or record_type.key]
        if name in _OF_ROWS:  # a wide row is many rows of a record
            findings.add(_OF_ROWS[name], record_type.name, ids.unique(maintain_order=True), None)
            continue
        flag, field = name.split(" ")
        if flag in _UNREAD:
            texts = frame.select(text=f"text {field}", unread=name)
            try:
                refuse_unreadable(mapping.file, f"{place.key}.fields.{field}", place.place_of(field), texts)
            except ValuesUnreadable as fault:
                notes.faults.append(fault)
        if flag == "bad":
            misfits = frame.filter(pl.col(name))[f"text {field}"].str.contains(MISFIT, literal=True)
            for kind, its in ((NOT_OF_FORM, ids.filter(misfits)), (BAD_CHARACTERS, ids.filter(~misfits))):
                findings.add(kind, record_type.name, its, field, pl.Series([place.place_of(field)] * len(its)))
            continue
        findings.add(_FLAGS[flag], record_type.name, ids, field)
