"""Real persons in production, synthetic ones everywhere else (messages § 4.1): a message with the wrong kind is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ktt.core.settings import Environment
from ktt.domain.identifiers import tells_synthetic
from ktt.messages.automaton.grammar import Persons
from ktt.messages.version import SchemaFault
from ktt.receiver.pipeline.message_summary import Head


def wanted(environment: Environment) -> Persons:
    """The person numbers that belong in this environment."""
    return "real" if environment == "production" else "synthetic"


def wrong_kind(heads: Sequence[Head], environment: Environment) -> list[SchemaFault]:
    """One fault for each unit with numbers that do not belong in this environment: how many, never which."""
    unwanted = wanted(environment) == "real"
    says = "synthetic" if unwanted else "not synthetic"
    counts = [_count(head.person_numbers, unwanted=unwanted) if head.person_numbers else 0 for head in heads]
    return [
        SchemaFault(f"/{place}", "person", f"{count} person numbers are {says}")
        for place, count in enumerate(counts)
        if count
    ]


def _count(numbers: list[str], *, unwanted: bool) -> int:
    """How many are synthetic, or not; those that do not tell are neither."""
    return sum(times for number, times in Counter(numbers).items() if tells_synthetic(number) is unwanted)
