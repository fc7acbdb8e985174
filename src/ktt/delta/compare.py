"""What is new, changed and gone: one record type's fingerprints against what the registry will hold."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

_WAS = "was"


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between an extract and the expected state, for one record type.

    `new` and `changed` have `local_id`, `fingerprint` and `own_date`; `gone` are ids. `expected_count` is how many
    records the registry was expected to hold, for judging whether too many are gone.
    """

    new: pl.DataFrame = field(repr=False)
    changed: pl.DataFrame = field(repr=False)
    gone: pl.Series = field(repr=False)
    unchanged_count: int
    expected_count: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell the registry."""
        return self.new.is_empty() and self.changed.is_empty() and self.gone.is_empty()


def compare(
    present: pl.DataFrame, expected: pl.DataFrame, held: pl.Series | None = None, *, absence_proved: bool = True
) -> Changes:
    """Compare `present` (`local_id`, `fingerprint`, `own_date`) with `expected` (`local_id`, `fingerprint`).

    Ids in `held` are kept back because of a finding: they are present, so they are neither new, changed nor gone.
    Without `absence_proved`, nothing is gone: absence means deletion only in an extract that is proved whole.
    """
    if held is not None and not held.is_empty():
        present = present.filter(~pl.col("local_id").is_in(held.implode()))
    was = expected.select("local_id", pl.col("fingerprint").alias(_WAS))
    judged = present.join(was, on="local_id", how="left", maintain_order="left")
    unknown = pl.col(_WAS).is_null()
    news = judged.filter(unknown).drop(_WAS)
    changed = judged.filter(~unknown & (pl.col("fingerprint") != pl.col(_WAS))).drop(_WAS)
    gone = _gone(present, expected, held) if absence_proved else pl.Series("local_id", [], dtype=pl.String)
    return Changes(news, changed, gone, judged.height - news.height - changed.height, expected.height)


def _gone(present: pl.DataFrame, expected: pl.DataFrame, held: pl.Series | None) -> pl.Series:
    gone = expected.join(present, on="local_id", how="anti")["local_id"]
    if held is not None and not held.is_empty():
        gone = gone.filter(~gone.is_in(held.implode()))
    return gone.sort()
