"""Relations of the records: keys that occur twice, parts without parent, records without person, ids that must not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ktt.domain.local_ids import national_number_inside, unreadable, valid_national_number_inside
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import RecordType
from ktt.rules.findings import HIDDEN
from ktt.sender.extract.finding_kinds import (
    DUPLICATE,
    MISSING,
    NO_RECIPIENT,
    NUMBER_IN_ID,
    ORPHAN,
    UNREADABLE,
)
from ktt.sender.extract.findings import FindingCollector

_LONGEST_ID = 100  # messages § 4


def check_rows(record_type: RecordType, frame: pl.DataFrame, findings: FindingCollector) -> None:
    """Ids and keys of one type."""
    root_id = record_type.parent_key or record_type.key
    for column in record_type.columns:
        if column.kind == "id":
            _check_id(record_type, frame, column.name, findings)
    identity = (record_type.parent_key, *record_type.order) if record_type.parent_key else (record_type.key,)
    twice = frame.filter(repeated(frame, identity) & pl.col(root_id).is_not_null())
    findings.add(DUPLICATE, record_type.name, twice[root_id], None)


def repeated(frame: pl.DataFrame, key: Sequence[str]) -> pl.Expr:
    """True where the same key occurs more than once. Most often none does, and counting is five times as fast."""
    columns = frame.select(key)
    if columns.n_unique() == frame.height:
        return pl.lit(value=False)
    return (pl.struct(*key) if len(key) > 1 else pl.col(key[0])).is_duplicated()


def _check_id(record_type: RecordType, frame: pl.DataFrame, column: str, findings: FindingCollector) -> None:
    value = pl.col(column)
    size = value.str.len_bytes()  # counted before a pattern is tried: most ids are short
    odd = frame.filter(((size > _LONGEST_ID) & (value.str.len_chars() > _LONGEST_ID)) | unreadable(value))
    root_id = record_type.parent_key or record_type.key
    findings.add(UNREADABLE, record_type.name, odd[root_id], column)
    found = frame.filter(valid_national_number_inside(value))
    findings.add(NUMBER_IN_ID, record_type.name, found[root_id], column)


def check_parents(frames: Mapping[str, pl.DataFrame], findings: FindingCollector) -> None:
    """Parts whose parent is not in the extract, and records whose person is not.

    The missing parent's id is held too: while a part of it is there, it is not known to be deleted.
    """
    for root in (RECIPIENT, *ROOTS):
        for part in root.parts:
            orphans = _alone(frames[part.name], frames[root.name], root.key)
            findings.add(ORPHAN, part.name, orphans[root.key], root.key)
    for root in ROOTS:
        alone = _alone(frames[root.name], frames[RECIPIENT.name], RECIPIENT.key)
        findings.add(NO_RECIPIENT, root.name, alone[root.key], RECIPIENT.key)


def _alone(children: pl.DataFrame, parents: pl.DataFrame, key: str) -> pl.DataFrame:
    return children.drop_nulls(key).join(parents, on=key, how="anti")


def check_decision_dates(frame: pl.DataFrame, findings: FindingCollector) -> None:
    """A decision without any date has no own date, so it cannot be placed."""
    undated = frame.filter(pl.col("decided_on").is_null() & pl.col("applied_on").is_null())
    findings.add(MISSING, "decision", undated["decision_id"], "decided_on")


def hide_numbers(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with every id that holds a national number replaced."""
    named = findings.filter(pl.col("rule") == NUMBER_IN_ID.code)["local_id"].unique()
    if named.is_empty():
        return findings
    hidden = pl.col("local_id").is_in(named.implode()) & national_number_inside(pl.col("local_id"))
    return findings.with_columns(local_id=pl.when(hidden).then(pl.lit(HIDDEN)).otherwise("local_id"))
