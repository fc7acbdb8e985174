"""What a scenario can ask a sender to have ready. How the sender is brought there is its driver's task (docs/adr/0011)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ktt.core.text import Text

LETTERS = "æøåÆØÅčđŋšŧž"
"""The letters that the message of `PreparationKind.LETTERS` contains."""


class PreparationKind(enum.StrEnum):
    """The kinds of preparation; their values are what `--prepare` is given as `{wish}`."""

    NEW = "new"
    MONTHS = "months"
    CHANGE = "change"
    DELETE = "delete"
    LETTERS = "letters"
    LARGE = "large"
    MEND = "mend"


_DESCRIPTIONS = {
    PreparationKind.NEW: Text(
        "Ha {count} nye meldinger å sende (hver med minst to opplysninger).",
        "Have {count} new messages to send (each with at least two records).",
    ),
    PreparationKind.MONTHS: Text(
        "Ha {count} måneder historikk å sende, én melding eller flere for hver måned.",
        "Have {count} months of history to send, one message or more for each month.",
    ),
    PreparationKind.CHANGE: Text(
        "Rett en opplysning som er levert (sett en sluttdato).", "Correct a record that is delivered (set an end day)."
    ),
    PreparationKind.DELETE: Text("Slett en opplysning som er levert.", "Delete a record that is delivered."),
    PreparationKind.LETTERS: Text(
        "Ha en melding med æ, ø, å og samiske bokstaver å sende.",
        "Have a message with æ, ø, å and Sámi letters to send.",
    ),
    PreparationKind.LARGE: Text(
        "Ha mer enn 12 MB nytt å sende på én gang.", "Have more than 12 MB of new content to send at once."
    ),
    PreparationKind.MEND: Text(
        "Rett det som ble avvist, og gjør meldingen klar på nytt.",
        "Correct what was rejected, and make the message ready anew.",
    ),
}


@dataclass(frozen=True, slots=True)
class Preparation:
    """One thing that a sender is to have ready. `count` is how many messages or months."""

    kind: PreparationKind
    count: int = 1

    @property
    def messages(self) -> int:
        """How many messages at least are to be sent because of it. A mended message was counted when it was new."""
        return 0 if self.kind is PreparationKind.MEND else self.count

    def describe(self) -> Text:
        """The preparation in words."""
        return _DESCRIPTIONS[self.kind].format(count=self.count)
