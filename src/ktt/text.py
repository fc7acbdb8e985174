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

    def format(self, **facts: object) -> Text:
        """The same sentence with its placeholders filled. Facts are ids and counts, never people."""
        return Text(nb=self.nb.format(**facts), en=self.en.format(**facts))
