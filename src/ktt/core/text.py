"""Text for people: bokmål first, English beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["nb", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; `{names}` in it are filled by `format`."""

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

        A fact that is itself a text is filled in with its own words in each language.
        """
        nb = {name: fact.nb if isinstance(fact, Text) else fact for name, fact in facts.items()}
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return Text(nb=self.nb.format(**nb), en=self.en.format(**en))


def counted(number: int, one: Text, many: Text) -> Text:
    """A count with its noun: `one` for exactly one, else `many`, both with `{n}` for the number."""
    return (one if number == 1 else many).format(n=number)
