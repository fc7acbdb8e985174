"""Accepted messages of some units over some days, of every type, as a receiver would hand them over."""

from __future__ import annotations

import random
from functools import cache

import polars as pl

from ktt.domain.records import ROOTS, Records, frame_of, subset
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.testing.packs.check.municipality import synthetic_records
from support.registry_inbox import OTHER, UNIT, message
from support.unreadable_messages import FAULTS

THIRD = ReportingUnit("312000008", "1119")


@cache
def _municipality() -> Records:
    return synthetic_records(12).records


def synthetic_messages(seed: int, count: int) -> list[AcceptedMessage]:
    """Days of three units: every type, records that come again the same or changed, are deleted and come back."""
    chance, found = random.Random(seed), []
    for position in range(1, count + 1):
        kind, unit = chance.choice(ROOTS), chance.choice([UNIT, OTHER, THIRD])
        ids = frame_of(_municipality(), kind)[kind.key].head(8)
        chosen = subset(_municipality(), kind, ids.sample(chance.randint(1, 4), seed=chance.randint(0, 99)))
        if chance.random() < 0.5:  # another time of recording is no change, another decision or start is
            change = {"decision": "case_id", "care_service": "decision_id"}.get(kind.name)
            chosen[kind.name] = chosen[kind.name].with_columns(
                *([pl.lit(f"V-{chance.randint(1, 3)}").alias(change)] if change else [])
            )
        gone = ids.sample(chance.randint(0, 2), seed=chance.randint(0, 99)).to_list()
        one = message(position, chosen, gone, record_type=kind.name, unit=unit)
        found.append(one if chance.random() < 0.95 else FAULTS["no unit"](one))
    return found
