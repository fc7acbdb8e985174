"""Person numbers and organisation numbers.

A `PersonNumber` is a value that shows nothing: not in a log line, not in an error, not in a debugger's list of locals.
Whoever needs the digits says so with `reveal()`. `person_number_checks` gives the same answers for a whole column.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from stdnum.no import orgnr

from ktt.domain.number_columns import normalised, organisation_valid_column, person_number_checks
from ktt.domain.person_rule import (
    CENTURIES,
    DECIMALS,
    DUF_YEARS,
    MONTH_SERIES,
    MOST_DIGITS,
    NEW_RULE,
    OLD_RULE,
    REPORTABLE,
    WEIGHTS_1,
    WEIGHTS_2,
    PersonNumberKind,
    Remainders,
    individual_numbers,
    remainders_allowed,
    weighted_sum,
)

__all__ = [
    "NEW_RULE",
    "OLD_RULE",
    "REPORTABLE",
    "PersonNumber",
    "PersonNumberKind",
    "Remainders",
    "compose_synthetic",
    "individual_numbers",
    "normalise_number",
    "normalised",
    "organisation_synthetic",
    "organisation_valid",
    "organisation_valid_column",
    "parse_person_number",
    "person_number_checks",
    "remainders_allowed",
]

_ELEVEN = re.compile(r"[0-9]{11}")
_TWELVE = re.compile(r"[0-9]{12}")
_NINE = re.compile(r"[0-9]{9}")


@dataclass(frozen=True, slots=True, repr=False)
class PersonNumber:
    """A person's number and what can be read from it.

    `valid`: check digits and date hold. `synthetic`: True or False, None where the number does not show it (DUF, H, others).
    `born_on`: the birth date under the old rule, None where the number does not give it.
    """

    _text: str
    kind: PersonNumberKind
    valid: bool
    synthetic: bool | None
    born_on: dt.date | None

    def reveal(self) -> str:
        """The digits. For a message, a sealed table and a person's own eyes; never for a log or an error."""
        return self._text

    def __repr__(self) -> str:
        return "PersonNumber(…)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)


def parse_person_number(text: str, remainders: Remainders = OLD_RULE) -> PersonNumber:
    """What kind of number the text is, once it is in its plain form (`normalise_number`). Never raises."""
    digits = normalise_number(text)
    if _TWELVE.fullmatch(digits):
        return PersonNumber(digits, "duf", int(digits[:4]) in DUF_YEARS, None, None)
    if not _ELEVEN.fullmatch(digits):
        return PersonNumber(digits, "other", valid=False, synthetic=None, born_on=None)
    return _eleven(digits, remainders)


def normalise_number(text: str) -> str:
    """A number without what people and spreadsheets write into it.

    Blanks, dashes, dots, apostrophes and invisible characters between the digits go, and so do the decimals of a
    spreadsheet (`.0`); other writings of a digit become the plain one; a leading zero that was lost comes back.
    """
    marked = "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum() or sign in ".,")
    plain = re.sub(r"[.,]", "", re.sub(f"^({MOST_DIGITS}){DECIMALS}$", r"\1", marked))
    return plain.zfill(11) if re.fullmatch(r"[0-9]{10}", plain) else plain


def number_is_synthetic(digits: str) -> bool | None:
    """What `parse_person_number(digits).synthetic` says of bare digits, at a hundredth of the cost."""
    return _synthetic_by_date(digits[:4]) if _ELEVEN.fullmatch(digits) else None


def number_ranges_without(synthetic: bool) -> Iterator[range]:  # noqa: FBT001
    """The numbers of at most eleven digits for which `number_is_synthetic` is not `synthetic`, in rising order."""
    for left_out, starts in groupby(range(10**4), lambda start: _synthetic_by_date(f"{start:04}") is synthetic):
        if not left_out:
            each = list(starts)
            yield range(each[0] * 10**7, (each[-1] + 1) * 10**7)


@cache  # by day and month alone, of which there are ten thousand
def _synthetic_by_date(day_and_month: str) -> bool | None:
    return _eleven(f"{day_and_month}0000000", OLD_RULE).synthetic


def _eleven(digits: str, remainders: Remainders) -> PersonNumber:
    if digits[0] in "89":
        return PersonNumber(digits, "fh", _checks(digits, remainders), None, None)
    series, month = _series(int(digits[2:4]))
    day = int(digits[:2]) % 40 if digits[0] in "4567" else int(digits[:2])
    if series is None or not _possible(4, month, day):
        return PersonNumber(digits, "other", valid=False, synthetic=None, born_on=None)
    born_on = _born_on(digits, month, day)
    dated = born_on is not None or remainders != OLD_RULE
    kind: PersonNumberKind = "h" if series == "h" else "d" if digits[0] in "4567" else "national"
    synthetic = None if series == "h" else series != "plain"
    return PersonNumber(digits, kind, dated and _checks(digits, remainders), synthetic, born_on)


def _series(month: int) -> tuple[str | None, int]:
    for series, added in MONTH_SERIES.items():
        if 1 <= month - added <= 12:  # noqa: PLR2004 - months
            return series, month - added
    return None, 0


def _possible(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _born_on(digits: str, month: int, day: int) -> dt.date | None:
    year, individual = int(digits[4:6]), int(digits[6:9])
    for individuals, years, century in CENTURIES:
        if individual in individuals and year in years and _first(digits):
            return dt.date(century + year, month, day) if _possible(century + year, month, day) else None
    return None


def _first(digits: str) -> bool:
    """Whether the first check digit follows the old rule, so that the number gives its century."""
    return (weighted_sum(digits, WEIGHTS_1) + int(digits[9])) % 11 == 0


def _checks(digits: str, remainders: Remainders) -> bool:
    first = (weighted_sum(digits, WEIGHTS_1) + int(digits[9])) % 11
    second = (weighted_sum(digits, WEIGHTS_2) + int(digits[10])) % 11
    return first in remainders and second == 0


def compose_synthetic(birth_date: dt.date, individual: int) -> str | None:
    """A national number in Tenor's series (month + 80) with right check digits; None where a check digit would be 10.

    `individual` is one of `individual_numbers(birth_date.year)`; its last digit is odd for men, even for women.
    """
    nine = f"{birth_date.day:02}{birth_date.month + 80:02}{birth_date.year % 100:02}{individual:03}"
    first = -weighted_sum(nine, WEIGHTS_1) % 11
    ten = f"{nine}{first}"
    second = -weighted_sum(ten, WEIGHTS_2) % 11
    return None if 10 in (first, second) else f"{ten}{second}"  # noqa: PLR2004 - not a digit


def organisation_valid(text: str) -> bool:
    """Whether the text is nine digits that pass modulus 11."""
    return _NINE.fullmatch(text) is not None and bool(orgnr.is_valid(text))


def organisation_synthetic(text: str) -> bool:
    """Whether the number is of the series that no real organisation has: real ones start with 8 or 9."""
    return text.startswith(("2", "3"))
