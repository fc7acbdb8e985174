"""Validating a whole message: its schema first, then the rules; each finding has a JSON pointer into the message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import frame_of
from ktt.messages.decoded import UnitBatch
from ktt.messages.version import MessageVersion, SchemaViolation
from ktt.rules.context import ValidationScope
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
    if not version.is_mapped:  # what its records are is not known, so no rule can be asked of them
        return MessageValidation((), no_findings())
    return validate_batches(version, version.read(payload, places=True), rules, today, production=production)


def validate_batches(
    version: MessageVersion,
    batches: Iterable[UnitBatch],
    rules: Iterable[Rule],
    today: dt.date,
    *,
    production: bool = False,
) -> MessageValidation:
    """Every finding of every rule in the batches of one message that fits its schema, read with their `places`."""
    read, chosen = tuple(batches), tuple(rules)
    found = tuple(
        locate(
            validate_records(batch.records, chosen, ValidationScope(batch.unit, today, production)),
            batch.places,
            version.paths(),
        )
        for batch in read
    )
    return MessageValidation(
        (),
        pl.concat(found),
        tuple(batch.unit.key for batch in read),
        sum(frame_of(batch.records, kind).height for batch in read for kind in version.record_types),
        sum(len(ids) for batch in read for ids in batch.deletions.values()),
        read,
        found,
    )


def locate(
    findings: pl.DataFrame, places: Mapping[str, pl.Series], paths: Mapping[str, Mapping[str, str]]
) -> pl.DataFrame:
    """The findings with `pointer`: where in the message the field or record stands.

    `places` has for each record type the pointers of the frame's rows, `paths` the way from there to each column.
    """
    if findings.is_empty():
        return findings
    found = [
        _with_pointers(rows, places[str(name)], paths.get(str(name), {}))
        for (name,), rows in findings.group_by("record_type", maintain_order=True)
    ]
    return pl.concat(found)


def _with_pointers(findings: pl.DataFrame, places: pl.Series, paths: Mapping[str, str]) -> pl.DataFrame:
    """A column that the message does not carry points at its row."""
    first = pl.col("fields").list.first().replace_strict(paths, default="", return_dtype=pl.String)
    rows = places.alias("at").to_frame().with_row_index("row")
    placed = findings.join(rows, on="row", how="left", maintain_order="left")
    return placed.with_columns(pointer=pl.concat_str("at", first)).drop("at")
