"""One record type's rows, from the record system's text to canonical columns, with what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from ktt.domain.schema import Column, RecordType
from ktt.sender.extract.convert import cleaned, converted, fitted
from ktt.sender.extract.finding_kinds import (
    AMBIGUOUS_IN_AUTUMN,
    BAD_CHARACTERS,
    DUPLICATE,
    MISSING,
    NO_LATEST_VERSION,
    SKIPPED_IN_SPRING,
    UNREADABLE,
)
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.formats import python_format
from ktt.sender.extract.mapping.instants import comes_twice, is_skipped
from ktt.sender.extract.mapping.model import FieldSource, SourceMapping
from ktt.sender.extract.mapping.unreadable_columns import refuse_unreadable
from ktt.sender.extract.relations import repeated
from ktt.sender.extract.rows.keeper import NO_LATEST
from ktt.sender.extract.rows.reading import ReadingNotes

_SAME_KEY = "same key"  # helper columns have a blank in their name, canonical columns have none
_FIT = "fit"
_OF_ROWS = {_SAME_KEY: DUPLICATE, NO_LATEST: NO_LATEST_VERSION}
_FLAGS = {
    "bad": BAD_CHARACTERS,
    "unreadable": UNREADABLE,
    "missing": MISSING,
    "twice": AMBIGUOUS_IN_AUTUMN,
    "skipped": SKIPPED_IN_SPRING,
}
_UNREAD = {"bad", "unreadable"}
_MAY_LACK = {("care_service", "starts_on")}  # a service that has not started is not sent, which is no fault
_BAD = r"[\x00\x{FFFD}]"  # what readers put for bytes that are no text, and what a number stored as bytes is full of


def canonical_frame(
    mapping: SourceMapping,
    raw: Mapping[str, pl.DataFrame],
    record_type: RecordType,
    findings: FindingCollector,
    notes: ReadingNotes,
) -> pl.DataFrame:
    """The frame of a type, its codes still the local ones; empty when the mapping declares the type absent."""
    source = mapping.records[record_type.name]
    if source.table is None:
        return record_type.empty()
    rows = raw[source.table]
    key = mapping.tables[source.table].key
    read = {c: f for c in record_type.columns if (f := source.fields.get(c.name)) and f.absent is None}
    zone = str(mapping.timezone)
    frame = (
        rows.lazy()
        .select(
            *(cleaned(c.kind, f).alias(_text(c)) for c, f in read.items()),
            repeated(rows, key).alias(_SAME_KEY),
            *([NO_LATEST] if NO_LATEST in rows.columns else []),
        )
        .with_columns(pl.col(_text(c)).str.contains(_BAD).fill_null(value=False).alias(f"bad {c.name}") for c in read)
        .with_columns(_value(c, f, zone).alias(c.name) for c, f in read.items())
        .with_columns(_fit(c, f, zone) for c, f in read.items() if len(f.formats) > 1)
        .with_columns(flag for c, f in read.items() for flag in _flags(record_type, c, f, zone))
        .collect()
    )
    for column, field in read.items():
        if len(field.formats) > 1:
            fits = frame[f"{_FIT} {column.name}"].value_counts().drop_nulls()
            told = {
                python_format(field.formats[place]): count for place, count in fits.sort(fits.columns[0]).iter_rows()
            }
            notes.forms[f"{record_type.name}.{column.name}"].update(told)
    _note(mapping, record_type, frame, findings)
    return record_type.conform(frame)


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
        alone = len(source.formats) == 1
        for flag, found in (("twice", comes_twice), ("skipped", is_skipped)):
            yield pl.any_horizontal(
                found(text, written, timezone)
                & (pl.lit(value=True) if alone else pl.col(f"{_FIT} {column.name}") == place)
                for place, written in enumerate(source.formats)
            ).alias(f"{flag} {column.name}")


def _note(mapping: SourceMapping, record_type: RecordType, frame: pl.DataFrame, findings: FindingCollector) -> None:
    source = mapping.records[record_type.name]
    flags = [name for name in frame.columns if " " in name and not name.startswith(("text ", f"{_FIT} "))]
    counts = frame.select(pl.col(flags).sum()).row(0, named=True)
    for name in (flag for flag in flags if counts[flag]):
        ids = frame.filter(pl.col(name))[record_type.parent_key or record_type.key]
        if name in _OF_ROWS:
            findings.add(_OF_ROWS[name], record_type.name, ids, None)
            continue
        flag, field = name.split(" ")
        place = f"{source.table}.{source.fields[field].column}"
        if flag in _UNREAD:
            key = f"record.{record_type.name}.fields.{field}"
            refuse_unreadable(mapping.file, key, place, frame.select(text=f"text {field}", unread=name))
        detail = pl.Series([place] * len(ids)) if flag == "bad" else None
        findings.add(_FLAGS[flag], record_type.name, ids, field, detail)
