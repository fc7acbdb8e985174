"""What can keep a receiver from being set up or served."""

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
        nb="Et mottak i miljøet «{environment}» må vite hvilken adresse det har utenfra.",
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
        nb="Databasen «{database}» er ikke klargjort for denne versjonen ({role}: {found}, krever {wanted}).",
        en="The database “{database}” is not prepared for this version ({role}: {found}, needs {wanted}).",
    )
    remedy = Text(
        nb="Ta en sikkerhetskopi, og kjør «ktt mottak migrate».", en="Take a backup, then run `ktt mottak migrate`."
    )


class NoKeys(KttError):
    """The key folder is empty or gone: perhaps a disk that is not mounted."""

    code, exit_code = "KTT-MOT-04", EXIT_STORE
    what = Text(nb="«{folder}» inneholder ingen mottaksnøkler.", en="There are no receiver keys in “{folder}”.")
    remedy = Text(
        nb="Kontroller at disken er montert, eller legg nøklene tilbake. Er de tapt, lag en ny med «ktt mottak keys rotate».",
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


class OverlapTooLong(KttError):
    """A new key would expire before the ones it takes over for."""

    code, exit_code = "KTT-MOT-12", EXIT_USAGE
    what = Text(
        nb="En nøkkel som varer i {days:dag|dager}, kan ikke overlappe de gamle i {overlap:dag|dager}.",
        en="A key that lasts for {days:day|days} cannot overlap the old ones for {overlap:day|days}.",
    )
    remedy = Text(
        nb="Velg en kortere overlapping, eller la nøkkelen vare lenger.",
        en="Choose a shorter overlap, or let the key last longer.",
    )
