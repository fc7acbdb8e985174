"""A record's content as one keyed hash: equal when, and only when, the registry would be told the same again.

The canonical text is ours, not a library's, and is written down in test vectors: a stored fingerprint must mean the same
after any upgrade. For each field that has a value, in order of name:

    text        name=LENGTH:VALUE;      LENGTH in bytes, so that no value can look like another field
    the others  name=VALUE;             days and instants in ISO, numbers with their fixed decimals
    a part      name[(row)(row)…];      rows in the part's own order

A field without value leaves no trace, so a field that is added to a type one day changes no stored fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import polars_hash as plh

from ktt.domain.records import RECIPIENT, Records, frame_of, own_date
from ktt.domain.schema import Column, RecordType

LENGTH = 32
"""Hexadecimal characters kept: 128 bits."""

_TEXT, _PERSON = "text", "person"


def fingerprint(records: Records, record_type: RecordType, key: bytes) -> pl.DataFrame:
    """`local_id`, `fingerprint` (32 hexadecimal characters) and `own_date` of each record of a root type.

    `key` (32 bytes) makes a stolen snapshot useless for guessing who is in it. The person's number and its kind count
    as content (ktt-messages § 7.3); `recorded_at` and `died_on` do not (§ 7.1).
    """
    roots = frame_of(records, record_type).lazy().with_columns(_row(record_type.columns).alias(_TEXT))
    texts: list[pl.Expr] = [pl.lit(key.hex()), pl.col(_TEXT), pl.col(_PERSON)]
    roots = roots.join(_people(records), on="local_person_id", how="left", maintain_order="left")
    for part in (part for part in record_type.parts if not part.source_only):
        roots = roots.join(
            _rows(records, part), left_on=record_type.key, right_on=part.parent_key, how="left", maintain_order="left"
        )
        texts.append(pl.col(part.name))
    joined = pl.concat_str(texts, ignore_nulls=True).alias(_TEXT)
    hashed = roots.select(
        pl.col(record_type.key).alias("local_id"), joined, own_date(record_type).alias("own_date")
    ).collect()
    return hashed.select(
        "local_id", plh.col(_TEXT).chash.blake3().str.slice(0, LENGTH).alias("fingerprint"), "own_date"
    )


def _people(records: Records) -> pl.LazyFrame:
    columns = [c for c in RECIPIENT.columns if c.name != RECIPIENT.key]
    return frame_of(records, RECIPIENT).lazy().select(RECIPIENT.key, _row(columns).alias(_PERSON))


def _rows(records: Records, part: RecordType) -> pl.LazyFrame:
    parent = str(part.parent_key)
    columns = [c for c in part.columns if c.name != parent]
    row = pl.concat_str(pl.lit("("), _row(columns), pl.lit(")")).alias(_TEXT)
    order = [parent, *part.order, _TEXT]
    rows = frame_of(records, part).lazy().with_columns(row).sort(order, nulls_last=False, maintain_order=True)
    joined = rows.group_by(parent, maintain_order=True).agg(pl.col(_TEXT).str.join(""))
    return joined.select(parent, pl.concat_str(pl.lit(part.name + "["), _TEXT, pl.lit("];")).alias(part.name))


def _row(columns: Iterable[Column]) -> pl.Expr:
    content = sorted((c for c in columns if c.content), key=lambda column: column.name)
    return pl.concat_str([_field(column) for column in content], ignore_nulls=True)


def _field(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.dtype == pl.String():
        return pl.concat_str(
            pl.lit(column.name + "="), value.str.len_bytes().cast(pl.String), pl.lit(":"), value, pl.lit(";")
        )
    return pl.concat_str(pl.lit(column.name + "="), _plain(column, value), pl.lit(";"))


def _plain(column: Column, value: pl.Expr) -> pl.Expr:
    if column.kind == "day":
        return value.dt.strftime("%Y-%m-%d")
    if column.kind == "instant":
        return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    return value.cast(pl.String)  # whole numbers and decimals of a fixed scale
