"""What becomes of each record of an extract after validation: sent, sent with less in it, or held (ADR 0009).

The sender and `ktt validate` both use these functions, so that the totals of the one are what the other does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.domain.records import RECIPIENT, ROOTS, Records
from ktt.domain.schema import RecordType
from ktt.messages.schema_violations import RecordViolation
from ktt.messages.version import MessageVersion
from ktt.rules.consequences import apply
from ktt.rules.findings import with_consequence
from ktt.rules.kinds import Consequence
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.finding_kinds import LEFT_EMPTY, OUT_OF_BOUNDS, SCHEMA_VIOLATION, TOO_LARGE
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.held_records import held_ids, hold_dependents, without_records

_ROOT_NAMES = [root.name for root in (RECIPIENT, *ROOTS)]


@dataclass(frozen=True, slots=True)
class FindingsApplied:
    """The extract as it is to be sent, with what is held; and the findings that holding led to."""

    extract: Extract = field(repr=False)
    added: pl.DataFrame = field(repr=False)


def apply_findings(extract: Extract, found: pl.DataFrame, versions: Sequence[MessageVersion]) -> FindingsApplied:
    """Carry out the consequences of what the rules found in the extract.

    Held are the records that a rule drops, those that depend on them, and those that are left without the parts that
    their message needs. A rejection is the caller's to carry out: here it holds nothing.
    """
    dropping = with_consequence(found, Consequence.DROP_RECORD)
    acting = with_consequence(found, Consequence.DROP_RECORD, Consequence.CLEAR_FIELD)
    records = extract.records
    if not acting.is_empty():
        records = {**records, **apply(records, acting, *ROOTS).records}
    added = FindingCollector(extract.unit)
    for root, ids in _left_empty(records, dropping, versions):
        added.add(LEFT_EMPTY, root.name, ids, None)
    # A dropped person or record is held; a dropped part leaves its record without it.
    return _hold(extract, records, dropping.filter(pl.col("record_type").is_in(_ROOT_NAMES)), added)


def hold_unsendable(
    extract: Extract, too_large: Mapping[str, pl.Series], violations: Iterable[RecordViolation]
) -> FindingsApplied:
    """Hold the records that no message can carry: the ids that are too large, per root type, and what breaks its schema."""
    added = FindingCollector(extract.unit)
    for name, ids in too_large.items():
        added.add(TOO_LARGE, name, ids, None)
    for one in violations:
        kind = OUT_OF_BOUNDS if one.out_of_bounds else SCHEMA_VIOLATION
        added.add(kind, one.record_type, pl.Series([one.local_id]), one.column, pl.Series([one.says]))
    if not added.parts:
        return FindingsApplied(extract, added.frame())
    return _hold(extract, extract.records, added.frame().clear(), added)


def _hold(extract: Extract, records: Records, known: pl.DataFrame, added: FindingCollector) -> FindingsApplied:
    """Hold the records of the `known` and the `added` findings, and what depends on them; `known` are reported already."""
    together = FindingCollector(extract.unit, [known, *added.parts])
    hold_dependents(extract.records, together)
    held = held_ids(together.frame())
    all_held = {name: pl.concat([ids, held[name]]).unique() for name, ids in extract.held.items()}
    kept = replace(extract, records=without_records(records, held), held=all_held)
    return FindingsApplied(kept, FindingCollector(extract.unit, together.parts[1:]).frame())


def _left_empty(
    records: Records, dropping: pl.DataFrame, versions: Sequence[MessageVersion]
) -> Iterator[tuple[RecordType, pl.Series]]:
    """Records that lost all rows of a part that their message cannot be without."""
    for root, part in ((root, part) for version in versions for root, part in version.needed_parts):
        lost = dropping.filter(pl.col("record_type") == part.name)["local_id"]
        here = records[root.name][root.key].filter(records[root.name][root.key].is_in(lost.implode()))
        yield root, here.filter(~here.is_in(records[part.name][root.key].implode()))
