"""From stored versions and new events to the versions to write, for any number of records and messages at once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Versions:
    """What is to be written."""

    new: pl.DataFrame  # events with `version` and `known_to` (empty for the newest version of a record)
    ended: pl.DataFrame  # keys of records whose stored version is no longer the newest, with its `known_to`


def build_versions(stored: pl.DataFrame, events: pl.DataFrame, key: str) -> Versions:
    """Work out the versions.

    `stored` has unit, `key`, version, fingerprint, known_from: the newest version of the records concerned. `events` has
    unit, `key`, position, known_from, fingerprint (empty for a deletion) and content, in the order of the messages. Of
    what a message has about one record, the last event counts. An event that changes nothing makes no version. Numbers
    go on from the stored version, also through deletions. A version is never known before the one it follows, even when
    a clock was put back between them.
    """
    fresh = events.with_row_index("row").select("row", "unit", key, "position", "fingerprint", "known_from")
    chain = pl.concat([stored.with_columns(position=_STORED), fresh], how="diagonal").sort(
        "unit", key, "position", "row"
    )
    first = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in ("unit", key)).fill_null(value=True)
    chain = chain.with_columns(record=first.cum_sum().cast(pl.Int64))
    chain = chain.filter((pl.col("record") != _NEXT_RECORD) | (pl.col("position").shift(-1) != pl.col("position")))
    chain = chain.filter((pl.col("position") == _STORED) | pl.col("fingerprint").ne_missing(_before("fingerprint")))
    chain = _in_time(_numbered(chain))
    new = chain.filter(pl.col("position") != _STORED).sort("row")
    rows = events.drop("known_from")[new["row"]].hstack(new.select("known_from", "version", "known_to"))
    ended = (pl.col("position") == _STORED) & pl.col("known_to").is_not_null()
    return Versions(rows, chain.filter(ended).select("unit", key, "known_to"))


_STORED = pl.lit(-1, pl.Int64)  # the position of a stored version: before every message
_NEXT_RECORD = pl.col("record").shift(-1, fill_value=-1)
_OPENS = pl.col("record") != pl.col("record").shift(1, fill_value=-1)  # the first row of its record


def _before(name: str) -> pl.Expr:
    """The value in the row before, empty in a record's first row. Rows are sorted: no grouping is needed."""
    return pl.when(~_OPENS).then(pl.col(name).shift(1))


def _numbered(chain: pl.DataFrame) -> pl.DataFrame:
    start = pl.when(_OPENS).then(pl.col("version").fill_null(1) - pl.int_range(pl.len())).forward_fill()
    return chain.with_columns(version=start + pl.int_range(pl.len()))


def _in_time(chain: pl.DataFrame) -> pl.DataFrame:
    """`known_from` made to rise within each record, and `known_to`: where the next version begins."""
    instants = chain["known_from"].unique().sort()
    ordinal = pl.col("known_from").rank("dense").cast(pl.Int64)
    apart = pl.col("record") * instants.len()  # keeps a record's instants above all those of the record before
    risen = (apart + ordinal).cum_max() - apart - 1
    chain = chain.with_columns(known_from=instants[chain.select(risen).to_series()])
    return chain.with_columns(known_to=pl.when(pl.col("record") == _NEXT_RECORD).then(pl.col("known_from").shift(-1)))
