"""What a local id must not be: one definition for the source, the rules, the validator and the receiver.

It holds no national number (ADR 0015), and people can read it. The first is asked of one id, since few come near it; a
column is looked through for those few first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

import polars as pl

from ktt.domain.identifiers import parse_person_number
from ktt.domain.person_rule import WEIGHTS_2, weighted_sum

NATIONAL_NUMBER_FORM = r"(^|[^0-9])[0-7][0-9]{10}($|[^0-9])"
"""Eleven digits in a row, the first of them 0 to 7, are taken for a national number, whatever else they are."""
DIGITS, FEWEST_DIGITS = 11, 10
"""Of a national number, and of one that has lost its leading zero."""

_BETWEEN = r"[\W_]{0,3}"  # what people write between digits: blanks, dashes, dots, also invisible characters
_SUSPECT = re.compile(rf"[0-9](?:{_BETWEEN}[0-9]){{{FEWEST_DIGITS - 1}}}")
_SUSPECT_COLUMN = rf"\p{{Nd}}(?:[^\p{{L}}\p{{N}}]{{0,3}}\p{{Nd}}){{{FEWEST_DIGITS - 1}}}"
_ELEVEN = re.compile(r"(?<![0-9])[0-7][0-9]{10}(?![0-9])")
_TEN = re.compile(r"(?<![0-9])[1-9][0-9]{4}[\W_]{0,3}[0-9]{5}(?![0-9])")
_AS_PEOPLE_WRITE = re.compile(
    rf"(?<![0-9])(?=([0-7][0-9]{_BETWEEN}[0-9]{{2}}{_BETWEEN}[0-9]{{2}}{_BETWEEN}[0-9]{{3}}{_BETWEEN}[0-9]{{2}})(?![0-9]))"
)
_DIGITS_AND_BETWEEN = re.compile(rf"[0-9](?:{_BETWEEN}[0-9])*")
_RANDOM = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-f])", re.IGNORECASE
)
"""A UUID, with its dashes or without, or a longer hash."""

_SUSPECT_ID = pl.col("id").str.normalize("NFKC").str.contains(_SUSPECT_COLUMN)
_NO = pl.Series([False])

_SHORTEST_RANDOM = 32
_FIRST_DIGITS = {FEWEST_DIGITS: "123456789", DIGITS: "01234567"}

_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_ENOUGH_DIGITS = b"0" * FEWEST_DIGITS
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())

_UNREADABLE = r"^\s|\s$|^$|[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\x{2800}]"
_PLAINLY_READABLE = re.compile(
    r"[!-~\u00a1-\u00ac\u00ae-\u02ff](?:[ -~\u00a1-\u00ac\u00ae-\u02ff]*[!-~\u00a1-\u00ac\u00ae-\u02ff])?"
)


def holds_national_number(local_id: str) -> bool:
    """Whether the id holds something that reads as a *fødselsnummer*, *D-nummer* or *H-nummer*."""
    return re.search(NATIONAL_NUMBER_FORM, plainly_written(local_id)) is not None


def plainly_written(local_id: str) -> str:
    """The id as `NATIONAL_NUMBER_FORM` is to be looked for in it: a number in it that is written otherwise, as its digits.

    Eleven digits with separators between them, or ten that have lost their leading zero, count only when the day exists
    and the check digits are right, since days and running numbers are written alike. A UUID or a hash in the id is left
    out: it is random, and one of some hundred has eleven digits in a row.
    """
    if not may_hold_national_number(local_id):
        return local_id
    text = _without_random(local_id)
    return next(_valid_numbers(text), text)


def holds_valid_national_number(local_id: str) -> bool:
    """Whether it holds one with a day that exists and right check digits, however it is written."""
    return may_hold_national_number(local_id) and any(_valid_numbers(_without_random(local_id)))


def may_hold_national_number(text: str) -> bool:
    """Whether `holds_national_number` is worth asking: False for most ids, and for many at once with letters between."""
    if text.isascii():  # thirty times as fast as the pattern
        return _ENOUGH_DIGITS in text.encode().translate(_DIGITS_ALIKE, _NO_LETTERS)
    return _SUSPECT.search(_with_plain_digits(text)) is not None


def plainly_written_column(column: pl.Expr) -> pl.Expr:
    """`plainly_written` of each id; empty stays empty."""
    return column.map_batches(_plainly_written, return_dtype=pl.String)


def national_number_inside(column: pl.Expr) -> pl.Expr:
    """`holds_national_number` for a column; False where it is empty."""
    return plainly_written_column(column).str.contains(NATIONAL_NUMBER_FORM).fill_null(value=False)


def valid_national_number_inside(column: pl.Expr) -> pl.Expr:
    """`holds_valid_national_number` for a column; False where it is empty."""
    return column.map_batches(_valid_inside, return_dtype=pl.Boolean)


def unreadable(column: pl.Expr) -> pl.Expr:
    """Where people cannot read the id, or not tell it from another; empty stays empty.

    It begins or ends with a blank, or has control characters, characters that turn the direction, others without a form
    of their own, or such as Unicode has given to nobody.
    """
    return column.str.contains(_UNREADABLE)


def unreadable_among(local_ids: Iterable[str]) -> frozenset[str]:
    """Those that are `unreadable`."""
    odd = pl.Series([one for one in local_ids if not _PLAINLY_READABLE.fullmatch(one)], dtype=pl.String)
    return frozenset(odd.to_frame("id").filter(unreadable(pl.col("id")))["id"]) if len(odd) else frozenset()


def _without_random(local_id: str) -> str:
    text = _with_plain_digits(local_id)
    return _RANDOM.sub("-", text) if len(text) >= _SHORTEST_RANDOM else text


def _with_plain_digits(text: str) -> str:
    """Every writing of a digit as 0 to 9."""
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^\D0-9]", lambda found: str(unicodedata.decimal(found[0])), normal)


def _valid_numbers(text: str) -> Iterator[str]:
    return (number for number in map(_digits_of, _candidates(text)) if _is_valid(number))


def _candidates(text: str) -> Iterator[str]:
    if text.isdecimal():  # as running numbers are
        yield from [text] if FEWEST_DIGITS <= len(text) <= DIGITS and text[0] in _FIRST_DIGITS[len(text)] else []
        return
    yield from _ELEVEN.findall(text)
    yield from _TEN.findall(text)
    yield from _AS_PEOPLE_WRITE.findall(text)
    yield from (run for run in _DIGITS_AND_BETWEEN.findall(text) if sum(map(str.isdigit, run)) == DIGITS)


def _digits_of(written: str) -> str:
    return re.sub("[^0-9]", "", written).zfill(DIGITS)


def _is_valid(digits: str) -> bool:
    if not _is_day(digits[:4]) or (weighted_sum(digits, WEIGHTS_2) + int(digits[10])) % 11:
        return False  # nearly all end here, at a tenth of the cost
    number = parse_person_number(digits)
    return number.valid and number.kind in {"national", "d", "h"}


@cache  # ten thousand at most
def _is_day(day_and_month: str) -> bool:
    return parse_person_number(f"{day_and_month}0000000").kind in {"national", "d", "h"}


def _plainly_written(ids: pl.Series) -> pl.Series:
    few = _suspects(ids)
    return ids if few.is_empty() else ids.replace(few, [plainly_written(one) for one in few])


def _valid_inside(ids: pl.Series) -> pl.Series:
    found = [one for one in _suspects(ids) if holds_valid_national_number(one)]
    return ids.is_in(found).fill_null(value=False) if found else _NO.new_from_index(0, len(ids))


def _suspects(ids: pl.Series) -> pl.Series:
    """The ids that are worth looking at, each once."""
    # Counted before a pattern is tried: most ids are short.
    long = ids.to_frame("id").filter(pl.col("id").str.len_bytes() >= FEWEST_DIGITS)
    return (long if long.is_empty() else long.filter(_SUSPECT_ID).unique())["id"]
