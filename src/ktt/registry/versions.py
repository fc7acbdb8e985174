"""From what is held and what is said to the versions that come of it, for any number of records and messages at once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_HELD = -1  # sorts what is held before every message


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What is to be written."""

    fresh: pl.DataFrame  # new versions: events with `version` and `known_to` (empty for the newest)
    closed: pl.DataFrame  # keys whose held version ended, with `known_to`


def unfold(held: pl.DataFrame, events: pl.DataFrame, key: str) -> Unfolded:
    """Work out the versions.

    `held` has unit, `key`, version, fingerprint, known_from: the newest version of the records concerned. `events` has
    unit, `key`, position, known_from, fingerprint (empty for a deletion) and content, in the order they were said. A
    message says one thing about a record: the last. What says nothing new is no version. Versions are numbered on from
    the held one, through deletions; a version is never known before the one it follows, whatever the clocks said.
    """
    line = ("unit", key)
    events = events.unique(subset=[*line, "position"], keep="last", maintain_order=True).with_row_index("row")
    chain = pl.concat(
        [held.with_columns(position=pl.lit(_HELD, pl.Int64)), events.select(*_SAID, *line)], how="diagonal"
    ).sort(*line, "position")
    follows = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in line)
    before = pl.when(follows).then(pl.col("fingerprint").shift(1))
    chain = chain.filter((pl.col("position") == _HELD) | pl.col("fingerprint").ne_missing(before))
    chain = chain.with_columns(
        pl.col("known_from").cum_max().over(line),
        version=pl.col("version").first().over(line).fill_null(1) + pl.int_range(pl.len()).over(line),
    ).with_columns(known_to=pl.col("known_from").shift(-1).over(line))
    new = chain.filter(pl.col("position") != _HELD).sort("row")
    fresh = events.drop("known_from", "row")[new["row"]].hstack(new.select("known_from", "version", "known_to"))
    ended = (pl.col("position") == _HELD) & pl.col("known_to").is_not_null()
    return Unfolded(fresh, chain.filter(ended).select(*line, "known_to"))


_SAID = ("row", "position", "known_from", "fingerprint")
