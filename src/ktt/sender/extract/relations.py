"""Relations of the records: keys that occur twice, parts without parent, records without person, ids that must not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

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
    FindingKind,
)
from ktt.sender.extract.findings import FindingCollector

_LONGEST_ID = 100  # messages § 4


def check_rows(record_type: RecordType, frame: pl.DataFrame, findings: FindingCollector) -> None:
    """Ids and keys of one type."""
    root_id = record_type.parent_key or record_type.key
    for column, kind, ids in _wrong_ids(record_type, frame):
        findings.add(kind, record_type.name, ids, column)
    identity = (record_type.parent_key, *record_type.order) if record_type.parent_key else (record_type.key,)
    twice = frame.filter(repeated(frame, identity) & pl.col(root_id).is_not_null())
    findings.add(DUPLICATE, record_type.name, twice[root_id], None)


def repeated(frame: pl.DataFrame, key: Sequence[str]) -> pl.Expr:
    """True where the same key occurs more than once. Most often none does, and counting is five times as fast."""
    columns = frame.select(key)
    if columns.n_unique() == frame.height:
        return pl.lit(value=False)
    return (pl.struct(*key) if len(key) > 1 else pl.col(key[0])).is_duplicated()


def _wrong_ids(record_type: RecordType, frame: pl.DataFrame) -> Iterator[tuple[str, FindingKind, pl.Series]]:
    """Each column of ids and what is wrong with some of them, with the ids of the records; all columns are asked at once."""
    asked = _asked_of_ids(record_type)
    found = frame.select(is_wrong for _, _, is_wrong in asked)
    for (name, kind, _), wrong in zip(asked, found.get_columns(), strict=True):
        if wrong.any():
            yield name, kind, frame.filter(wrong)[record_type.parent_key or record_type.key]


@cache
def _asked_of_ids(record_type: RecordType) -> list[tuple[str, FindingKind, pl.Expr]]:
    columns = [column.name for column in record_type.columns if column.kind == "id"]
    return [
        (name, kind, is_wrong(pl.col(name)).alias(f"{name} {kind.code}"))
        for name in columns
        for kind, is_wrong in _OF_IDS
    ]


def _no_id(value: pl.Expr) -> pl.Expr:
    size = value.str.len_bytes()  # counted before a pattern is tried: most ids are short
    return ((size > _LONGEST_ID) & (value.str.len_chars() > _LONGEST_ID)) | unreadable(value)


_OF_IDS: Sequence[tuple[FindingKind, Callable[[pl.Expr], pl.Expr]]] = (
    (UNREADABLE, _no_id),
    (NUMBER_IN_ID, valid_national_number_inside),
)
"""What may be wrong with an id."""


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
