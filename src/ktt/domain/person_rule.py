"""The rules of person numbers as data: weights, series, centuries. Source: Skatteetaten; FHI NINCheck (domain § 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

AllowedPersons = Literal["any", "real", "synthetic"]
"""Which person numbers a message may hold: `real` leaves out those that are synthetic by their digits,
`synthetic` those that are not."""

PersonNumberKind = Literal["national", "d", "h", "fh", "duf", "other"]
"""*Fødselsnummer*, *D-nummer*, *H-nummer* (local emergency number), *FH-nummer*, *DUF-nummer*, anything else."""

REPORTABLE: tuple[PersonNumberKind, ...] = ("national", "d", "duf")
"""The kinds that give an identity in the register (HIS 1135:2021)."""

MOST_DIGITS, DECIMALS = "[0-9]{10,12}", "[.,]0{1,2}"
"""A whole number, perhaps without its leading zero, and the decimals that a spreadsheet adds to it."""

WEIGHTS_1 = (3, 7, 6, 1, 8, 9, 4, 5, 2)
WEIGHTS_2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

Remainders = frozenset[int]
OLD_RULE: Remainders = frozenset({0})
"""What (S1 + k1) mod 11 may be for numbers issued before 2032."""
NEW_RULE: Remainders = frozenset({0, 1, 2, 3})
"""What it may be from 1 January 2032, also for persons born earlier. Such numbers give neither sex nor century."""
NEW_RULE_FROM = dt.date(2032, 1, 1)

MONTH_SERIES: Mapping[str, int] = {"plain": 0, "h": 40, "syntpop": 65, "tenor": 80}
# What is added to the month. 65 (NHN's SyntPop) and 80 (Skatteetaten's Tenor) are synthetic; 40 is an H-number, or
# NAV's synthetic Dolly, and the number does not show which.

CENTURIES: tuple[tuple[range, range, int], ...] = (
    (range(500), range(100), 1900),
    (range(500, 750), range(54, 100), 1800),
    (range(500, 1000), range(40), 2000),
    (range(900, 1000), range(40, 100), 1900),
)
"""Individual number, two-digit year → the century's first year, under the old rule."""

DUF_YEARS = range(1980, 2100)
"""The first four digits of a DUF number are the year of the case; the rest of its rule is not public."""


def remainders_allowed(on: dt.date, *, production: bool) -> Remainders:
    """Only 0 in production before 2032, all four everywhere else."""
    return OLD_RULE if production and on < NEW_RULE_FROM else NEW_RULE


def individual_numbers(year: int) -> tuple[range, ...]:
    """The individual numbers that may be given to somebody born that year, under the old rule."""
    return tuple(
        individuals for individuals, years, century in CENTURIES if year // 100 * 100 == century and year % 100 in years
    )


def weighted_sum(digits: str, weights: tuple[int, ...]) -> int:
    """The weighted sum of the first digits."""
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
