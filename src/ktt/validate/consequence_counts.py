"""The totals of one unit's records: the consequences are carried out, and what each takes is counted."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ktt.domain.local_ids import national_number_inside
from ktt.domain.records import RECIPIENT, Records, frame_of
from ktt.domain.schema import RecordType
from ktt.rules.consequences import apply
from ktt.rules.findings import HIDDEN, with_consequence
from ktt.rules.rule import Consequence
from ktt.validate.document import Totals


def counted(records: Records, findings: pl.DataFrame, roots: Sequence[RecordType], *, rejected: bool = False) -> Totals:
    """The totals of these records. The fields of a person are counted with the first of the roots."""
    totals = Totals(findings=findings.height, noted=with_consequence(findings, Consequence.NOTE).height)
    counted_once = findings
    for root in roots:
        totals += _root(records, counted_once, root, rejected=rejected)
        counted_once = findings.filter(
            (pl.col("record_type") != RECIPIENT.name) | (pl.col("consequence") != Consequence.CLEAR_FIELD.value)
        )
    return totals


def _root(records: Records, findings: pl.DataFrame, root: RecordType, *, rejected: bool) -> Totals:
    read = frame_of(records, root).height
    faultless = read - faulty(records, findings, root)
    if rejected:
        return Totals(read=read, rejected=read, faultless=faultless)
    applied = apply(records, findings, root)
    kept = frame_of(applied.records, root).height
    if applied.rejected:
        return Totals(read=read, rejected=read, faultless=faultless)
    return Totals(read=read, dropped=read - kept, kept=kept, faultless=faultless, cleared=applied.cleared)


def faulty(records: Records, findings: pl.DataFrame, root: RecordType) -> int:
    """How many records of the root type have a finding, a part's counted as its record's."""
    names = [kind.name for kind in (root, *root.parts)]
    ids = findings.filter(pl.col("record_type").is_in(names))["local_id"].unique()
    return frame_of(records, root).filter(pl.col(root.key).is_in(ids.implode())).height


def with_values(findings: pl.DataFrame, records: Records) -> pl.DataFrame:
    """The findings with `value`: the fields concerned as text. A person's number is never shown."""
    if findings.is_empty():
        return findings
    grouped = findings.group_by("record_type", "rule", maintain_order=True)
    return pl.concat(_valued(rows, records) for _, rows in grouped)


def _valued(findings: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Findings of one rule: they all concern the same columns of the same frame."""
    frame = records.get(str(findings["record_type"][0]))
    if frame is None:
        return findings
    hit = frame[findings["row"]]
    shown = [_shown(name) for name in findings["fields"][0]]
    return findings.with_columns(hit.select(value=pl.concat_str(shown, separator=" · ")).to_series())


def _shown(column: str) -> pl.Expr:
    if column == "person_number":
        return pl.lit(HIDDEN)
    text = pl.col(column).cast(pl.String)
    shown = text.str.replace_all(r"\d{11,}", HIDDEN).fill_null("–")
    return pl.when(national_number_inside(text)).then(pl.lit(HIDDEN)).otherwise(shown)
