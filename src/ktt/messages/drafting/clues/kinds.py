"""What kind of value a schema takes at a place, found by trying values of each kind on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from ktt.messages.drafting.clues.outline import Leaf

_TEXTS: Mapping[str, tuple[str, str | None]] = {
    "2024-05-17": ("day", None),
    "17.05.2024": ("day", "%d.%m.%Y"),
    "20240517": ("day", "%Y%m%d"),
    "17-05-2024": ("day", "%d-%m-%Y"),
    "17/05/2024": ("day", "%d/%m/%Y"),
    "2024/05/17": ("day", "%Y/%m/%d"),
    "2024-05-17T10:11:12Z": ("instant", "utc"),
    "2024-05-17T10:11:12+02:00": ("instant", None),
    "2024-05-17T10:11:12": ("instant", "%Y-%m-%dT%H:%M:%S"),
    "2024-05-17 10:11:12": ("instant", "%Y-%m-%d %H:%M:%S"),
    "17.05.2024 10:11:12": ("instant", "%d.%m.%Y %H:%M:%S"),
    "20240517101112": ("instant", "%Y%m%d%H%M%S"),
    "17.05.2024 10:11": ("instant", "%d.%m.%Y %H:%M"),
    "2024-05": ("month", None),
    "05.2024": ("month", "%m.%Y"),
    "202405": ("month", "%Y%m"),
    "05/2024": ("month", "%m/%Y"),
    "05-2024": ("month", "%m-%Y"),
}
_NUMBERS = {
    "17858012345": "pnr",
    "201612345678": "duf",
    "987654321": "org",
    "0301": "mun",
    "007": "three",
    "05": "two",
    "7": "one",
}
_SIZES = {
    "pnr": (17858012345, 57858012345),
    "duf": (201612345678,),
    "org": (987654321,),
    "mun": (3401,),
    "two": (12,),
    "one": (7,),
}
_FREE = ("Xyz", "abc", "Kari")
_HINTS = (
    (re.compile(r"dd?\.mm\.(yyyy|åååå)", re.IGNORECASE), "day", "%d.%m.%Y"),
    (re.compile(r"(yyyy|åååå)mmdd", re.IGNORECASE), "day", "%Y%m%d"),
    (re.compile(r"(yyyy|åååå)-mm-dd(?!t| )", re.IGNORECASE), "day", None),
    (re.compile(r"dd/mm/(yyyy|åååå)", re.IGNORECASE), "day", "%d/%m/%Y"),
    (re.compile(r"\bmm\.(yyyy|åååå)", re.IGNORECASE), "month", "%m.%Y"),
    (re.compile(r"(yyyy|åååå)-mm\b(?!-)", re.IGNORECASE), "month", None),
    (re.compile(r"(yyyy|åååå)mm\b", re.IGNORECASE), "month", "%Y%m"),
)


@dataclass(frozen=True)
class Taker:
    """A place that takes some values."""

    leaf: Leaf

    @cached_property
    def _judges(self) -> list[Any]:
        judges = []
        for one in self.leaf.schemas:
            known = {word: held for word, held in one.items() if word not in {"$id", "$anchor"}}
            judges.append(jsonschema_rs.validator_for(known, validate_formats=True))
        return judges

    def takes(self, value: Any) -> bool:
        """Whether a value may stand there."""
        try:
            return all(judge.is_valid(value) for judge in self._judges)
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is day, instant, month, boolean, codes, number, integer, text, empty or one of digits (`pnr`, `org` …).

    `form` is how a day, month or instant is written, None for the usual way. `hinted` when only words say so.
    """

    name: str
    form: str | None = None
    takes_empty: bool = False
    hinted: bool = False
    decimal: str | None = None
    digits: frozenset[str] = frozenset()


def kind_of(leaf: Leaf) -> Kind:
    """The kind of values that a place takes."""
    taker = Taker(leaf)
    empty = taker.takes("")
    if leaf.types and "boolean" in leaf.types:
        return Kind("boolean")
    if leaf.values:
        return Kind("codes", takes_empty=empty)
    if any(map(taker.takes, _FREE)):
        return _hinted(leaf, Kind("text"))
    if "string" in leaf.types or not leaf.types:
        return _of_texts(leaf, taker, takes_empty=empty)
    return _of_numbers(leaf, taker)


def _of_texts(leaf: Leaf, taker: Taker, *, takes_empty: bool) -> Kind:
    digits = frozenset(kind for text, kind in _NUMBERS.items() if taker.takes(text))
    for text, mark in (("7,5", ","), ("7,50", ","), ("7.5", "."), ("7.50", ".")):
        if taker.takes(text):
            return Kind("number", decimal=mark, takes_empty=takes_empty, digits=digits)
    found = [held for text, held in _TEXTS.items() if taker.takes(text)]
    if (digits and len({name for name, _form in found}) != 1) or (digits and len(digits) > 2):  # noqa: PLR2004
        return _hinted(leaf, Kind("digits", takes_empty=takes_empty, digits=digits))
    if found:
        return _text_form(found, taker, takes_empty=takes_empty)
    return Kind("digits" if digits else "text", takes_empty=takes_empty, digits=digits)


def _text_form(found: list[tuple[str, str | None]], taker: Taker, *, takes_empty: bool) -> Kind:
    name, form = found[0]
    if name == "instant" and (None in [given for _name, given in found]):
        form = None
    if name == "instant" and form and form.startswith("%") and taker.takes(_with_fraction(form)):
        form += "%.f"
    return Kind(name, form, takes_empty=takes_empty)


def _with_fraction(form: str) -> str:
    text = next(text for text, (_name, given) in _TEXTS.items() if given == form)
    return f"{text}.123"


def _of_numbers(leaf: Leaf, taker: Taker) -> Kind:
    if taker.takes(7.5):
        return Kind("number")
    if taker.takes(20240517) and not taker.takes(7):
        return Kind("day", "%Y%m%d")
    if taker.takes(202405) and not taker.takes(7) and not taker.takes(20240517):
        return Kind("month", "%Y%m")
    digits = frozenset(kind for kind, values in _SIZES.items() if any(map(taker.takes, values)))
    return _hinted(leaf, Kind("integer", digits=digits))


def _hinted(leaf: Leaf, kind: Kind) -> Kind:
    """The kind that the description or an example tells where the schema itself takes anything."""
    examples = [str(value) for one in leaf.schemas for value in one.get("examples", ()) or ()]
    for text in examples:
        for sample, (name, form) in _TEXTS.items():
            if re.sub("[0-9]", "0", sample) == re.sub("[0-9]", "0", text):
                return Kind(name, form, hinted=True, takes_empty=kind.takes_empty)
    for pattern, name, form in _HINTS:
        if pattern.search(leaf.text):
            return Kind(name, form, hinted=True, takes_empty=kind.takes_empty)
    return kind
