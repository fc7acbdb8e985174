"""What can be wrong with a database or a key file of ours."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class DatabaseUnavailable(KttError):
    """The database did not answer, or cannot be opened."""

    code, exit_code = "KTT-STO-01", EXIT_STORE
    what = Text(
        nb="Databasen «{database}» kan ikke åpnes ({reason}).",
        en="The database “{database}” cannot be opened ({reason}).",
    )
    remedy = Text(
        nb="Kontroller at adressen stemmer, at tjenesten kjører, og at brukeren har tilgang.",
        en="Check that the address is right, that the server runs, and that the user has access.",
    )


class DatabaseNewer(KttError):
    """The database was written by a newer version of this program."""

    code, exit_code = "KTT-STO-02", EXIT_STORE
    what = Text(
        nb="Databasen «{database}» er laget av en nyere versjon av ktt (skjema {found}).",
        en="The database “{database}” was made by a newer ktt (schema {found}).",
    )
    remedy = Text(nb="Oppgrader ktt og prøv igjen.", en="Upgrade ktt and try again.")


class KeyFileUnreadable(KttError):
    """A key file is missing, unreadable or not a key."""

    code, exit_code = "KTT-STO-03", EXIT_STORE
    what = Text(
        nb="Nøkkelfilen «{path}» kan ikke brukes: {reason}.", en="The key file “{path}” cannot be used: {reason}."
    )
    remedy = Text(
        nb="Legg tilbake riktig fil fra sikkerhetskopi. En ny nøkkel kan ikke åpne det som er lagret med den gamle.",
        en="Put the right file back from backup. A new key cannot open what was stored under the old one.",
    )


class KeyFileTooOpen(KttError):
    """A key file may be read by others than its owner."""

    code, exit_code = "KTT-STO-04", EXIT_STORE
    what = Text(
        nb="Nøkkelfilen «{path}» kan leses av andre enn eieren (rettigheter {mode}).",
        en="The key file “{path}” can be read by others than its owner (mode {mode}).",
    )
    remedy = Text(nb="Kjør «chmod 600 {path}».", en="Run `chmod 600 {path}`.")


class SealBroken(KttError):
    """Something stored encrypted does not open with this key: wrong key, or altered bytes."""

    code, exit_code = "KTT-STO-05", EXIT_STORE
    what = Text(
        nb="Lagret innhold ({context}) kan ikke åpnes med nøkkelen.",
        en="Stored content ({context}) does not open with the key.",
    )
    remedy = Text(
        nb="Bruk nøkkelfilen som hører til databasen. Er nøkkelfilen riktig, er innholdet endret: gjenopprett fra sikkerhetskopi.",
        en="Use the key file that belongs to the database. If it is the right one, the content was altered: restore from backup.",
    )


class AddressWrong(KttError):
    """A database address that is none, or of a kind of database we do not keep anything in."""

    code, exit_code = "KTT-STO-06", EXIT_USAGE
    what = Text(
        nb="Databaseadressen kan ikke brukes (type «{kind}»).",
        en="The database address cannot be used (type “{kind}”).",
    )
    remedy = Text(
        nb="Skriv «sqlite:///mappe/fil.sqlite» eller «postgresql://bruker@vert/base».",
        en="Write `sqlite:///folder/file.sqlite` or `postgresql://user@host/database`.",
    )


class KeyFileUnwritable(KttError):
    """A key file cannot be made."""

    code, exit_code = "KTT-STO-07", EXIT_STORE
    what = Text(
        nb="Nøkkelfilen «{path}» kan ikke lages: {reason}.", en="The key file “{path}” cannot be made: {reason}."
    )
    remedy = Text(
        nb="Gi brukeren som kjører ktt, rett til å skrive i mappen.",
        en="Let the user that runs ktt write in the folder.",
    )


class BackupNotOurs(KttError):
    """A backup was asked of a database that has its own tool for it."""

    code, exit_code = "KTT-STO-10", EXIT_USAGE
    what = Text(
        nb="Lageret ligger i PostgreSQL, som har sitt eget verktøy for sikkerhetskopi.",
        en="The store is in PostgreSQL, which has its own tool for backups.",
    )
    remedy = Text(
        nb="Kjør «pg_dump --format=custom --file={file} {address}». Passordet kan ligge i «~/.pgpass».",
        en="Run `pg_dump --format=custom --file={file} {address}`. The password may be in `~/.pgpass`.",
    )


class BackupUnwritable(KttError):
    """The backup cannot be written, or is not whole; nothing is left of it."""

    code, exit_code = "KTT-STO-11", EXIT_STORE
    what = Text(
        nb="Sikkerhetskopien «{file}» ble ikke laget: {reason}.", en="The backup “{file}” was not made: {reason}."
    )
    remedy = Text(
        nb="Oppgi en ny fil på en disk med plass. En kopi skrives aldri over en fil som finnes.",
        en="Name a new file on a disk with room. A backup is never written over a file that is there.",
    )


class NothingToBackUp(KttError):
    """There is no database where the settings say."""

    code, exit_code = "KTT-STO-12", EXIT_STORE
    what = Text(nb="«{file}» inneholder ikke noe lager.", en="There is no store in “{file}”.")
    remedy = Text(
        nb="Er adressen riktig, er lageret borte: legg tilbake en kopi hvis dere har en, og kjør «ktt reconcile --mend».",
        en="If the address is right, the store is gone: put a backup back if there is one, and run `ktt reconcile --mend`.",
    )
