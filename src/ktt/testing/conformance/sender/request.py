"""What a case can ask of a sender. How it is fulfilled is the sender's own affair (docs/adr/0011)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ktt.core.text import Text


class Kind(enum.StrEnum):
    """The wishes; their values are what `--prepare` is told."""

    NEW = "new"
    MONTHS = "months"
    CHANGE = "change"
    DELETE = "delete"
    LETTERS = "letters"
    LARGE = "large"
    MEND = "mend"


_SAYS = {
    Kind.NEW: Text(
        "Ha {count} nye meldinger å sende (hver med minst to opplysninger).",
        "Have {count} new messages to send (each with at least two records).",
    ),
    Kind.MONTHS: Text(
        "Ha {count} måneder historikk å sende, én melding eller flere for hver måned.",
        "Have {count} months of history to send, one message or more for each month.",
    ),
    Kind.CHANGE: Text(
        "Rett en opplysning som er levert (sett en sluttdato).", "Correct a record that is delivered (set an end day)."
    ),
    Kind.DELETE: Text("Slett en opplysning som er levert.", "Delete a record that is delivered."),
    Kind.LETTERS: Text(
        "Ha en melding med æ, ø, å og samiske bokstaver å sende.",
        "Have a message with æ, ø, å and Sámi letters to send.",
    ),
    Kind.LARGE: Text(
        "Ha mer enn 12 MB nytt å sende på én gang.", "Have more than 12 MB of new content to send at once."
    ),
    Kind.MEND: Text(
        "Rett det som ble avvist, og gjør meldingen klar på nytt.",
        "Correct what was rejected, and make the message ready anew.",
    ),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. `count` is how many messages or months."""

    kind: Kind
    count: int = 1

    def says(self) -> Text:
        """The wish in words."""
        return _SAYS[self.kind].format(count=self.count)
