"""The shape of a value (which signs are digits and which letters), and the forms of days and times that a shape may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

_LONGEST = 40
_FRACTION = re.compile(r"(?<=:99)[.,]9+")
_ZONE = re.compile(r"(?<=99:99) ?(?:A|[+-]99(?::?99)?)$")

_FORMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "9999-99-99": (("day", "%Y-%m-%d"),),
    "99.99.9999": (("day", "%d.%m.%Y"),),
    "99-99-9999": (("day", "%d-%m-%Y"),),
    "99/99/9999": (("day", "%d/%m/%Y"), ("day", "%m/%d/%Y")),
    "9999/99/99": (("day", "%Y/%m/%d"),),
    "9999.99.99": (("day", "%Y.%m.%d"),),
    "99999999": (("day", "%Y%m%d"), ("day", "%d%m%Y")),
    "99.99.99": (("day", "%d.%m.%y"),),
    "9.9.9999": (("day", "%d.%m.%Y"),),
    "9.99.9999": (("day", "%d.%m.%Y"),),
    "99.9.9999": (("day", "%d.%m.%Y"),),
    "9999-99": (("month", "%Y-%m"),),
    "99.9999": (("month", "%m.%Y"),),
    "99/9999": (("month", "%m/%Y"),),
    "99-9999": (("month", "%m-%Y"),),
    "999999": (("month", "%Y%m"), ("month", "%m%Y")),
    "9999-99-99 99:99:99": (("instant", "%Y-%m-%d %H:%M:%S"),),
    "9999-99-99 99:99": (("instant", "%Y-%m-%d %H:%M"),),
    "9999-99-99A99:99:99": (("instant", "%Y-%m-%dT%H:%M:%S"),),
    "9999-99-99A99:99": (("instant", "%Y-%m-%dT%H:%M"),),
    "99.99.9999 99:99:99": (("instant", "%d.%m.%Y %H:%M:%S"),),
    "99.99.9999 99:99": (("instant", "%d.%m.%Y %H:%M"),),
    "99/99/9999 99:99:99": (("instant", "%d/%m/%Y %H:%M:%S"),),
    "99-99-9999 99:99:99": (("instant", "%d-%m-%Y %H:%M:%S"),),
    "9999/99/99 99:99:99": (("instant", "%Y/%m/%d %H:%M:%S"),),
    "99999999 99:99:99": (("instant", "%Y%m%d %H:%M:%S"),),
    "99999999999999": (("instant", "%Y%m%d%H%M%S"),),
    "999999999999": (("instant", "%Y%m%d%H%M"),),
    "9999999999999": (("instant", "unix_ms"),),
}
"""What values of a shape may be: kind and format. Fractions of a second and a zone are taken off the shape first."""


def shape_of(text: pl.Expr) -> pl.Expr:
    """Digits as 9, each run of letters as one A: it says how a value is written, and not what."""
    return (
        text.str.slice(0, _LONGEST)
        .str.replace_all(r"\p{L}+", "A")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^ -~]", "?")
    )


def forms_of(shape: str) -> tuple[tuple[str, str], ...]:
    """The kinds and formats that values of the shape may be in."""
    return _FORMS.get(_ZONE.sub("", _FRACTION.sub("", shape)), ())


def has_zone(shape: str) -> bool:
    """Whether a time of that shape says its own offset from UTC."""
    return bool(_ZONE.search(_FRACTION.sub("", shape)))
