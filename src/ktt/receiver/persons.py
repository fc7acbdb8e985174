"""Real persons in production, synthetic ones everywhere else (product § 4): a message with the wrong kind is refused."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ktt.config import Environment
from ktt.domain.identifiers import person_number_checks
from ktt.domain.records import RECIPIENT
from ktt.messages.version import SchemaFault, UnitBatch

_NUMBER = "person_number"


def wrong_kind(batches: Sequence[UnitBatch], environment: Environment) -> list[SchemaFault]:
    """One fault for each unit with numbers that do not belong in this environment: how many, never which."""
    unwanted = pl.col("synthetic") if environment == "production" else ~pl.col("synthetic")
    says = "synthetic" if environment == "production" else "not synthetic"
    faults = []
    for number, batch in enumerate(batches):
        people = batch.records.get(RECIPIENT.name)
        if people is None:
            continue
        count = person_number_checks(people.select(_NUMBER), _NUMBER).filter(unwanted).height
        if count:
            faults.append(SchemaFault(f"/{number}", "person", f"{count} person numbers are {says}"))
    return faults
