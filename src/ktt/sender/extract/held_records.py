"""Which records are kept back: those with a finding that holds, and those that hang on them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, RECIPIENT, ROOT_OF, ROOTS, Records
from ktt.sender.extract.findings import DECISION_HELD, PERSON_HELD, Findings

_NONE = pl.Series(dtype=pl.String)


def held_ids(findings: pl.DataFrame) -> dict[str, pl.Series]:
    """For each root type the ids with a finding that holds, its parts' findings counted as its own."""
    holding = findings.filter("held").select(pl.col("record_type").replace_strict(ROOT_OF), "local_id").unique()
    return {
        root.name: holding.filter(pl.col("record_type") == root.name)["local_id"].drop_nulls()
        for root in (RECIPIENT, *ROOTS)
    }


def without(frames: Records, ids: Mapping[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """The frames without these root records, their parts, and rows that have no id."""
    return _chosen(frames, ids, inside=False)


def only(frames: Records, ids: Mapping[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """These root records and their parts; nothing at all when there are no ids."""
    return _chosen(frames, ids, inside=True) if any(not one.is_empty() for one in ids.values()) else {}


def _chosen(frames: Records, ids: Mapping[str, pl.Series], *, inside: bool) -> dict[str, pl.DataFrame]:
    left = {}
    for root in (RECIPIENT, *ROOTS):
        named = ids.get(root.name, _NONE)
        for kind in (root, *root.parts):
            there = frames[kind.name].drop_nulls(root.key)
            mine = pl.col(root.key).is_in(named.implode())
            # Mostly no id is named, and then nobody needs to look.
            left[kind.name] = there.filter(mine if inside else ~mine) if len(named) or inside else there
    return left


def cascade(frames: Mapping[str, pl.DataFrame], findings: Findings) -> None:
    """A person's faults hold all of that person's records; a decision's hold the services that rest on it."""
    _follow(frames, findings, RECIPIENT.name)
    _follow(frames, findings, DECISION.name)


def _follow(frames: Mapping[str, pl.DataFrame], findings: Findings, parent: str) -> None:
    kind, field, children = (
        (PERSON_HELD, "local_person_id", ROOTS)
        if parent == RECIPIENT.name
        else (DECISION_HELD, "decision_id", (CARE_SERVICE,))
    )
    held = held_ids(findings.frame())[parent].implode()
    for child in children:
        found = frames[child.name].filter(pl.col(field).is_in(held))
        findings.add(kind, child.name, found[child.key], field)
