"""One record type's rows, from the record system's text to canonical columns, with what could not be read."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.schema import RecordType
from ktt.sources.convert import cleaned, converted, twice_in_autumn, unreadable
from ktt.sources.findings import DUPLICATE, MISSING, TWICE_IN_AUTUMN, UNREADABLE, Findings
from ktt.sources.mapping import RecordSource, SourceMapping

_SAME_KEY = "same key"  # helper columns have a blank in their name, canonical columns have none
_FLAGS = {"unreadable": UNREADABLE, "missing": MISSING, "twice": TWICE_IN_AUTUMN}
_MAY_LACK = {("care_service", "starts_on")}  # a service that has not started is not sent, and that is no fault


def typed(
    mapping: SourceMapping, raw: Mapping[str, pl.DataFrame], record_type: RecordType, findings: Findings
) -> pl.DataFrame:
    """The frame of a type, its codes still the local ones; empty when the mapping declares the type absent."""
    source = mapping.records[record_type.name]
    if source.table is None:
        return record_type.empty()
    key = mapping.tables[source.table].key
    same_key = (pl.struct(*key) if len(key) > 1 else pl.col(key[0])).is_duplicated()
    frame = (
        raw[source.table]
        .lazy()
        .select(*_columns(record_type, source, str(mapping.timezone)), same_key.alias(_SAME_KEY))
        .collect()
    )
    _note(record_type, frame, findings)
    return record_type.conform(frame)


def _columns(record_type: RecordType, source: RecordSource, timezone: str) -> list[pl.Expr]:
    exprs = []
    for column in record_type.columns:
        field = source.fields.get(column.name)
        if field is None or field.absent is not None:
            continue
        exprs.append(converted(column.kind, field, timezone).alias(column.name))
        if field.column is not None and column.kind not in {"id", "text", "code"}:
            exprs.append(unreadable(column.kind, field, timezone).alias(f"unreadable {column.name}"))
        if column.kind == "instant":
            exprs.append(twice_in_autumn(field, timezone).alias(f"twice {column.name}"))
        if column.required and (record_type.name, column.name) not in _MAY_LACK:
            exprs.append(cleaned(field).is_null().alias(f"missing {column.name}"))
    return exprs


def _note(record_type: RecordType, frame: pl.DataFrame, findings: Findings) -> None:
    flags = [name for name in frame.columns if " " in name]
    counts = frame.select(pl.col(flags).sum()).row(0, named=True)
    for name in (flag for flag in flags if counts[flag]):
        ids = frame.filter(pl.col(name))[record_type.parent_key or record_type.key]
        if name == _SAME_KEY:
            findings.add(DUPLICATE, record_type.name, ids, None)
        else:
            flag, field = name.split(" ")
            findings.add(_FLAGS[flag], record_type.name, ids, field)
