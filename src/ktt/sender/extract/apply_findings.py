"""What becomes of each record of an extract once it is judged: sent, sent with less in it, or held (ADR 0009).

The sender and `ktt validate` both ask here, so that the totals of the one are what the other does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.domain.records import RECIPIENT, ROOTS, Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.schema_violations import Misfit, misfits
from ktt.messages.version import MessageVersion
from ktt.rules.consequences import apply
from ktt.rules.rule import Consequence
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.findings import LEFT_EMPTY, MISFIT, OUT_OF_BOUNDS, TOO_LARGE, FindingKind, Findings
from ktt.sender.extract.held_records import cascade, held_ids, without

Weigh = Callable[[Records], Iterable[tuple[RecordType, pl.Series]]]
"""Finds the ids, per root type, of records that are larger than a message may be."""

_ROOT_NAMES = [root.name for root in (RECIPIENT, *ROOTS)]


@dataclass(frozen=True, slots=True)
class Fates:
    """The extract as it is to be sent, with what is held; and the findings that holding led to (`findings.FINDINGS`)."""

    extract: Extract = field(repr=False)
    along: pl.DataFrame = field(repr=False)


def fates(extract: Extract, broken: pl.DataFrame, versions: Sequence[MessageVersion], weigh: Weigh) -> Fates:
    """Carry out the consequences of what the rules found (`validation.findings.FINDING_SCHEMA`) in the extract.

    Held are what they drop, what rests on that, what is left without the parts that its message needs, and what is too
    heavy. A rejection is the caller's: here it holds nothing.
    """
    dropped = broken.filter(pl.col("consequence") == Consequence.DROP_RECORD.value)
    left = _left(extract.records, broken)
    own = Findings()
    for kind, of_type in ((LEFT_EMPTY, _emptied(left, dropped, versions)), (TOO_LARGE, weigh(left))):
        for root, ids in of_type:
            own.add(kind, root.name, ids, None)
    return _hold(extract, left, _as_holding(dropped), own)


def fitting(
    extract: Extract,
    versions: Sequence[MessageVersion],
    unit: ReportingUnit,
    ids: Mapping[str, pl.Series] | None = None,
) -> Fates:
    """Hold the records that break their message's schema; of those with these `ids` per root type, or of all."""
    records, own = extract.records, Findings()
    for version in versions:
        kind = version.record_type
        for misfit in misfits(records, version, unit, records[kind.name][kind.key] if ids is None else ids[kind.name]):
            one = pl.Series([misfit.local_id])
            own.add(_kind(misfit), misfit.record_type, one, misfit.column, pl.Series([misfit.says]))
    return _hold(extract, records, Findings().frame(), own) if own.parts else Fates(extract, own.frame())


def _kind(misfit: Misfit) -> FindingKind:
    return OUT_OF_BOUNDS if misfit.out_of_bounds else MISFIT


def _hold(extract: Extract, left: Records, known: pl.DataFrame, own: Findings) -> Fates:
    """Hold what the `known` findings hold, what our `own` do, and what rests on either; only `known` are told already."""
    holding = Findings([known, own.frame()])
    cascade(extract.records, holding)
    held = held_ids(holding.frame())
    together = {name: pl.concat([ids, held[name]]).unique() for name, ids in extract.held.items()}
    kept = replace(extract, records=without(left, held), held=together)
    return Fates(kept, pl.concat(holding.parts[1:]))


def _left(records: Records, broken: pl.DataFrame) -> Records:
    """The records after what the rules drop and clear."""
    acting = broken.filter(pl.col("consequence").is_in([Consequence.DROP_RECORD.value, Consequence.CLEAR_FIELD.value]))
    return records if acting.is_empty() else {**records, **apply(records, acting, *ROOTS).records}


def _emptied(
    left: Records, dropped: pl.DataFrame, versions: Sequence[MessageVersion]
) -> Iterator[tuple[RecordType, pl.Series]]:
    """Records that lost all rows of a part that their message cannot be without."""
    for version in versions:
        for place in version.table.body.fields:
            if place.part is not None and place.required:
                root, part = version.record_type, place.part.record_type
                lost = dropped.filter(pl.col("record_type") == part.name)["local_id"]
                here = left[root.name][root.key].filter(left[root.name][root.key].is_in(lost.implode()))
                yield root, here.filter(~here.is_in(left[part.name][root.key].implode()))


def _as_holding(dropped: pl.DataFrame) -> pl.DataFrame:
    """The dropped persons and records as source findings that hold; a dropped part does not hold its record."""
    rooted = dropped.filter(pl.col("record_type").is_in(_ROOT_NAMES))
    return rooted.select(
        record_type="record_type",
        local_id="local_id",
        field=pl.lit(None, pl.String),
        code="rule",
        cause="cause",
        held=pl.lit(value=True),
        detail=pl.lit(None, pl.String),
    )
