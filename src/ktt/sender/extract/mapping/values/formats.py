"""Formats of days, instants and months, as a mapping writes them (Python's notation) and as Polars reads them."""

from __future__ import annotations

import re

from ktt.core.text import Text

_DIRECTIVES = frozenset("dmYyHMSfz%")
_DAY, _INSTANT, _MONTH = frozenset("dmY"), frozenset("dmYHM"), frozenset("mY")
_NEEDED = {"day": _DAY, "instant": _INSTANT, "month": _MONTH}
_CLOCK = frozenset("HMSfz")
_CLOCK_ENDS = ("%H", "%M", "%S", "%.f")

DEFAULTS = {"day": "%Y-%m-%d", "instant": "%Y-%m-%d %H:%M:%S", "month": "%Y-%m"}
"""ISO, where a mapping names only a column."""


UNIX = {"unix_s": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
"""Instants as a number since 1970 in UTC, and how many microseconds one is."""


class FormatRefused(ValueError):
    """The format cannot be used; `reason` is why."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


def polars_format(kind: str, written: str) -> str:
    """The format in Polars' notation. FormatRefused when it is not clear which day (instant, month) it means."""
    if written in UNIX and kind != "month":
        return written
    used = re.findall(r"%(.?)", written)
    if unknown := [d for d in used if d not in _DIRECTIVES]:
        raise FormatRefused(Text(nb=f"«%{unknown[0]}» er ikke kjent", en=f"`%{unknown[0]}` is not known"))
    if twice := [d for d in used if d != "%" and used.count(d) > 1]:
        raise FormatRefused(Text(nb=f"«%{twice[0]}» står to ganger", en=f"`%{twice[0]}` stands twice"))
    if lacking := sorted(_NEEDED[kind] - {"Y" if sign == "y" else sign for sign in used}):
        raise FormatRefused(Text(nb=f"«%{lacking[0]}» mangler", en=f"`%{lacking[0]}` is missing"))
    if {"y", "Y"} <= set(used):
        raise FormatRefused(Text(nb="både «%y» og «%Y» står der", en="both `%y` and `%Y` are there"))
    if kind == "month" and _CLOCK & set(used) and not _INSTANT - {"Y"} <= set(used):
        raise FormatRefused(Text(nb="en måned har ikke klokkeslett", en="a month has no time of day"))
    if "f" in used and ".%f" not in written:
        raise FormatRefused(Text(nb="«%f» må stå etter et punktum", en="`%f` must follow a point"))
    return written.replace(".%f", "%.f")  # chrono's %f is nanoseconds; Python's is the decimals of a second


def python_format(polars_notation: str) -> str:
    """The format as the mapping writes it."""
    return polars_notation.replace("%.f", ".%f")


def ends_with_clock(polars_notation: str) -> bool:
    """Whether the text ends with a time of day, so that what follows it can only be an offset from UTC."""
    return "%H" in polars_notation and polars_notation.endswith(_CLOCK_ENDS)


def has_clock(polars_notation: str) -> bool:
    """Whether a time of day is read along with the day."""
    return polars_notation in UNIX or ("%H" in polars_notation and "%M" in polars_notation)
