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
        nb="Kontroller om EPJ-eksporten er ferdig, og om det er riktig fil. Ingenting er sendt eller slettet.",
        en="See whether the record system's export has finished, and whether it is the right file. Nothing was sent or deleted.",
    )


class SourceNoDatabase(KttError):
    """The file is something else than an SQLite database, or it is encrypted."""

    code, exit_code = "KTT-SRC-19", EXIT_SOURCE
    what = Text(
        nb="«{source}» er ikke en SQLite-database, eller den er kryptert.",
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
        nb="EPJ-databasen «{source}» er skadet eller ufullstendig.",
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


class SourceFolderMissing(KttError):
    """There is no folder where the record system's files should be."""

    code, exit_code = "KTT-SRC-41", EXIT_SOURCE
    what = Text(
        nb="Mappen «{folder}» med EPJ-filene finnes ikke.", en="The folder “{folder}” of the files is not there."
    )
    remedy = Text(
        nb="Rett adressen: «files:///» og stien til mappen, med fire skråstreker når stien begynner ved roten. Ingenting er sendt.",
        en="Correct the address: `files:///` and the path of the folder, with four slashes when the path begins at the root. Nothing was sent.",
    )


class TableFileUnreadable(KttError):
    """A table's file is not there, or may not be read."""

    code, exit_code = "KTT-SRC-42", EXIT_SOURCE
    what = Text(nb="Filen «{file}» kan ikke leses: {reason}.", en="The file “{file}” cannot be read: {reason}.")
    remedy = Text(
        nb="Vent til EPJ har fullført dagens eksport, eller rett «file» i koblingsfilen. Ingenting er sendt eller slettet.",
        en="Wait until the record system has finished the day's export, or correct `file` in the mapping. Nothing was sent or deleted.",
    )


class TableFileEmpty(KttError):
    """A table's file has not even a header."""

    code, exit_code = "KTT-SRC-43", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» er tom: den har ingen overskrift.", en="The file “{file}” is empty: it has no header."
    )
    remedy = Text(
        nb="Kontroller om EPJ-eksporten er ferdig. En tabell uten rader er en fil med bare overskriften. Ingenting er sendt eller slettet.",
        en="See whether the export has finished. A table without rows is a file with the header alone. Nothing was sent or deleted.",
    )


class RowWidthWrong(KttError):
    """A row has too many or too few fields."""

    code, exit_code = "KTT-SRC-44", EXIT_SOURCE
    what = Text(
        nb="Raden på linje {line} i «{file}» har {fields:felt|felt}, men overskriften har {columns}.",
        en="The row at line {line} of “{file}” has {fields:field|fields}, but the header has {columns}.",
    )
    remedy = Text(
        nb="Be leverandøren sette verdier med skilletegn eller linjeskift i anførselstegn. Er det siste linje, kan filen være kuttet. Ingenting er sendt eller slettet.",
        en="Ask the vendor to put values with separators or line breaks in quotation marks. If it is the last line, the file may be cut off. Nothing was sent or deleted.",
    )


class RowBroken(KttError):
    """A row cannot be divided into fields."""

    code, exit_code = "KTT-SRC-45", EXIT_SOURCE
    what = Text(
        nb="Linje {line} i «{file}» kan ikke leses: {reason}.", en="Line {line} of “{file}” cannot be read: {reason}."
    )
    remedy = Text(
        nb="Be leverandøren rette eksporten; et anførselstegn i en verdi skrives to ganger. Ingenting er sendt eller slettet.",
        en="Ask the vendor to correct the export; a quotation mark in a value is written twice. Nothing was sent or deleted.",
    )


class WrongCharset(KttError):
    """A line has bytes that are no text in the character set that the mapping names."""

    code, exit_code = "KTT-SRC-46", EXIT_SOURCE
    what = Text(
        nb="Linje {line} i «{file}» er ikke skrevet i tegnsettet {charset}.",
        en="Line {line} of “{file}” is not written in the character set {charset}.",
    )
    remedy = Text(
        nb="Rett «charset» i koblingsfilen: «utf-8» eller «windows-1252». Ingenting er sendt eller slettet.",
        en="Correct `charset` in the mapping: `utf-8` or `windows-1252`. Nothing was sent or deleted.",
    )


class SeparatorWrong(KttError):
    """The header is one field, and another sign seems to stand between its names."""

    code, exit_code = "KTT-SRC-47", EXIT_SOURCE
    what = Text(
        nb="Overskriften i «{file}» har ikke «{separator}» mellom navnene; det ser ut til å være «{seems}».",
        en="The header of “{file}” has no `{separator}` between its names; it seems to be `{seems}`.",
    )
    remedy = Text(
        nb="Skriv «separator» i koblingsfilen: «;», «,» eller «tab». Ingenting er sendt.",
        en="Write `separator` in the mapping: `;`, `,` or `tab`. Nothing was sent.",
    )


class TableFileUnended(KttError):
    """The last line has no line break, so one cannot know whether the file was cut off."""

    code, exit_code = "KTT-SRC-48", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» slutter uten linjeskift og kan være kuttet.",
        en="The file “{file}” ends without a line break and may be cut off.",
    )
    remedy = Text(
        nb="Kontroller om eksporten eller kopieringen er ferdig. Skriver EPJ alltid filen slik, sett «unended = true» i koblingsfilen. Ingenting er sendt eller slettet.",
        en="See whether the export or the copying has finished. If the record system always writes it so, set `unended = true` in the mapping. Nothing was sent or deleted.",
    )


class TableFileChanged(KttError):
    """A file was written while the files were read."""

    code, exit_code = "KTT-SRC-49", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» ble endret mens EPJ-filene ble lest.",
        en="The file “{file}” was changed while the record system's files were read.",
    )
    remedy = Text(
        nb="Kjør på nytt på et tidspunkt da ingen eksport går. Ingenting er sendt eller slettet.",
        en="Run again at a time when no export runs. Nothing was sent or deleted.",
    )


class TableFileNewer(KttError):
    """A file was written after the file that says that the export is finished."""

    code, exit_code = "KTT-SRC-50", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» ble skrevet etter at eksporten var meldt ferdig.",
        en="The file “{file}” was written after the export was said to be finished.",
    )
    remedy = Text(
        nb="Filen som melder at eksporten er ferdig («done_file»), må skrives sist; kopieres filene, må den kopieres sist. Ingenting er sendt eller slettet.",
        en="The file that says that the export is finished (`done_file`) must be written last; when files are copied, it is copied last. Nothing was sent or deleted.",
    )


class ParquetBroken(KttError):
    """A Parquet file is cut off, damaged or something else."""

    code, exit_code = "KTT-SRC-51", EXIT_SOURCE
    what = Text(
        nb="«{file}» er ikke en fullstendig Parquet-fil ({reason}).", en="“{file}” is no whole Parquet file ({reason})."
    )
    remedy = Text(
        nb="Kontroller om eksporten eller kopieringen er ferdig. Ingenting er sendt eller slettet.",
        en="See whether the export or the copying has finished. Nothing was sent or deleted.",
    )


class ParquetColumnWrong(KttError):
    """A column of a Parquet file holds what is no single value."""

    code, exit_code = "KTT-SRC-52", EXIT_SOURCE
    what = Text(
        nb="Kolonnen «{column}» i «{file}» er av typen {kind}, som ikke er én verdi.",
        en="The column “{column}” of “{file}” is of the kind {kind}, which is not one value.",
    )
    remedy = Text(
        nb="Be leverandøren skrive den som tekst, tall, dag eller tidspunkt. Ingenting er sendt.",
        en="Ask the vendor to write it as text, number, day or instant. Nothing was sent.",
    )


class SourceKindDiffers(KttError):
    """The address and the mapping are of different kinds of source."""

    code, exit_code = "KTT-SRC-53", EXIT_SOURCE
    what = Text(
        nb="Adressen er av typen «{kind}», men koblingsfilen «{file}» er skrevet for «{mapped}».",
        en="The address is of the kind “{kind}”, but the mapping “{file}” is written for “{mapped}”.",
    )
    remedy = Text(
        nb="Rett adressen, eller «kind» i koblingsfilen. Ingenting er sendt.",
        en="Correct the address, or `kind` in the mapping. Nothing was sent.",
    )


class PlugInBroken(KttError):
    """A plug-in cannot be loaded, or failed while it read."""

    code, exit_code = "KTT-SRC-54", EXIT_SOURCE
    what = Text(
        nb="Tillegget for «{kind}» sviktet ({reason}). Uttrekket er ufullstendig og er kastet.",
        en="The plug-in for “{kind}” failed ({reason}). The extract is incomplete and was thrown away.",
    )
    remedy = Text(
        nb="Kontakt den som leverer tillegget. Det tillegget selv melder, vises ikke: det kan være opplysninger om personer. Ingenting er sendt eller slettet.",
        en="Contact the plug-in's vendor. Its own words are not shown: they may tell of persons. Nothing was sent or deleted.",
    )


class PlugInAnswerWrong(KttError):
    """A plug-in gave something else than the columns that were asked for, as text."""

    code, exit_code = "KTT-SRC-55", EXIT_SOURCE
    what = Text(
        nb="Tillegget for «{kind}» ga noe annet for {table} enn kolonnene det ble spurt om, som tekst.",
        en="The plug-in for “{kind}” gave something else for {table} than the columns it was asked for, as text.",
    )
    remedy = Text(
        nb="Kontakt den som leverer tillegget. Ingenting er sendt eller slettet.",
        en="Contact the plug-in's vendor. Nothing was sent or deleted.",
    )


class PlugInTwice(KttError):
    """Two installed distributions read the same kind of source."""

    code, exit_code = "KTT-SRC-56", EXIT_SOURCE
    what = Text(
        nb="To tillegg er installert for «{kind}»: {found}.", en="Two plug-ins are installed for “{kind}”: {found}."
    )
    remedy = Text(nb="Avinstaller det ene. Ingenting er sendt.", en="Uninstall one of them. Nothing was sent.")


class FileNoMessage(KttError):
    """A file is no message of the packs that the mapping names."""

    code, exit_code = "KTT-SRC-60", EXIT_SOURCE
    what = Text(
        nb="«{file}» er ikke en melding i noen av pakkene som koblingsfilen nevner.",
        en="“{file}” is no message of the packs that the mapping names.",
    )
    remedy = Text(
        nb="Rett «packs» eller «file» i koblingsfilen. Ingenting er sendt eller slettet.",
        en="Correct `packs` or `file` in the mapping. Nothing was sent or deleted.",
    )


class MessageMisfit(KttError):
    """A message that the record system has written does not fit its schema."""

    code, exit_code = "KTT-SRC-61", EXIT_SOURCE
    what = Text(
        nb="Meldingen «{file}» følger ikke skjemaet. Den første feilen er ved «{place}».",
        en="The message “{file}” does not fit its schema, first at “{place}”.",
    )
    remedy = Text(
        nb="Kjør «ktt validate» på filen for å se alt, og be leverandøren rette det. Ingenting er sendt eller slettet.",
        en="Run `ktt validate` on the file to see all of it, and ask the vendor to correct it. Nothing was sent or deleted.",
    )


class MessageDeletes(KttError):
    """A message withdraws records: it tells of changes, and not of all that there is."""

    code, exit_code = "KTT-SRC-62", EXIT_SOURCE
    what = Text(
        nb="Meldingen «{file}» har slettinger. Kilden skal ha alt som finnes, og ikke endringer.",
        en="The message “{file}” has deletions. The source must hold all that there is, and not changes.",
    )
    remedy = Text(
        nb="Be leverandøren skrive alle enhetens opplysninger hver dag: ktt finner selv hva som er endret og slettet. Ingenting er sendt eller slettet.",
        en="Ask the vendor to write all of the unit's records each day: ktt finds what was changed and deleted. Nothing was sent or deleted.",
    )
