"""What can be wrong with the mapping of a record system. When one is raised, nothing was sent.

Each names the file and the key, and the nearest right name.
"""

from __future__ import annotations

from ktt.core.errors import EXIT_MAPPING, KttError
from ktt.core.text import Text


class MappingUnreadable(KttError):
    """The mapping file is missing, or not TOML in UTF-8."""

    code, exit_code = "KTT-MAP-01", EXIT_MAPPING
    what = Text(
        nb="Koblingsfilen «{file}» kan ikke leses: {reason}.", en="The mapping file “{file}” cannot be read: {reason}."
    )
    remedy = Text(
        nb="Oppgi riktig fil, eller rett TOML-feilen på linjen som er nevnt.",
        en="Name the right file, or correct the TOML fault on the line that is named.",
    )


class NameUnknown(KttError):
    """A key, record type, field or table that does not exist."""

    code, exit_code = "KTT-MAP-02", EXIT_MAPPING
    what = Text(nb="«{key}» i «{file}» er ikke et kjent navn.", en="“{key}” in “{file}” is not a known name.")
    remedy = Text(nb="Rett eller fjern det.{hint_nb}", en="Correct or remove it.{hint_en}")


class KeyMissing(KttError):
    """A key that must be there is not."""

    code, exit_code = "KTT-MAP-03", EXIT_MAPPING
    what = Text(nb="«{key}» mangler i «{file}».", en="“{key}” is missing in “{file}”.")
    remedy = Text(nb="Legg den til: {expected_nb}.", en="Add it: {expected_en}.")


class ValueWrong(KttError):
    """A key has a value that cannot be used."""

    code, exit_code = "KTT-MAP-04", EXIT_MAPPING
    what = Text(nb="«{key}» i «{file}» har feil verdi.", en="“{key}” in “{file}” has a wrong value.")
    remedy = Text(nb="Det skal være {expected_nb}.", en="It must be {expected_en}.")


class RecordUnmapped(KttError):
    """A record type is neither mapped nor declared absent."""

    code, exit_code = "KTT-MAP-05", EXIT_MAPPING
    what = Text(
        nb="Opplysningstypen «{record}» er ikke nevnt i «{file}».", en="The record type “{record}” is not in “{file}”."
    )
    remedy = Text(
        nb='Koble den, eller skriv [record.{record}] med absent = "grunnen".',
        en='Map it, or write [record.{record}] with absent = "the reason".',
    )


class FieldUnmapped(KttError):
    """A canonical field is neither mapped, given a constant, nor declared absent."""

    code, exit_code = "KTT-MAP-06", EXIT_MAPPING
    what = Text(nb="Feltet «{key}» er ikke koblet i «{file}».", en="The field “{key}” is not mapped in “{file}”.")
    remedy = Text(
        nb='Koble det til en kolonne, gi en konstant, eller skriv {{ absent = "grunnen" }}.',
        en='Map it to a column, give a constant, or write {{ absent = "the reason" }}.',
    )


class FieldDerived(KttError):
    """A field that ktt finds out by itself is mapped."""

    code, exit_code = "KTT-MAP-07", EXIT_MAPPING
    what = Text(nb="«{key}» i «{file}» skal ikke kobles.", en="“{key}” in “{file}” is not to be mapped.")
    remedy = Text(
        nb="Fjern linjen: ktt finner verdien selv (bosted fra «residence», type nummer fra nummeret).",
        en="Remove the line: ktt finds the value itself (home from `residence`, kind of number from the number).",
    )


class RequiredAbsent(KttError):
    """A field that every record must have is declared absent."""

    code, exit_code = "KTT-MAP-08", EXIT_MAPPING
    what = Text(
        nb="«{key}» i «{file}» er meldt fraværende, men hver opplysning må ha den.",
        en="“{key}” in “{file}” is declared absent, but every record must have it.",
    )
    remedy = Text(
        nb="Koble feltet eller gi en konstant. Har EPJ ikke opplysningen, meld hele typen fraværende.",
        en="Map the field or give a constant. If the record system lacks it, declare the whole type absent.",
    )


class FormWrong(KttError):
    """A field is mapped in a form that does not suit what the field is."""

    code, exit_code = "KTT-MAP-09", EXIT_MAPPING
    what = Text(
        nb="«{key}» i «{file}» er {kind}, og kan ikke ha «{form}».",
        en="“{key}” in “{file}” is {kind}, and cannot have “{form}”.",
    )
    remedy = Text(nb="Skriv {expected}.", en="Write {expected}.")


class FormatWrong(KttError):
    """A date, time or month format cannot be used."""

    code, exit_code = "KTT-MAP-10", EXIT_MAPPING
    what = Text(
        nb="Formatet «{format}» i «{key}» i «{file}» kan ikke brukes: {reason_nb}.",
        en="The format “{format}” of “{key}” in “{file}” cannot be used: {reason_en}.",
    )
    remedy = Text(
        nb="Bruk %d, %m, %Y (eller %y), %H, %M, %S, %f og %z, for eksempel «%d.%m.%Y», eller «unix_s» og «unix_ms» for sekunder og millisekunder siden 1970.",
        en="Use %d, %m, %Y (or %y), %H, %M, %S, %f and %z, for example `%d.%m.%Y`, or `unix_s` and `unix_ms` for seconds and milliseconds since 1970.",
    )


class CodesUnreadable(KttError):
    """A file of local codes is missing or cannot be read."""

    code, exit_code = "KTT-MAP-11", EXIT_MAPPING
    what = Text(
        nb="Kodefilen «{codes}», som «{key}» i «{file}» viser til, kan ikke leses: {reason}.",
        en="The code file “{codes}”, named by “{key}” in “{file}”, cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Legg filen der koblingsfilen sier, som UTF-8 med semikolon mellom feltene.",
        en="Put the file where the mapping says, as UTF-8 with semicolons between the fields.",
    )


class CodeRowWrong(KttError):
    """A row of a file of local codes cannot be used."""

    code, exit_code = "KTT-MAP-12", EXIT_MAPPING
    what = Text(
        nb="Linje {line} i kodefilen «{codes}» kan ikke brukes: {reason_nb}.{hint_nb}",
        en="Line {line} of the code file “{codes}” cannot be used: {reason_en}.{hint_en}",
    )
    remedy = Text(
        nb="En linje er: lokal kode;Volven-kode;gyldig fra;gyldig til;merknad (datoer som 2017-01-31). «ktt source draft» skriver kodene å velge blant i «koder/kodeverk.txt». Betyr koden «ingen verdi», ta bort linjen og nevn koden under «empty» på feltet.",
        en="A line is: local code;Volven code;valid from;valid to;note (dates as 2017-01-31). `ktt source draft` writes the codes to choose among in `koder/kodeverk.txt`. If the code means “no value”, remove the line and name the code under `empty` of the field.",
    )


class ConstantWrong(KttError):
    """A constant is not a value of the field's kind."""

    code, exit_code = "KTT-MAP-13", EXIT_MAPPING
    what = Text(
        nb="Konstanten i «{key}» i «{file}» er ikke {kind}.",
        en="The constant of “{key}” in “{file}” is not {kind}.",
    )
    remedy = Text(
        nb="Skriv den som tekst, slik den skal stå i meldingen: dager som 2017-01-31, tall med punktum, koder fra kodeverket.",
        en="Write it as text: days as 2017-01-31, numbers with a point, codes of the code list.",
    )


class RecordTangled(KttError):
    """A record type is both mapped and declared absent, or a part is mapped whose parent is absent."""

    code, exit_code = "KTT-MAP-14", EXIT_MAPPING
    what = Text(
        nb="«{key}» i «{file}» motsier seg selv: {reason_nb}.",
        en="“{key}” in “{file}” contradicts itself: {reason_en}.",
    )
    remedy = Text(nb="Velg én av delene.", en="Choose one of the two.")


class ValuesUnreadable(KttError):
    """Nearly all values of a column cannot be read in the form that the mapping names: the mapping is wrong, not they.

    `others` are the same fault in other columns.
    """

    others: tuple[KttError, ...] = ()

    code, exit_code = "KTT-MAP-15", EXIT_MAPPING
    what = Text(
        nb="{unread} av {count} verdier i «{place}» kan ikke leses som «{key}» i «{file}». De fleste ser slik ut: «{form}» (siffer vist som 9, bokstaver som A).",
        en="{unread} of {count} values in “{place}” cannot be read as “{key}” of “{file}”. Most look like this: “{form}” (digits shown as 9, letters as A).",
    )
    remedy = Text(
        nb="Rett kolonnen eller formatet i koblingsfilen, eller nevn teksten under «empty» om den betyr «ingen verdi». Ingenting er sendt.",
        en="Correct the column or the format in the mapping, or name the text under `empty` if it means “no value”. Nothing was sent.",
    )


class ApprovalUnreadable(KttError):
    """The file of approvals beside a mapping is none."""

    code, exit_code = "KTT-MAP-16", EXIT_MAPPING
    what = Text(nb="Godkjenningene i «{file}» kan ikke leses.", en="The approvals in “{file}” cannot be read.")
    remedy = Text(
        nb="Hent filen fra en kopi, eller fjern den og godkjenn koblingsfilen på nytt med «ktt source approve».",
        en="Take the file from a copy, or remove it and approve the mapping anew with `ktt source approve`.",
    )


class ApprovalUnwritable(KttError):
    """The file of approvals cannot be written."""

    code, exit_code = "KTT-MAP-17", EXIT_MAPPING
    what = Text(
        nb="Godkjenningen kan ikke skrives til «{file}»: {reason}.",
        en="The approval cannot be written to “{file}”: {reason}.",
    )
    remedy = Text(nb="Kontroller at mappen kan skrives i.", en="Check that the folder can be written to.")


def first_of(faults: list[KttError]) -> KttError:
    """The first of several faults of the values, which knows the others."""
    first, *others = faults
    if isinstance(first, ValuesUnreadable):
        first.others = tuple(others)
    return first
