"""What is new, changed and gone: one record type's fingerprints against what the registry will hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from ktt.domain.schema import engine_for

_EXPECTED_ID, _EXPECTED_FINGERPRINT = "expected id", "expected fingerprint"  # no column has a blank in its name
_TO_SEND_AGAIN = ""  # in place of the fingerprint, which no record has
_IS_PRESENT, _IS_EXPECTED = pl.col("local_id").is_not_null(), pl.col(_EXPECTED_ID).is_not_null()
_DIFFERS = pl.col("fingerprint").ne_missing(pl.col(_EXPECTED_FINGERPRINT))
_NONE = pl.Series("local_id", [], dtype=pl.String)

SEND_AGAIN, DELETE_FIRST = "", "-"
"""What an expected state may say instead of a fingerprint: the record is to be sent again, or deleted and then sent."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between an extract and the expected state, for one record type.

    `new` and `changed` have `local_id`, `fingerprint` and `own_date`; `gone` are ids; those that are to be deleted
    before they are sent are both gone and new. `expected_count` is how many
    records the registry was expected to hold, to tell whether too many are gone. `missing_count` is how many of them
    are not in an extract that does not prove absence, so that they are not gone. `resent_count` of the changed ones have
    changed only because a person wants them sent again.
    """

    new: pl.DataFrame = field(repr=False)
    changed: pl.DataFrame = field(repr=False)
    gone: pl.Series = field(repr=False)
    unchanged_count: int
    expected_count: int
    missing_count: int = 0
    resent_count: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return self.new.is_empty() and self.changed.is_empty() and self.gone.is_empty()

    @property
    def to_send(self) -> pl.DataFrame:
        """The new records and the changed ones."""
        return pl.concat([self.new, self.changed])

    def without(self, held: pl.Series) -> Changes:
        """The changes after these records, all of them present, are held as well: they are not counted at all."""
        new, changed = (frame.filter(~pl.col("local_id").is_in(held.implode())) for frame in (self.new, self.changed))
        unchanged_held = len(held) - (self.to_send.height - new.height - changed.height)
        return replace(self, new=new, changed=changed, unchanged_count=self.unchanged_count - unchanged_held)


def compare(
    present: pl.DataFrame, expected: pl.DataFrame, held: pl.Series | None = None, *, absence_proved: bool = True
) -> Changes:
    """Compare `present` (`local_id`, `fingerprint`, `own_date`) with `expected` (`local_id`, `fingerprint`).

    Ids in `held` are held because of a finding: they are present, so they are neither new, changed nor gone.
    Without `absence_proved`, nothing is gone: absence means deletion only in an extract that is proved whole. What the
    expected state says is to be deleted first is gone in any case, since a person has asked for it.
    """
    withheld = _NONE if held is None else held
    known = expected.lazy().select(
        pl.col("local_id").alias(_EXPECTED_ID), pl.col("fingerprint").alias(_EXPECTED_FINGERPRINT)
    )
    differs = (
        present.lazy()
        .join(known, left_on="local_id", right_on=_EXPECTED_ID, how="full")
        .filter(_DIFFERS)
        .filter(~pl.coalesce("local_id", _EXPECTED_ID).is_in(withheld.implode()))
        .collect(engine=engine_for(present.height))
    )
    new = differs.filter(_IS_PRESENT & ~_IS_EXPECTED).select(present.columns)
    changed = differs.filter(_IS_PRESENT & _IS_EXPECTED).select(present.columns)
    missing = differs.filter(~_IS_PRESENT)[_EXPECTED_ID].alias("local_id").sort()
    gone, missing_count = (missing, 0) if absence_proved else (_NONE, len(missing))
    first = expected.filter(pl.col("fingerprint") == DELETE_FIRST)["local_id"]
    if not first.is_empty():
        is_first = pl.col("local_id").is_in(first.implode())
        new, changed = pl.concat([new, changed.filter(is_first)]), changed.filter(~is_first)
        gone = pl.concat([gone, first]).unique().sort()
    held_here = present.filter(pl.col("local_id").is_in(withheld.implode())).height
    unchanged = present.height - held_here - new.height - changed.height
    resent = differs.filter(_IS_PRESENT & (pl.col(_EXPECTED_FINGERPRINT) == _TO_SEND_AGAIN)).height
    return Changes(new, changed, gone, unchanged, expected.height, missing_count, resent)
