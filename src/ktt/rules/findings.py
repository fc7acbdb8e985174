"""What the rules found. A finding says where and which rule; never what the value was."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from ktt.domain.local_ids import national_number_inside
from ktt.domain.records import ALL_TYPES, RECIPIENT, Records, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.rules.rule import Consequence, Rule

FINDING_SCHEMA: dict[str, pl.DataType] = {
    "unit": pl.String(),  # the reporting unit's key (`ReportingUnit.key`)
    "rule": pl.String(),  # a rule's id, or the code of what reading a source or checking a schema finds
    "record_type": pl.String(),
    "local_id": pl.String(),  # the root record's own id
    "part_id": pl.String(),  # for a part: its sort columns as text, joined by “ · ”
    "row": pl.UInt32(),  # the row's position in its frame
    "fields": pl.List(pl.String()),  # the columns concerned, in the rule's order
    "consequence": pl.UInt8(),  # `rule.Consequence`: 1, 2, 7 or 9
    "cause": pl.String(),  # `rule.Cause`
    "pointer": pl.String(),  # where in the message: a JSON pointer, or an XPath in an annual message
    "line": pl.UInt32(),  # the line of the message, from 1
    "detail": pl.String(),  # a local code without mapping, or what the schema demands there; never a value
    "value": pl.String(),  # the values concerned as text, only where they were asked for
    "says_nb": pl.String(),  # of a broken schema: what it demands at this place, and what kind of value stands there
    "says_en": pl.String(),
}
"""What one finding is, in every part of the program: a column is empty where it is not known or does not apply.

Each stage fills in what it knows: the rules everything up to `cause`, a message `pointer` and `line`, the reading of a
source `detail`. What keeps findings adds columns of its own, and leaves out those that it has no use for.
"""

_NO_FINDINGS = pl.DataFrame(schema=FINDING_SCHEMA)
HIDDEN = "•••"
_NUMBER = r"(^|\D)\d{11}($|\D)"


def no_findings() -> pl.DataFrame:
    """A findings frame without rows."""
    return _NO_FINDINGS.clone()


def complete(found: pl.DataFrame) -> pl.DataFrame:
    """The frame with the columns of `FINDING_SCHEMA` and no others; a column that it lacks is empty."""
    return found.select(
        pl.col(name).cast(dtype) if name in found.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in FINDING_SCHEMA.items()
    )


def with_consequence(findings: pl.DataFrame, *consequences: Consequence) -> pl.DataFrame:
    """The findings that have one of these consequences."""
    return findings.filter(_is_one_of(consequences))


@cache
def _is_one_of(consequences: tuple[Consequence, ...]) -> pl.Expr:
    return pl.col("consequence").is_in([one.value for one in consequences])


def findings_of(rule: Rule, frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The findings of one rule, without their unit: `rows` are the positions in `frame` where it does not hold."""
    kind = rule.on
    hit = frame[rows]
    part_id = pl.concat_str([pl.col(c).cast(pl.String) for c in kind.order], separator=" · ", ignore_nulls=True)
    return hit.select(
        rule=pl.lit(rule.id),
        record_type=pl.lit(kind.name),
        local_id=pl.col(kind.parent_key or kind.key),
        part_id=part_id if kind.parent_key else pl.lit(None, pl.String),
        row=rows.cast(pl.UInt32),
        fields=pl.lit(list(rule.concerns), pl.List(pl.String)),
        consequence=pl.lit(rule.consequence.value, pl.UInt8),
        cause=pl.lit(rule.cause.value),
    )


def worst(findings: pl.DataFrame) -> Consequence | None:
    """The worst consequence among the findings, None when there are none."""
    return None if findings.is_empty() else Consequence(findings["consequence"].min())


def together(parts: Iterable[pl.DataFrame], unit: ReportingUnit) -> pl.DataFrame:
    """All findings of `findings_of` in one complete frame, always in the same order: record type, row, rule."""
    found = list(parts)
    if not found:
        return no_findings()
    order = {name: place for place, name in enumerate(ALL_TYPES)}
    frame = complete(pl.concat(found).with_columns(unit=pl.lit(unit.key)))
    place = pl.col("record_type").replace_strict(order, default=len(order), return_dtype=pl.UInt32)
    return frame.sort(place, "row", "rule")


def without_numbers(findings: pl.DataFrame, records: Records) -> pl.DataFrame:
    """The findings with every local id hidden that is, or seems to hold, a person's number."""
    numbers = frame_of(records, RECIPIENT)["person_number"].implode()
    return findings.with_columns(
        pl.when(pl.col(name).str.contains(_NUMBER) | national_number_inside(pl.col(name)) | pl.col(name).is_in(numbers))
        .then(pl.lit(HIDDEN))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("local_id", "part_id")
    )
