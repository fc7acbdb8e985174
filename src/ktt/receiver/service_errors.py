"""What can keep a receiver from being set up or served, and what can be wrong with a change to its access list."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class AlreadySetUp(KttError):
    """The folder holds a receiver already."""

    code, exit_code = "KTT-MOT-01", EXIT_USAGE
    what = Text(nb="«{path}» finnes allerede.", en="“{path}” is there already.")
    remedy = Text(
        nb="Ingenting er endret. Bruk det som er der, eller velg en annen mappe.",
        en="Nothing was changed. Use what is there, or choose another folder.",
    )


class AddressNeeded(KttError):
    """Outside the sandbox nobody can guess what the receiver is called."""

    code, exit_code = "KTT-MOT-02", EXIT_USAGE
    what = Text(
        nb="Et mottak i miljøet «{environment}» må vite adressen sin utenfra.",
        en="A receiver in the environment “{environment}” must know its address as seen from outside.",
    )
    remedy = Text(
        nb="Oppgi den med «--base-url https://…»; avsendernes bevis gjelder nøyaktig den adressen.",
        en="Give it with `--base-url https://…`; the senders' proofs hold for exactly that address.",
    )


class NotMigrated(KttError):
    """The database is there, but its tables are not those of this version."""

    code, exit_code = "KTT-MOT-03", EXIT_STORE
    what = Text(
        nb="Databasen «{database}» er ikke klargjort for denne utgaven ({role}: {found}, trenger {wanted}).",
        en="The database “{database}” is not prepared for this version ({role}: {found}, needs {wanted}).",
    )
    remedy = Text(
        nb="Ta en sikkerhetskopi, og kjør «ktt mottak migrate».", en="Take a backup, then run `ktt mottak migrate`."
    )


class NoKeys(KttError):
    """The key folder is empty or gone: perhaps a disk that is not mounted."""

    code, exit_code = "KTT-MOT-04", EXIT_STORE
    what = Text(nb="Det er ingen mottaksnøkler i «{folder}».", en="There are no receiver keys in “{folder}”.")
    remedy = Text(
        nb="Se at disken er montert, eller legg nøklene tilbake. Er de tapt, lag en ny med «ktt mottak keys rotate».",
        en="Check that the disk is mounted, or put the keys back. If they are lost, make one with `ktt mottak keys rotate`.",
    )


class ListenAddressBusy(KttError):
    """The listening address cannot be taken."""

    code, exit_code = "KTT-MOT-05", EXIT_USAGE
    what = Text(nb="Kan ikke lytte på {host}:{port} ({reason}).", en="Cannot listen on {host}:{port} ({reason}).")
    remedy = Text(
        nb="Stopp programmet som bruker porten, eller endre [listen] i innstillingene.",
        en="Stop the program that uses the port, or change [listen] in the settings.",
    )


class WorkerDidNotStart(KttError):
    """A process of the receiver ended before it was ready, at the first start."""

    code, exit_code = "KTT-MOT-06", EXIT_STORE
    what = Text(
        nb="Prosessen «{name}» kom ikke i gang ({ending}).", en="The process “{name}” did not start ({ending})."
    )
    remedy = Text(
        nb="Feilen står over denne linjen, eller i tjenestens logg.",
        en="The fault stands above this line, or in the service's log.",
    )


class NoSuchChange(KttError):
    """The audit trail has no change of that number."""

    code, exit_code = "KTT-MOT-07", EXIT_USAGE
    what = Text(nb="Det er ingen tilgangsendring nr. {number}.", en="There is no access change no. {number}.")
    remedy = Text(nb="Se «ktt mottak access log».", en="See `ktt mottak access log`.")


class NothingToUndo(KttError):
    """Nothing that the change did stands any more."""

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


class OverlapTooLong(KttError):
    """A new key would expire before the ones it takes over for."""

    code, exit_code = "KTT-MOT-12", EXIT_USAGE
    what = Text(
        nb="En nøkkel som varer i {days} dager, kan ikke overlappe de gamle i {overlap}.",
        en="A key that lasts for {days} days cannot overlap the old ones for {overlap}.",
    )
    remedy = Text(
        nb="Velg en kortere overlapping, eller la nøkkelen vare lenger.",
        en="Choose a shorter overlap, or let the key last longer.",
    )
