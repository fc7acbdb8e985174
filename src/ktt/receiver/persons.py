"""Real persons in production, synthetic ones everywhere else (product § 4): a message with the wrong kind is refused."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ktt.config import Environment
from ktt.domain.identifiers import parse_person_number, person_number_checks
from ktt.domain.records import RECIPIENT
from ktt.messages.version import SchemaFault, UnitBatch

_NUMBER = "person_number"
_FEW = 300  # a frame costs 6 ms whatever its size, a number by itself 10 µs


def wrong_kind(batches: Sequence[UnitBatch], environment: Environment) -> list[SchemaFault]:
    """One fault for each unit with numbers that do not belong in this environment: how many, never which."""
    says = "synthetic" if environment == "production" else "not synthetic"
    faults = []
    for number, batch in enumerate(batches):
        people = batch.records.get(RECIPIENT.name)
        if people is None:
            continue
        count = _count(people[_NUMBER], unwanted=environment == "production")
        if count:
            faults.append(SchemaFault(f"/{number}", "person", f"{count} person numbers are {says}"))
    return faults


def _count(numbers: pl.Series, *, unwanted: bool) -> int:
    """How many are synthetic, or not; those that do not tell are neither."""
    if len(numbers) <= _FEW:
        return sum(parse_person_number(number).synthetic is unwanted for number in numbers.drop_nulls())
    judged = person_number_checks(numbers.to_frame(), numbers.name)
    return judged.filter(pl.col("synthetic") == unwanted).height
