"""Canonical JSON, written by columns: stored for parts, and hashed to tell whether a record has changed.

No library writes the text, since what is stored and hashed must stay the same after any upgrade: fields sorted by name,
empty ones left out, no spaces, days and hours as text (hours with two decimals), counts as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl
import polars_hash

_ESCAPES = {'"': '\\"', "\\": "\\\\"} | {chr(n): f"\\u{n:04x}" for n in range(32)}
LENGTH = 32
"""Hexadecimal characters kept of a hash: 128 bits."""


def json_object(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """These columns of a row as one JSON object."""
    members = [_member(name, schema[name]) for name in sorted(schema)]
    return pl.concat_str(pl.lit("{"), pl.concat_str(members, ignore_nulls=True).str.strip_suffix(","), pl.lit("}"))


def json_lists(parts: pl.DataFrame, by: Iterable[str], name: str, row: pl.Expr) -> pl.DataFrame:
    """For each parent in `by`, its parts in their order in the frame, each as `row`: one JSON array in column `name`."""
    objects = parts.select(*by, row.alias(name))
    lists = objects.group_by(*by).agg(name)  # joined afterwards, which is twice as fast as in each group
    return lists.with_columns(pl.concat_str(pl.lit("["), pl.col(name).list.join(","), pl.lit("]")).alias(name))


def keyed_hash(secret: str, text: pl.Expr, name: str) -> tuple[pl.Expr, pl.Expr]:
    """Two expressions that put BLAKE3 of secret ‖ text in the column `name`, each for a `with_columns` of its own."""
    return pl.concat_str(pl.lit(secret), text).alias(name), polars_hash.col(name).chash.blake3().str.head(LENGTH)


def _member(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.concat_str(pl.lit(f'"{name}":'), _value(pl.col(name), dtype), pl.lit(","))


def _value(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Int64):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Date):
        plain = column.dt.strftime("%Y-%m-%d")
    elif isinstance(dtype, pl.String):
        plain = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    else:
        plain = column.cast(pl.String)
    return pl.concat_str(pl.lit('"'), plain, pl.lit('"'))
