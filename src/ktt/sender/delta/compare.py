"""What is new, changed and gone: one record type's fingerprints against what the registry will hold."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

_KNOWN, _WAS = "known id", "known fingerprint"  # no column has a blank in its name
_NOTHING = pl.Series("local_id", [], dtype=pl.String)


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
    withheld = pl.Series(dtype=pl.String) if held is None else held
    was = expected.lazy().select(pl.col("local_id").alias(_KNOWN), pl.col("fingerprint").alias(_WAS))
    differs = (
        present.lazy()
        .join(was, left_on="local_id", right_on=_KNOWN, how="full")
        .filter(pl.col("fingerprint").ne_missing(pl.col(_WAS)))
        .filter(~pl.coalesce("local_id", _KNOWN).is_in(withheld.implode()))
        .collect(engine="streaming")
    )
    here, known = pl.col("local_id").is_not_null(), pl.col(_KNOWN).is_not_null()
    new, changed = (differs.filter(which).select(present.columns) for which in (here & ~known, here & known))
    gone = differs.filter(~here)[_KNOWN].alias("local_id").sort() if absence_proved else _NOTHING
    held_here = present.filter(pl.col("local_id").is_in(withheld.implode())).height
    return Changes(new, changed, gone, present.height - held_here - new.height - changed.height, expected.height)
