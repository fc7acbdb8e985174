"""Carrying out the four consequences on the records of a message or an extract, and counting what each does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ktt.domain.records import RECIPIENT, Records, frame_of
from ktt.domain.schema import RecordType
from ktt.rules.findings import with_consequence
from ktt.rules.rule import Consequence

_ROW = "row"


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left after the consequences.

    `dropped` counts rows that are dropped for a finding of their own, `dropped_along` rows that are dropped with their
    person or their record, `cleared` fields emptied in rows that stay, `noted` findings that change nothing.
    """

    records: Mapping[str, pl.DataFrame]
    rejected: bool
    dropped: int = 0
    dropped_along: int = 0
    cleared: int = 0
    noted: int = 0


def apply(records: Records, findings: pl.DataFrame, *roots: RecordType) -> Applied:
    """The records of these root types after the consequences of `findings`. A rejection leaves nothing.

    A part is dropped alone: its record stays without it.
    """
    kinds = (RECIPIENT, *(kind for root in roots for kind in (root, *root.parts)))
    noted = with_consequence(findings, Consequence.NOTE).height
    if not with_consequence(findings, Consequence.REJECT_MESSAGE).is_empty():
        return Applied({kind.name: kind.empty() for kind in kinds}, rejected=True, noted=noted)
    frames = {kind.name: frame_of(records, kind).with_row_index(_ROW) for kind in kinds}
    dropped_rows = {kind.name: _rows_to_drop(frames[kind.name], findings, kind) for kind in kinds}
    frames = {
        name: frame.filter(~pl.col(_ROW).is_in(dropped_rows[name][_ROW].implode())) for name, frame in frames.items()
    }
    along = sum(_drop_dependents(frames, dropped_rows, root) for root in roots)
    cleared = 0
    for kind in kinds:
        frames[kind.name], count = _cleared(frames[kind.name], findings, kind)
        cleared += count
    kept = {name: frame.drop(_ROW) for name, frame in frames.items()}
    return Applied(
        kept,
        rejected=False,
        dropped=sum(gone.height for gone in dropped_rows.values()),
        dropped_along=along,
        cleared=cleared,
        noted=noted,
    )


def _of_type(findings: pl.DataFrame, consequence: Consequence, kind: RecordType) -> pl.DataFrame:
    return with_consequence(findings, consequence).filter(pl.col("record_type") == kind.name)


def _rows_to_drop(frame: pl.DataFrame, findings: pl.DataFrame, kind: RecordType) -> pl.DataFrame:
    rows = _of_type(findings, Consequence.DROP_RECORD, kind)[_ROW]
    return frame.filter(pl.col(_ROW).is_in(rows.implode()))


def _drop_dependents(
    frames: dict[str, pl.DataFrame], dropped_rows: Mapping[str, pl.DataFrame], root: RecordType
) -> int:
    """Drop the records of dropped persons and the parts of dropped records; gives the number of these rows."""
    people = dropped_rows[RECIPIENT.name]["local_person_id"].implode()
    before = sum(frames[kind.name].height for kind in (root, *root.parts))
    frames[root.name] = frames[root.name].filter(~pl.col("local_person_id").is_in(people))
    remaining = frames[root.name][root.key].implode()
    for part in root.parts:
        frames[part.name] = frames[part.name].filter(pl.col(root.key).is_in(remaining))
    return before - sum(frames[kind.name].height for kind in (root, *root.parts))


def _cleared(frame: pl.DataFrame, findings: pl.DataFrame, kind: RecordType) -> tuple[pl.DataFrame, int]:
    marked = (
        _of_type(findings, Consequence.CLEAR_FIELD, kind).select(_ROW, field=pl.col("fields").list.first()).unique()
    )
    count = 0
    for field in sorted(marked["field"].unique()):
        rows = marked.filter(pl.col("field") == field)[_ROW]
        hit = pl.col(_ROW).is_in(rows.implode()) & pl.col(field).is_not_null()
        count += frame.filter(hit).height
        frame = frame.with_columns(pl.when(~hit).then(pl.col(field)).alias(field))
    return frame, count
