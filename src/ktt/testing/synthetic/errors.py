"""What can be wrong when a synthetic record system is asked for."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class RecordSystemThere(KttError):
    """The folder already holds a record system."""

    code, exit_code = "KTT-SYN-01", EXIT_USAGE
    what = Text(
        nb="Mappen «{folder}» har allerede en syntetisk EPJ.",
        en="The folder “{folder}” already holds a synthetic record system.",
    )
    remedy = Text(
        nb="Velg en annen mappe, eller bruk «--force» for å erstatte den.",
        en="Choose another folder, or use `--force` to replace it.",
    )


class RecordSystemMissing(KttError):
    """The folder holds no synthetic record system that can be read."""

    code, exit_code = "KTT-SYN-02", EXIT_USAGE
    what = Text(
        nb="Mappen «{folder}» har ingen syntetisk EPJ som kan leses.",
        en="The folder “{folder}” holds no synthetic record system that can be read.",
    )
    remedy = Text(nb="Lag et med «ktt synth epj --out {folder}».", en="Make one with `ktt synth epj --out {folder}`.")


class MunicipalityUnknown(KttError):
    """The number is not a municipality's today."""

    code, exit_code = "KTT-SYN-03", EXIT_USAGE
    what = Text(
        nb="«{municipality}» er ikke nummeret på en kommune i dag.",
        en="“{municipality}” is not the number of a municipality today.",
    )
    remedy = Text(
        nb="Bruk et gyldig kommunenummer med fire siffer.", en="Use a valid municipality number of four digits."
    )


class WrongMeasure(KttError):
    """The number of recipients or days, or the period, cannot be used."""

    code, exit_code = "KTT-SYN-04", EXIT_USAGE
    what = Text(nb="«{name}» kan ikke være {value}.", en="“{name}” cannot be {value}.")
    remedy = Text(nb="Bruk {allowed_nb}.", en="Use {allowed_en}.")


class FolderUnwritable(KttError):
    """The folder or its database cannot be written."""

    code, exit_code = "KTT-SYN-05", EXIT_STORE
    what = Text(
        nb="Mappen «{folder}» kan ikke skrives: {reason}.", en="The folder “{folder}” cannot be written: {reason}."
    )
    remedy = Text(
        nb="Kontroller at dere har tilgang, at disken har plass, og at ingen andre bruker databasen.",
        en="Check that you have access, that there is room, and that nobody else uses the database.",
    )


class FileUnwritable(KttError):
    """The annual message cannot be written where it was asked for."""

    code, exit_code = "KTT-SYN-10", EXIT_STORE
    what = Text(nb="«{file}» kan ikke skrives: {reason}.", en="“{file}” cannot be written: {reason}.")
    remedy = Text(nb="Velg en annen fil med --out.", en="Choose another file with --out.")
