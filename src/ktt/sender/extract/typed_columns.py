"""One record type's rows, from the record system's text to canonical columns, with what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from ktt.domain.schema import Column, RecordType
from ktt.sender.extract.convert import ambiguous_in_autumn, cleaned, converted
from ktt.sender.extract.finding_kinds import AMBIGUOUS_IN_AUTUMN, DUPLICATE, MISSING, UNREADABLE
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.model import FieldSource, SourceMapping
from ktt.sender.extract.relations import repeated

_SAME_KEY = "same key"  # helper columns have a blank in their name, canonical columns have none
_FLAGS = {"unreadable": UNREADABLE, "missing": MISSING, "twice": AMBIGUOUS_IN_AUTUMN}
_MAY_LACK = {("care_service", "starts_on")}  # a service that has not started is not sent, which is no fault


def canonical_frame(
    mapping: SourceMapping, raw: Mapping[str, pl.DataFrame], record_type: RecordType, findings: FindingCollector
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
        .select(*(cleaned(c.kind, f).alias(_text(c)) for c, f in read.items()), repeated(rows, key).alias(_SAME_KEY))
        .with_columns(converted(c.kind, f, zone, pl.col(_text(c))).alias(c.name) for c, f in read.items())
        .with_columns(flag for c, f in read.items() for flag in _flags(record_type, c, f, zone))
        .drop(_text(c) for c in read)
        .collect()
    )
    _note(record_type, frame, findings)
    return record_type.conform(frame)


def _text(column: Column) -> str:
    return f"text {column.name}"


def _flags(record_type: RecordType, column: Column, source: FieldSource, timezone: str) -> Iterator[pl.Expr]:
    text = pl.col(_text(column))
    if column.required and (record_type.name, column.name) not in _MAY_LACK:
        yield text.is_null().alias(f"missing {column.name}")
    if source.column is not None and column.kind not in {"id", "text", "code"}:
        yield (text.is_not_null() & pl.col(column.name).is_null()).alias(f"unreadable {column.name}")
    if column.kind == "instant":
        yield ambiguous_in_autumn(source, timezone, text).alias(f"twice {column.name}")


def _note(record_type: RecordType, frame: pl.DataFrame, findings: FindingCollector) -> None:
    flags = [name for name in frame.columns if " " in name]
    counts = frame.select(pl.col(flags).sum()).row(0, named=True)
    for name in (flag for flag in flags if counts[flag]):
        ids = frame.filter(pl.col(name))[record_type.parent_key or record_type.key]
        if name == _SAME_KEY:
            findings.add(DUPLICATE, record_type.name, ids, None)
        else:
            flag, field = name.split(" ")
            findings.add(_FLAGS[flag], record_type.name, ids, field)
