"""Real persons in production, synthetic ones everywhere else (messages § 4.1): a message with the wrong kind is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ktt.core.settings import Environment
from ktt.core.text import Text
from ktt.domain.identifiers import number_is_synthetic
from ktt.domain.person_rule import AllowedPersons
from ktt.messages.version import SchemaViolation, UnitSummary

_SYNTHETIC = Text(
    nb="{count:personnummer er syntetisk|personnumre er syntetiske}", en="{count} person numbers are synthetic"
)
_REAL = Text(
    nb="{count:personnummer er ikke syntetisk|personnumre er ikke syntetiske}",
    en="{count} person numbers are not synthetic",
)


def expected_kind(environment: Environment) -> AllowedPersons:
    """The person numbers that belong in this environment."""
    return "real" if environment == "production" else "synthetic"


def wrong_person_kinds(summaries: Sequence[UnitSummary], environment: Environment) -> list[SchemaViolation]:
    """One fault for each unit with numbers that do not belong in this environment: how many, never which ones."""
    unwanted = expected_kind(environment) == "real"
    says = _SYNTHETIC if unwanted else _REAL
    counts = [_count(one.person_numbers, unwanted=unwanted) if one.person_numbers else 0 for one in summaries]
    return [
        SchemaViolation(f"/{place}", "person", says.format(count=count)) for place, count in enumerate(counts) if count
    ]


def _count(numbers: list[str], *, unwanted: bool) -> int:
    """How many are synthetic, or are not; numbers that do not show it are not counted."""
    return sum(times for number, times in Counter(numbers).items() if number_is_synthetic(number) is unwanted)
