"""What can be wrong with a change to the access list."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class NoSuchChange(KttError):
    """The audit trail has no change of that number."""

    code, exit_code = "KTT-MOT-07", EXIT_USAGE
    what = Text(nb="Tilgangsendring nr. {number} finnes ikke.", en="There is no access change no. {number}.")
    remedy = Text(nb="Se «ktt mottak access log».", en="See `ktt mottak access log`.")


class NothingToUndo(KttError):
    """Nothing of the change is in force any more."""

    code, exit_code = "KTT-MOT-08", EXIT_USAGE
    what = Text(
        nb="Tilgangsendring nr. {number} er allerede angret eller overskrevet.",
        en="Access change no. {number} has been undone or overwritten already.",
    )
    remedy = Text(nb="Se «ktt mottak access log».", en="See `ktt mottak access log`.")


class NotAnOrganisation(KttError):
    """A number that is no organisation number, or not one for this environment."""

    code, exit_code = "KTT-MOT-09", EXIT_USAGE
    what = Text(
        nb="«{number}» er ikke et organisasjonsnummer som kan brukes her ({reason}).",
        en="“{number}” is not an organisation number that can be used here ({reason}).",
    )
    remedy = Text(
        nb="Slå opp nummeret i Enhetsregisteret. Det har ni sifre, og det siste er et kontrollsiffer.",
        en="Look the number up in the register of legal entities. It has nine digits, the last of them a check digit.",
    )


class NotAMunicipality(KttError):
    """A municipality or district number that does not exist on the day."""

    code, exit_code = "KTT-MOT-10", EXIT_USAGE
    what = Text(
        nb="«{number}» er ikke en kommune eller bydel den {day}.",
        en="“{number}” is no municipality or district on {day}.",
    )
    remedy = Text(
        nb="Skriv ORGNR-KOMMUNENR eller ORGNR-KOMMUNENR-BYDELNR.{hint_nb}",
        en="Write ORGNR-KOMMUNENR or ORGNR-KOMMUNENR-BYDELNR.{hint_en}",
    )


class NotAMessageType(KttError):
    """A message type that this receiver neither takes nor announces."""

    code, exit_code = "KTT-MOT-11", EXIT_USAGE
    what = Text(
        nb="Mottaket kjenner ikke meldingstypen «{message_type}».",
        en="The receiver does not know the message type “{message_type}”.",
    )
    remedy = Text(nb="Velg blant disse: {known}.", en="Choose among these: {known}.")
