"""Which values of a column may be shown: only those of columns that are codes, and of them only those that many rows have.

It is decided by what a code is, and not by what a person's column may look like: few different values, short, nearly all
of them in many rows. What else is refused here only narrows that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ktt.domain.identifiers import organisation_valid

LEAST, DEFAULT_AT_LEAST = 3, 5
"""The smallest number of rows that a value must be in, and the usual one."""

_MOST_VALUES = 60
_LONGEST = 40
_COVERED = 0.8
_DIGITS = re.compile(r"\d{6}")
_NAME = re.compile(
    r"[A-ZÆØÅ][a-zæøåéü]+(?:[ -][A-ZÆØÅ][a-zæøåéü]+)*(?: [A-ZÆØÅ][a-zæøåéü]+)|[A-ZÆØÅ][a-zæøå]+, ?[A-ZÆØÅ].*"
)
_OF_PERSONS = re.compile(
    r"navn$|name$|adress|address|telefon|phone|^tlf|_tlf|mobil|epost|e_post|mail|fodt|født|foedt|birth|fodsel|fødsel"
    r"|saksbeh|behandler|ansatt|parorende|pårørende|kontakt|verge|^fnr|_fnr|^pnr|notat|merknad|kommentar|fritekst|signatur|initial",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ShownValues:
    """A column's values with their rows, the most frequent first, and how much is hidden because few rows have it.

    `is_code` is False where no value may be shown at all.
    """

    is_code: bool = False
    values: Mapping[str, int] = field(default_factory=dict)
    hidden_values: int = 0
    hidden_rows: int = 0


def shown_values(name: str, counts: Mapping[str, int], at_least: int) -> ShownValues:
    """What may be shown of a column, from the rows of each of its values (blanks taken off, empty ones left out)."""
    total = sum(counts.values())
    shown = {value: rows for value, rows in counts.items() if rows >= at_least}
    if not shown or len(counts) > _MOST_VALUES or sum(shown.values()) < _COVERED * total:
        return ShownValues()
    if is_of_persons(name) or any(map(_is_no_code, shown)) or _are_names(shown):
        return ShownValues()
    ordered = dict(sorted(shown.items(), key=lambda one: (-one[1], one[0])))
    return ShownValues(
        is_code=True,
        values=ordered,
        hidden_values=len(counts) - len(shown),
        hidden_rows=total - sum(shown.values()),
    )


def is_of_persons(name: str) -> bool:
    """Whether a column is called as those are that tell of persons."""
    return bool(_OF_PERSONS.search(name))


def _is_no_code(value: str) -> bool:
    """Six digits in a row may be a birthday; only an organisation's number is none."""
    return len(value) > _LONGEST or "@" in value or bool(_DIGITS.search(value) and not organisation_valid(value))


def _are_names(values: Mapping[str, int]) -> bool:
    return sum(bool(_NAME.fullmatch(value)) for value in values) * 2 > len(values)
