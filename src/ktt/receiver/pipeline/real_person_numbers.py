"""Whether a text could hold a real person's number, wherever in it and whatever the text otherwise is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from ktt.domain.identifiers import NEW_RULE, number_is_synthetic, parse_person_number
from ktt.messages import strict_json

_DIGITS = re.compile(rb"\d{10,}|\d{6}[ .\xa0-]{1,2}\d{5}")
_LENGTH = 11
_MOST_SUSPECTS = 50_000  # one of 40 bytes; a body with more of them is not searched to its end but refused
_MOST_RUN = 1_000  # digits; each place in a run may begin a number, so a longer one is not searched but refused
_LONG_RUN = re.compile(rb"\d{%d}" % _MOST_RUN)


def contains_real_person_number(content: bytes) -> bool:
    """Whether any run of digits is, or holds, the number of a person who may be real.

    A text that is not JSON is searched all the same. Eleven digits by themselves need only a possible day: a real number
    mistyped by one digit still tells who is meant. Ten (a leading zero was lost) and those inside a longer run must
    have right check digits as well, or every long serial number would be suspect.
    """
    if _LONG_RUN.search(content):
        return True
    suspects = (one for text in _readings(content) for one in _numbers(text) if _may_be_real(one[0]))
    for looked_at, (number, alone) in enumerate(suspects):
        if looked_at >= _MOST_SUSPECTS or _real(number, alone=alone):
            return True
    return False


def _readings(content: bytes) -> Iterator[bytes]:
    """The text as it is written and, where escapes could hide digits, as a JSON parser reads it."""
    yield content
    if b"\\u" in content:
        yield _unescaped(content)


def _unescaped(content: bytes) -> bytes:
    if not strict_json.is_too_dense(content):
        try:
            return orjson.dumps(orjson.loads(content))
        except (ValueError, TypeError):  # no JSON, or too deep to be written again
            pass
    return re.sub(rb"\\u003([0-9])", rb"\1", content)


def _numbers(text: bytes) -> Iterator[tuple[str, bool]]:
    """What may be a number, and whether it is by itself and not part of a longer run."""
    for found in _DIGITS.finditer(text):
        digits = re.sub(rb"\D", b"", found[0]).decode("ascii")
        if len(digits) < _LENGTH:
            yield digits, False
        for at in range(len(digits) - _LENGTH + 1):
            yield digits[at : at + _LENGTH], len(digits) == _LENGTH


def _may_be_real(digits: str) -> bool:
    return number_is_synthetic(digits.zfill(_LENGTH)) is False


def _real(digits: str, *, alone: bool) -> bool:
    number = parse_person_number(digits, NEW_RULE)
    return number.synthetic is False and (number.valid or alone)
