"""Values of JSON as regular expressions (RE2 syntax, UTF-8): numbers in a range, days that exist, texts of a length.

Each matches what a writer of JSON writes and nothing that JSON Schema would refuse. It need not match every spelling:
1.0 for 1, or a text with an escape, is left to the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SPACE = r"[ \t\r\n]*"
"""What may stand between two tokens."""

_DIGIT, _HEXADECIMAL = "[0-9]", "[0-9A-Fa-f]"
_LEAP = "(?:04|08|[2468][048]|[13579][26])"  # of a century's years
_LEAP_CENTURY = "(?:[2468][048]|[13579][26])"
_LONG, _SHORT = "(?:0[13578]|1[02])", "(?:0[469]|11)"
_YEAR = f"[1-9]{_DIGIT}{{3}}"
_DATE = (
    f"(?:{_YEAR}-(?:{_LONG}-(?:0[1-9]|[12]{_DIGIT}|3[01])|{_SHORT}-(?:0[1-9]|[12]{_DIGIT}|30)|02-(?:0[1-9]|1{_DIGIT}|2[0-8]))"
    f"|(?:[1-9]{_DIGIT}{_LEAP}|{_LEAP_CENTURY}00)-02-29)"
)
_HOUR, _SIXTY = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"

DAY = f'"{_DATE}"'
"""A day of the calendar, from the year 1000 on."""
INSTANT = (
    f'"{_DATE}T{_HOUR}:{_SIXTY}:{_SIXTY}(?:[.]{_DIGIT}{{1,9}})?'
    rf'(?:Z|(?:[+]|\\u002[bB]|-){_HOUR}:{_SIXTY})"'  # .NET's own writer escapes the plus
)
"""An instant with its offset; no leap second."""
UUID = f'"{_HEXADECIMAL}{{8}}-(?:{_HEXADECIMAL}{{4}}-){{3}}{_HEXADECIMAL}{{12}}"'
"""A UUID with its hyphens."""


def either(texts: Iterable[str]) -> str:
    """One of these."""
    alternatives = list(texts)
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"


def repeated(language: str, least: int, most: int | None) -> str:
    """So many of these, which must be one character or a group; without an end when `most` is None."""
    if most is None:
        return language + {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    if least == most:
        return language if most == 1 else f"{language}{{{most}}}"
    return language + ("?" if (least, most) == (0, 1) else f"{{{least},{most}}}")


def digits(count: int, spans: Iterable[range]) -> str:
    """A string of so many digits: a number of one of these ranges, filled up with zeros."""
    return f'"{either(_between(f"{span[0]:0{count}}", f"{span[-1]:0{count}}") for span in spans)}"'


def whole(*spans: range) -> str:
    """A whole number of one of these ranges, none below 0, without leading zeros."""
    return either(_between(str(low), str(high)) for span in spans for low, high in _by_length(span))


def _by_length(span: range) -> Iterator[tuple[int, int]]:
    low = span[0]
    while low <= span[-1]:
        high = min(span[-1], 10 ** len(str(low)) - 1)
        yield low, high
        low = high + 1


def hundredths(least: int, most: int) -> str:
    """A number with at most two decimals, 0 ≤ least ≤ 100 × number ≤ most."""
    (first, above), (last, below) = divmod(least, 100), divmod(most, 100)
    if first == last:
        return f"{first}{_decimals(above, below)}"
    inner = [f"{whole(range(first + 1, last))}{_decimals(0, 99)}"] if first + 1 < last else []
    return either([f"{first}{_decimals(above, 99)}", *inner, f"{last}{_decimals(0, below)}"])


def _decimals(least: int, most: int) -> str:
    """What may follow a whole part so that the hundredths are in the range."""
    ways = [""] if least == 0 else []
    tenths = -(-least // 10), most // 10
    if tenths[0] <= tenths[1]:
        ways.append(f"[.]{_between(str(tenths[0]), str(tenths[1]))}")
    ways.append(f"[.]{_between(f'{least:02}', f'{most:02}')}")
    return either(ways)


def _between(low: str, high: str) -> str:
    """The digits from `low` to `high`, which are equally long."""
    return either(_spans(low, high))


def _spans(low: str, high: str) -> Iterator[str]:
    if low == high:
        yield low
    elif set(low) == {"0"} and set(high) == {"9"}:
        yield _DIGIT + (f"{{{len(low)}}}" if len(low) > 1 else "")
    elif len(low) == 1:
        yield f"[{low}-{high}]"
    elif low[0] == high[0]:
        yield low[0] + _between(low[1:], high[1:])
    else:
        rest = len(low) - 1
        first, last = int(low[0]), int(high[0])
        if set(low[1:]) != {"0"}:
            yield low[0] + _between(low[1:], "9" * rest)
            first += 1
        if set(high[1:]) != {"9"}:
            last -= 1
        if first <= last:
            yield f"[{first}-{last}]{_DIGIT}{{{rest}}}"
        if set(high[1:]) != {"9"}:
            yield high[0] + _between("0" * rest, high[1:])
