"""Numbers that no real person or organisation has (domain § 8): those of Tenor's series, and synthetic organisations.

National numbers and D-numbers have month + 80 and right check digits. DUF has no synthetic series, so ours use running
numbers from 99 000 000, far above what a year issues.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from random import Random

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ORGANISATION = (3, 2, 7, 6, 5, 4, 3, 2)
_CENTURY_CHANGE = 2000
_MAN = "1"


class PersonNumbers:
    """Draws numbers of persons, none of them twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.given: set[str] = set()

    def national(self, born_on: dt.date, sex: str) -> str:
        """A synthetic fødselsnummer for a birth day and sex (list 3101: 1 man, 2 woman)."""
        return self._issue(f"{born_on.day:02d}{born_on.month + 80}{born_on:%y}", born_on, sex)

    def d_number(self, born_on: dt.date, sex: str) -> str:
        """A synthetic D-number: day + 40 as well."""
        return self._issue(f"{born_on.day + 40}{born_on.month + 80}{born_on:%y}", born_on, sex)

    def duf(self, year: int) -> str:
        """A DUF number of a year."""
        while (number := f"{year}99{self._rng.randrange(1_000_000):06d}") in self.given:
            pass
        self.given.add(number)
        return number

    def not_yet_issued(self) -> str:
        """A national number outside the synthetic series that nobody has: it tells a birth in 2032 or later."""
        return self._first_of(
            lambda: f"{self._digit(1, 28)}{self._digit(1, 12)}{self._digit(32, 39)}{self._digit(900, 999)}"
        )

    def emergency(self) -> str:
        """An FH number, which a hospital gives to somebody it cannot identify: begins with 8 or 9 (HIS 1135:2021)."""
        return self._first_of(lambda: f"{self._rng.randrange(800_000_000, 1_000_000_000)}")

    def _digit(self, low: int, high: int) -> str:
        return f"{self._rng.randint(low, high):02d}"

    def _issue(self, day: str, born_on: dt.date, sex: str) -> str:
        low = 0 if born_on.year < _CENTURY_CHANGE else 500
        return self._first_of(lambda: f"{day}{low + 2 * self._rng.randrange(250) + (sex == _MAN):03d}")

    def _first_of(self, draw: Callable[[], str]) -> str:
        """The first of the drawn nine digits that has check digits and is not used yet, with its check digits."""
        while True:
            number = _with_check_digits(draw())
            if number and number not in self.given:
                self.given.add(number)
                return number


def _with_check_digits(nine: str) -> str | None:
    first = _check_digit(nine, _FIRST)
    if first is None:
        return None
    second = _check_digit(nine + first, _SECOND)
    return None if second is None else nine + first + second


def organisation_numbers(serial: int) -> Iterator[str]:
    """Synthetic organisation numbers (they begin with 3), from a serial of seven digits and on."""
    for number in count(serial):
        if (digit := _check_digit(f"3{number:07d}", _ORGANISATION)) is not None:
            yield f"3{number:07d}{digit}"


def _check_digit(digits: str, weights: Sequence[int]) -> str | None:
    # The digit that makes the weighted sum divisible by 11; a 10 is never issued (domain § 8.2).
    digit = -sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    return None if digit == 10 else str(digit)  # noqa: PLR2004 (a digit ends at 9)


def kind_of(number: str | None) -> str | None:
    """`national`, `d` or `duf`, by the form that these numbers have; None without a number."""
    if number is None:
        return None
    if len(number) == 12:  # noqa: PLR2004 (DUF has 12 digits)
        return "duf"
    return "d" if number[0] in "4567" else "national"
