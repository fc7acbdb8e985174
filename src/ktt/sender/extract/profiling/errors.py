"""What can be wrong when a record system is profiled, or a profile is read."""

from __future__ import annotations

from ktt.core.errors import EXIT_SOURCE, EXIT_USAGE, KttError
from ktt.core.text import Text


class AtLeastTooSmall(KttError):
    """A value in fewer rows than three may point at a person."""

    code, exit_code = "KTT-SRC-63", EXIT_USAGE
    what = Text(
        nb="«--at-least {given}» er for lavt: en verdi som færre enn {least} rader har, kan peke på en person.",
        en="`--at-least {given}` is too low: a value that fewer than {least} rows have may point at a person.",
    )
    remedy = Text(nb="Bruk {least} eller mer. Vanlig er 5.", en="Use {least} or more. The usual is 5.")


class NothingToScan(KttError):
    """The source has no tables that can be listed."""

    code, exit_code = "KTT-SRC-64", EXIT_SOURCE
    what = Text(
        nb="Kilden av typen «{kind}» har ingen tabeller eller filer som kan listes opp.",
        en="The source of the kind “{kind}” has no tables or files that can be listed.",
    )
    remedy = Text(
        nb="Av filer leses .csv, .txt, .tsv og .parquet. Meldinger trenger ingen kobling. Et tillegg må ha metoden «relations».",
        en="Of files, .csv, .txt, .tsv and .parquet are read. Messages need no mapping. A plug-in must have the method `relations`.",
    )


class NothingReadable(KttError):
    """The source lists its tables, but none of them can be read."""

    code, exit_code = "KTT-SRC-82", EXIT_SOURCE
    what = Text(
        nb="Ingen av de {count:tabell|tabeller} i kilden kan leses. Den første: {reason_nb}",
        en="None of the {count:table|tables} of the source can be read. The first: {reason_en}",
    )
    remedy = Text(
        nb="Kontroller at brukeren har tilgang til å lese tabellene, og at adressen er riktig. Ingen fil er skrevet.",
        en="Check that the user may read the tables, and that the address is right. No file was written.",
    )


class ProfileUnreadable(KttError):
    """A file that should be a profile is missing or is something else."""

    code, exit_code = "KTT-SRC-65", EXIT_USAGE
    what = Text(
        nb="«{file}» er ikke et svar fra «ktt source scan --out»: {reason_nb}.",
        en="“{file}” is no answer of `ktt source scan --out`: {reason_en}.",
    )
    remedy = Text(
        nb="Oppgi en slik fil, eller adressen til kilden, som sqlite:///epj.sqlite.",
        en="Name such a file, or the address of the source, as sqlite:///epj.sqlite.",
    )


class OutputUnwritable(KttError):
    """A file of an answer cannot be written, or is there already."""

    code, exit_code = "KTT-SRC-66", EXIT_USAGE
    what = Text(nb="«{file}» kan ikke skrives: {reason}.", en="“{file}” cannot be written: {reason}.")
    remedy = Text(nb="Velg et annet sted med «--out».", en="Choose another place with `--out`.")
