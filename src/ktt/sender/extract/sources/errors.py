"""What can be wrong with the file of an SQLite database. When one is raised, nothing was sent."""

from __future__ import annotations

from ktt.core.errors import EXIT_SOURCE, KttError
from ktt.core.text import Text

_GIVE_ADDRESS = Text(
    nb="Rett adressen: «sqlite:///» og stien til databasefilen, med fire skråstreker når stien begynner ved roten. Ingenting er sendt.",
    en="Correct the address: `sqlite:///` and the path of the database file, with four slashes when the path begins at the root. Nothing was sent.",
)


class SourceFileMissing(KttError):
    """There is no file where the record system's database should be."""

    code, exit_code = "KTT-SRC-15", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» finnes ikke.", en="The record system's database “{source}” does not exist."
    )
    remedy = _GIVE_ADDRESS


class SourceFileFolder(KttError):
    """A folder is where the record system's database should be."""

    code, exit_code = "KTT-SRC-16", EXIT_SOURCE
    what = Text(
        nb="«{source}» er en mappe, og ikke en databasefil.", en="“{source}” is a folder, and no database file."
    )
    remedy = _GIVE_ADDRESS


class SourceFileForbidden(KttError):
    """The user who runs ktt may not read the record system's database file."""

    code, exit_code = "KTT-SRC-17", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» kan ikke åpnes: {reason}.",
        en="The record system's database “{source}” cannot be opened: {reason}.",
    )
    remedy = Text(
        nb="La brukeren som kjører ktt, lese filen og mappen den ligger i. Ingenting er sendt.",
        en="Let the user who runs ktt read the file and the folder it lies in. Nothing was sent.",
    )


class SourceEmpty(KttError):
    """The record system's database has no tables: an export that has not begun, or a file that was just made."""

    code, exit_code = "KTT-SRC-18", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» er tom: den har ingen tabeller.",
        en="The record system's database “{source}” is empty: it has no tables.",
    )
    remedy = Text(
        nb="Se om EPJ-eksporten er ferdig, og om det er riktig fil. Ingenting er sendt eller slettet.",
        en="See whether the record system's export has finished, and whether it is the right file. Nothing was sent or deleted.",
    )


class SourceNoDatabase(KttError):
    """The file is something else than an SQLite database, or it is encrypted."""

    code, exit_code = "KTT-SRC-19", EXIT_SOURCE
    what = Text(
        nb="«{source}» er ingen SQLite-database, eller den er kryptert.",
        en="“{source}” is no SQLite database, or it is encrypted.",
    )
    remedy = Text(
        nb="Oppgi databasefilen selv, og ikke en kopi i et annet format. Ingenting er sendt.",
        en="Name the database file itself, and not a copy in another format. Nothing was sent.",
    )


class SourceCorrupt(KttError):
    """The record system's database file is damaged or not whole."""

    code, exit_code = "KTT-SRC-20", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» er skadet eller ikke hel.",
        en="The record system's database “{source}” is damaged or not whole.",
    )
    remedy = Text(
        nb="Kopien kan ha blitt avbrutt: hent filen på nytt, eller be leverandøren kontrollere den med «PRAGMA integrity_check». Ingenting er sendt eller slettet.",
        en="The copy may have been broken off: fetch the file anew, or ask the vendor to check it with `PRAGMA integrity_check`. Nothing was sent or deleted.",
    )


class SourceBusy(KttError):
    """Another program holds the record system's database file locked."""

    code, exit_code = "KTT-SRC-21", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» er låst av et annet program, også etter {seconds:sekund|sekunder}.",
        en="The record system's database “{source}” is locked by another program, even after {seconds:second|seconds}.",
    )
    remedy = Text(
        nb="Kjør på nytt når EPJ eller eksporten er ferdig med filen. Ingenting er sendt.",
        en="Run again when the record system or the export has done with the file. Nothing was sent.",
    )
