"""Validating a whole message: its schema first, then the rules; each finding has a JSON pointer into the message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import RECIPIENT, Records, frame_of
from ktt.messages.table import Field, MessageTable, Part
from ktt.messages.version import MessageVersion, SchemaViolation, UnitBatch
from ktt.rules.context import UNIT, ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.findings import no_findings
from ktt.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class MessageValidation:
    """What was found in one message.

    `violations` are the places where it breaks its schema; when there are any, no rule has been applied. `findings` has
    the columns of `findings.FINDING_SCHEMA`; `by_batch` the same for each unit's batch on its own.
    """

    violations: tuple[SchemaViolation, ...]
    findings: pl.DataFrame
    units: tuple[str, ...] = ()
    records: int = 0
    deletions: int = 0
    batches: tuple[UnitBatch, ...] = field(default=(), repr=False)
    by_batch: tuple[pl.DataFrame, ...] = field(default=(), repr=False)


def validate_message(
    version: MessageVersion,
    payload: bytes,
    rules: Iterable[Rule],
    today: dt.date,
    *,
    production: bool = False,
    at_most: int = 100,
) -> MessageValidation:
    """Up to `at_most` violations of the schema, or else every finding of every rule. MessageNotJson when it is not JSON."""
    violations = tuple(version.check(payload, at_most=at_most))
    if violations:
        return MessageValidation(violations, no_findings())
    batches = tuple(version.read(payload))
    chosen = tuple(rules)
    found = tuple(
        locate(
            validate_records(batch.records, chosen, ValidationScope(batch.unit, today, production)),
            batch.records,
            version.table,
            f"/{place}",
        )
        for place, batch in enumerate(batches)
    )
    return MessageValidation(
        (),
        pl.concat(found),
        tuple(batch.unit.key for batch in batches),
        sum(frame_of(batch.records, version.record_type).height for batch in batches),
        sum(len(batch.deletions) for batch in batches),
        batches,
        found,
    )


def locate(findings: pl.DataFrame, records: Records, table: MessageTable, base: str) -> pl.DataFrame:
    """The findings with `pointer`: where in the message, under `base` (the unit's place), the field or record stands."""
    if findings.is_empty():
        return findings
    found = [
        _pointers(rows, _rows(records, table, str(name)), _paths(table, str(name)), base)
        for (name,), rows in findings.group_by("record_type", maintain_order=True)
    ]
    return pl.concat(found)


def _pointers(findings: pl.DataFrame, rows: pl.DataFrame, paths: Mapping[str, str], base: str) -> pl.DataFrame:
    first = pl.col("fields").list.first().replace_strict(paths, default="", return_dtype=pl.String)
    placed = findings.join(rows, on="row", how="left", maintain_order="left")
    return placed.with_columns(pointer=pl.concat_str(pl.lit(base), "at", first)).drop("at")


def _rows(records: Records, table: MessageTable, name: str) -> pl.DataFrame:
    """Row number in the frame → the row's place in the message, below the unit."""
    kind = table.body.record_type
    if name == UNIT.name:
        return _numbered(pl.DataFrame({"at": [""]}))
    roots = frame_of(records, kind).select(kind.key, "local_person_id").with_row_index("at")
    roots = roots.with_columns(pl.format(f"/{table.list_name}/{{}}", "at").alias("at"))
    if name == kind.name:
        return _numbered(roots.select("at"))
    if name == RECIPIENT.name:
        first = roots.unique("local_person_id", keep="first").with_columns(pl.col("at") + f"/{table.person_path}")
        people = frame_of(records, RECIPIENT).select("local_person_id")
        return _numbered(people.join(first, on="local_person_id", how="left", maintain_order="left").select("at"))
    path, part = _part(table, name)
    inside = frame_of(records, part.record_type).select(kind.key, nth=pl.int_range(pl.len()).over(kind.key))
    placed = inside.join(roots.unique(kind.key, keep="first"), on=kind.key, how="left", maintain_order="left")
    return _numbered(placed.select(pl.format(f"{{}}/{path}/{{}}", "at", "nth").alias("at")))


def _numbered(places: pl.DataFrame) -> pl.DataFrame:
    return places.with_row_index("row")


def _paths(table: MessageTable, name: str) -> dict[str, str]:
    """Column → the path below the row; a column that the message does not carry points at the row."""
    if name == UNIT.name:
        fields: tuple[Field, ...] = table.unit
    elif name == RECIPIENT.name:
        fields = table.person
    elif name == table.body.record_type.name:
        person = {one.column: f"/{table.person_path}/{one.path}" for one in table.person}
        own = {one.column: _pointer(one.path) for one in table.body.fields if one.part is None}
        return person | own
    else:
        fields = _part(table, name)[1].fields
    return {one.column: _pointer(one.path) for one in reversed(fields)}


def _pointer(path: str) -> str:
    return "/" + path.replace(".", "/")


def _part(table: MessageTable, name: str) -> tuple[str, Part]:
    for one in table.body.fields:
        if one.part is not None and one.part.record_type.name == name:
            return one.path, one.part
    raise KeyError(name)
