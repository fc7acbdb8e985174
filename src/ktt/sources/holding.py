"""Which records are kept back: those with a finding that holds, and those that hang on them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, RECIPIENT, ROOT_OF, ROOTS
from ktt.sources.findings import DECISION_HELD, PERSON_HELD, Findings


def held_ids(findings: pl.DataFrame) -> dict[str, pl.Series]:
    """For each root type the ids with a finding that holds, its parts' findings counted as its own."""
    holding = findings.filter("held").select(pl.col("record_type").replace_strict(ROOT_OF), "local_id").unique()
    return {
        root.name: holding.filter(pl.col("record_type") == root.name)["local_id"].drop_nulls()
        for root in (RECIPIENT, *ROOTS)
    }


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
