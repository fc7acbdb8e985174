r"""A record's content as one keyed hash: equal when, and only when, the same content would be sent.

The sender keeps these hashes of what the registry has accepted, under a key of its own. Where the registry tells its
inventory, both ends make them under the salt of that listing, so that they can be compared.

The canonical text is ours, not a library's, and is written down in test vectors: a stored fingerprint must mean the same
after any upgrade. It begins with the key in hexadecimal; then for each field that has a value, in order of name:

    a field     name=VALUE;             days and instants in ISO, hours with two decimals; `\` and `;` in a text are
                                        written `\\` and `\;`, so that no value can look like another field
    a part      name[(row)(row)…];      rows in the part's own order

A field without value leaves no trace, so a field that is added to a type one day changes no stored fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache

import polars as pl
import polars_hash as plh

from ktt.domain.records import RECIPIENT, Records, frame_of, own_date
from ktt.domain.schema import Column, RecordType, engine_for

LENGTH = 32
"""Hexadecimal characters kept: 128 bits."""

_FEW = 1000  # rows
_TEXT, _PERSON = "text", "person"  # no column of a root type has these names


def fingerprint(records: Records, record_type: RecordType, key: bytes, person: str = RECIPIENT.key) -> pl.DataFrame:
    """`local_id`, `fingerprint` (32 hexadecimal characters) and `own_date` of each record of a root type, in any order.

    `key` (32 bytes) makes a stolen snapshot useless for guessing who is in it. The person's number and its kind count
    as content (messages § 7.3); `recorded_at` and `died_on` do not (§ 7.1). `person` is the column, of the records and
    of the recipients, by which a record's person is found.
    """
    roots = frame_of(records, record_type)
    texts = [pl.lit(key.hex()), *_fields(roots, record_type.columns), _or_nothing(_PERSON)]
    lazy = roots.lazy().join(_people(records, person), on=person, how="left")
    for part in (part for part in record_type.parts if not frame_of(records, part).is_empty()):
        lazy = lazy.join(_rows(records, part), left_on=record_type.key, right_on=part.parent_key, how="left")
        texts.append(_or_nothing(part.name))
    hashed = plh.concat_str(texts).chash.blake3().str.slice(0, LENGTH)
    return lazy.select(
        pl.col(record_type.key).alias("local_id"), hashed.alias("fingerprint"), own_date(record_type).alias("own_date")
    ).collect(engine=engine_for(roots.height))


def recipient_fingerprint(recipients: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """`local_id` and `fingerprint` of each recipient: the id, the number and its kind."""
    texts = [pl.lit(key.hex()), *_fields(recipients, RECIPIENT.columns)]
    hashed = plh.concat_str(texts).chash.blake3().str.slice(0, LENGTH)
    return recipients.select(pl.col(RECIPIENT.key).alias("local_id"), hashed.alias("fingerprint"))


def digest(fingerprints: pl.DataFrame) -> str:
    """One hash for many records (`local_id`, `fingerprint`), whatever their order: SHA-256, hexadecimal."""
    lines = fingerprints.sort("local_id").select(pl.concat_str("local_id", pl.lit(" "), "fingerprint").str.join("\n"))
    return hashlib.sha256((lines.item() or "").encode()).hexdigest()


def _people(records: Records, person: str) -> pl.LazyFrame:
    people = frame_of(records, RECIPIENT)
    identity = [column for column in RECIPIENT.columns if column.name != RECIPIENT.key]
    return people.lazy().select(person, _row(people, identity).alias(_PERSON))


def _rows(records: Records, part: RecordType) -> pl.LazyFrame:
    """Each parent's rows as one text. Only the rows of parents with several are sorted, since sorting takes most of the time."""
    parent = str(part.parent_key)
    frame = frame_of(records, part)
    row = pl.concat_str(pl.lit("("), *_fields(frame, (c for c in part.columns if c.name != parent)), pl.lit(")"))
    listed = pl.concat_str(pl.lit(part.name + "["), _TEXT, pl.lit("];")).alias(part.name)
    texts = frame.lazy().with_columns(row.alias(_TEXT))
    several = frame[parent].is_duplicated()
    if not several.any():
        return texts.select(parent, listed)
    alone = texts.filter(~several).select(parent, _TEXT)
    together = (
        texts.filter(several)
        .sort(parent, *part.order, _TEXT)
        .group_by(parent, maintain_order=True)
        .agg(pl.col(_TEXT).str.join(""))
    )
    return pl.concat([alone, together]).select(parent, listed)


def _row(frame: pl.DataFrame, columns: Iterable[Column]) -> pl.Expr:
    return pl.concat_str(pl.lit(""), *_fields(frame, columns))


def _fields(frame: pl.DataFrame, columns: Iterable[Column]) -> Iterator[pl.Expr]:
    """The texts of the fields that have a value in the frame, in order of name."""
    content = sorted((column for column in columns if column.content), key=lambda column: column.name)
    escaped = _to_escape(frame, tuple(column.name for column in content if column.dtype == pl.String()))
    for column in content:
        empty = frame[column.name].null_count()
        if empty < frame.height:
            yield from _field(column, escaped=column.name in escaped, some_empty=empty > 0)


def _to_escape(frame: pl.DataFrame, texts: tuple[str, ...]) -> set[str]:
    """The columns that have a text with a sign that is written otherwise; of a few rows all, for to ask takes longer."""
    if frame.height < _FEW:
        return set(texts)
    found = frame.select(pl.col(texts).str.contains_any([";", "\\"]).any())
    return {column.name for column in found if column.item()}


@cache  # an expression takes longer to make than to work out, where the frame is small
def _field(column: Column, *, escaped: bool, some_empty: bool) -> tuple[pl.Expr, ...]:
    """The texts that a field adds; a column without empty values is added as it is, which is fastest."""
    name, value, end = pl.lit(column.name + "="), _value(column), pl.lit(";")
    value = _escaped(value) if escaped else value
    return (pl.concat_str(name, value, end).fill_null(""),) if some_empty else (name, value, end)


def _value(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.dtype == pl.String():
        return value
    if column.kind == "instant":
        return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    return value.cast(pl.String)  # a day is ISO, a number has its type's fixed decimals


def _escaped(value: pl.Expr) -> pl.Expr:
    return value.str.replace_all("\\", "\\\\", literal=True).str.replace_all(";", "\\;", literal=True)


def _or_nothing(name: str) -> pl.Expr:
    return pl.col(name).fill_null("")
