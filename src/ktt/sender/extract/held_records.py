"""Which records are held: those with a finding that holds them, and those that depend on them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, RECIPIENT, ROOT_OF, ROOTS, Records
from ktt.rules.findings import with_consequence
from ktt.rules.kinds import Consequence
from ktt.sender.extract.finding_kinds import DECISION_HELD, PERSON_HELD
from ktt.sender.extract.findings import FindingCollector

_NONE = pl.Series(dtype=pl.String)


def holding(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings whose records must not be sent."""
    return with_consequence(findings, Consequence.REJECT_MESSAGE, Consequence.DROP_RECORD)


def held_ids(findings: pl.DataFrame) -> dict[str, pl.Series]:
    """For each root type the ids with a finding that holds, its parts' findings counted as its own."""
    held = holding(findings)
    if held.is_empty():  # as most often
        return {root.name: _NONE for root in (RECIPIENT, *ROOTS)}
    held = held.select(pl.col("record_type").replace_strict(ROOT_OF), "local_id").unique()
    return {
        root.name: held.filter(pl.col("record_type") == root.name)["local_id"].drop_nulls()
        for root in (RECIPIENT, *ROOTS)
    }


def without_records(frames: Records, ids: Mapping[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """The frames without these root records, their parts, and rows that have no id."""
    return _chosen(frames, ids, inside=False)


def only_records(frames: Records, ids: Mapping[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """These root records and their parts; nothing at all when there are no ids."""
    return _chosen(frames, ids, inside=True) if any(not one.is_empty() for one in ids.values()) else {}


def _chosen(frames: Records, ids: Mapping[str, pl.Series], *, inside: bool) -> dict[str, pl.DataFrame]:
    chosen = {}
    for root in (RECIPIENT, *ROOTS):
        named = ids.get(root.name, _NONE)
        for kind in (root, *root.parts):
            frame = frames[kind.name]
            if frame[root.key].null_count():
                frame = frame.drop_nulls(root.key)
            if len(named) or inside:  # most often no id is named, and then the frame need not be searched
                is_named = pl.col(root.key).is_in(named.implode())
                frame = frame.filter(is_named if inside else ~is_named)
            chosen[kind.name] = frame
    return chosen


def hold_dependents(frames: Mapping[str, pl.DataFrame], findings: FindingCollector) -> None:
    """Findings for what depends on a held record: all records of a held person, and the services of a held decision."""
    _hold(frames, findings, RECIPIENT.name)
    _hold(frames, findings, DECISION.name)


def _hold(frames: Mapping[str, pl.DataFrame], findings: FindingCollector, parent: str) -> None:
    kind, field, children = (
        (PERSON_HELD, "local_person_id", ROOTS)
        if parent == RECIPIENT.name
        else (DECISION_HELD, "decision_id", (CARE_SERVICE,))
    )
    held = held_ids(findings.frame())[parent]
    for child in children if len(held) else ():
        found = frames[child.name].filter(pl.col(field).is_in(held.implode()))
        findings.add(kind, child.name, found[child.key], field)
