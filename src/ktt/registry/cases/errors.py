"""What can be wrong when a case is worked on."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text

_LIST = Text(nb="Se sakene med «ktt registry cases --closed».", en="See the cases with `ktt registry cases --closed`.")


class CaseUnknown(KttError):
    """There is no case with that number."""

    code, exit_code = "KTT-CASE-01", EXIT_USAGE
    what = Text(nb="Sak {number} finnes ikke.", en="There is no case {number}.")
    remedy = _LIST


class CaseIsClosed(KttError):
    """A case that is closed can only be reopened or noted on."""

    code, exit_code = "KTT-CASE-02", EXIT_USAGE
    what = Text(nb="Sak {number} er lukket.", en="Case {number} is closed.")
    remedy = Text(
        nb="Gjenåpne den først: «ktt registry cases reopen {number} --reason …».",
        en="Reopen it first: `ktt registry cases reopen {number} --reason …`.",
    )


class CaseIsOpen(KttError):
    """Somebody wants to reopen a case, and it or another of the same unit and cause is open."""

    code, exit_code = "KTT-CASE-03", EXIT_USAGE
    what = Text(
        nb="Sak {open} er allerede åpen for samme enhet og årsak.",
        en="Case {open} is open already for the same unit and cause.",
    )
    remedy = Text(nb="Arbeid videre i den.", en="Go on with that one.")


class CaseUnexplained(KttError):
    """What is done with a case is kept, so it must say who and what or why."""

    code, exit_code = "KTT-CASE-04", EXIT_USAGE
    what = Text(
        nb="Det som gjøres med en sak, krever både hvem som gjør det, og hva eller hvorfor.",
        en="What is done with a case is written down only when it is stated who does it, and what or why.",
    )
    remedy = Text(nb="Skriv noe der det er tomt.", en="Write something where it is empty.")


class LetterMissing(KttError):
    """The package lacks the template of a letter."""

    code, exit_code = "KTT-CASE-05", EXIT_STORE
    what = Text(
        nb="Brevmalen «{file}» mangler i installasjonen.", en="The letter's template “{file}” is not installed."
    )
    remedy = Text(nb="Installer ktt på nytt.", en="Install ktt again.")
