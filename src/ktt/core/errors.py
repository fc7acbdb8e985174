"""The root of the one error tree: every known fault has a code, a sentence, a remedy and an exit code.

Each package defines its errors in an `errors.py` of its own, as subclasses of `KttError`. A test visits the whole tree
and demands unique codes, both languages, a remedy, and that every placeholder is a fact the constructor was given.
"""

from __future__ import annotations

from typing import ClassVar

from ktt.core.text import Text


class KttError(Exception):
    """A fault that explains itself. Facts are ids, counts, paths and code names, never people.

    Subclasses set `code` (stable, never reused), `exit_code`, `what` and `remedy`.

    >>> raise QueueHeld(unit="312000008", sequence=7)
    """

    code: ClassVar[str] = "KTT-000"
    exit_code: ClassVar[int] = 1
    what: ClassVar[Text] = Text(nb="Noe gikk galt.", en="Something went wrong.")
    remedy: ClassVar[Text] = Text(nb="Meld feilen med koden.", en="Report the fault with its code.")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(f"{self.code}: {self.says().en}")

    def says(self) -> Text:
        """What happened, with the facts filled in."""
        return self.what.format(**self.facts)

    def advises(self) -> Text:
        """What to do about it, with the facts filled in."""
        return self.remedy.format(**self.facts)


# Exit codes by class, for scripts (0 is done, 1 an unknown fault, 2 wrong use of a command).
EXIT_USAGE = 2  # wrong arguments or settings
EXIT_HELD_BACK = 3  # done, but some records were not sent or not deleted, and are shown
EXIT_NOT_MET = 4  # what was to be shown did not hold
EXIT_QUESTION = 5  # something is odd, and a person must answer before anything is sent
EXIT_SOURCE = 10  # the record system could not be read, or not wholly
EXIT_MAPPING = 11  # the mapping file is wrong
EXIT_CONTENT = 12  # data that cannot be sent
EXIT_QUEUE = 13  # a queue is held
EXIT_NETWORK = 14  # no answer, or a temporary fault, from the other end
EXIT_ACCESS = 15  # refused: keys, tokens, permissions
EXIT_STORE = 16  # a database or file of ours cannot be used
EXIT_APART = 17  # the store and the registry do not belong together
