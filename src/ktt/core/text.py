"""Text for people: bokmål first, English beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Language = Literal["nb", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `{names}` in it are filled by `format`.

    `{count:melding|meldinger}` is a count with its noun: the first form for one, the second for any other number.
    """

    nb: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in one language."""
        return self.nb if language == "nb" else self.en

    def both(self) -> dict[str, str]:
        """The sentence in both languages, as it stands in JSON: `{"nb": …, "en": …}`."""
        return {"nb": self.nb, "en": self.en}

    def format(self, **facts: object) -> Text:
        """The same sentence with its placeholders filled. Facts are ids and counts, never people.

        A fact that is itself a text is filled in with its own words in each language, and a float with the decimal mark
        of each.
        """
        counts = {name: _Count(fact) for name, fact in facts.items() if type(fact) is int}
        marks = {name: _Comma(fact) for name, fact in facts.items() if type(fact) is float}
        nb = {name: fact.nb if isinstance(fact, Text) else fact for name, fact in facts.items()} | counts | marks
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()} | counts
        return Text(nb=self.nb.format(**nb), en=self.en.format(**en))


class _Count(int):
    """A number that can be written with its noun."""

    def __format__(self, form: str) -> str:
        one, mark, many = form.partition("|")
        return f"{int(self)} {one if self == 1 else many}" if mark else format(int(self), form)


class _Comma(float):
    """A number with decimals as it is written in Norway."""

    def __format__(self, form: str) -> str:
        return format(float(self), form).replace(".", ",")


_UNITS = {
    dt.timedelta(days=1): Text(nb="{n} døgn", en="{n} days"),
    dt.timedelta(hours=1): Text(nb="{n} timer", en="{n} hours"),
    dt.timedelta(minutes=1): Text(nb="{n} minutter", en="{n} minutes"),
}
_SECONDS = Text(nb="{n:sekund|sekunder}", en="{n:second|seconds}")
_NEAR = 0.02


def duration(span: dt.timedelta) -> Text:
    """A span of time in the largest unit of which it is, within two per cent, two or more: 26 hours are 26 hours."""
    for unit, words in _UNITS.items():
        number = round(span / unit)
        if number > 1 and abs(span - number * unit) <= _NEAR * span:
            return words.format(n=number)
    return _SECONDS.format(n=round(span.total_seconds()))


def rough_duration(span: dt.timedelta) -> Text:
    """A span that is only estimated, rounded to the largest unit of which it is two or more: 554 seconds are 9 minutes."""
    for unit, words in _UNITS.items():
        if span >= 2 * unit:
            return words.format(n=round(span / unit))
    return _SECONDS.format(n=round(span.total_seconds()))
